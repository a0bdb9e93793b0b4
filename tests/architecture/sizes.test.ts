import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { readText, REPOSITORY_ROOT } from './repository.js';
import { LONG_FILES, LONG_FUNCTION_FILES, SIZE_LIMITS, WIDE_FUNCTION_FILES } from './size-exemptions.js';

const LISTS = [
  { list: 'LONG_FILES', rule: 'max-lines', exemptions: LONG_FILES },
  { list: 'LONG_FUNCTION_FILES', rule: 'max-lines-per-function', exemptions: LONG_FUNCTION_FILES },
  { list: 'WIDE_FUNCTION_FILES', rule: 'max-params', exemptions: WIDE_FUNCTION_FILES },
] as const;

/** Size rules that a source text breaks. */
async function brokenSizeRules(source: string): Promise<Set<string | null>> {
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parser: tseslint.parser }, rules: { ...SIZE_LIMITS } }],
  });
  const results = await eslint.lintText(source, { filePath: join(REPOSITORY_ROOT, 'text.ts') });
  return new Set(results.flatMap((result) => result.messages.map((message) => message.ruleId)));
}

describe('exemptions from the size rules', () => {
  it.each(LISTS)('$list: every entry exists, has a reason and is still needed', async ({ rule, exemptions }) => {
    for (const { file, reason } of exemptions) {
      expect(existsSync(join(REPOSITORY_ROOT, file)), `${file} exists`).toBe(true);
      expect(reason.length, `${file} has a reason`).toBeGreaterThan(10);
      expect([...(await brokenSizeRules(readText(file)))], `${file} still needs its exemption`).toContain(rule);
    }
  });

  it('are needed by a text that breaks the rules', async () => {
    const wide = 'export function f(a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1): void {}\n';
    const long = `export function g(): void {\n${'  g();\n'.repeat(70)}}\n`;
    expect(await brokenSizeRules(wide)).toEqual(new Set(['max-params']));
    expect(await brokenSizeRules(long)).toEqual(new Set(['max-lines-per-function']));
    expect(await brokenSizeRules('export {};\n'.repeat(401))).toEqual(new Set(['max-lines']));
    expect(await brokenSizeRules('export const x = 1;\n')).toEqual(new Set());
  });
});

import { describe, expect, it } from 'vitest';
import { findUndocumentedFunctions } from './find-undocumented.js';
import { listFiles, readText } from './repository.js';

const FILES = ['engine', 'native-models'].flatMap((folder) =>
  listFiles(folder, (name) => name.endsWith('.ts') && !name.endsWith('.d.ts')),
);

describe('docstrings', () => {
  it('stand on every exported function of engine/ and native-models/', () => {
    const missing = FILES.flatMap((file) =>
      findUndocumentedFunctions(file, readText(file)).map((name) => `${file}: ${name}`),
    );
    expect(FILES.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });

  it('are missed where they are missing', () => {
    const source = `
      /** Doubles. */
      export function documented(x: number): number { return 2 * x; }
      /** @throws RangeError when x is negative. */
      export function tagged(x: number): void {}
      export function bare(): void {}
      // A comment is no docstring.
      export const arrow = (x: number): number => x;
      /** */
      export function empty(): void {}
      function hidden(): void {}
      export class Pool { static start(): Pool { return new Pool(); } run(): void { hidden(); } }
      export const notAFunction = 3;
    `;
    expect(findUndocumentedFunctions('made-up.ts', source)).toEqual(['bare', 'arrow', 'empty', 'Pool.start']);
  });
});

/** Runs dependency-cruiser with the repository's own rules, on the repository or on a made-up tree. */
import { createRequire } from 'node:module';
import type { IConfiguration, ICruiseResult } from 'dependency-cruiser';
import { cruise } from 'dependency-cruiser';
import { REPOSITORY_ROOT } from './repository.js';

const require = createRequire(import.meta.url);

export interface ImportViolation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** The broken rules of every TypeScript and JavaScript file under `folders` of `baseDir`. */
export async function findImportViolations(
  folders: string[],
  baseDir: string = REPOSITORY_ROOT,
): Promise<{ readonly violations: ImportViolation[]; readonly moduleCount: number }> {
  const { options, forbidden = [] } = require('../../.dependency-cruiser.cjs') as IConfiguration;
  const { enhancedResolveOptions, ...cruiseOptions } = options ?? {};
  const result = await cruise(
    folders,
    { ...cruiseOptions, baseDir, ruleSet: { forbidden }, validate: true },
    enhancedResolveOptions ?? {},
  );
  const { summary } = result.output as ICruiseResult;
  return {
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
    moduleCount: summary.totalCruised,
  };
}

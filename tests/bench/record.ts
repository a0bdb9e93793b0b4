/** Where and from which code a bench ran, and its history in tests/bench/results/. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '../../host/machine.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RESULTS = fileURLToPath(new URL('./results', import.meta.url));

export interface BenchOrigin {
  readonly date: string;
  /** Abbreviated; `+` when files differ from it; `unknown` outside a checkout. */
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly platform: string;
}

function readCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changes = git('status', '--porcelain', '--', '.', ':!tests/bench/results');
    return git('rev-parse', '--short', 'HEAD') + (changes === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

export function describeOrigin(): BenchOrigin {
  const machine = describeMachine();
  return {
    date: new Date().toISOString().slice(0, 16),
    commit: readCommit(),
    cpu: machine.cpu,
    cores: machine.cores,
    memoryGiB: Math.round(machine.memoryBytes / 2 ** 30),
    node: process.versions.node,
    platform: `${machine.platform} ${machine.architecture}`,
  };
}

export function printOrigin(origin: BenchOrigin): void {
  console.log(`machine: ${origin.cpu}, ${origin.cores} cores, ${origin.memoryGiB} GiB, ${origin.platform}`);
  console.log(`Node ${origin.node}, commit ${origin.commit}, ${origin.date} UTC\n`);
}

/** Writes one small file a run, named by date, commit and bench. */
export function saveResult(bench: string, origin: BenchOrigin, result: object): void {
  mkdirSync(RESULTS, { recursive: true });
  const name = `${origin.date.replaceAll(/[-:T]/g, '')}-${origin.commit.replace('+', '-changed')}-${bench}.json`;
  const rounded = JSON.stringify(
    { bench, ...origin, ...result },
    (_key, value: unknown) =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value,
    1,
  );
  writeFileSync(join(RESULTS, name), `${rounded}\n`);
  console.log(`\nwritten: tests/bench/results/${name}`);
}

/** Columns padded to their widest cell; the first row is the head. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  rows.forEach((row, index) => {
    console.log(line(row));
    if (index === 0) console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  });
}

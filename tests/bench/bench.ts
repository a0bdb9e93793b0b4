/**
 * `npm run bench`: how good and how fast, on two cores. Reads the captures from ../shared/data and says so where they are absent.
 * Options: --only fern,fox-3,… · --seeds 1,2 · --data DIR · --no-save · --list · what follows `--` goes to `vantage reconstruct`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BenchCase } from './cases.js';
import { BENCH_CASES } from './cases.js';
import type { CaseMeasurement } from './measure-case.js';
import { measureCase, missedGoals, summarizeCase } from './measure-case.js';
import { describeOrigin, printOrigin, printTable, saveResult } from './record.js';
import { benchGrowth, benchMemory, benchStep } from './step-rows.js';

const SYNTHETIC_ROWS = { step: benchStep, growth: benchGrowth, memory: benchMemory } as const;
const ALL_ROWS = [...BENCH_CASES.map(({ row }) => row), ...Object.keys(SYNTHETIC_ROWS)];
const HEAD = ['row', 'seeds', 'PSNR', 'SSIM', 'seconds', 'Gaussians', 'peak MiB', 'verdict'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    seeds: { type: 'string' },
    data: { type: 'string', default: fileURLToPath(new URL('../../../shared/data', import.meta.url)) },
    'no-save': { type: 'boolean' },
    list: { type: 'boolean' },
  },
});

function describeCase(benchCase: BenchCase, measurements: readonly CaseMeasurement[]): string[] {
  const summary = summarizeCase(measurements);
  const missed = missedGoals(summary, benchCase.goal);
  return [
    benchCase.title,
    measurements.map(({ seed }) => seed).join(' '),
    summary.psnr.toFixed(2),
    summary.ssim.toFixed(4),
    summary.seconds.toFixed(0),
    `${(summary.gaussians / 1000).toFixed(0)}k`,
    summary.peakBytes === null ? '?' : (summary.peakBytes / 2 ** 20).toFixed(0),
    Object.keys(benchCase.goal).length === 0 ? '–' : missed.length === 0 ? 'reached' : `missed: ${missed.join(', ')}`,
  ];
}

async function benchCaptures(rows: readonly string[]): Promise<Record<string, CaseMeasurement[]>> {
  const results: Record<string, CaseMeasurement[]> = {};
  const table: string[][] = [];
  for (const benchCase of BENCH_CASES.filter(({ row }) => rows.includes(row))) {
    if (!existsSync(join(values.data, benchCase.capture))) {
      console.log(`SKIPPED ${benchCase.row}: ${benchCase.capture}/ is not in ${values.data}`);
      continue;
    }
    const seeds = values.seeds?.split(',').map(Number) ?? benchCase.seeds;
    const measurements: CaseMeasurement[] = [];
    for (const seed of seeds) {
      const measurement = await measureCase(benchCase, seed, values.data, positionals);
      measurements.push(measurement);
      const { psnr, ssim, seconds, gaussians } = measurement;
      console.log(
        `${benchCase.title}, seed ${seed}: ${psnr.toFixed(2)} dB / ${ssim.toFixed(4)}, ${seconds.toFixed(0)} s, ${gaussians} Gaussians`,
      );
    }
    results[benchCase.row] = measurements;
    table.push(describeCase(benchCase, measurements));
  }
  if (table.length > 0) {
    console.log('');
    printTable([HEAD, ...table]);
  }
  return results;
}

if (values.list === true) {
  console.log(ALL_ROWS.join('\n'));
} else {
  const rows = values.only?.split(',') ?? ALL_ROWS;
  const unknown = rows.filter((row) => !ALL_ROWS.includes(row));
  if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(', ')} (there are ${ALL_ROWS.join(', ')})`);
  const origin = describeOrigin();
  printOrigin(origin);
  const captures = await benchCaptures(rows);
  const synthetic: Record<string, unknown> = {};
  for (const [row, bench] of Object.entries(SYNTHETIC_ROWS)) if (rows.includes(row)) synthetic[row] = await bench();
  if (values['no-save'] !== true) saveResult('bench', origin, { options: positionals, ...captures, ...synthetic });
}

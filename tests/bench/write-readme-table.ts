/** `npm run bench:readme`: fills the README's table from tests/bench/results/, the newest result of each row. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BENCH_CASES } from './cases.js';
import type { CaseMeasurement } from './measure-case.js';
import { summarizeCase } from './measure-case.js';
import type { StepMeasurement } from './measure-step.js';
import type { BenchOrigin } from './record.js';

const RESULTS = fileURLToPath(new URL('./results/', import.meta.url));
const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const [BEGIN, END] = ['<!-- bench table -->', '<!-- end of bench table -->'];

interface SavedBench extends BenchOrigin {
  readonly options?: readonly string[];
  readonly step?: StepMeasurement;
  readonly memory?: { readonly peakGiB: number };
  readonly [row: string]: unknown;
}

/** Oldest first; runs with options of their own do not count. */
function readResults(): SavedBench[] {
  return readdirSync(RESULTS)
    .filter((name) => /-(bench|step)\.json$/.test(name))
    .sort()
    .map((name) => JSON.parse(readFileSync(RESULTS + name, 'utf8')) as SavedBench)
    .filter(({ options = [] }) => options.length === 0);
}

function newest(results: readonly SavedBench[], row: string): SavedBench | undefined {
  return results.filter((result) => row in result).at(-1);
}

function describeCases(results: readonly SavedBench[]): string[] {
  return BENCH_CASES.flatMap((benchCase) => {
    const saved = newest(results, benchCase.row);
    if (saved === undefined) return [];
    const measurements = saved[benchCase.row] as CaseMeasurement[];
    const { psnr, ssim, seconds, gaussians } = summarizeCase(measurements);
    const seeds = measurements.length === 1 ? '' : `, mean of ${measurements.length} seeds`;
    return [
      `| ${benchCase.title}${seeds} | ${psnr.toFixed(2)} / ${ssim.toFixed(3)} | ${seconds.toFixed(0)} s | ${(gaussians / 1000).toFixed(0)}k | ${saved.commit} |`,
    ];
  });
}

function describeMachineNumbers(results: readonly SavedBench[]): string[] {
  const step = newest(results, 'step');
  const memory = newest(results, 'memory');
  return [
    ...(step?.step === undefined
      ? []
      : [
          `| one iteration, 100k Gaussians, 504×378, two threads | | ${step.step.stepMs.toFixed(0)} ms | 100k | ${step.commit} |`,
        ]),
    ...(memory?.memory === undefined
      ? []
      : [
          `| memory of a process that trains 600k Gaussians | | ${memory.memory.peakGiB.toFixed(2)} GiB | 600k | ${memory.commit} |`,
        ]),
  ];
}

const results = readResults();
const last = results.at(-1);
if (last === undefined) throw new Error('tests/bench/results/ holds no result yet: npm run bench');
const table = [
  `| work | PSNR / SSIM, held out | time, memory | Gaussians | commit |`,
  '|---|---|---|---|---|',
  ...describeCases(results),
  ...describeMachineNumbers(results),
];
const text = readFileSync(README, 'utf8');
const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
if (from < 0 || to < from) throw new Error(`README.md has no ${BEGIN} … ${END}`);
const machine = `Machine: ${last.cpu}, ${last.cores} cores, Node ${last.node}.`;
writeFileSync(README, `${text.slice(0, from)}${BEGIN}\n\n${table.join('\n')}\n\n${machine}\n\n${text.slice(to)}`);

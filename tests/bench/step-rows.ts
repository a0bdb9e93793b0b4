/** The bench's rows that need no photos: one iteration, how it grows, and memory. */
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../host/run/compose.js';
import { openEngine } from '../../host/run/compose.js';
import type { StepMeasurement, StepSize } from './measure-step.js';
import { measureStep } from './measure-step.js';
import { printTable } from './record.js';
import type { FinishedRun } from './run-vantage.js';
import { runNode } from './run-vantage.js';

const RUN_TS = fileURLToPath(new URL('../../scripts/run-ts.mjs', import.meta.url));
const MEMORY_RUN = fileURLToPath(new URL('./memory-run.ts', import.meta.url));
const THREADS = 2;
const SEED = 1;
const STEP_GOAL_MS = 180;
const MEMORY_GOAL_GIB = 1.5;
const STEP_SIZE: StepSize = { gaussians: 100_000, width: 504, height: 378 };
const GROWTH_COUNTS = [10_000, 30_000, 100_000, 300_000, 600_000];
/** 0.05, 0.2 and 0.8 megapixels at 4:3. */
const GROWTH_SIZES = [
  { width: 258, height: 194 },
  { width: 516, height: 387 },
  { width: 1032, height: 775 },
];

const HEAD = [
  'Gaussians',
  'picture',
  'Mpairs',
  'forward ms',
  'Mpairs/s',
  'backward ms',
  'Mpairs/s',
  'step ms',
  'ns/pair',
];

function describeRow(m: StepMeasurement): string[] {
  const rate = (ms: number): string => (m.pairs / ms / 1000).toFixed(0);
  return [
    `${m.gaussians / 1000}k`,
    `${m.width}×${m.height}`,
    (m.pairs / 1e6).toFixed(2),
    m.forwardMs.toFixed(1),
    rate(m.forwardMs),
    m.backwardMs.toFixed(1),
    rate(m.backwardMs),
    m.stepMs.toFixed(1),
    ((m.stepMs * 1e6) / m.pairs).toFixed(1),
  ];
}

async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine('wasm', THREADS);
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}

/** One iteration at 504×378 with 100k Gaussians. */
export async function benchStep(): Promise<StepMeasurement> {
  console.log(
    `\nOne training iteration, ${THREADS} threads, SH 0, L1 + D-SSIM + Adam (reach: ≤ ${STEP_GOAL_MS} ms), seed ${SEED}`,
  );
  const measurement = await withEngine((engine) => measureStep(engine.splatting, STEP_SIZE, SEED, 15));
  printTable([HEAD, describeRow(measurement)]);
  console.log(measurement.stepMs <= STEP_GOAL_MS ? 'reached' : `missed: ${measurement.stepMs.toFixed(1)} ms`);
  return measurement;
}

/** The same over scene and picture sizes; linear growth in pairs shows as a steady last column. */
export async function benchGrowth(): Promise<StepMeasurement[]> {
  console.log(`\nHow an iteration grows, ${THREADS} threads, seed ${SEED}`);
  const measurements: StepMeasurement[] = [];
  await withEngine(async (engine) => {
    for (const size of GROWTH_SIZES) {
      for (const gaussians of GROWTH_COUNTS) {
        measurements.push(await measureStep(engine.splatting, { gaussians, ...size }, SEED, 5));
      }
    }
  });
  printTable([HEAD, ...measurements.map(describeRow)]);
  return measurements;
}

/** Peak memory of a whole process that trains 600k Gaussians at 504×378. */
export async function benchMemory(): Promise<{ readonly peakGiB: number }> {
  console.log(`\nMemory of a process that trains 600k Gaussians at 504×378 (reach: ≤ ${MEMORY_GOAL_GIB} GiB)`);
  const run: FinishedRun = await runNode(RUN_TS, [MEMORY_RUN]);
  const peakGiB = Number(run.events[0]?.peakBytes) / 2 ** 30;
  console.log(`${peakGiB.toFixed(2)} GiB resident: ${peakGiB <= MEMORY_GOAL_GIB ? 'reached' : 'missed'}`);
  return { peakGiB };
}

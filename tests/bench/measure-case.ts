/** Runs one case of the bench with one seed: `vantage reconstruct`, then `vantage evaluate` on the file it wrote. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchCase, Goal } from './cases.js';
import { resultOf, runVantage } from './run-vantage.js';

export interface CaseMeasurement {
  readonly seed: number;
  /** On views that were never trained on. */
  readonly psnr: number;
  readonly ssim: number;
  /** Of the whole command, from start to exit. */
  readonly seconds: number;
  readonly gaussians: number;
  readonly initialGaussians: number;
  readonly iterations: number;
  readonly peakBytes: number | null;
  readonly stageMs: Readonly<Record<string, number>>;
}

interface ReconstructResult {
  readonly iterations: number;
  readonly splats: { readonly count: number; readonly initialCount: number };
  readonly timings: { readonly stageMs: Record<string, number> };
}

interface EvaluateResult {
  readonly mean: { readonly psnr: number; readonly ssim: number };
}

export async function measureCase(
  benchCase: BenchCase,
  seed: number,
  dataFolder: string,
  extraOptions: readonly string[] = [],
): Promise<CaseMeasurement> {
  const folder = mkdtempSync(join(tmpdir(), 'vantage-bench-'));
  const capture = join(dataFolder, benchCase.capture);
  const width = ['--width', String(benchCase.widthPx)];
  try {
    const file = join(folder, 'scene.ply');
    const run = await runVantage([
      ...['reconstruct', capture, '-o', file, '--train-views', benchCase.trainViews.join(',')],
      ...['--seed', String(seed), '--depth-model', 'none', '--json', ...width, ...benchCase.options, ...extraOptions],
    ]);
    const result = resultOf(run) as unknown as ReconstructResult;
    const evaluation = await runVantage([
      ...['evaluate', file, '--capture', capture, '--views', benchCase.testViews.join(','), '--json', ...width],
    ]);
    const { mean } = resultOf(evaluation) as unknown as EvaluateResult;
    return {
      seed,
      psnr: mean.psnr,
      ssim: mean.ssim,
      seconds: run.seconds,
      gaussians: result.splats.count,
      initialGaussians: result.splats.initialCount,
      iterations: result.iterations,
      peakBytes: run.peakBytes,
      stageMs: result.timings.stageMs,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Mean over seeds of the scores; the slowest run's seconds; the largest scene and memory. */
export function summarizeCase(measurements: readonly CaseMeasurement[]): Required<Goal> & { peakBytes: number | null } {
  const mean = (key: 'psnr' | 'ssim'): number =>
    measurements.reduce((sum, measurement) => sum + measurement[key], 0) / measurements.length;
  const largest = (values: readonly (number | null)[]): number | null =>
    values.reduce<number | null>((a, b) => (b === null ? a : Math.max(a ?? 0, b)), null);
  return {
    psnr: mean('psnr'),
    ssim: mean('ssim'),
    seconds: largest(measurements.map(({ seconds }) => seconds)) ?? NaN,
    gaussians: largest(measurements.map(({ gaussians }) => gaussians)) ?? NaN,
    peakBytes: largest(measurements.map(({ peakBytes }) => peakBytes)),
  };
}

/** Which parts of a goal a summary misses, in words; empty when it is reached. */
export function missedGoals(summary: Required<Goal>, goal: Goal): string[] {
  return [
    ...(goal.psnr !== undefined && !(summary.psnr >= goal.psnr) ? [`PSNR < ${goal.psnr}`] : []),
    ...(goal.ssim !== undefined && !(summary.ssim >= goal.ssim) ? [`SSIM < ${goal.ssim}`] : []),
    ...(goal.seconds !== undefined && !(summary.seconds <= goal.seconds) ? [`> ${goal.seconds} s`] : []),
    ...(goal.gaussians !== undefined && !(summary.gaussians <= goal.gaussians)
      ? [`> ${goal.gaussians / 1000}k Gaussians`]
      : []),
  ];
}

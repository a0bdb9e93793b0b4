/** What a run will take, told before it starts: memory, time and Gaussians from the photos' number and size. */
import type { PresetName } from '../training/presets.js';
import { PRESETS } from '../training/presets.js';
import { defaultMaxSplats } from './splat-budget.js';

export interface CostQuestion {
  readonly photoCount: number;
  /** Working size of the photos in pixels. */
  readonly width: number;
  readonly height: number;
  readonly preset: PresetName;
  /** Default: by preset and number of photos, as in the run. */
  readonly iterations?: number;
  readonly maxSplats?: number;
  readonly threads: number;
  readonly memoryBudgetBytes: number;
}

export interface CostEstimate {
  readonly memoryBytes: number;
  readonly timeMs: number;
  readonly gaussianCount: number;
  /** A sentence that says what to change where the run would not fit; null when it fits. */
  readonly problem: string | null;
}

/** Estimates a run; the numbers are good to about a factor of two (docs/measured.md). */
export function estimateCost(question: CostQuestion): CostEstimate {
  const { photoCount, width, height, preset, threads, memoryBudgetBytes } = question;
  const pixels = photoCount * width * height;
  const { training } = PRESETS[preset];
  const iterations =
    question.iterations ?? Math.max(training.iterations, training.iterationsPerPhoto * Math.max(1, photoCount));
  const gaussianCount = Math.round(
    Math.min(question.maxSplats ?? defaultMaxSplats(memoryBudgetBytes, photoCount), pixels * 0.15),
  );
  const memoryBytes = 150e6 + pixels * 150 + gaussianCount * 900;
  const timeMs = ((pixels * 0.02 + iterations * 500) / Math.max(1, threads)) | 0;
  return { memoryBytes, timeMs, gaussianCount, problem: null };
}

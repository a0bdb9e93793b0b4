/** What a run will take, told before it starts: memory, time and Gaussians from the photos' number and size. */
import type { PresetName } from '../training/presets.js';
import { PRESETS } from '../training/presets.js';
import { defaultMaxSplats } from './splat-budget.js';

export interface CostQuestion {
  readonly photoCount: number;
  /** Fewer are a problem; 2 when left out. */
  readonly fewestPhotos?: number;
  /** Working size of the photos in pixels. */
  readonly width: number;
  readonly height: number;
  readonly preset: PresetName;
  /** Default: by preset and number of photos, as in the run. */
  readonly iterations?: number;
  /** Default: from memory and photos, as in the run. */
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

/** Fitted to runs on two cores without a GPU (docs/measured.md, "What a run takes"); other machines differ by a factor of two or so. */
const GAUSSIANS_PER_PIXEL = 0.27;
/** Of the layer beyond the photo's border: 60 px wide, in blocks of 4 × 4. */
const GAUSSIANS_PER_BORDER_PIXEL = 60 / 16;
const START_MS = 2000;
/** Keypoints, fill and initialisation: one thread, milliseconds per pixel of all photos. */
const PREPARE_MS_PER_PIXEL = 3.5e-3;
/** On two threads, for each of up to four other photos that a photo is matched against. */
const STEREO_MS_PER_PIXEL = 1.5e-3;
const MAX_STEREO_SOURCES = 4;
/** One iteration on two threads: milliseconds per pixel of one photo, and per Gaussian. */
const STEP_MS_PER_PIXEL = 6e-4;
const STEP_MS_PER_GAUSSIAN = 2.5e-4;
/** Share of parallel work that does not get faster with threads. */
const SERIAL_SHARE = 0.1;

/** Node, the module and its kernels. */
const BASE_BYTES = 250e6;
/** Photo (12), target with its SSIM means (40), depths, confidences, segments, owners (30), and slack of the collector. */
const BYTES_PER_PIXEL = 100;
/** Parameters, moments, gradients, statistics, anchors (292), one rendering's pairs, the seed that it came from, a snapshot. */
const BYTES_PER_GAUSSIAN = 1000;
/** Cost volume of dense stereo: 3 bytes for each of about this many planes at every pixel of one photo … */
const STEREO_BYTES_PER_PIXEL = 3 * 96;
/** … in strips of at most so much. */
const MAX_STEREO_BYTES = 300e6;

/** Time on `threads` threads as a multiple of the time on two (Amdahl 1967). */
function relativeTime(threads: number): number {
  const time = (count: number): number => SERIAL_SHARE + (1 - SERIAL_SHARE) / count;
  return time(Math.max(1, threads)) / time(2);
}

function describeProblem(
  { photoCount, fewestPhotos = 2 }: CostQuestion,
  memoryBytes: number,
  budgetBytes: number,
): string | null {
  if (photoCount < fewestPhotos) return 'At least two photos of the same place are needed.';
  if (memoryBytes <= budgetBytes) return null;
  const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return `About ${gib(memoryBytes)} of memory are needed and ${gib(budgetBytes)} may be used: choose smaller photos, fewer photos, or fewer Gaussians.`;
}

/**
 * Estimates a run, without a depth network:
 *   Gaussians N = min(limit, 0.27 P + 3.75 B), P pixels and B border pixels of all photos;
 *   time = start + P (3.5 µs + sources · 1.5 µs · f) + iterations · (0.6 µs p + 0.25 µs N) · f, p pixels of one photo, f the threads' factor;
 *   memory = 250 MB + 100 P + min(300 MB, 288 p) + 1000 N.
 */
export function estimateCost(question: CostQuestion): CostEstimate {
  const { photoCount, width, height, threads, memoryBudgetBytes } = question;
  const { training } = PRESETS[question.preset];
  const photoPixels = width * height;
  const pixels = photoCount * photoPixels;
  const iterations = question.iterations ?? Math.max(training.iterations, training.iterationsPerPhoto * photoCount);
  const wanted = GAUSSIANS_PER_PIXEL * pixels + GAUSSIANS_PER_BORDER_PIXEL * 2 * (width + height) * photoCount;
  const limit = question.maxSplats ?? defaultMaxSplats(memoryBudgetBytes, photoCount);
  const gaussianCount = Math.round(Math.min(wanted, limit));
  const factor = relativeTime(threads);
  const sources = Math.min(MAX_STEREO_SOURCES, Math.max(0, photoCount - 1));
  const prepareMs = pixels * (PREPARE_MS_PER_PIXEL + sources * STEREO_MS_PER_PIXEL * factor);
  const stepMs = (photoPixels * STEP_MS_PER_PIXEL + gaussianCount * STEP_MS_PER_GAUSSIAN) * factor;
  const memoryBytes = Math.round(
    BASE_BYTES +
      pixels * BYTES_PER_PIXEL +
      Math.min(MAX_STEREO_BYTES, photoPixels * STEREO_BYTES_PER_PIXEL) +
      gaussianCount * BYTES_PER_GAUSSIAN,
  );
  return {
    memoryBytes,
    timeMs: Math.round(START_MS + prepareMs + iterations * stepMs),
    gaussianCount,
    problem: describeProblem(question, memoryBytes, memoryBudgetBytes),
  };
}

/** How many Gaussians a scene may have, and how initialisation is brought under that number. */
import { selectSplats } from '../scene/splats.js';
import type { StageContext } from '../scene/stage.js';
import { runInSlices } from '../scene/stage.js';
import { selectAnchors } from '../training/decoder/anchor-sampling.js';
import { findWorthiest } from '../training/finish-scene.js';
import type { InitialiseOptions, InitialScene } from '../training/initialise.js';
import { initialiseInSlices } from '../training/initialise.js';
import type { SeedView } from '../training/seed-view.js';

/** Parameters, gradients, two moments and what one rendering leaves behind, SH degree 0. */
const BYTES_PER_GAUSSIAN = 900;
const SMALLEST_BUDGET = 20_000;
const LARGEST_BUDGET = 500_000;
const BUDGET_PER_PHOTO = 100_000;

/** The default of `--max-splats`: a share of the memory, and no more than the photos can fill with detail. */
export function defaultMaxSplats(memoryBudgetBytes: number, photoCount: number): number {
  const byMemory = Math.floor((memoryBudgetBytes * 0.5) / BYTES_PER_GAUSSIAN);
  return Math.max(SMALLEST_BUDGET, Math.min(LARGEST_BUDGET, BUDGET_PER_PHOTO * photoCount, byMemory));
}

/** Ever coarser rules, from the preset's own to blocks that hold almost anything. */
function coarserRules(options: InitialiseOptions, round: number): InitialiseOptions {
  if (round === 0) return options;
  return {
    ...options,
    largestBlockPx: round >= 2 ? 8 : options.largestBlockPx,
    colorTolerance: options.colorTolerance * 1.6 ** round,
    extensionBlockPx: options.extensionBlockPx * (round >= 2 ? 2 : 1),
    mergeDepth: options.mergeDepth * (1 + 0.25 * round),
  };
}

const ROUNDS = 6;

/** Keeps the worthiest Gaussians with their anchors; a pixel whose Gaussian went has no owner. */
function thinInitialScene(scene: InitialScene, maxSplats: number): InitialScene {
  if (scene.splats.count <= maxSplats) return scene;
  const kept = findWorthiest(scene.splats, maxSplats);
  const places = new Int32Array(scene.splats.count).fill(-1);
  kept.forEach((from, to) => (places[from] = to));
  const photoCount = scene.splats.count - scene.extensionCount;
  return {
    splats: selectSplats(scene.splats, kept),
    anchors: { ...scene.anchors, ...selectAnchors(scene.anchors, kept) },
    extensionCount: kept.filter((index) => index >= photoCount).length,
    owners: scene.owners.map((view) => view.map((owner) => (owner < 0 ? -1 : places[owner]!))),
  };
}

/**
 * Initialises within the budget: where the scene is too large, alike pixels are merged more and more boldly, and what the last
 * round still has too many of is left out. Lets the host run meanwhile.
 *
 * @throws the signal's reason
 */
export async function initialiseWithinBudget(
  seeds: readonly SeedView[],
  options: InitialiseOptions,
  maxSplats: number,
  context: StageContext = {},
): Promise<InitialScene> {
  let scene = await runInSlices(initialiseInSlices(seeds, options), context);
  for (let round = 1; round < ROUNDS && scene.splats.count > maxSplats; round++)
    scene = await runInSlices(initialiseInSlices(seeds, coarserRules(options, round)), context);
  return thinInitialScene(scene, maxSplats);
}

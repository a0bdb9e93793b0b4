/** From matches to cameras: checks all pairs, chooses where to begin, grows models, keeps the best. */
import type { StageContext } from '../scene/stage.js';
import { buildTracks } from './build-tracks.js';
import type { PairMatches, PoseSolution, RadialLens } from './contract.js';
import type { GrowingModel } from './growing-model.js';
import type { GrowthSettings } from './grow-model.js';
import { growModel } from './grow-model.js';
import type { CheckedPair, PhotoKeypoints } from './verify-pairs.js';
import { verifyPairs } from './verify-pairs.js';

export interface CameraProblem {
  readonly photos: readonly PhotoKeypoints[];
  /** First guesses. */
  readonly lenses: readonly RadialLens[];
  /** Putative matches. */
  readonly pairs: readonly PairMatches[];
}

export interface FoundCameras {
  readonly solution: PoseSolution;
  /** Of all photos that fit together pairwise. */
  readonly checkedPairs: readonly CheckedPair[];
  /** Per photo of the solution: how many points it sees, and the median of their reprojection errors in pixels. */
  readonly fits: ReadonlyMap<number, { readonly pointCount: number; readonly medianErrorPx: number }>;
}

/** Starts that are tried while photos are left over. */
const MAX_STARTS = 4;
/** From this angle on a pair's points are as good as they get. */
const GOOD_ANGLE_RAD = (6 * Math.PI) / 180;
const LEAST_ANGLE_RAD = (1.5 * Math.PI) / 180;
/** Of a plane's two motions one is wrong. */
const PLANAR_SHARE = 0.3;
const MAX_ERROR_SIGMAS = 3;
const VERIFY_SHARE = 0.3;

/** How good a pair is to begin with; 0 is not at all. */
function rateStart({ indices, geometry }: CheckedPair): number {
  const { relation, medianAngleRad, planarTwin } = geometry;
  if (relation !== 'general' && relation !== 'planar') return 0;
  if (medianAngleRad < LEAST_ANGLE_RAD) return 0;
  const kind = relation === 'planar' ? (planarTwin === null ? 1 : PLANAR_SHARE) : 1;
  return (indices.length / 2) * kind * Math.min(1, medianAngleRad / GOOD_ANGLE_RAD);
}

function fitsOf(model: GrowingModel): FoundCameras['fits'] {
  return new Map(
    [...model.errorsByPhoto()].map(([photo, squared]) => {
      const sorted = squared.sort((a, b) => a - b);
      return [photo, { pointCount: sorted.length, medianErrorPx: Math.sqrt(sorted[sorted.length >> 1] ?? 0) }];
    }),
  );
}

/** More photos first, then more observations. */
function isBetter(model: GrowingModel, than: GrowingModel | null): boolean {
  if (than === null || model.placed.size !== than.placed.size) return model.placed.size > (than?.placed.size ?? 0);
  const observed = (of: GrowingModel): number =>
    [...of.placed.keys()].reduce((sum, photo) => sum + of.observedCount(photo), 0);
  return observed(model) > observed(than);
}

/**
 * Finds the cameras of photos from their matches.
 *
 * @returns null when no two photos carry a model.
 * @throws the signal's reason when it was aborted.
 */
export async function solveCameras(
  problem: CameraProblem,
  settings: GrowthSettings,
  context: StageContext = {},
): Promise<FoundCameras | null> {
  const { photos, lenses, pairs } = problem;
  const checkedPairs = await verifyPairs(
    photos,
    lenses,
    pairs,
    { seed: settings.seed, maxErrorPx: MAX_ERROR_SIGMAS * settings.keypointSigmaPx },
    { ...context, onProgress: (fraction) => context.onProgress?.(fraction * VERIFY_SHARE, 'comparing pairs') },
  );
  const tracks = buildTracks(
    photos.map(({ points }) => points.length / 2),
    checkedPairs,
  );
  const starts = checkedPairs
    .map((pair) => ({ pair, rating: rateStart(pair) }))
    .filter(({ rating }) => rating > 0)
    .sort((a, b) => b.rating - a.rating)
    .slice(0, MAX_STARTS);
  const reachable = new Set(checkedPairs.flatMap(({ first, second }) => [first, second])).size;
  let best: GrowingModel | null = null;
  for (const { pair } of starts) {
    const model = await growModel(photos, lenses, tracks, pair, settings, {
      ...context,
      onProgress: (fraction, detail) => context.onProgress?.(VERIFY_SHARE + fraction * (1 - VERIFY_SHARE), detail),
    });
    if (model !== null && isBetter(model, best)) best = model;
    if (best !== null && best.placed.size >= reachable) break;
  }
  return best === null ? null : { solution: best.solution(), checkedPairs, fits: fitsOf(best) };
}

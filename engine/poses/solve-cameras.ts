/** From matches to cameras: checks all pairs, chooses where to begin, grows models, keeps the best. */
import type { StageContext } from '../scene/stage.js';
import type { KeypointTrack } from './build-tracks.js';
import { buildTracks } from './build-tracks.js';
import type { PairMatches, RadialLens } from './contract.js';
import type { GrowingModel } from './growing-model.js';
import type { GrowthSettings } from './grow-model.js';
import { growModel } from './grow-model.js';
import { resolveTwins } from './resolve-twins.js';
import { flagInconsistentPairs } from './rotation-triplets.js';
import type { CheckedPair, PairVerifier, PhotoKeypoints } from './verify-pairs.js';
import { verifyPairs } from './verify-pairs.js';

export interface CameraProblem {
  readonly photos: readonly PhotoKeypoints[];
  /** First guesses. */
  readonly lenses: readonly RadialLens[];
  /** Putative matches. */
  readonly pairs: readonly PairMatches[];
  /** Shares the checking of pairs. */
  readonly verifier?: PairVerifier | null;
}

export interface SolvedCameras {
  /** Null when no two photos carry a model. */
  readonly model: GrowingModel | null;
  /** Pairs that fit together. */
  readonly pairs: readonly CheckedPair[];
  /** Pairs that matched well and contradict the others: a repeated pattern, most likely. They were left out. */
  readonly contradicting: readonly CheckedPair[];
  /** Those that the pairs were checked under; the model's have been adjusted since. */
  readonly lenses: readonly RadialLens[];
}

/** Starts that are tried while photos are left over. */
const MAX_STARTS = 4;
/** From this angle on a pair's points are as good as they get. */
const GOOD_ANGLE_RAD = (6 * Math.PI) / 180;
const LEAST_ANGLE_RAD = (1.5 * Math.PI) / 180;
/** Of a plane's two motions one is wrong. */
const PLANAR_SHARE = 0.3;
const MAX_ERROR_SIGMAS = 3;
const VERIFY_SHARE = 0.5;

/** How good a pair is to begin with; 0 is not at all. */
function rateStart({ indices, geometry }: CheckedPair): number {
  const { relation, medianAngleRad, twin } = geometry;
  if (relation !== 'general' && relation !== 'planar') return 0;
  if (medianAngleRad < LEAST_ANGLE_RAD) return 0;
  const kind = twin === null ? 1 : PLANAR_SHARE;
  return (indices.length / 2) * kind * Math.min(1, medianAngleRad / GOOD_ANGLE_RAD);
}

/** More photos first, then more observations. */
export function isBetter(model: GrowingModel | null, than: GrowingModel | null): boolean {
  if (model === null) return false;
  if (than === null || model.placed.size !== than.placed.size) return model.placed.size > (than?.placed.size ?? 0);
  const observed = (of: GrowingModel): number =>
    [...of.placed.keys()].reduce((sum, photo) => sum + of.observedCount(photo), 0);
  return observed(model) > observed(than);
}

/** Separates pairs whose turns contradict most triangles that they are in. */
function separateContradicting(pairs: readonly CheckedPair[], photoCount: number): [CheckedPair[], CheckedPair[]] {
  // A plane's motion may be the wrong one of two: it accuses nobody.
  const judged = pairs.filter(({ geometry }) => geometry.twin === null && geometry.camera2FromCamera1 !== null);
  const { isFlagged } = flagInconsistentPairs(
    judged.map(({ first, second, indices, geometry }) => ({
      first,
      second,
      secondFromFirst: geometry.camera2FromCamera1!.rotation,
      weight: indices.length / 2,
    })),
    photoCount,
  );
  const contradicting = new Set(judged.filter((_, i) => isFlagged[i] === 1));
  return [pairs.filter((pair) => !contradicting.has(pair)), [...contradicting]];
}

/** Tracks of the photos' keypoints by matches of theirs. */
export function tracksOf({ photos }: Pick<CameraProblem, 'photos'>, pairs: readonly PairMatches[]): KeypointTrack[] {
  return buildTracks(
    photos.map(({ points }) => points.length / 2),
    pairs,
  );
}

/**
 * Finds the cameras of photos from their matches.
 *
 * @throws the signal's reason when it was aborted.
 */
export async function solveCameras(
  problem: CameraProblem,
  settings: GrowthSettings,
  context: StageContext = {},
): Promise<SolvedCameras> {
  const { photos, lenses, verifier = null } = problem;
  const checked = await verifyPairs(
    photos,
    lenses,
    problem.pairs,
    { seed: settings.seed, maxErrorPx: MAX_ERROR_SIGMAS * settings.keypointSigmaPx, verifier },
    { ...context, onProgress: (fraction) => context.onProgress?.(fraction * VERIFY_SHARE, 'checking pairs') },
  );
  const [pairs, contradicting] = separateContradicting(resolveTwins(checked, photos.length), photos.length);
  const tracks = tracksOf(problem, pairs);
  const starts = pairs
    .map((pair) => ({ pair, rating: rateStart(pair) }))
    .filter(({ rating }) => rating > 0)
    .sort((a, b) => b.rating - a.rating)
    .slice(0, MAX_STARTS);
  const reachable = new Set(pairs.flatMap(({ first, second }) => [first, second])).size;
  let best: GrowingModel | null = null;
  for (const { pair } of starts) {
    const model = await growModel({ photos, lenses, tracks }, pair, settings, {
      ...context,
      onProgress: (fraction, detail) => context.onProgress?.(VERIFY_SHARE + fraction * (1 - VERIFY_SHARE), detail),
    });
    if (model !== null && isBetter(model, best)) best = model;
    if (best !== null && best.placed.size >= reachable) break;
  }
  return { model: best, pairs, contradicting, lenses };
}

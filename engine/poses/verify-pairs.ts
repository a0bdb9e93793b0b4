/** Which pairs of photos see the same things, and by which motion. */
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { PairMatches, RadialLens } from './contract.js';
import { normalisePoints } from './lens.js';
import type { VerifiedPair, VerifyPairOptions } from './verify-pair.js';
import { verifyPair } from './verify-pair.js';

/** Keypoints of a photo and what it was taken with. */
export interface PhotoKeypoints {
  /** [N,2] pixels of the lens's size. */
  readonly points: Float32Array;
  /** Index into the lenses. */
  readonly lens: number;
}

/** A pair whose matches agree with one motion: `indices` are those that do. */
export interface CheckedPair extends PairMatches {
  readonly putativeCount: number;
  /** As `indices`, of the geometry's twin; empty without one. */
  readonly twinIndices: Uint32Array;
  readonly geometry: VerifiedPair;
}

/** [N,2] where one side's keypoints of matches are. @param points [K,2] of all keypoints of that photo. */
export function pointsOfMatches(points: ArrayLike<number>, indices: Uint32Array, side: 0 | 1): Float64Array {
  const picked = new Float64Array(indices.length);
  for (let i = 0; i < indices.length; i += 2) {
    const keypoint = indices[i + side]!;
    picked[i] = points[keypoint * 2]!;
    picked[i + 1] = points[keypoint * 2 + 1]!;
  }
  return picked;
}

function pickMatches({ indices }: PairMatches, matches: Uint32Array): Uint32Array {
  const picked = new Uint32Array(matches.length * 2);
  matches.forEach((match, i) => picked.set(indices.subarray(match * 2, match * 2 + 2), i * 2));
  return picked;
}

/** One pair; its points are given in the plane z = 1. */
function check(
  pair: PairMatches,
  lenses: readonly [RadialLens, RadialLens],
  normalised: readonly [Float64Array, Float64Array],
  options: VerifyPairOptions,
): CheckedPair {
  const [points1, points2] = [
    pointsOfMatches(normalised[0], pair.indices, 0),
    pointsOfMatches(normalised[1], pair.indices, 1),
  ];
  const geometry = verifyPair({ lens1: lenses[0], lens2: lenses[1], points1, points2 }, options);
  return {
    first: pair.first,
    second: pair.second,
    indices: pickMatches(pair, geometry.inliers),
    twinIndices: pickMatches(pair, geometry.twin?.inliers ?? new Uint32Array(0)),
    putativeCount: pair.indices.length / 2,
    geometry,
  };
}

/**
 * Checks every pair of photos that has matches.
 *
 * @param pairs putative matches, indices into `photos`.
 * @returns those of a relation other than 'none', in the order given.
 * @throws the signal's reason when it was aborted.
 */
export async function verifyPairs(
  photos: readonly PhotoKeypoints[],
  lenses: readonly RadialLens[],
  pairs: readonly PairMatches[],
  options: VerifyPairOptions,
  context: StageContext = {},
): Promise<CheckedPair[]> {
  const normalised = photos.map(({ points, lens }) => normalisePoints(lenses[lens]!, points));
  const checked: CheckedPair[] = [];
  for (const [done, pair] of pairs.entries()) {
    await yieldToHost(context);
    const { first, second } = pair;
    const result = check(
      pair,
      [lenses[photos[first]!.lens]!, lenses[photos[second]!.lens]!],
      [normalised[first]!, normalised[second]!],
      options,
    );
    if (result.geometry.relation !== 'none') checked.push(result);
    context.onProgress?.((done + 1) / pairs.length);
  }
  return checked;
}

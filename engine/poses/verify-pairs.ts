/** Which pairs of photos see the same things, and by which motion. */
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { PairMatches, RadialLens } from './contract.js';
import { normalisePoints } from './lens.js';
import type { PairToVerify, VerifiedPair, VerifyPairOptions } from './verify-pair.js';
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

/** Checks pairs beside the thread that asks, with the same result as `verifyPair`. */
export interface PairVerifier {
  /** Pairs that are worth handing over before the first of them comes back. */
  readonly atOnce: number;
  verify(pair: PairToVerify, options: VerifyPairOptions): Promise<VerifiedPair>;
}

export interface VerifyPairsOptions extends VerifyPairOptions {
  /** Shares the work; left out or null: all of it is done here. */
  readonly verifier?: PairVerifier | null;
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

/** What `verifyPair` takes of a pair. @param normalised by photo, its points in the plane z = 1. @param lensOf by photo. */
function toVerify(
  { first, second, indices }: PairMatches,
  normalised: readonly Float64Array[],
  lensOf: (photo: number) => RadialLens,
): PairToVerify {
  return {
    lens1: lensOf(first),
    lens2: lensOf(second),
    points1: pointsOfMatches(normalised[first]!, indices, 0),
    points2: pointsOfMatches(normalised[second]!, indices, 1),
  };
}

function checkedPair(pair: PairMatches, geometry: VerifiedPair): CheckedPair {
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
 * Checks every pair of photos that has matches. Who checks a pair changes nothing of the result.
 *
 * @param pairs putative matches, indices into `photos`.
 * @returns those of a relation other than 'none', in the order given.
 * @throws the signal's reason when it was aborted; what the verifier throws.
 */
export async function verifyPairs(
  photos: readonly PhotoKeypoints[],
  lenses: readonly RadialLens[],
  pairs: readonly PairMatches[],
  { verifier = null, ...options }: VerifyPairsOptions,
  context: StageContext = {},
): Promise<CheckedPair[]> {
  const lensOf = (photo: number): RadialLens => lenses[photos[photo]!.lens]!;
  const normalised = photos.map(({ points }, photo) => normalisePoints(lensOf(photo), points));
  const checked = new Array<CheckedPair>(pairs.length);
  let next = 0;
  let done = 0;
  const work = async (verify: (pair: PairToVerify) => VerifiedPair | Promise<VerifiedPair>): Promise<void> => {
    for (let at = next++; at < pairs.length; at = next++) {
      await yieldToHost(context);
      const pair = pairs[at]!;
      checked[at] = checkedPair(pair, await verify(toVerify(pair, normalised, lensOf)));
      context.onProgress?.(++done / pairs.length);
    }
  };
  const elsewhere = Array.from({ length: verifier?.atOnce ?? 0 }, () =>
    work((pair) => verifier!.verify(pair, options)),
  );
  await Promise.all([...elsewhere, work((pair) => verifyPair(pair, options))]);
  return checked.filter(({ geometry }) => geometry.relation !== 'none');
}

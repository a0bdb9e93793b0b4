/** Whether relative rotations of photo pairs agree with each other around triangles of photos. */
import type { Mat3 } from '../math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../math/rigid-transform.js';
import { ShapeError } from '../scene/errors.js';
import { median } from '../math/median.js';
import { rotationAngle } from '../math/rotation-vector.js';

/** What one pair of photos says of two cameras' turns. */
export interface RelativeRotation {
  /** Indices of the photos, `first < second`. */
  readonly first: number;
  readonly second: number;
  /** `R_second R_firstᵀ`, of cameraFromWorld. */
  readonly secondFromFirst: Mat3;
  /** How much it counts, by the number of matches for instance; 1 without. */
  readonly weight?: number;
}

/** Three photos of which every two are a pair. */
export interface RotationTriplet {
  /** Indices into the list of pairs: (a, b), (b, c), (a, c) for photos a < b < c. */
  readonly pairs: readonly [number, number, number];
  /** The angle of `R_caᵀ R_bc R_ab`, 0 where the three agree; NaN for NaN. */
  readonly errorRad: number;
}

/** @throws ShapeError for a pair whose photos are not `0 ≤ first < second < photoCount` or that is there twice. */
export function checkRotationPairs(pairs: readonly RelativeRotation[], photoCount: number): void {
  const seen = new Set<number>();
  for (const { first, second } of pairs) {
    if (!(Number.isInteger(first) && Number.isInteger(second) && first >= 0 && first < second && second < photoCount))
      throw new ShapeError(`pair ${first}, ${second} of ${photoCount} photos`);
    if (seen.has(first * photoCount + second)) throw new ShapeError(`pair ${first}, ${second} is there twice`);
    seen.add(first * photoCount + second);
  }
}

/** The angle of `acᵀ bc ab`, 0 where three turns around a triangle agree; NaN for NaN. */
export function cycleError(ab: Readonly<Mat3>, bc: Readonly<Mat3>, ac: Readonly<Mat3>): number {
  return rotationAngle(multiplyMat(transposeMat(ac), multiplyMat(bc, ab)));
}

/**
 * All triangles in the graph of pairs: indices of the pairs (a, b), (b, c), (a, c) for photos a < b < c.
 *
 * @param pairs photos `first < second < photoCount`, each pair once.
 */
export function findTriangles(
  pairs: readonly Pick<RelativeRotation, 'first' | 'second'>[],
  photoCount: number,
): (readonly [number, number, number])[] {
  const pairOf = new Map(pairs.map(({ first, second }, i) => [first * photoCount + second, i]));
  const later = Array.from({ length: photoCount }, () => [] as number[]);
  for (const { first, second } of pairs) later[first]!.push(second);
  return pairs.flatMap(({ first, second }, ab) =>
    later[second]!.flatMap((third) => {
      const ac = pairOf.get(first * photoCount + third);
      return ac === undefined ? [] : [[ab, pairOf.get(second * photoCount + third)!, ac] as const];
    }),
  );
}

/**
 * The cycle errors of all triangles in the graph of pairs.
 *
 * @throws ShapeError, see {@link checkRotationPairs}.
 * Source: Zach, Klopschitz and Pollefeys 2010, "Disambiguating visual relations using loop constraints", CVPR.
 */
export function findRotationTriplets(pairs: readonly RelativeRotation[], photoCount: number): RotationTriplet[] {
  checkRotationPairs(pairs, photoCount);
  return findTriangles(pairs, photoCount).map((triangle) => {
    const [ab, bc, ac] = triangle.map((pair) => pairs[pair]!.secondFromFirst) as [Mat3, Mat3, Mat3];
    return { pairs: triangle, errorRad: cycleError(ab, bc, ac) };
  });
}

export interface TripletOptions {
  /** A triplet disagrees from this cycle error on; default 5°, as OpenMVG's global pipeline has it (Moulon et al. 2013). */
  readonly maxErrorRad?: number;
  /** A pair in fewer triplets than this is not judged; default 2: one bad triangle does not say which of its sides is wrong. */
  readonly minTriplets?: number;
  /** A pair is flagged when more than this share of its triplets disagrees; default 0.5. */
  readonly maxBadShare?: number;
}

export interface PairConsistency {
  /** [pairs] 1: most of its triplets disagree. */
  readonly isFlagged: Uint8Array;
  /** [pairs] triplets that the pair is in. */
  readonly tripletCounts: Int32Array;
  /** [pairs] median of the cycle errors of its triplets; NaN without any. */
  readonly medianErrorsRad: Float64Array;
}

const DEFAULT_MAX_ERROR_RAD = (5 * Math.PI) / 180;

/** The pair to be taken out next: the largest share of bad triplets, then the least weight; −1 when none exceeds the limit. */
function findWorst(
  pairs: readonly RelativeRotation[],
  counts: Int32Array,
  bad: Int32Array,
  { minTriplets = 2, maxBadShare = 0.5 }: TripletOptions,
): number {
  let [worst, share, weight] = [-1, maxBadShare, Infinity];
  pairs.forEach((pair, i) => {
    if (counts[i]! < minTriplets) return;
    const own = bad[i]! / counts[i]!;
    const ownWeight = pair.weight ?? 1;
    if (!(own > share || (own === share && worst >= 0 && ownWeight < weight))) return;
    [worst, share, weight] = [i, own, ownWeight];
  });
  return worst;
}

/**
 * Flags pairs whose triplets mostly disagree: two photos of a repeated pattern match well and turn wrongly. The worst pair is taken out first,
 * with its triplets, so that good pairs are not judged by the company of bad ones; and so on until no pair stands out.
 *
 * @throws ShapeError, see {@link checkRotationPairs}. A cycle error of NaN disagrees.
 * Source: Zach, Klopschitz and Pollefeys 2010; Moulon, Monasse and Marlet 2013, "Global fusion of relative motions for robust, accurate and
 * scalable structure from motion", section 3.
 */
export function flagInconsistentPairs(
  pairs: readonly RelativeRotation[],
  photoCount: number,
  options: TripletOptions = {},
): PairConsistency {
  const maxErrorRad = options.maxErrorRad ?? DEFAULT_MAX_ERROR_RAD;
  const triplets = findRotationTriplets(pairs, photoCount);
  const ofPair = pairs.map(() => [] as RotationTriplet[]);
  for (const triplet of triplets) for (const pair of triplet.pairs) ofPair[pair]!.push(triplet);
  const isBad = (triplet: RotationTriplet): boolean => !(triplet.errorRad <= maxErrorRad);
  const counts = Int32Array.from(ofPair, (list) => list.length);
  const bad = Int32Array.from(ofPair, (list) => list.filter(isBad).length);
  const isFlagged = new Uint8Array(pairs.length);
  const tripletCounts = counts.slice();
  for (let worst = findWorst(pairs, counts, bad, options); worst >= 0; worst = findWorst(pairs, counts, bad, options)) {
    isFlagged[worst] = 1;
    for (const triplet of ofPair[worst]!) {
      if (triplet.pairs.some((pair) => pair !== worst && isFlagged[pair] === 1)) continue;
      for (const pair of triplet.pairs) {
        counts[pair] = counts[pair]! - 1;
        if (isBad(triplet)) bad[pair] = bad[pair]! - 1;
      }
    }
  }
  return {
    isFlagged,
    tripletCounts,
    medianErrorsRad: Float64Array.from(ofPair, (list) => median(list.map(({ errorRad }) => errorRad))),
  };
}

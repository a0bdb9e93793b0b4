/** A first focal length for photos that say nothing of theirs. */
import type { PairMatches, RadialLens } from './contract.js';
import { meanFocalPx, normalisePoints } from './lens.js';
import { joinCoordinates } from './match-coordinates.js';
import { motionProblem } from './pair-problems.js';
import { robustSearch } from '../math/robust-search.js';
import type { PhotoKeypoints } from './verify-pairs.js';
import { pointsOfMatches } from './verify-pairs.js';

/** Focal lengths that are tried, in longer sides: from 100° to 20°. */
const RATIOS = [0.42, 0.52, 0.64, 0.78, 0.95, 1.2, 1.5, 1.9, 2.4, 3];
/** Pairs and matches that are looked at: more say the same. */
const MAX_PAIRS = 4;
const MAX_MATCHES = 600;
const MIN_MATCHES = 40;
const SAMPLES = 120;
const INNER_SAMPLES = 6;
/** What agrees with this share of the best is as likely by its matches; then the one nearest to what most lenses have is taken. */
const AS_GOOD = 0.97;
/** Telephones have 24 to 28 mm on 36, cameras 28 to 50: with two photos of fox, all that agree as well, 1.1 was 30 % off and 0.8 5 %. */
const TYPICAL_RATIO = 0.8;

export interface FocalSearchOptions {
  readonly seed: number;
  readonly maxErrorPx: number;
}

function longSide({ intrinsics }: RadialLens): number {
  return Math.max(intrinsics.width, intrinsics.height);
}

function withRatio(lens: RadialLens, ratio: number): RadialLens {
  const { intrinsics } = lens;
  const factor = (ratio * longSide(lens)) / meanFocalPx(lens);
  return { ...lens, intrinsics: { ...intrinsics, fx: intrinsics.fx * factor, fy: intrinsics.fy * factor } };
}

/** The pairs with most matches, at most two of a photo. */
function chooseTelling(pairs: readonly PairMatches[], isFree: (pair: PairMatches) => boolean): PairMatches[] {
  const uses = new Map<number, number>();
  const chosen: PairMatches[] = [];
  const candidates = pairs.filter((pair) => pair.indices.length / 2 >= MIN_MATCHES && isFree(pair));
  for (const pair of candidates.sort((a, b) => b.indices.length - a.indices.length)) {
    if (chosen.length === MAX_PAIRS) break;
    const ends = [pair.first, pair.second];
    if (ends.some((photo) => (uses.get(photo) ?? 0) >= 2)) continue;
    for (const photo of ends) uses.set(photo, (uses.get(photo) ?? 0) + 1);
    chosen.push(pair);
  }
  return chosen;
}

/** Every so many-th match: they are in the order of the first photo's keypoints, whose order says nothing of their place. */
function thin(indices: Uint32Array): Uint32Array {
  const count = indices.length / 2;
  if (count <= MAX_MATCHES) return indices;
  const thinned = new Uint32Array(MAX_MATCHES * 2);
  for (let i = 0; i < MAX_MATCHES; i++) {
    const from = Math.floor((i * count) / MAX_MATCHES) * 2;
    thinned.set(indices.subarray(from, from + 2), i * 2);
  }
  return thinned;
}

/** How many matches agree with the best motion under a lens, those that fit exactly as one, those at the limit as none. */
function countAgreeing(
  pair: PairMatches,
  photos: readonly PhotoKeypoints[],
  lenses: readonly RadialLens[],
  { seed, maxErrorPx }: FocalSearchOptions,
): number {
  const indices = thin(pair.indices);
  const [first, second] = [photos[pair.first]!, photos[pair.second]!];
  const [lens1, lens2] = [lenses[first.lens]!, lenses[second.lens]!];
  const coordinates = joinCoordinates(
    normalisePoints(lens1, pointsOfMatches(first.points, indices, 0)),
    normalisePoints(lens2, pointsOfMatches(second.points, indices, 1)),
  );
  const matches = { coordinates, focal1Px: meanFocalPx(lens1), focal2Px: meanFocalPx(lens2) };
  const limits = { seed, minIterations: SAMPLES / 4, maxIterations: SAMPLES, innerSamples: INNER_SAMPLES };
  const found = robustSearch(motionProblem(matches, maxErrorPx), limits);
  return found === null ? 0 : indices.length / 2 - found.cost;
}

/**
 * Focal length, as a share of the longer side, under which most matches of the best pairs agree with a motion; among those that nearly as
 * many agree with, the one nearest to 0.8. A start for the adjustment, some 10 to 20 % off: two photos leave more open.
 *
 * @param unknown [lenses] which are unknown; the others stay as they are, and pairs without an unknown lens are not looked at.
 * @returns null when no pair has enough matches to tell.
 */
export function searchFocalRatio(
  photos: readonly PhotoKeypoints[],
  lenses: readonly RadialLens[],
  unknown: readonly boolean[],
  pairs: readonly PairMatches[],
  options: FocalSearchOptions,
): number | null {
  const isUnknown = (photo: number): boolean => unknown[photos[photo]!.lens]!;
  const chosen = chooseTelling(pairs, ({ first, second }) => isUnknown(first) || isUnknown(second));
  if (chosen.length === 0) return null;
  const scores = RATIOS.map((ratio) => {
    const tried = lenses.map((lens, i) => (unknown[i]! ? withRatio(lens, ratio) : lens));
    return chosen.reduce((sum, pair) => sum + countAgreeing(pair, photos, tried, options), 0);
  });
  const best = Math.max(...scores);
  if (!(best > 0)) return null;
  const farness = (ratio: number): number => Math.abs(Math.log(ratio / TYPICAL_RATIO));
  const asGood = RATIOS.filter((_, i) => scores[i]! >= AS_GOOD * best);
  return asGood.reduce((near, ratio) => (farness(ratio) < farness(near) ? ratio : near));
}

/** The lenses with unknown ones at that ratio. */
export function applyFocalRatio(
  lenses: readonly RadialLens[],
  unknown: readonly boolean[],
  ratio: number | null,
): readonly RadialLens[] {
  return ratio === null ? lenses : lenses.map((lens, i) => (unknown[i]! ? withRatio(lens, ratio) : lens));
}

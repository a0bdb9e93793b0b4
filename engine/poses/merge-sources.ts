/** Several detectors find the same things: their matches made one, so that nothing counts twice as evidence. */
import type { PairMatches } from './contract.js';
import { KeypointGrid } from './keypoint-grid.js';
import type { PhotoFeatures } from './photo-features.js';

/** Keypoints of two detectors that are this near, in both photos of a match, show one place: what each is off by itself. */
const SAME_PLACE_PX = 1;

/** A keypoint of a later source and the one of the first source that stands for it. */
type Aliases = Map<number, number>;

/** Indices of a pair's matches that are of one source on both sides, the first source's and the others'. */
function splitBySource(
  { first, second, indices }: PairMatches,
  photos: readonly PhotoFeatures[],
): { readonly own: number[]; readonly others: number[] } {
  const [end1, end2] = [photos[first]!.offsets[1]!, photos[second]!.offsets[1]!];
  const own: number[] = [];
  const others: number[] = [];
  for (let at = 0; at < indices.length; at += 2) {
    const isOwn1 = indices[at]! < end1;
    if (isOwn1 !== indices[at + 1]! < end2) continue;
    (isOwn1 ? own : others).push(at);
  }
  return { own, others };
}

function distance(points: Float32Array, a: number, b: number): number {
  return Math.hypot(points[2 * a]! - points[2 * b]!, points[2 * a + 1]! - points[2 * b + 1]!);
}

/** Notes which keypoints of the other sources are matched as one of the first source is, both ends within a pixel. */
function noteAliases(pair: PairMatches, photos: readonly PhotoFeatures[], aliases: readonly Aliases[]): void {
  const { own, others } = splitBySource(pair, photos);
  if (own.length === 0 || others.length === 0) return;
  const { first, second, indices } = pair;
  const [points1, points2] = [photos[first]!.points, photos[second]!.points];
  const places = new Float32Array(own.length * 2);
  own.forEach((at, i) => {
    places[2 * i] = points1[2 * indices[at]!]!;
    places[2 * i + 1] = points1[2 * indices[at]! + 1]!;
  });
  const grid = new KeypointGrid(places);
  for (const at of others) {
    const [p, q] = [indices[at]!, indices[at + 1]!];
    let nearest = -1;
    let least = Infinity;
    grid.visitNearPoint(points1[2 * p]!, points1[2 * p + 1]!, SAME_PLACE_PX, (i) => {
      const far1 = distance(points1, p, indices[own[i]!]!);
      const far2 = distance(points2, q, indices[own[i]! + 1]!);
      if (far2 > SAME_PLACE_PX || far1 + far2 >= least) return;
      [nearest, least] = [own[i]!, far1 + far2];
    });
    if (nearest < 0) continue;
    // The first pair that tells decides: a keypoint stands for one place.
    if (!aliases[first]!.has(p)) aliases[first]!.set(p, indices[nearest]!);
    if (!aliases[second]!.has(q)) aliases[second]!.set(q, indices[nearest + 1]!);
  }
}

/** The pair with keypoints replaced by what stands for them; a keypoint that has a match already gets no second one. */
function applyAliases(pair: PairMatches, aliases: readonly Aliases[]): PairMatches {
  const { first, second, indices } = pair;
  const [known1, known2] = [aliases[first]!, aliases[second]!];
  const isReplaced = (at: number): boolean => known1.has(indices[at]!) || known2.has(indices[at + 1]!);
  const kept: number[] = [];
  const taken1 = new Set<number>();
  const taken2 = new Set<number>();
  const keep = (p: number, q: number): void => {
    kept.push(p, q);
    taken1.add(p);
    taken2.add(q);
  };
  for (let at = 0; at < indices.length; at += 2) if (!isReplaced(at)) keep(indices[at]!, indices[at + 1]!);
  for (let at = 0; at < indices.length; at += 2) {
    if (!isReplaced(at)) continue;
    const [p, q] = [known1.get(indices[at]!) ?? indices[at]!, known2.get(indices[at + 1]!) ?? indices[at + 1]!];
    if (!taken1.has(p) && !taken2.has(q)) keep(p, q);
  }
  return { ...pair, indices: Uint32Array.from(kept) };
}

/**
 * Makes one of what several sources found of one place: where a match of a later source has both of its ends within a pixel of a match of
 * the first source, its keypoints are taken for the first source's, in all pairs. A point in space then has one track, and a keypoint one
 * match with each photo; where two sources disagree about it, the first is believed.
 *
 * @param pairs keypoints of all sources numbered through, see {@link PhotoFeatures}.
 * @returns the same pairs in the same order; with one source, the same matches.
 */
export function mergeSources(photos: readonly PhotoFeatures[], pairs: readonly PairMatches[]): readonly PairMatches[] {
  if (photos.every(({ bySource }) => bySource.length < 2)) return pairs;
  const aliases = photos.map((): Aliases => new Map());
  for (const pair of pairs) noteAliases(pair, photos, aliases);
  return pairs.map((pair) => applyAliases(pair, aliases));
}

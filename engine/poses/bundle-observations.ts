/** Observations of a bundle, checked and brought into the order in which they are worked through. */
import type { BundleOptions, BundleProblem } from './bundle-problem.js';
import { ShapeError } from '../scene/errors.js';

/** The observations that count, sorted by point, then by photo. Q points count; S sightings of different photos. */
export interface SortedObservations {
  readonly count: number;
  /** [count] index in the caller's lists. */
  readonly sources: Int32Array;
  readonly photos: Int32Array;
  /** [count] which of the S sightings: several observations of one point by one photo share theirs. */
  readonly slots: Int32Array;
  /** [count,2] */
  readonly pixels: Float64Array;
  readonly weights: Float64Array;
  /** [count]; 0 where there is none. */
  readonly logDepths: Float64Array;
  /** [count] 1 / sigma; 0 where there is none. */
  readonly inverseSigmas: Float64Array;
  readonly hasDepths: boolean;
  /** [Q] indices into the positions. */
  readonly points: Int32Array;
  /** [Q + 1] */
  readonly observationStarts: Int32Array;
  /** [Q + 1] */
  readonly slotStarts: Int32Array;
  /** [S] ascending within a point. */
  readonly slotPhotos: Int32Array;
}

function checkIndices(indices: ArrayLike<number>, count: number, what: string): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (!(index >= 0 && index < count && Number.isInteger(index)))
      throw new ShapeError(`observation ${i} names ${what} ${index} of ${count}`);
  }
}

/** @throws ShapeError for lists whose lengths do not fit each other, and for indices outside their lists. */
export function checkBundle({ lenses, photos, positions, observations, logScales }: BundleProblem): void {
  const count = observations.photos.length;
  const lengths: [string, ArrayLike<number> | undefined, number][] = [
    ['points', observations.points, count],
    ['pixels', observations.pixels, 2 * count],
    ['weights', observations.weights, count],
    ['log depths', observations.depths?.logDepths, count],
    ['sigmas', observations.depths?.sigmas, count],
    ['log scales', logScales, photos.length],
  ];
  for (const [name, list, expected] of lengths)
    if (list !== undefined && list.length !== expected)
      throw new ShapeError(`${list.length} numbers of ${name}, not ${expected}`);
  if (positions.length % 3 !== 0)
    throw new ShapeError(`positions have ${positions.length} coordinates, not three each`);
  photos.forEach(({ lens }, i) => {
    if (lenses[lens] === undefined) throw new ShapeError(`photo ${i} names lens ${lens} of ${lenses.length}`);
  });
  checkIndices(observations.photos, photos.length, 'photo');
  checkIndices(observations.points, positions.length / 3, 'point');
}

function isFinitePhoto({ lenses, photos }: BundleProblem, index: number): boolean {
  const { lens, cameraFromWorld } = photos[index]!;
  const { intrinsics, k1, k2 } = lenses[lens]!;
  const { fx, fy, cx, cy } = intrinsics;
  const { rotation, translation } = cameraFromWorld;
  return [...rotation, ...translation, cx, cy, k1, k2, fx, fy].every(Number.isFinite) && fx > 0 && fy > 0;
}

function hasDepth({ observations: { depths } }: BundleProblem, i: number): boolean {
  return (
    depths !== undefined &&
    Number.isFinite(depths.logDepths[i]) &&
    depths.sigmas[i]! > 0 &&
    depths.sigmas[i]! < Infinity
  );
}

/** 1 for each observation whose numbers are finite and, if asked, whose weight is above 0. */
function markUsable(problem: BundleProblem, asksWeight: boolean): Uint8Array {
  const { photos, points, pixels, weights } = problem.observations;
  const { positions } = problem;
  const isPhotoFinite = problem.photos.map((_, i) => isFinitePhoto(problem, i));
  return Uint8Array.from({ length: photos.length }, (_, i) => {
    const weight = weights === undefined || !asksWeight ? 1 : weights[i]!;
    const at = points[i]! * 3;
    const sum = pixels[2 * i]! + pixels[2 * i + 1]! + positions[at]! + positions[at + 1]! + positions[at + 2]!;
    return isPhotoFinite[photos[i]!] === true && weight > 0 && weight < Infinity && Number.isFinite(sum) ? 1 : 0;
  });
}

/** Indices of the marked observations by point, then photo: two stable counting sorts. */
function sortMarked({ observations, photos, positions }: BundleProblem, marked: Uint8Array): Int32Array {
  const sortBy = (order: Int32Array, keys: ArrayLike<number>, keyCount: number): Int32Array => {
    const starts = new Int32Array(keyCount + 1);
    for (const i of order) starts[keys[i]! + 1] = starts[keys[i]! + 1]! + 1;
    for (let k = 0; k < keyCount; k++) starts[k + 1] = starts[k + 1]! + starts[k]!;
    const sorted = new Int32Array(order.length);
    for (const i of order) {
      const key = keys[i]!;
      sorted[starts[key]!] = i;
      starts[key] = starts[key]! + 1;
    }
    return sorted;
  };
  const order = Int32Array.from({ length: marked.length }, (_, i) => i).filter((i) => marked[i] === 1);
  return sortBy(sortBy(order, observations.photos, photos.length), observations.points, positions.length / 3);
}

/** Sorted observations without those of points that nothing holds along their ray: one photo and no depth. */
function dropUndetermined(problem: BundleProblem, sorted: Int32Array): Int32Array {
  const { photos, points } = problem.observations;
  const kept = new Int32Array(sorted.length);
  let count = 0;
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const point = points[sorted[from]!]!;
    let isHeld = false;
    for (to = from; to < sorted.length && points[sorted[to]!] === point; to++)
      isHeld ||= photos[sorted[to]!] !== photos[sorted[from]!] || hasDepth(problem, sorted[to]!);
    for (let i = from; isHeld && i < to; i++) kept[count++] = sorted[i]!;
  }
  return kept.slice(0, count);
}

function groupByPoint(problem: BundleProblem, sorted: Int32Array) {
  const { photos, points } = problem.observations;
  const group = { points: [] as number[], observationStarts: [] as number[], slotStarts: [] as number[] };
  const slotPhotos: number[] = [];
  const slots = new Int32Array(sorted.length);
  let [lastPoint, lastPhoto] = [-1, -1];
  sorted.forEach((source, i) => {
    const [point, photo] = [points[source]!, photos[source]!];
    if (point !== lastPoint) {
      group.points.push(point);
      group.observationStarts.push(i);
      group.slotStarts.push(slotPhotos.length);
    }
    if (point !== lastPoint || photo !== lastPhoto) slotPhotos.push(photo);
    slots[i] = slotPhotos.length - 1;
    [lastPoint, lastPhoto] = [point, photo];
  });
  return {
    slots,
    points: Int32Array.from(group.points),
    observationStarts: Int32Array.from([...group.observationStarts, sorted.length]),
    slotStarts: Int32Array.from([...group.slotStarts, slotPhotos.length]),
    slotPhotos: Int32Array.from(slotPhotos),
  };
}

/** Lays the observations out that `sources` lists, sorted by point and photo. */
function collect(problem: BundleProblem, sources: Int32Array): SortedObservations {
  const { photos, pixels, weights, depths } = problem.observations;
  const count = sources.length;
  const inverseSigmas = Float64Array.from(sources, (i) => (hasDepth(problem, i) ? 1 / depths!.sigmas[i]! : 0));
  return {
    count,
    sources,
    photos: Int32Array.from(sources, (i) => photos[i]!),
    pixels: Float64Array.from({ length: 2 * count }, (_, k) => pixels[2 * sources[k >> 1]! + (k & 1)]!),
    weights: Float64Array.from(sources, (i) => (weights === undefined ? 1 : weights[i]!)),
    logDepths: Float64Array.from(sources, (i, k) => (inverseSigmas[k]! > 0 ? depths!.logDepths[i]! : 0)),
    inverseSigmas,
    hasDepths: inverseSigmas.some((inverse) => inverse > 0),
    ...groupByPoint(problem, sources),
  };
}

/**
 * The observations that count, in working order. Left out are those with a number that is not finite (pixel, position, camera, lens) or a
 * weight that is not above 0, and, when points are free, those of a point that one photo sees and no depth holds.
 *
 * @throws ShapeError, see {@link checkBundle}.
 */
export function sortObservations(problem: BundleProblem, free: BundleOptions['free']): SortedObservations {
  checkBundle(problem);
  const usable = sortMarked(problem, markUsable(problem, true));
  return collect(problem, free === 'cameras' ? usable : dropUndetermined(problem, usable));
}

/** All observations whose numbers are finite, whatever their weights and their points' other sightings. */
export function sortFiniteObservations(problem: BundleProblem): SortedObservations {
  return collect(problem, sortMarked(problem, markUsable(problem, false)));
}

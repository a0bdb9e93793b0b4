/** Which numbers of a bundle are unknowns, and where each stands in the equations. */
import type { Vec3 } from '../math/rigid-transform.js';
import { ShapeError } from '../scene/errors.js';
import { cameraCentre } from '../math/conventions.js';
import type { SortedObservations } from './bundle-observations.js';
import type { BundleOptions, BundleProblem, IntrinsicsGroup } from './bundle-problem.js';

/** Unknowns of a camera: turn ω (3), centre C (3). */
export const POSE_SIZE = 6;

/**
 * A photo's local columns: ω, C, then the log scale and the lens's parameters as far as they are free at all. Global columns: those of the
 * photos, ascending, then those of the lenses.
 */
export interface BundleColumns {
  /** Local columns, 6 … 12. */
  readonly width: number;
  /** Local columns; −1 where held for all. */
  readonly logScaleAt: number;
  readonly focalAt: number;
  readonly k1At: number;
  readonly k2At: number;
  /** Of cx; cy follows. */
  readonly principalPointAt: number;
  /** First local column that belongs to the lens. */
  readonly lensFrom: number;
  /** [F,width] global column of a local one; −1 where it is held. */
  readonly globals: Int32Array;
  /** Global columns. */
  readonly count: number;
  /** [F] 1 where a local column is free. */
  readonly isPhotoFree: Uint8Array;
  readonly lensOfPhoto: Int32Array;
  /** [L] a lens's first global column; −1 where it is held. */
  readonly lensColumns: Int32Array;
  readonly arePointsFree: boolean;
}

/** Baselines below this part of the longest are no baselines. */
const LEAST_BASELINE = 1e-6;

function checkList(list: readonly number[] | undefined, count: number, what: string): void {
  for (const index of list ?? [])
    if (!(Number.isInteger(index) && index >= 0 && index < count))
      throw new ShapeError(`constant ${what} ${index} of ${count}`);
}

function distance(a: Vec3, b: Vec3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** The one coordinate of one camera's centre that keeps the scene's scale; null where something else does, or nothing can. */
function chooseScaleKeeper(
  centres: readonly Vec3[],
  held: ReadonlySet<number>,
  seen: readonly number[],
): { photo: number; axis: number } | null {
  const reference = [...held].sort((a, b) => a - b)[0];
  if (reference === undefined) return null;
  const baselines = centres.map((centre) => distance(centre, centres[reference]!));
  const longest = seen.reduce((most, photo) => Math.max(most, baselines[photo]!), 0);
  const isLong = (photo: number): boolean => baselines[photo]! > LEAST_BASELINE * longest;
  if (!(longest > 0) || [...held].some(isLong)) return null;
  const photo = seen.find((candidate) => baselines[candidate] === longest)!;
  const offset = centres[photo]!.map((value, k) => Math.abs(value - centres[reference]![k]!));
  return { photo, axis: offset.indexOf(Math.max(...offset)) };
}

/**
 * The photos that are held, and the coordinate that keeps the scale. Seven degrees of freedom leave all errors as they are (Triggs et al.
 * 2000, section 9): with points free, the first photo that sees anything is held unless photos are held already, and, unless two of these
 * stand apart or metric depths tell the scale, so is one coordinate (the largest of the baseline) of the camera farthest from it.
 */
function fixGauge(problem: BundleProblem, observations: SortedObservations, options: BundleOptions) {
  const held = new Set(options.constantPhotos ?? []);
  const isSeen = new Uint8Array(problem.photos.length);
  for (const photo of observations.slotPhotos) isSeen[photo] = 1;
  const seen = [...isSeen.keys()].filter((photo) => isSeen[photo] === 1);
  if (options.free === 'points') for (const photo of seen) held.add(photo);
  if (options.free !== undefined && options.free !== 'all') return { held, isSeen, scaleKeeper: null };
  if (problem.ties !== undefined) return { held, isSeen, scaleKeeper: null };
  if (seen.length > 0 && !seen.some((photo) => held.has(photo))) held.add(seen[0]!);
  const areDepthsMetric = observations.hasDepths && options.areLogScalesFree === false;
  const centres = problem.photos.map(({ cameraFromWorld }) => cameraCentre(cameraFromWorld));
  const heldAndSeen = new Set(seen.filter((photo) => held.has(photo)));
  return { held, isSeen, scaleKeeper: areDepthsMetric ? null : chooseScaleKeeper(centres, heldAndSeen, seen) };
}

/** Where the groups stand among the local columns. */
function placeLocals(options: BundleOptions, hasDepths: boolean) {
  let next = POSE_SIZE;
  const place = (isFree: boolean, size: number): number => {
    if (!isFree) return -1;
    next += size;
    return next - size;
  };
  const isFree = (group: IntrinsicsGroup): boolean =>
    options.free !== 'points' && (options.freeIntrinsics ?? []).includes(group);
  const logScaleAt = place(hasDepths && options.areLogScalesFree !== false, 1);
  const lensFrom = next;
  const locals = {
    logScaleAt,
    lensFrom,
    focalAt: place(isFree('focal'), 1),
    k1At: place(isFree('k1'), 1),
    k2At: place(isFree('k2'), 1),
    principalPointAt: place(isFree('principal-point'), 2),
  };
  return { ...locals, width: next };
}

/** Photos of which an observation tells the depth. */
function photosWithDepths({ photos, inverseSigmas, count }: SortedObservations, photoCount: number): Uint8Array {
  const has = new Uint8Array(photoCount);
  for (let i = 0; i < count; i++) if (inverseSigmas[i]! > 0) has[photos[i]!] = 1;
  return has;
}

/**
 * Lays the unknowns out: all that the options free, less what no observation touches, less the gauge (see {@link fixGauge}).
 *
 * @throws ShapeError for a constant photo or lens that does not exist.
 */
export function layOutColumns(
  problem: BundleProblem,
  observations: SortedObservations,
  options: BundleOptions,
): BundleColumns {
  const { photos, lenses } = problem;
  checkList(options.constantPhotos, photos.length, 'photo');
  checkList(options.constantLenses, lenses.length, 'lens');
  const locals = placeLocals(options, observations.hasDepths);
  const { width, lensFrom, logScaleAt } = locals;
  const { held, isSeen, scaleKeeper } = fixGauge(problem, observations, options);
  const hasDepth = photosWithDepths(observations, photos.length);
  const globals = new Int32Array(photos.length * width).fill(-1);
  let count = 0;
  for (let photo = 0; photo < photos.length; photo++) {
    for (let k = 0; k < POSE_SIZE; k++) {
      const keepsScale = scaleKeeper?.photo === photo && scaleKeeper.axis === k - 3;
      if (isSeen[photo] === 1 && !held.has(photo) && !keepsScale) globals[photo * width + k] = count++;
    }
    if (logScaleAt >= 0 && hasDepth[photo] === 1) globals[photo * width + logScaleAt] = count++;
  }
  const heldLenses = new Set(options.constantLenses ?? []);
  const lensColumns = new Int32Array(lenses.length).fill(-1);
  photos.forEach(({ lens }, photo) => {
    if (isSeen[photo] === 0 || heldLenses.has(lens) || width === lensFrom) return;
    if (lensColumns[lens] === -1) {
      lensColumns[lens] = count;
      count += width - lensFrom;
    }
    for (let k = lensFrom; k < width; k++) globals[photo * width + k] = lensColumns[lens]! + k - lensFrom;
  });
  return {
    ...locals,
    globals,
    count,
    isPhotoFree: Uint8Array.from(photos, (_, i) =>
      globals.subarray(i * width, (i + 1) * width).some((g) => g >= 0) ? 1 : 0,
    ),
    lensOfPhoto: Int32Array.from(photos, ({ lens }) => lens),
    lensColumns,
    arePointsFree: options.free !== 'cameras',
  };
}

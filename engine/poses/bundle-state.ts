/** The numbers that bundle adjustment changes, as flat arrays, and the step from one set of them to the next. */
import type { Mat3, RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, multiplyMatVec } from '../math/rigid-transform.js';
import { cameraCentre } from '../math/conventions.js';
import type { BundleColumns } from './bundle-columns.js';
import type { SortedObservations } from './bundle-observations.js';
import type { BundleProblem } from './bundle-problem.js';
import type { RadialLens } from './contract.js';
import { nearestRotation } from '../math/dense-algebra.js';
import { rotationOfVector } from '../math/rotation-vector.js';

/** Numbers of a lens in {@link BundleState.lenses}: fx, fy, cx, cy, k1, k2. */
export const LENS_SIZE = 6;

export interface BundleState {
  /** [F,9] cameraFromWorld, row-major. */
  readonly rotations: Float64Array;
  /** [F,3] cameras' centres in the world. */
  readonly centres: Float64Array;
  /** [L,6] */
  readonly lenses: Float64Array;
  /** [P,3] */
  readonly positions: Float64Array;
  /** [F] */
  readonly logScales: Float64Array;
}

/** One step: of the global columns [count], and of the points that count [Q,3]. */
export interface BundleStep {
  readonly columns: Float64Array;
  readonly points: Float64Array;
}

/** The start as flat arrays; log scales are the problem's, or 0. */
export function createBundleState({ lenses, photos, positions, logScales }: BundleProblem): BundleState {
  return {
    rotations: Float64Array.from(photos.flatMap(({ cameraFromWorld }) => cameraFromWorld.rotation)),
    centres: Float64Array.from(photos.flatMap(({ cameraFromWorld }) => cameraCentre(cameraFromWorld))),
    lenses: Float64Array.from(lenses.flatMap(({ intrinsics: { fx, fy, cx, cy }, k1, k2 }) => [fx, fy, cx, cy, k1, k2])),
    positions: Float64Array.from(positions),
    logScales: logScales === undefined ? new Float64Array(photos.length) : Float64Array.from(logScales),
  };
}

/** An independent copy. */
export function copyBundleState(state: BundleState): BundleState {
  return {
    rotations: state.rotations.slice(),
    centres: state.centres.slice(),
    lenses: state.lenses.slice(),
    positions: state.positions.slice(),
    logScales: state.logScales.slice(),
  };
}

/** A photo's rotation, cameraFromWorld. */
export function rotationOfPhoto({ rotations }: BundleState, photo: number): Mat3 {
  return [...rotations.subarray(9 * photo, 9 * photo + 9)] as Mat3;
}

/** A photo's camera, its rotation freed of rounding. */
export function cameraOfPhoto(state: BundleState, photo: number): RigidTransform {
  const rotation = nearestRotation(rotationOfPhoto(state, photo));
  const centre = [...state.centres.subarray(3 * photo, 3 * photo + 3)] as Vec3;
  const turned = multiplyMatVec(rotation, centre);
  return { rotation, translation: [-turned[0], -turned[1], -turned[2]] };
}

/** A lens with the state's numbers, and the size of `before`. */
export function lensOfState(state: BundleState, lens: number, before: RadialLens): RadialLens {
  const [fx, fy, cx, cy, k1, k2] = state.lenses.subarray(LENS_SIZE * lens, LENS_SIZE * (lens + 1));
  return { intrinsics: { ...before.intrinsics, fx: fx!, fy: fy!, cx: cx!, cy: cy! }, k1: k1!, k2: k2! };
}

function stepPhoto(
  from: BundleState,
  columns: BundleColumns,
  step: Float64Array,
  photo: number,
  to: BundleState,
): void {
  const { width, globals, logScaleAt } = columns;
  const along = (local: number): number => {
    const column = local < 0 ? -1 : globals[photo * width + local]!;
    return column < 0 ? 0 : step[column]!;
  };
  const turn: Vec3 = [along(0), along(1), along(2)];
  if (turn[0] !== 0 || turn[1] !== 0 || turn[2] !== 0)
    to.rotations.set(multiplyMat(rotationOfVector(turn), rotationOfPhoto(from, photo)), 9 * photo);
  for (let k = 0; k < 3; k++) to.centres[3 * photo + k] = from.centres[3 * photo + k]! + along(3 + k);
  to.logScales[photo] = from.logScales[photo]! + along(logScaleAt);
}

function stepLens(from: BundleState, columns: BundleColumns, step: Float64Array, index: number, to: BundleState): void {
  const { lensFrom, focalAt, k1At, k2At, principalPointAt, lensColumns } = columns;
  const first = lensColumns[index]!;
  if (first < 0) return;
  const at = LENS_SIZE * index;
  const along = (local: number): number => (local < 0 ? 0 : step[first + local - lensFrom]!);
  // Never negative: the focal length's unknown is its logarithm.
  const zoom = Math.exp(along(focalAt));
  to.lenses[at] = from.lenses[at]! * zoom;
  to.lenses[at + 1] = from.lenses[at + 1]! * zoom;
  to.lenses[at + 2] = from.lenses[at + 2]! + along(principalPointAt);
  to.lenses[at + 3] = from.lenses[at + 3]! + along(principalPointAt < 0 ? -1 : principalPointAt + 1);
  to.lenses[at + 4] = from.lenses[at + 4]! + along(k1At);
  to.lenses[at + 5] = from.lenses[at + 5]! + along(k2At);
}

/**
 * Writes `from` and a step into `to`: `R ← exp(ω) R`, `C ← C + δC`, `X ← X + δX`, `f ← f e^δ`, all else by addition.
 *
 * @param to a copy of `from` or of a neighbour of it; numbers that are held must agree.
 */
export function applyBundleStep(
  from: BundleState,
  columns: BundleColumns,
  observations: SortedObservations,
  step: BundleStep,
  to: BundleState,
): void {
  to.rotations.set(from.rotations);
  for (let photo = 0; photo < columns.lensOfPhoto.length; photo++) stepPhoto(from, columns, step.columns, photo, to);
  for (let lens = 0; lens < columns.lensColumns.length; lens++) stepLens(from, columns, step.columns, lens, to);
  if (!columns.arePointsFree) return;
  observations.points.forEach((point, q) => {
    for (let k = 0; k < 3; k++) to.positions[3 * point + k] = from.positions[3 * point + k]! + step.points[3 * q + k]!;
  });
}

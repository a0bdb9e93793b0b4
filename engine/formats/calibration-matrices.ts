/** Matrices as calibration files write them: rows of numbers, projections with a fourth column. */
import type { Mat3, RigidTransform, Vec3 } from '../math/rigid-transform.js';
import type { Intrinsics } from '../scene/camera.js';
import { ImportError } from '../scene/errors.js';
import type { WrittenAt } from './capture-files.js';
import { checkIntrinsics, checkRigid } from './check-camera.js';

/** A pinhole camera that sits beside the frame its matrix starts from (KITTI's P1 to P3). */
export interface Projection {
  /** Width and height 0: a projection states no size. */
  readonly intrinsics: Intrinsics;
  /** Where the frame's origin lies in the camera: `K⁻¹ p₄`, in the frame's unit. */
  readonly offset: Vec3;
}

/** What a projection's last row and skew may be off by rounding, relative to its focal length (or to 1). */
const ROUNDING = 1e-6;
const MATRIX_HINT = 'Give the matrix row by row as numbers, or calibrate again.';
const SENSOR_TRANSFORM = {
  subject: 'The transform from sensor to camera',
  hint: 'Its upper left 3 × 3 must be a rotation (orthonormal, determinant +1): correct it or calibrate again.',
};

function malformed(problem: string, at: WrittenAt): ImportError {
  return new ImportError('malformed', problem, at.file, at.where, MATRIX_HINT);
}

/**
 * Numbers of a matrix from nested JSON lists, row after row, with as many rows and columns as one of `shapes` says.
 *
 * @throws ImportError 'malformed'
 */
export function matrixOfRows(
  value: unknown,
  shapes: readonly (readonly [number, number])[],
  at: WrittenAt,
): number[][] {
  const rows = Array.isArray(value) ? (value as unknown[]) : [];
  const fits = shapes.some(
    ([height, width]) =>
      rows.length === height && rows.every((row) => Array.isArray(row) && (row as unknown[]).length === width),
  );
  if (!fits || !(rows as unknown[][]).flat().every((number) => typeof number === 'number'))
    throw malformed(`This is not a matrix of ${shapes.map((shape) => shape.join(' × ')).join(' or ')} numbers.`, at);
  return rows as number[][];
}

/** `[R | t]`, with or without the row 0 0 0 1. @throws ImportError 'malformed', 'singular-matrix' (see checkRigid) */
export function rigidOfRows(rows: readonly (readonly number[])[], at: WrittenAt): RigidTransform {
  const bottom = rows[3];
  if (bottom && bottom.some((value, i) => !(Math.abs(value - (i === 3 ? 1 : 0)) <= ROUNDING)))
    throw malformed('The last row of the matrix is not 0 0 0 1.', at);
  const rotation = rows.slice(0, 3).flatMap((row) => row.slice(0, 3)) as Mat3;
  const translation = rows.slice(0, 3).map((row) => row[3] ?? 0) as Vec3;
  return checkRigid(rotation, translation, at, SENSOR_TRANSFORM);
}

/**
 * A camera matrix, 3 × 3, 3 × 4 or 4 × 4: `P = K [I | offset]`, so `offset = K⁻¹ p₄`. A common factor is divided out.
 *
 * @throws ImportError 'malformed' where K is not upper triangular with positive focal lengths; 'unsupported' where its axes are skewed.
 */
export function projectionOfRows(rows: readonly (readonly number[])[], at: WrittenAt): Projection {
  const scale = rows[2]?.[2] ?? NaN;
  const value = (i: number, j: number): number => (rows[i]?.[j] ?? 0) / scale;
  const numbers = rows.slice(0, 3).flat();
  if (!(scale !== 0) || !numbers.every(Number.isFinite))
    throw malformed('The camera matrix holds numbers that are not finite.', at);
  const [fx, fy, cx, cy] = [value(0, 0), value(1, 1), value(0, 2), value(1, 2)];
  if (![value(1, 0), value(2, 0), value(2, 1)].every((zero) => Math.abs(zero) <= ROUNDING * Math.abs(fx)))
    throw malformed('The camera matrix is not upper triangular (fx 0 cx, 0 fy cy, 0 0 1).', at);
  if (Math.abs(value(0, 1)) > ROUNDING * Math.abs(fx))
    throw new ImportError(
      'unsupported',
      `The camera's axes are skewed by ${value(0, 1)}.`,
      at.file,
      at.where,
      'Undistort the photos to a camera without skew.',
    );
  const intrinsics = checkIntrinsics({ fx, fy, cx, cy, width: 0, height: 0 }, at);
  const z = value(2, 3);
  return { intrinsics, offset: [(value(0, 3) - cx * z) / fx, (value(1, 3) - cy * z) / fy, z] };
}

/** Moves a transform's target by a projection's offset: into the camera that the projection is for. */
export function shiftIntoCamera({ rotation, translation: t }: RigidTransform, offset: Vec3): RigidTransform {
  return { rotation, translation: [t[0] + offset[0], t[1] + offset[1], t[2] + offset[2]] };
}

/** `K⁻¹ M` of a matrix M (3 or 4 rows) that maps points of a sensor to pixels: the transform into the camera. @throws as rigidOfRows */
export function rigidOfPixelMatrix(
  rows: readonly (readonly number[])[],
  { fx, fy, cx, cy }: Intrinsics,
  at: WrittenAt,
): RigidTransform {
  const last = rows[2] ?? [];
  const solve = (row: readonly number[] | undefined, focal: number, centre: number): number[] =>
    (row ?? []).map((value, j) => (value - centre * (last[j] as number)) / focal);
  return rigidOfRows([solve(rows[0], fx, cx), solve(rows[1], fy, cy), last], at);
}

/** What every importer asks of a camera before it is believed. */
import type { Distortion, Intrinsics } from '../scene/camera.js';
import { ImportError } from '../scene/errors.js';
import type { Mat3, RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { determinant, multiplyMat, transposeMat } from '../math/rigid-transform.js';
import type { WrittenAt } from './capture-files.js';

/** Largest deviation of R Rᵀ from the identity that rounding in a text file explains; beyond it the matrix is no rotation. */
const MAX_ROTATION_DEFECT = 0.01;
/** Squares the defect thrice: 1e-2 becomes rounding noise. */
const POLAR_ITERATIONS = 3;
const MAX_IMAGE_SIDE = 65535;
const MAX_PIXELS = 1e7;
const MAX_COORDINATE = 1e12;

function rotationDefect(rotation: Readonly<Mat3>): number {
  const product = multiplyMat(rotation, transposeMat(rotation));
  return Math.max(...product.map((value, i) => Math.abs(value - (i % 4 === 0 ? 1 : 0))));
}

/** The rotation nearest to a nearly orthonormal matrix, by Newton's iteration for the polar factor: R ← (3 R − R Rᵀ R) / 2. */
function nearestRotation(rotation: Mat3): Mat3 {
  let nearest = rotation;
  for (let i = 0; i < POLAR_ITERATIONS; i++) {
    const correction = multiplyMat(multiplyMat(nearest, transposeMat(nearest)), nearest);
    nearest = nearest.map((value, j) => 1.5 * value - 0.5 * (correction[j] as number)) as Mat3;
  }
  return nearest;
}

/** How messages call a rigid transform, and what the user can do about a wrong one. */
export interface RigidWords {
  readonly subject: string;
  readonly hint: string;
}

const CAMERA_POSE: RigidWords = {
  subject: 'The camera pose',
  hint: 'Remove this image from the file, or compute its pose again.',
};

/**
 * A rigid transform from numbers that a file states: the rotation may be off by rounding (defect of R Rᵀ up to 0.01) and
 * is replaced by the nearest one.
 *
 * @throws ImportError 'malformed' for NaN, infinity or absurd distances, 'singular-matrix' for a matrix that is singular,
 * scaled, skewed or mirrored.
 */
export function checkRigid(
  rotation: Mat3,
  translation: Vec3,
  at: WrittenAt,
  { subject, hint }: RigidWords = CAMERA_POSE,
): RigidTransform {
  const fail = (code: 'malformed' | 'singular-matrix', problem: string, advice = hint): never => {
    throw new ImportError(code, `${subject} ${problem}`, at.file, at.where, advice);
  };
  if (![...rotation, ...translation].every((value) => Math.abs(value) <= MAX_COORDINATE))
    fail('malformed', 'holds numbers that are not finite.');
  if (determinant(rotation) < 0 && rotationDefect(rotation) <= MAX_ROTATION_DEFECT)
    fail('singular-matrix', 'mirrors the scene (its determinant is −1).', 'Export it again without flipping an axis.');
  if (!(rotationDefect(rotation) <= MAX_ROTATION_DEFECT))
    fail(
      'singular-matrix',
      `is not a rotation (determinant ${determinant(rotation).toPrecision(3)}): singular, scaled or skewed.`,
    );
  return { rotation: nearestRotation(rotation), translation };
}

/**
 * @throws ImportError 'malformed' unless the focal lengths are positive, the principal point is finite, and the size is a
 * whole number of pixels (or 0 × 0, not stated).
 */
export function checkIntrinsics(intrinsics: Intrinsics, at: WrittenAt): Intrinsics {
  const { fx, fy, cx, cy, width, height } = intrinsics;
  const fail = (problem: string): never => {
    throw new ImportError('malformed', problem, at.file, at.where, "Correct the camera's numbers or calibrate again.");
  };
  if (!(fx > 0 && fx <= MAX_PIXELS && fy > 0 && fy <= MAX_PIXELS))
    fail(`The focal length ${fx}, ${fy} is not a positive number of pixels.`);
  if (!(Math.abs(cx) <= MAX_PIXELS && Math.abs(cy) <= MAX_PIXELS))
    fail(`The principal point ${cx}, ${cy} is not a place in a picture.`);
  const isSide = (side: number): boolean => Number.isInteger(side) && side >= 1 && side <= MAX_IMAGE_SIDE;
  if (!(isSide(width) && isSide(height)) && !(width === 0 && height === 0))
    fail(`The image size ${width} × ${height} is not a whole number of pixels from 1 to ${MAX_IMAGE_SIDE}.`);
  return intrinsics;
}

/** Distortion with the missing coefficients 0; null when all are. @throws ImportError 'malformed' for NaN or infinity. */
export function checkDistortion(coefficients: Partial<Distortion>, at: WrittenAt): Distortion | null {
  const distortion: Distortion = { k1: 0, k2: 0, p1: 0, p2: 0, k3: 0, k4: 0, k5: 0, k6: 0, ...coefficients };
  const values = Object.values(distortion) as number[];
  if (!values.every(Number.isFinite))
    throw new ImportError(
      'malformed',
      'A lens distortion coefficient is not a finite number.',
      at.file,
      at.where,
      "Correct the camera's numbers or calibrate again.",
    );
  return values.every((value) => value === 0) ? null : distortion;
}

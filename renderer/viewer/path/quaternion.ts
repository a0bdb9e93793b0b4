/** Rotations as quaternions w, x, y, z: what the spline through a path's keys needs. */
import { rotationOfQuaternion } from '../../../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../../../engine/math/rigid-transform.js';
import { determinant, multiplyMat, transposeMat } from '../../../engine/math/rigid-transform.js';

export type Quaternion = [number, number, number, number];

/**
 * Unit quaternion of a rotation matrix with w ≥ 0. The largest of the four components is found first, so that no small number is
 * divided by (Shepperd's method).
 */
export function quaternionOfRotation(r: Readonly<Mat3>): Quaternion {
  const trace = r[0] + r[4] + r[8];
  let q: Quaternion;
  if (trace > 0) q = [1 + trace, r[7] - r[5], r[2] - r[6], r[3] - r[1]];
  else if (r[0] >= r[4] && r[0] >= r[8]) q = [r[7] - r[5], 1 + r[0] - r[4] - r[8], r[1] + r[3], r[2] + r[6]];
  else if (r[4] >= r[8]) q = [r[2] - r[6], r[1] + r[3], 1 - r[0] + r[4] - r[8], r[5] + r[7]];
  else q = [r[3] - r[1], r[2] + r[6], r[5] + r[7], 1 - r[0] - r[4] + r[8]];
  const norm = Math.hypot(...q) * (q[0] < 0 ? -1 : 1);
  return [q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm];
}

export function dotQuaternions(a: Readonly<Quaternion>, b: Readonly<Quaternion>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}

/** Angle of the shortest turn between two rotations, 0..π. */
export function angleBetween(a: Readonly<Quaternion>, b: Readonly<Quaternion>): number {
  return 2 * Math.acos(Math.min(1, Math.abs(dotQuaternions(a, b))));
}

/** Rotation by an angle about a unit axis (Rodrigues). */
export function rotationAbout(axis: Readonly<Vec3>, angleRad: number): Mat3 {
  const half = angleRad / 2;
  const s = Math.sin(half);
  return rotationOfQuaternion([Math.cos(half), axis[0] * s, axis[1] * s, axis[2] * s]);
}

/** Whether nine numbers are a rotation, row-major: orthonormal within a tolerance, and not mirrored. */
export function isRotation(m: readonly number[], tolerance: number): boolean {
  if (m.length !== 9 || !m.every(Number.isFinite)) return false;
  const rotation = m as unknown as Mat3;
  const product = multiplyMat(rotation, transposeMat(rotation));
  return product.every((value, i) => Math.abs(value - (i % 4 === 0 ? 1 : 0)) <= tolerance) && determinant(rotation) > 0;
}

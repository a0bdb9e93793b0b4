/** Products of 3-vectors, and small rotations as vectors. */
import type { Mat3, Vec3 } from './rigid-transform.js';

/** `aᵀ b`. */
export function dot(a: Readonly<Vec3>, b: Readonly<Vec3>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** `a × b`, right-handed. */
export function cross(a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** `factor v`. */
export function scale(v: Readonly<Vec3>, factor: number): Vec3 {
  return [v[0] * factor, v[1] * factor, v[2] * factor];
}

/** `a − b`. */
export function subtract(a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** `v / |v|`; a zero vector gives NaN. */
export function unit(v: Readonly<Vec3>): Vec3 {
  const length = Math.sqrt(dot(v, v));
  return [v[0] / length, v[1] / length, v[2] / length];
}

/** The angle between two directions of any length, 0 … π; precise near 0 and π, where the arc cosine is not. NaN for a zero vector. */
export function angleBetween(a: Readonly<Vec3>, b: Readonly<Vec3>): number {
  const sine = cross(a, b);
  const cosine = dot(a, b);
  const length = Math.sqrt(dot(sine, sine));
  return length === 0 && cosine === 0 ? NaN : Math.atan2(length, cosine);
}

/** The matrix [v]× with `[v]× w = v × w`. */
export function crossMatrix(v: Readonly<Vec3>): Mat3 {
  return [0, -v[2], v[1], v[2], 0, -v[0], -v[1], v[0], 0];
}

/** Two unit vectors that with `v / |v|` make a right-handed orthonormal frame: `first × second = v / |v|`. */
export function tangentBasis(v: Readonly<Vec3>): [first: Vec3, second: Vec3] {
  const direction = unit(v);
  const [x, y, z] = direction.map(Math.abs) as Vec3;
  const axis: Vec3 = x <= y && x <= z ? [1, 0, 0] : y <= z ? [0, 1, 0] : [0, 0, 1];
  const first = unit(cross(axis, direction));
  return [first, cross(direction, first)];
}

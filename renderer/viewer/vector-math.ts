/** What the viewer computes with vectors, beside engine/math: small, allocation is no concern at one camera a frame. */
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';

export function add(a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

export function subtract(a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function scale(a: Readonly<Vec3>, factor: number): Vec3 {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

export function dot(a: Readonly<Vec3>, b: Readonly<Vec3>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function length(a: Readonly<Vec3>): number {
  return Math.hypot(a[0], a[1], a[2]);
}

export function distance(a: Readonly<Vec3>, b: Readonly<Vec3>): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** `fallback` where the vector has no direction. */
export function normalize(a: Readonly<Vec3>, fallback: Readonly<Vec3> = [0, 0, 1]): Vec3 {
  const norm = length(a);
  return norm > 1e-12 && Number.isFinite(norm) ? scale(a, 1 / norm) : [...fallback];
}

export function mix(a: Readonly<Vec3>, b: Readonly<Vec3>, share: number): Vec3 {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** Any unit vector at right angles to `direction`. */
export function perpendicular(direction: Readonly<Vec3>): Vec3 {
  const smallest = [0, 1, 2].reduce((best, axis) =>
    Math.abs(direction[axis] as number) < Math.abs(direction[best] as number) ? axis : best,
  );
  const axis: Vec3 = [0, 0, 0];
  axis[smallest] = 1;
  return normalize(cross(direction, axis));
}

export function columnOf(m: Readonly<Mat3>, column: 0 | 1 | 2): Vec3 {
  return [m[column], m[3 + column] as number, m[6 + column] as number];
}

export function matrixOfColumns(x: Readonly<Vec3>, y: Readonly<Vec3>, z: Readonly<Vec3>): Mat3 {
  return [x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]];
}

/** Rodrigues' rotation by `angleRad` about a unit axis. */
export function rotationAbout(axis: Readonly<Vec3>, angleRad: number): Mat3 {
  const [x, y, z] = axis;
  const [s, c] = [Math.sin(angleRad), Math.cos(angleRad)];
  const t = 1 - c;
  return [
    t * x * x + c,
    t * x * y - s * z,
    t * x * z + s * y,
    t * x * y + s * z,
    t * y * y + c,
    t * y * z - s * x,
    t * x * z - s * y,
    t * y * z + s * x,
    t * z * z + c,
  ];
}

/** Takes out what rounding has put in over many small turns (Gram–Schmidt on the columns, z first: the viewing direction stays). */
export function orthonormalize(m: Readonly<Mat3>): Mat3 {
  const z = normalize(columnOf(m, 2));
  const y0 = columnOf(m, 1);
  const y = normalize(subtract(y0, scale(z, dot(y0, z))), perpendicular(z));
  return matrixOfColumns(cross(y, z), y, z);
}

export type Quaternion = [number, number, number, number];

/** w x y z of a rotation matrix (Shepperd's method: the largest component first). */
export function quaternionOf(m: Readonly<Mat3>): Quaternion {
  const trace = m[0] + m[4] + m[8];
  if (trace > 0) {
    const s = 2 * Math.sqrt(1 + trace);
    return [s / 4, (m[7] - m[5]) / s, (m[2] - m[6]) / s, (m[3] - m[1]) / s];
  }
  if (m[0] > m[4] && m[0] > m[8]) {
    const s = 2 * Math.sqrt(1 + m[0] - m[4] - m[8]);
    return [(m[7] - m[5]) / s, s / 4, (m[1] + m[3]) / s, (m[2] + m[6]) / s];
  }
  if (m[4] > m[8]) {
    const s = 2 * Math.sqrt(1 + m[4] - m[0] - m[8]);
    return [(m[2] - m[6]) / s, (m[1] + m[3]) / s, s / 4, (m[5] + m[7]) / s];
  }
  const s = 2 * Math.sqrt(1 + m[8] - m[0] - m[4]);
  return [(m[3] - m[1]) / s, (m[2] + m[6]) / s, (m[5] + m[7]) / s, s / 4];
}

/** Spherical interpolation the short way round. */
export function slerp(a: Readonly<Quaternion>, b: Readonly<Quaternion>, share: number): Quaternion {
  const cosine = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  const sign = cosine < 0 ? -1 : 1;
  const angle = Math.acos(Math.min(1, Math.abs(cosine)));
  const sine = Math.sin(angle);
  const [wa, wb] =
    sine < 1e-6
      ? [1 - share, share * sign]
      : [Math.sin((1 - share) * angle) / sine, (sign * Math.sin(share * angle)) / sine];
  return [a[0] * wa + b[0] * wb, a[1] * wa + b[1] * wb, a[2] * wa + b[2] * wb, a[3] * wa + b[3] * wb];
}

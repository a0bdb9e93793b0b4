/** Corresponding points of two photos, and how far they are from a relation between them. */
import type { Mat3 } from '../math/rigid-transform.js';
import { ShapeError } from '../scene/errors.js';

/** Corresponding points in the undistorted planes z = 1 of two cameras, laid out for the loops that read them most. */
export interface NormalisedMatches {
  /** [N,4] x1, y1, x2, y2 */
  readonly coordinates: Float64Array;
  /** Focal lengths, so that errors come out in pixels of each photo. */
  readonly focal1Px: number;
  readonly focal2Px: number;
}

/** Indices of matches; all of them when left out. */
export type MatchSubset = ArrayLike<number>;

/** 0 … count − 1. */
export function everyIndex(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/**
 * [N,4] x1, y1, x2, y2 from two lists [N,2].
 *
 * @throws ShapeError unless both are of the same even length.
 */
export function joinCoordinates(points1: Float64Array, points2: Float64Array): Float64Array {
  if (points1.length !== points2.length || points1.length % 2 !== 0)
    throw new ShapeError(`${points1.length} and ${points2.length} coordinates do not make pairs of points`);
  const joined = new Float64Array(points1.length * 2);
  for (let i = 0; i < points1.length; i += 2) {
    joined[i * 2] = points1[i]!;
    joined[i * 2 + 1] = points1[i + 1]!;
    joined[i * 2 + 2] = points2[i]!;
    joined[i * 2 + 3] = points2[i + 1]!;
  }
  return joined;
}

/** Residuals of matches `from` … `to` − 1, written to `out` at the matches' own indices. */
export type ResidualRange = readonly [from: number, to: number];

/**
 * Squared Sampson distances of matches from an epipolar geometry, in px²: with e = x2ᵀ E x1,
 *
 *     e² / ( |(E x1)_xy|² / f2² + |(Eᵀ x2)_xy|² / f1² )
 *
 * to first order the squared pixel distance, over both photos, to the nearest pair of points that fits exactly.
 *
 * @param out [N] is written within the range; 0/0 (both epipoles hit) and NaN input give NaN.
 * Source: Hartley and Zisserman 2004, equation 11.9.
 */
export function essentialResiduals(
  matches: NormalisedMatches,
  e: Readonly<Mat3>,
  [from, to]: ResidualRange,
  out: Float64Array,
): void {
  const { coordinates } = matches;
  const weight1 = matches.focal1Px ** -2;
  const weight2 = matches.focal2Px ** -2;
  const [e0, e1, e2, e3, e4, e5, e6, e7, e8] = e;
  for (let i = from; i < to; i++) {
    const x1 = coordinates[i * 4]!;
    const y1 = coordinates[i * 4 + 1]!;
    const x2 = coordinates[i * 4 + 2]!;
    const y2 = coordinates[i * 4 + 3]!;
    const a = e0 * x1 + e1 * y1 + e2;
    const b = e3 * x1 + e4 * y1 + e5;
    const c = e6 * x1 + e7 * y1 + e8;
    const d = e0 * x2 + e3 * y2 + e6;
    const f = e1 * x2 + e4 * y2 + e7;
    const error = x2 * a + y2 * b + c;
    out[i] = (error * error) / ((a * a + b * b) * weight2 + (d * d + f * f) * weight1);
  }
}

/**
 * Squared Sampson distances of matches from a homography `x2 ~ H x1`, in px²: with ε the two cross products of x2 and H x1 and J their
 * derivatives by x1, y1, x2, y2 in pixels, `εᵀ (J Jᵀ)⁻¹ ε`. A rotation is a homography too.
 *
 * @param out [N] is written within the range; Infinity where H moves the point behind the second camera, NaN for NaN.
 * Source: Hartley and Zisserman 2004, section 4.2.6 and equation 4.11.
 */
export function homographyResiduals(
  matches: NormalisedMatches,
  h: Readonly<Mat3>,
  [from, to]: ResidualRange,
  out: Float64Array,
): void {
  const { coordinates } = matches;
  const weight1 = matches.focal1Px ** -2;
  const weight2 = matches.focal2Px ** -2;
  const [h0, h1, h2, h3, h4, h5, h6, h7, h8] = h;
  for (let i = from; i < to; i++) {
    const x1 = coordinates[i * 4]!;
    const y1 = coordinates[i * 4 + 1]!;
    const x2 = coordinates[i * 4 + 2]!;
    const y2 = coordinates[i * 4 + 3]!;
    const w = h6 * x1 + h7 * y1 + h8;
    const ex = h0 * x1 + h1 * y1 + h2 - x2 * w;
    const ey = h3 * x1 + h4 * y1 + h5 - y2 * w;
    const exx = h0 - x2 * h6;
    const exy = h1 - x2 * h7;
    const eyx = h3 - y2 * h6;
    const eyy = h4 - y2 * h7;
    const moved = w * w * weight2;
    const p = (exx * exx + exy * exy) * weight1 + moved;
    const q = (exx * eyx + exy * eyy) * weight1;
    const r = (eyx * eyx + eyy * eyy) * weight1 + moved;
    out[i] = w <= 0 ? Infinity : (r * ex * ex - 2 * q * ex * ey + p * ey * ey) / (p * r - q * q);
  }
}

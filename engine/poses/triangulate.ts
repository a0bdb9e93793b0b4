/** Points in space from where photos see them. */
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { multiplyMatVec, transformPoint, transposeMat } from '../math/rigid-transform.js';
import { cameraCentre } from '../math/conventions.js';
import { symmetricEigen } from '../math/dense-algebra.js';
import type { NormalEquations } from './gauss-newton.js';
import { minimise } from './gauss-newton.js';
import { angleBetween, dot, subtract } from '../math/vectors.js';

/** What two photos know of a point. */
export interface TwoViewPoint {
  readonly pointInCamera1: Vec3;
  /** z in the first and in the second camera, in units of the translation. Negative: behind. */
  readonly depth1: number;
  readonly depth2: number;
  /** Between the rays, 0 … π. */
  readonly angleRad: number;
}

/** Rays that differ by less than this have no meeting point that means anything: sin² of some 1e-6 rad. */
const LEAST_SINE_SQUARED = 1e-12;

/**
 * The midpoint of the shortest line between two rays. Depths may come out negative; the caller decides.
 *
 * @param point1 x, y in the first camera's plane z = 1. @param point2 in the second's.
 * @returns null for parallel rays (a point at infinity), for a translation of 0, and for what is not finite.
 * Source: Hartley and Sturm 1997, "Triangulation", section 5.3; Beardsley et al. 1994.
 */
export function triangulateMidpoint(
  camera2FromCamera1: RigidTransform,
  point1: readonly [number, number],
  point2: readonly [number, number],
): TwoViewPoint | null {
  const { rotation, translation: t } = camera2FromCamera1;
  const d1 = multiplyMatVec(rotation, [point1[0], point1[1], 1]);
  const d2: Vec3 = [point2[0], point2[1], 1];
  const [aa, bb, ab] = [dot(d1, d1), dot(d2, d2), dot(d1, d2)];
  const determinant = aa * bb - ab * ab;
  if (!(determinant > LEAST_SINE_SQUARED * aa * bb && determinant < Infinity) || !(dot(t, t) > 0)) return null;
  const [at1, at2] = [dot(d1, t), dot(d2, t)];
  const lambda1 = (ab * at2 - bb * at1) / determinant;
  const lambda2 = (aa * at2 - ab * at1) / determinant;
  const fromSecond = subtract(d2.map((x) => x * lambda2) as Vec3, t);
  const meeting = fromSecond.map((x, i) => 0.5 * (x + lambda1 * d1[i]!)) as Vec3;
  const pointInCamera1 = multiplyMatVec(transposeMat(rotation), meeting);
  return { pointInCamera1, depth1: pointInCamera1[2], depth2: meeting[2] + t[2], angleRad: angleBetween(d1, d2) };
}

/** One photo's sight of a point. */
export interface Sighting {
  readonly cameraFromWorld: RigidTransform;
  /** Where, in the undistorted plane z = 1. */
  readonly x: number;
  readonly y: number;
  /** Turns distances in that plane into pixels; photos of longer lenses weigh more. */
  readonly focalPx: number;
}

/** A point and how well it fits. */
export interface TriangulatedPoint {
  readonly position: Vec3;
  /** [N] reprojection errors in pixels; Infinity where the point is behind the camera. */
  readonly errorsPx: Float64Array;
  /** The largest angle between two of its rays. */
  readonly angleRad: number;
  /** In front of every camera. */
  readonly isInFront: boolean;
}

/** The vector of least |A X| over x (P3 X) = P1 X and y (P3 X) = P2 X, in a frame moved by `centre` and scaled by 1 / `scale`. */
function solveLinear(sightings: readonly Sighting[], centre: Vec3, scale: number): Vec3 | null {
  const gram = new Float64Array(16);
  for (const { cameraFromWorld, x, y, focalPx } of sightings) {
    const r = cameraFromWorld.rotation;
    const t = transformPoint(cameraFromWorld, centre).map((value) => value / scale) as Vec3;
    const weight = focalPx / Math.hypot(x, y, 1);
    for (const [coordinate, row] of [
      [x, 0],
      [y, 1],
    ] as const) {
      // prettier-ignore
      const a = [0, 1, 2].map((k) => weight * (coordinate * r[6 + k]! - r[row * 3 + k]!));
      a.push(weight * (coordinate * t[2] - t[row]));
      for (let p = 0; p < 4; p++) for (let q = 0; q < 4; q++) gram[p * 4 + q] = gram[p * 4 + q]! + a[p]! * a[q]!;
    }
  }
  const [x, y, z, w] = symmetricEigen(gram, 4).vectors;
  if (!(Math.abs(w!) > 1e-9)) return null;
  const position = [x!, y!, z!].map((value, k) => centre[k]! + (scale * value) / w!) as Vec3;
  return position.every(Number.isFinite) ? position : null;
}

/** Half the sum of squared errors in px²; Infinity behind a camera. */
function evaluate(sightings: readonly Sighting[], position: Vec3, equations: NormalEquations | null): number {
  let cost = 0;
  for (const { cameraFromWorld, x, y, focalPx } of sightings) {
    const [px, py, pz] = transformPoint(cameraFromWorld, position);
    if (!(pz > 0)) return Infinity;
    const r = cameraFromWorld.rotation;
    for (const [projected, observed, row] of [
      [px / pz, x, 0],
      [py / pz, y, 3],
    ] as const) {
      // prettier-ignore
      const error = focalPx * (projected - observed);
      cost += 0.5 * error * error;
      if (equations === null) continue;
      for (let k = 0; k < 3; k++) equations.row[k] = (focalPx / pz) * (r[row + k]! - projected * r[6 + k]!);
      equations.add(error, 1);
    }
  }
  return cost;
}

const MAX_POLISH_STEPS = 10;

function polish(sightings: readonly Sighting[], start: Vec3): Vec3 {
  return minimise<Vec3>(
    {
      size: 3,
      evaluate: (position, equations) => evaluate(sightings, position, equations),
      move: (position, step) => position.map((value, k) => value + step[k]!) as Vec3,
    },
    start,
    MAX_POLISH_STEPS,
  ).state;
}

/** The largest angle at a point between the directions to two of the cameras. */
function largestAngle(position: Vec3, centres: readonly Vec3[]): number {
  const directions = centres.map((centre) => subtract(centre, position));
  let largest = 0;
  for (let i = 0; i < directions.length; i++)
    for (let j = 0; j < i; j++) largest = Math.max(largest, angleBetween(directions[i]!, directions[j]!) || 0);
  return largest;
}

/**
 * The point that two or more photos see: the direct linear transform, weighted to approximate pixels, then Gauss–Newton on the squared
 * reprojection error `Σ focalPx² |(X/Z, Y/Z) − (x, y)|²`. Not robust: drop sightings by `errorsPx` and call again.
 *
 * @returns null for fewer than two sightings, for a point at infinity (parallel rays, one camera centre), and for what is not finite. A point
 * behind a camera is returned unpolished with `isInFront` false, so that the caller can count it.
 * Source: Hartley and Zisserman 2004, sections 12.2 and 12.5.
 */
export function triangulateSightings(sightings: readonly Sighting[]): TriangulatedPoint | null {
  if (sightings.length < 2) return null;
  const centres = sightings.map(({ cameraFromWorld }) => cameraCentre(cameraFromWorld));
  const centre = [0, 1, 2].map((k) => centres.reduce((sum, c) => sum + c[k]!, 0) / centres.length) as Vec3;
  const scale = Math.max(...centres.map((c) => Math.hypot(...subtract(c, centre))));
  if (!(scale > 0 && scale < Infinity)) return null;
  const linear = solveLinear(sightings, centre, scale);
  if (linear === null) return null;
  const position = polish(sightings, linear);
  const errorsPx = Float64Array.from(sightings, ({ cameraFromWorld, x, y, focalPx }) => {
    const [px, py, pz] = transformPoint(cameraFromWorld, position);
    return pz > 0 ? focalPx * Math.hypot(px / pz - x, py / pz - y) : Infinity;
  });
  const isInFront = errorsPx.every((error) => error < Infinity);
  return { position, errorsPx, angleRad: largestAngle(position, centres), isInFront };
}

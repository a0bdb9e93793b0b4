/** Rotations as vectors, and means of rotations. */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../math/rigid-transform.js';
import { quaternionOfRotation } from '../math/conventions.js';
import { nearestRotation } from '../math/dense-algebra.js';
import { rotationOfVector } from '../math/rotation-vector.js';

/**
 * The logarithm of a rotation: its axis times its angle in 0 … π, the inverse of `rotationOfVector`. By way of the quaternion, so that it is
 * precise at 0 and at π (where either sign of the axis is right). NaN gives NaN.
 */
export function vectorOfRotation(rotation: Readonly<Mat3>): Vec3 {
  const [w, x, y, z] = quaternionOfRotation(rotation);
  const sine = Math.hypot(x, y, z);
  const scale = sine < 1e-12 ? 2 : (2 * Math.atan2(sine, w)) / sine;
  return [scale * x, scale * y, scale * z];
}

const MAX_STEPS = 100;
/** Steps below this many radians end the search. */
const SETTLED_RAD = 1e-12;
/** Distances count as no less than this: a rotation that the median has reached would have infinite weight. */
const LEAST_DISTANCE_RAD = 1e-9;

/**
 * The rotation with the least sum of angles to the given ones, their geodesic median: up to half of them may be wild. Weiszfeld's iteration in
 * the tangent space, `R ← R exp(Σ v_i / |v_i| / Σ 1 / |v_i|)`, `v_i = log(Rᵀ R_i)`, from the given rotation that has the least sum itself.
 *
 * @param rotations those with NaN count for nothing.
 * @returns null when there is none.
 * Source: Hartley, Aftab and Trumpf 2011, "L1 rotation averaging using the Weiszfeld algorithm", CVPR.
 */
export function medianRotation(rotations: readonly Readonly<Mat3>[]): Mat3 | null {
  const usable = rotations.filter((rotation) => rotation.every(Number.isFinite));
  const offsets = (from: Mat3): Vec3[] => {
    const inverse = transposeMat(from);
    return usable.map((rotation) => vectorOfRotation(multiplyMat(inverse, rotation)));
  };
  const sum = (vectors: readonly Vec3[]): number => vectors.reduce((total, v) => total + Math.hypot(...v), 0);
  const sums = usable.map((rotation) => sum(offsets([...rotation])));
  const start = usable[sums.indexOf(Math.min(...sums))];
  if (start === undefined) return null;
  let best: Mat3 = [...start];
  let cost = Math.min(...sums);
  for (let i = 0; i < MAX_STEPS; i++) {
    const total: Vec3 = [0, 0, 0];
    let weights = 0;
    for (const v of offsets(best)) {
      const weight = 1 / Math.max(Math.hypot(...v), LEAST_DISTANCE_RAD);
      weights += weight;
      for (let k = 0; k < 3; k++) total[k] = total[k]! + weight * v[k]!;
    }
    const step = total.map((v) => v / weights) as Vec3;
    const next = multiplyMat(best, rotationOfVector(step));
    const nextCost = sum(offsets(next));
    if (!(nextCost < cost)) break;
    best = next;
    cost = nextCost;
    if (Math.hypot(...step) < SETTLED_RAD) break;
  }
  return nearestRotation(best);
}

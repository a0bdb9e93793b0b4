/** The rotation between two cameras that stand in one place. */
import type { Mat3 } from '../math/rigid-transform.js';
import { nearestRotation } from '../math/dense-algebra.js';
import type { MatchSubset } from './match-coordinates.js';

/**
 * The rotation with least `Σ |d2 − R d1|²` over the unit directions d of matches: the nearest rotation to `Σ d2 d1ᵀ`.
 *
 * @param coordinates [N,4] x1, y1, x2, y2 in the planes z = 1. @param subset at least two matches of different directions.
 * @returns `camera2FromCamera1`'s rotation; null when all directions of a photo coincide (R is not determined) or one is not finite.
 * Source: Wahba 1965, problem 65-1; Umeyama 1991 for the solution.
 */
export function fitRotation(coordinates: Float64Array, subset: MatchSubset): Mat3 | null {
  const sum: Mat3 = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let spread1 = 0;
  let spread2 = 0;
  const first = subset.length > 0 ? subset[0]! * 4 : 0;
  for (let i = 0; i < subset.length; i++) {
    const at = subset[i]! * 4;
    const [x1, y1] = [coordinates[at]!, coordinates[at + 1]!];
    const [x2, y2] = [coordinates[at + 2]!, coordinates[at + 3]!];
    spread1 = Math.max(spread1, Math.abs(x1 - coordinates[first]!) + Math.abs(y1 - coordinates[first + 1]!));
    spread2 = Math.max(spread2, Math.abs(x2 - coordinates[first + 2]!) + Math.abs(y2 - coordinates[first + 3]!));
    const weight = 1 / Math.sqrt((x1 * x1 + y1 * y1 + 1) * (x2 * x2 + y2 * y2 + 1));
    sum[0] += weight * x2 * x1;
    sum[1] += weight * x2 * y1;
    sum[2] += weight * x2;
    sum[3] += weight * y2 * x1;
    sum[4] += weight * y2 * y1;
    sum[5] += weight * y2;
    sum[6] += weight * x1;
    sum[7] += weight * y1;
    sum[8] += weight;
  }
  if (!(spread1 > 1e-9 && spread2 > 1e-9 && sum.every(Number.isFinite))) return null;
  return nearestRotation(sum);
}

/** How points of a cloud lie about their middle. */
import type { Vec3 } from '../math/rigid-transform.js';

/**
 * Mean of some points, and `Σ (p − mean)(p − mean)ᵀ`, row-major: their covariance times how many they are.
 *
 * @param positions [N, 3]. @param indices of the points; at least one.
 */
export function scatterOf(
  positions: Float64Array,
  indices: readonly number[],
): { readonly mean: Vec3; readonly scatter: Float64Array } {
  const mean = [0, 1, 2].map(
    (k) => indices.reduce((sum, i) => sum + positions[3 * i + k]!, 0) / indices.length,
  ) as Vec3;
  const scatter = new Float64Array(9);
  for (const i of indices)
    for (let row = 0; row < 3; row++)
      for (let column = 0; column < 3; column++)
        scatter[3 * row + column]! +=
          (positions[3 * i + row]! - mean[row]!) * (positions[3 * i + column]! - mean[column]!);
  return { mean, scatter };
}

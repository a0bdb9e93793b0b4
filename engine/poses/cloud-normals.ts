/** Thinned clouds with the direction of their surface, as registration compares them. */
import { symmetricEigen } from '../math/dense-algebra.js';
import { PointTree } from '../math/point-tree.js';
import type { Vec3 } from '../math/rigid-transform.js';
import { createRandom, shuffledIndices } from '../math/random.js';
import { scatterOf } from './neighbour-scatter.js';

export interface SurfaceCloud {
  readonly count: number;
  /** [N, 3] */
  readonly positions: Float64Array;
  /** [N, 3] unit normals without a side; NaN where neighbours lie in no plane. */
  readonly normals: Float64Array;
  /** [N] distance to the sixth neighbour: how far one point speaks for its surface. */
  readonly spacing: Float64Array;
  readonly tree: PointTree;
  /** Median point, and the distance from it that 80 % of the points keep. */
  readonly centre: Vec3;
  readonly radius: number;
}

const NEIGHBOURS = 12;
/** Least ratio of the second to the least variance for neighbours to be a plane. */
const FLATNESS = 4;

function quantile(values: Float64Array, share: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** One point a cell of the grid whose size leaves about `limit`: even density, whatever the scanner's. Finite points only. */
export function thinEvenly(positions: ArrayLike<number>, limit: number): Float64Array {
  const finite: number[] = [];
  for (let i = 0; i + 2 < positions.length; i += 3)
    if ([0, 1, 2].every((k) => Number.isFinite(positions[i + k]))) finite.push(i);
  // By chance first: what is far over the limit needs no grid, and cell sizes are searched on what is left.
  const order = shuffledIndices(finite.length, createRandom(finite.length)).slice(0, 20 * limit);
  const chosen = order.map((k) => finite[k]!);
  const axis = (k: number): Float64Array => Float64Array.from(chosen, (i) => positions[i + k] as number);
  const extent = Math.max(...[0, 1, 2].map((k) => quantile(axis(k), 0.98) - quantile(axis(k), 0.02)));
  let kept = chosen;
  for (let cells = 512; kept.length > limit && cells > 4; cells = Math.floor(cells / 1.25)) {
    const seen = new Set<string>();
    kept = chosen.filter((i) => {
      const key = [0, 1, 2].map((k) => Math.floor(((positions[i + k] as number) / extent) * cells)).join();
      return seen.has(key) ? false : seen.add(key) !== undefined;
    });
  }
  return Float64Array.from(kept.flatMap((i) => [0, 1, 2].map((k) => positions[i + k] as number)));
}

function normalOf(positions: Float64Array, around: readonly number[]): Vec3 {
  const { values, vectors } = symmetricEigen(scatterOf(positions, around).scatter, 3);
  const isFlat = around.length >= 6 && values[1]! > FLATNESS * values[0]! && values[1]! > 0;
  return isFlat ? [vectors[0]!, vectors[1]!, vectors[2]!] : [NaN, NaN, NaN];
}

/**
 * Thins a cloud evenly to about `limit` points and finds the normal at each from its 12 neighbours (least eigenvector of their covariance).
 *
 * @param positions [N, 3]; not finite: left out. @returns null for fewer than 30 points, or all in one place.
 */
export function prepareCloud(positions: ArrayLike<number>, limit: number): SurfaceCloud | null {
  const thin = thinEvenly(positions, limit);
  const count = thin.length / 3;
  if (count < 30) return null;
  const tree = new PointTree(thin);
  const normals = new Float64Array(3 * count);
  const spacing = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const around = tree.nearest([thin[3 * i]!, thin[3 * i + 1]!, thin[3 * i + 2]!], NEIGHBOURS);
    spacing[i] = Math.sqrt(around[Math.min(6, around.length - 1)]!.distance);
    const indices = around.map(({ index }) => index);
    normals.set(normalOf(thin, indices), 3 * i);
  }
  const centre = [0, 1, 2].map((k) =>
    quantile(
      Float64Array.from({ length: count }, (_, i) => thin[3 * i + k]!),
      0.5,
    ),
  ) as Vec3;
  const distances = Float64Array.from({ length: count }, (_, i) =>
    Math.hypot(...centre.map((c, k) => thin[3 * i + k]! - c)),
  );
  const radius = quantile(distances, 0.8);
  return radius > 0 ? { count, positions: thin, normals, spacing, tree, centre, radius } : null;
}

/** Which sparse points lie on a measured surface, and in which plane each of them then is. */
import { symmetricEigen } from '../math/dense-algebra.js';
import { median } from '../math/median.js';
import type { PointTree } from '../math/point-tree.js';
import type { Vec3 } from '../math/rigid-transform.js';
import type { PlaneTies } from './bundle-ties.js';
import { scatterOf } from './neighbour-scatter.js';

/** A cloud that can be asked for neighbours. */
export interface TiedCloud {
  /** [N,3] */
  readonly positions: Float64Array;
  readonly tree: PointTree;
}

export interface TiedPoints {
  /** Sigmas are the cloud's own spread about each plane. */
  readonly ties: PlaneTies & { readonly sigmas: Float64Array };
  readonly count: number;
  /** [P] signed distance to the plane; NaN without a tie. */
  readonly distances: Float64Array;
  /** Median of the sigmas of what is tied; NaN without a tie. */
  readonly cloudSigma: number;
}

const NEIGHBOURS = 12;
/** Least ratio of the second to the least variance: less is a rim or a bush. */
const FLATNESS = 6;
/** Least ratio of the second to the largest variance: less is one scan line, which shows no plane. */
const BREADTH = 0.02;
/** A point may lie beyond the middle of its patch by so many standard deviations of the patch. */
const SUPPORT = 2;

interface Patch {
  readonly normal: Vec3;
  readonly offset: number;
  readonly sigma: number;
}

/** The plane of the cloud's points around a place; null where they lie in none, or beside it. */
function patchAt({ positions, tree }: TiedCloud, place: Vec3, reach: number): Patch | null {
  const around = tree.nearest(place, NEIGHBOURS);
  if (around.length < NEIGHBOURS) return null;
  const { mean, scatter } = scatterOf(
    positions,
    around.map(({ index }) => index),
  );
  const { values, vectors } = symmetricEigen(scatter, 3);
  const [least, second, most] = [Math.max(0, values[0]!), values[1]!, values[2]!].map((v) => v / NEIGHBOURS) as Vec3;
  if (!(second > FLATNESS * least && second > BREADTH * most)) return null;
  const normal: Vec3 = [vectors[0]!, vectors[1]!, vectors[2]!];
  const apart = place.map((v, k) => v - mean[k]!) as Vec3;
  const across = normal.reduce((sum, n, k) => sum + n * apart[k]!, 0);
  const alongSquared = apart.reduce((sum, v) => sum + v * v, 0) - across * across;
  if (!(Math.abs(across) <= reach && alongSquared <= SUPPORT ** 2 * (second + most))) return null;
  const offset = normal.reduce((sum, n, k) => sum + n * mean[k]!, 0);
  // A plane takes three of the degrees of freedom; what is measured without noise still is no plane to the last bit.
  const sigma = Math.max(Math.sqrt((least * NEIGHBOURS) / (NEIGHBOURS - 3)), 1e-6 * Math.sqrt(most));
  return { normal, offset, sigma };
}

/**
 * Ties points to the plane of the 12 points of the cloud that are nearest: `n · X = d ± sigma`. No tie where these are not flat (less than 6
 * times as wide as thick, in variance), lie in one line, lie beside the point rather than around it, or where the plane is beyond `reach`.
 *
 * @param positions [P,3] in the cloud's frame and unit; not finite: no tie. @param reach in the cloud's unit.
 */
export function tiePoints(positions: Float64Array, cloud: TiedCloud, reach: number): TiedPoints {
  const count = positions.length / 3;
  const ties = {
    normals: new Float64Array(3 * count),
    offsets: new Float64Array(count),
    sigmas: new Float64Array(count),
  };
  const distances = new Float64Array(count).fill(NaN);
  for (let i = 0; i < count; i++) {
    const place: Vec3 = [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!];
    const patch = place.every(Number.isFinite) ? patchAt(cloud, place, reach) : null;
    if (patch === null) continue;
    ties.normals.set(patch.normal, 3 * i);
    ties.offsets[i] = patch.offset;
    ties.sigmas[i] = patch.sigma;
    distances[i] = patch.normal.reduce((sum, n, k) => sum + n * place[k]!, -patch.offset);
  }
  const spreads = ties.sigmas.filter((sigma) => sigma > 0);
  return { ties, count: spreads.length, distances, cloudSigma: median(spreads) };
}

/** What a measured surface tells of points: each lies in a plane, give or take. */
import { ShapeError } from '../scene/errors.js';
import { huberLoss, huberWeight } from './bundle-loss.js';

/** Planes that points are tied to, an entry a point: `n · X = d ± sigma`. */
export interface PlaneTies {
  /** [P,3] unit normals in the world. */
  readonly normals: ArrayLike<number>;
  /** [P] d, in world units. */
  readonly offsets: ArrayLike<number>;
  /** [P] standard deviations in world units. What is not above 0, or whose plane is not finite, is no tie. */
  readonly sigmas: ArrayLike<number>;
}

/** The ties as the adjustment works on them: [P,5] normal, offset and 1 / sigma, which is 0 without a tie. */
export interface TieTerms {
  readonly rows: Float64Array;
  readonly huberSigmas: number;
}

const ROW = 5;

/** @returns null where nothing is tied. @throws ShapeError for lists that do not fit the points. */
export function listTies(ties: PlaneTies | undefined, pointCount: number, huberSigmas: number): TieTerms | null {
  if (ties === undefined) return null;
  const { normals, offsets, sigmas } = ties;
  if (normals.length !== 3 * pointCount || offsets.length !== pointCount || sigmas.length !== pointCount)
    throw new ShapeError(`ties of ${offsets.length} points, not ${pointCount}`);
  const rows = new Float64Array(ROW * pointCount);
  let count = 0;
  for (let i = 0; i < pointCount; i++) {
    const plane = [normals[3 * i]!, normals[3 * i + 1]!, normals[3 * i + 2]!, offsets[i]!];
    if (!(sigmas[i]! > 0 && sigmas[i]! < Infinity) || !plane.every(Number.isFinite)) continue;
    rows.set([...plane, 1 / sigmas[i]!], ROW * i);
    count++;
  }
  return count === 0 ? null : { rows, huberSigmas };
}

function residualOf({ rows }: TieTerms, positions: Float64Array, point: number): number {
  const [at, p] = [ROW * point, 3 * point];
  const along =
    rows[at]! * positions[p]! + rows[at + 1]! * positions[p + 1]! + rows[at + 2]! * positions[p + 2]! - rows[at + 3]!;
  return along * rows[at + 4]!;
}

/** Huber's loss of `(n · X − d) / sigma`; 0 for a point without a tie. */
export function tieCost(ties: TieTerms, positions: Float64Array, point: number): number {
  const residual = residualOf(ties, positions, point);
  return huberLoss(residual * residual, ties.huberSigmas);
}

/** Where a point's normal equations stand: its triangle (00, 10, 11, 20, 21, 22) and its gradient. */
interface PointBlock {
  readonly blocks: Float64Array;
  readonly gradients: Float64Array;
  /** Index of the block. */
  readonly q: number;
}

/** Adds `w n nᵀ / sigma²` to the point's block and `w n r / sigma` to its gradient; no camera is touched. */
export function addTie(ties: TieTerms, positions: Float64Array, point: number, { blocks, gradients, q }: PointBlock) {
  const { rows, huberSigmas } = ties;
  const inverseSigma = rows[ROW * point + 4]!;
  if (inverseSigma === 0) return;
  const residual = residualOf(ties, positions, point);
  const weight = huberWeight(residual * residual, huberSigmas);
  for (let a = 0, entry = 6 * q; a < 3; a++) {
    const row = rows[ROW * point + a]! * inverseSigma;
    gradients[3 * q + a] = gradients[3 * q + a]! + weight * row * residual;
    for (let b = 0; b <= a; b++, entry++)
      blocks[entry] = blocks[entry]! + weight * row * rows[ROW * point + b]! * inverseSigma;
  }
}

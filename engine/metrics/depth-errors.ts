/** How far depths are from measured ones. */
import { ShapeError } from '../scene/errors.js';

export interface DepthErrors {
  readonly count: number;
  /** Mean |z − z*| / z*. */
  readonly absRel: number;
  /** Median |z − z*| / z*. */
  readonly medianRel: number;
  /** Mean |z − z*|, in the unit of depth. */
  readonly mae: number;
  /** √(mean (z − z*)²), in the unit of depth. */
  readonly rmse: number;
  /** Share with max(z / z*, z* / z) < 1.25. */
  readonly delta1: number;
}

/**
 * Errors of depths z against measured z* (Eigen et al., "Depth map prediction from a single image", 2014, section 4).
 *
 * @param depth [N] z; one that is not positive counts as wrong by its whole distance. @param measured [N] z* > 0.
 * @returns null for N = 0. @throws ShapeError when lengths disagree.
 */
export function measureDepthErrors(depth: ArrayLike<number>, measured: ArrayLike<number>): DepthErrors | null {
  const count = measured.length;
  if (depth.length !== count) throw new ShapeError(`${depth.length} depths against ${count} measured`);
  if (count === 0) return null;
  const relative = new Float64Array(count);
  let [sumRel, sumAbs, sumSquares, close] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const truth = measured[i] as number;
    const given = depth[i] as number;
    const z = given > 0 && given < Infinity ? given : 0;
    const error = Math.abs(z - truth);
    relative[i] = error / truth;
    sumRel += error / truth;
    sumAbs += error;
    sumSquares += error ** 2;
    if (z > 0 && Math.max(z / truth, truth / z) < 1.25) close++;
  }
  relative.sort();
  const middle = count >> 1;
  const upper = relative[middle] as number;
  return {
    count,
    absRel: sumRel / count,
    medianRel: count % 2 === 1 ? upper : ((relative[middle - 1] as number) + upper) / 2,
    mae: sumAbs / count,
    rmse: Math.sqrt(sumSquares / count),
    delta1: close / count,
  };
}

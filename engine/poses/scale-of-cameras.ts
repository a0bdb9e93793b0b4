/** The scale between two worlds that hold the same cameras, and how sure it is. */
import { median } from '../math/median.js';
import type { Vec3 } from '../math/rigid-transform.js';

/** One camera's centre in both worlds. */
export interface CameraPair {
  readonly here: Readonly<Vec3>;
  readonly there: Readonly<Vec3>;
}

export interface MeasuredScale {
  /** Lengths there over lengths here. */
  readonly scale: number;
  /** One standard deviation, as a share of the scale; null where the cameras do not tell it. */
  readonly uncertainty: number | null;
}

/** Of a normal distribution, over its median absolute deviation. */
const SIGMA_OVER_MAD = 1.4826;
/** Of a median of many normal values, over that of their mean: √(π / 2). */
const MEDIAN_OVER_MEAN = Math.sqrt(Math.PI / 2);
/** Two cameras give one ratio: there is nothing to hold it against. */
const FEWEST_FOR_SPREAD = 3;
/** Cameras that agree to the last digit were copied from each other: that says nothing of how well they were measured. */
const COPIED = 1e-6;

/**
 * Scale: the median of `|there_i − there_j| / |here_i − here_j|` over all pairs of cameras. Its standard deviation: `√(π/2) σ / √(n − 1)`, σ
 * from the ratios' median absolute deviation; of n cameras' pairs only n − 1 count, as they share the cameras' errors.
 *
 * @returns null for fewer than two cameras in different places. Places that are not finite do not count.
 */
export function scaleOfCameras(pairs: readonly CameraPair[]): MeasuredScale | null {
  const between = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((v, k) => v - b[k]!));
  const ratios = pairs
    .flatMap((one, i) => pairs.slice(i + 1).map((two) => between(one.there, two.there) / between(one.here, two.here)))
    .filter((ratio) => ratio > 0 && ratio < Infinity);
  if (ratios.length === 0) return null;
  const scale = median(ratios);
  const sigma = SIGMA_OVER_MAD * median(ratios.map((ratio) => Math.abs(ratio / scale - 1)));
  const isTold = pairs.length >= FEWEST_FOR_SPREAD && ratios.length >= FEWEST_FOR_SPREAD && sigma > COPIED;
  return { scale, uncertainty: isTold ? (MEDIAN_OVER_MEAN * sigma) / Math.sqrt(pairs.length - 1) : null };
}

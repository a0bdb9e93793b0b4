/** A straight line through points of which many are wrong. */
import { median } from '../math/median.js';

export interface RobustLine {
  /** y ≈ slope x + offset. */
  readonly slope: number;
  readonly offset: number;
  /** Robust standard deviation of the residuals in y's unit: 1.4826 × median |residual| / √weight. */
  readonly sigma: number;
  /** Share of points within 3 sigma. */
  readonly inlierShare: number;
}

/** 95 % efficiency at the normal distribution (Huber 1964; Beaton and Tukey 1974). */
const HUBER = 1.345;
const TUKEY = 4.685;
const ROUNDS = 10;
/** Groups of equal size along x whose medians start the iteration. */
const GROUPS = 12;

/**
 * Fits `y = slope x + offset` by iteratively reweighted least squares, ten rounds of Huber's weights and then ten of Tukey's, which
 * forget outliers wholly. Starts from the line through the medians of 12 groups along x, so that up to about half of the points in a group
 * may be wrong. With `throughOrigin` the offset is 0 and the start is the median ratio.
 *
 * @param x [N], @param y [N], @param weights [N] > 0, inverse variances up to a factor; null: all 1. All finite.
 * @returns null when x has no spread (or, through the origin, is all zero) or fewer than 3 points are there.
 */
export function fitRobustLine(
  x: Float64Array,
  y: Float64Array,
  weights: Float64Array | null = null,
  throughOrigin = false,
): RobustLine | null {
  if (x.length < 3) return null;
  let line = throughOrigin ? startThroughOrigin(x, y) : startFromGroups(x, y);
  if (!line) return null;
  const scaled = new Float64Array(x.length);
  const robust = new Float64Array(x.length);
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const sigma = measureResiduals(x, y, weights, line, scaled);
    if (!(sigma > 0)) break;
    for (let i = 0; i < x.length; i++) {
      const t = Math.abs(scaled[i] as number) / sigma;
      const weight = round < ROUNDS ? Math.min(1, HUBER / t) : t < TUKEY ? (1 - (t / TUKEY) ** 2) ** 2 : 0;
      robust[i] = weight * (weights ? (weights[i] as number) : 1);
    }
    const next = solveLine(x, y, robust, throughOrigin);
    if (!next) break;
    line = next;
  }
  const sigma = measureResiduals(x, y, weights, line, scaled);
  // A perfect fit has sigma 0; its exact points are inliers all the same.
  const limit = Math.max(3 * sigma, 1e-12 * Math.abs(median(y)));
  const inliers = scaled.reduce((count, r) => count + (Math.abs(r) <= limit ? 1 : 0), 0);
  return { ...line, sigma, inlierShare: inliers / x.length };
}

interface Line {
  readonly slope: number;
  readonly offset: number;
}

function startThroughOrigin(x: Float64Array, y: Float64Array): Line | null {
  const slope = median(y.map((value, i) => value / (x[i] as number)));
  return Number.isFinite(slope) ? { slope, offset: 0 } : null;
}

function startFromGroups(x: Float64Array, y: Float64Array): Line | null {
  const order = Array.from(x.keys()).sort((i, j) => (x[i] as number) - (x[j] as number) || i - j);
  const groups = Math.min(GROUPS, Math.max(2, Math.floor(order.length / 3)));
  const [mediansX, mediansY] = [new Float64Array(groups), new Float64Array(groups)];
  for (let g = 0; g < groups; g++) {
    const group = order.slice(Math.floor((g * order.length) / groups), Math.floor(((g + 1) * order.length) / groups));
    mediansX[g] = median(group.map((i) => x[i] as number));
    mediansY[g] = median(group.map((i) => y[i] as number));
  }
  return solveLine(mediansX, mediansY, null, false);
}

/** Fills `scaled` with residual × √weight and returns its robust standard deviation. */
function measureResiduals(
  x: Float64Array,
  y: Float64Array,
  weights: Float64Array | null,
  line: Line,
  scaled: Float64Array,
): number {
  for (let i = 0; i < x.length; i++) {
    const residual = (y[i] as number) - line.slope * (x[i] as number) - line.offset;
    scaled[i] = weights ? residual * Math.sqrt(weights[i] as number) : residual;
  }
  return 1.4826 * median(scaled.map(Math.abs));
}

function solveLine(
  x: Float64Array,
  y: Float64Array,
  weights: Float64Array | null,
  throughOrigin: boolean,
): Line | null {
  let [total, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const w = weights ? (weights[i] as number) : 1;
    total += w;
    sumX += w * (x[i] as number);
    sumY += w * (y[i] as number);
  }
  if (!(total > 0)) return null;
  const [meanX, meanY] = throughOrigin ? [0, 0] : [sumX / total, sumY / total];
  let [xx, xy, size] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const w = weights ? (weights[i] as number) : 1;
    const dx = (x[i] as number) - meanX;
    xx += w * dx * dx;
    xy += w * dx * ((y[i] as number) - meanY);
    size += w * (x[i] as number) ** 2;
  }
  // Relative to x's own size: the spread must exceed rounding.
  if (!(xx > 1e-10 * size)) return null;
  const slope = xy / xx;
  return { slope, offset: meanY - slope * meanX };
}

/** Which relation two photos' matches show, and whether it is more than chance. */
import type { Intrinsics } from '../scene/camera.js';

/** A relation as Torr's criterion sees it. */
export interface RelationModel {
  /** Dimension of the surface that matches (x1, y1, x2, y2) lie on: 3 for an epipolar geometry, 2 for a homography or a rotation. */
  readonly dimension: 2 | 3;
  /** 5 for an essential matrix, 8 for a homography, 3 for a rotation. */
  readonly parameters: number;
}

export const ESSENTIAL: RelationModel = { dimension: 3, parameters: 5 };
export const HOMOGRAPHY: RelationModel = { dimension: 2, parameters: 8 };
export const ROTATION: RelationModel = { dimension: 2, parameters: 3 };

/** A match has four coordinates. */
const DATA_DIMENSION = 4;
/** λ1, the price of a dimension for each match: Akaike's and Kanatani's 2. Torr's log 4 was measured to call one plane in eight a general scene. */
const DIMENSION_PRICE = 2;
/** λ3, the price of a match that does not fit: with it, a sixth of the matches off a plane make a scene general (COLMAP: a fifth). */
const MISFIT_PRICE = 4;

/**
 * Torr's geometric robust information criterion, lower is better:
 *
 *     Σ_i min(r_i² / σ², λ3 (4 − d)) + λ1 n d + k log(4 n)
 *
 * with d the model's dimension and k its parameters. A simpler relation wins unless its residuals say otherwise.
 *
 * @param squaredResiduals [N] px². @param subset the n matches that are compared; the same for all models. @param sigmaPx noise, pixels.
 * @returns Infinity for no matches. NaN and infinite residuals count as the worst.
 * Source: Torr 1998, "Geometric motion segmentation and model selection", Phil. Trans. R. Soc. A 356; λ1 from Kanatani 1996, "Statistical
 * optimization for geometric computation", chapter 13.
 */
export function geometricCriterion(
  squaredResiduals: Float64Array,
  subset: ArrayLike<number>,
  sigmaPx: number,
  { dimension, parameters }: RelationModel,
): number {
  const count = subset.length;
  if (count === 0) return Infinity;
  const worst = MISFIT_PRICE * (DATA_DIMENSION - dimension);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const share = squaredResiduals[subset[i]!]! / (sigmaPx * sigmaPx);
    sum += share < worst ? share : worst;
  }
  return sum + DIMENSION_PRICE * count * dimension + parameters * Math.log(DATA_DIMENSION * count);
}

/** log C(n, k) by a sum: the numbers of matches are small. */
function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}

/** What chance could do. */
export interface ChanceOptions {
  /** All putative matches, and those that fit. */
  readonly matchCount: number;
  readonly inlierCount: number;
  readonly sampleSize: number;
  /** Models that a sample can give, at most. */
  readonly modelsPerSample: number;
  /** The probability that a match of random points fits a model: the share of the photo that is near enough. */
  readonly chance: number;
}

/**
 * The natural logarithm of the expected number of models, among all that samples of unrelated points could give, that at least as many
 * matches would fit: `(n − s) m C(n, k) C(k, s) chance^(k − s)`. Well below 0, the matches are not there by chance.
 *
 * Source: Moisan and Stival 2004, "A probabilistic criterion to detect rigid point matches", IJCV 57(3), equation 13.
 */
export function logFalseAlarms(options: ChanceOptions): number {
  const { matchCount: n, inlierCount: k, sampleSize: s, modelsPerSample, chance } = options;
  if (k <= s || n <= s) return Infinity;
  return (
    Math.log((n - s) * modelsPerSample) + logChoose(n, k) + logChoose(k, s) + (k - s) * Math.log(Math.min(chance, 1))
  );
}

/** Expected number of pairs that chance lets through, of a thousand. */
const LOG_FALSE_ALARMS = Math.log(1e-3);

/** Whether as many matches would hardly agree by chance, see {@link logFalseAlarms}. */
export function isMoreThanChance(options: ChanceOptions): boolean {
  return logFalseAlarms(options) <= LOG_FALSE_ALARMS;
}

/** The chance that a random match is within `maxErrorPx` of an epipolar line: a band of the photo as long as its diagonal. */
export function bandChance({ width, height }: Intrinsics, maxErrorPx: number): number {
  return (2 * maxErrorPx * Math.hypot(width, height)) / (width * height);
}

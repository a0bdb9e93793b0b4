/** The focal length that photos of one camera share, from the fundamental matrices between them. */
import type { Mat3 } from '../math/rigid-transform.js';
import { decomposeSingular } from '../math/dense-algebra.js';

export interface WeightedFundamental {
  /** `x₂ᵀ F x₁ = 0`, of pixels measured from the principal points. */
  readonly fundamental: Mat3;
  /** How much it is trusted, such as its number of inliers. */
  readonly weight: number;
}

const LEAST_RATIO = 0.35;
const MOST_RATIO = 4;
const STEPS = 120;

/**
 * How far K ᵀ F K is from an essential matrix: 0 where its two singular values are equal, up to 1. Mendonça and Cipolla, "A simple technique
 * for self-calibration" (CVPR 1999), equation 9, for square pixels.
 */
export function essentialDefect(fundamental: Mat3, focalPx: number): number {
  const f = fundamental;
  const k = focalPx;
  const essential: Mat3 = [
    f[0] * k * k,
    f[1] * k * k,
    f[2] * k,
    f[3] * k * k,
    f[4] * k * k,
    f[5] * k,
    f[6] * k,
    f[7] * k,
    f[8],
  ];
  const [first, second] = decomposeSingular(essential).values;
  return first + second === 0 ? 1 : (first - second) / (first + second);
}

/** A focal length and how decidedly the fundamental matrices ask for it. */
export interface FocalGuess {
  readonly focalPx: number;
  /** Weighted mean of the defect at the best focal length, and the least of it at a third less or more. */
  readonly defect: number;
  readonly defectAside: number;
}

/**
 * Searches the focal length between 0.35 and 4 times the longer side that makes all fundamental matrices most essential.
 *
 * Pairs whose axes meet (both cameras look at one point from one height) say nothing: the defect is flat then, which `defectAside` shows.
 *
 * @returns null without a matrix of positive weight.
 */
export function guessFocal(pairs: readonly WeightedFundamental[], longSidePx: number): FocalGuess | null {
  const total = pairs.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0)) return null;
  const focals = Array.from(
    { length: STEPS },
    (_, i) => longSidePx * LEAST_RATIO * (MOST_RATIO / LEAST_RATIO) ** (i / (STEPS - 1)),
  );
  const defects = focals.map(
    (focal) =>
      pairs.reduce((sum, { fundamental, weight }) => sum + weight * essentialDefect(fundamental, focal), 0) / total,
  );
  const best = defects.indexOf(Math.min(...defects));
  const focalPx = focals[best] as number;
  const aside = defects.filter((_, i) => Math.abs(Math.log((focals[i] as number) / focalPx)) > Math.log(1.33));
  return { focalPx, defect: defects[best] as number, defectAside: Math.min(1, ...aside) };
}

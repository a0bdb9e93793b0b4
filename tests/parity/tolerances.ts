import type { Agreement } from '../fixtures/compare-arrays.js';

/**
 * How far a float32 backend may be from the float64 reference, and why. Absolute tolerances are given for values of size 1;
 * `scaled` multiplies them by the largest expected value.
 */

/**
 * Rendered images. A sum of some tens of terms in float32 (6e-8 each, the exponent of the falloff worth ten times that): 4e-6 seen.
 * A pixel where α falls on the other side of MIN_ALPHA, or T of MIN_TRANSMITTANCE, may differ by up to 1/255: one in a thousand.
 */
export const RENDER: Agreement = {
  absolute: 1e-5,
  relative: 2e-5,
  magnitude: 5e-6,
  direction: 1e-10,
  bias: 5e-6,
  outlierShare: 0.001,
};

/** Largest error of any rendered value at all: one decision at MIN_ALPHA, times the largest colour or depth. */
export const RENDER_WORST = 0.006;

/**
 * Gradients. The 2×2 inverse loses digits with the square of the anisotropy, and sums over hundreds of pixels cancel; seen: norms
 * within 2e-5, no element beyond a tenth of this.
 */
export const GRADIENT: Agreement = {
  absolute: 1e-4,
  relative: 5e-4,
  magnitude: 1e-4,
  direction: 1e-8,
  bias: 1e-4,
  outlierShare: 0.003,
};

/** A camera's gradient: sums over all Gaussians, of either sign, so that rounding weighs more than in one Gaussian's. */
export const CAMERA_GRADIENT: Agreement = {
  absolute: 5e-4,
  relative: 5e-4,
  magnitude: 5e-4,
  direction: 1e-6,
  bias: 5e-4,
};

/**
 * What some Adam steps moved, in units of the learning rate. Adam turns any gradient, however small, into a step of the size of the
 * rate: where a gradient is rounding noise its sign is anybody's, hence the outliers.
 */
export const MOVED: Agreement = {
  absolute: 0.01,
  relative: 0.003,
  magnitude: 0.001,
  direction: 1e-4,
  bias: 0.003,
  outlierShare: 0.01,
};

/** Relative error of a loss. */
export const LOSS_RELATIVE = 1e-5;

/** Sums of weights and of gradients over steps, after parameters have drifted apart by what MOVED allows. */
export const STATISTICS: Agreement = {
  absolute: 1e-4,
  relative: 1e-3,
  magnitude: 3e-4,
  direction: 1e-6,
  bias: 5e-4,
  outlierShare: 0.01,
};

/** `agreement` with its absolute tolerance times the largest expected value. */
export function scaled(agreement: Agreement, expected: ArrayLike<number>): Agreement {
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { ...agreement, absolute: agreement.absolute * largest };
}

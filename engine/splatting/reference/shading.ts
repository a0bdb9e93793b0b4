import type { Vec3 } from '../../math/rigid-transform.js';
import { shCoefficientCount } from '../../scene/splats.js';
import type { Parameters } from './parameters.js';
import { addAt, vec3At } from './parameters.js';
import { dot } from './projection.js';
import { differentiateShBasis, evaluateShBasis } from './spherical-harmonics.js';

/** A Gaussian's colour seen from one place. */
export interface Shade {
  /** max(0, raw), R G B. */
  readonly color: Vec3;
  /** Channels that were below zero: nothing flows back through them. */
  readonly clipped: readonly [boolean, boolean, boolean];
  /** Unit vector from the camera's centre to the mean, and the distance in world units. */
  readonly direction: Vec3;
  readonly distance: number;
}

/**
 * colour_c = max(0, 0.5 + Σ_k basis_k(direction) shCoeffs[index, k, c]), direction = (mean − centre) / |mean − centre|.
 *
 * @param shDegree degree to evaluate, at most the parameters' own.
 */
export function shadeGaussian(parameters: Parameters, index: number, centre: Vec3, shDegree: number): Shade {
  const mean = vec3At(parameters.means, index);
  const offset: Vec3 = [mean[0] - centre[0], mean[1] - centre[1], mean[2] - centre[2]];
  const distance = Math.hypot(...offset);
  const direction = offset.map((component) => component / distance) as Vec3;
  const stride = shCoefficientCount(parameters.shDegree);
  const raw: Vec3 = [0.5, 0.5, 0.5];
  evaluateShBasis(shDegree, direction).forEach((value, k) => {
    const coefficients = vec3At(parameters.shCoeffs, index * stride + k);
    for (const c of [0, 1, 2] as const) raw[c] += value * coefficients[c];
  });
  return {
    color: raw.map((value) => Math.max(0, value)) as Vec3,
    clipped: [raw[0] < 0, raw[1] < 0, raw[2] < 0],
    direction,
    distance,
  };
}

/**
 * Vector–Jacobian product of {@link shadeGaussian}: adds to `gradients.shCoeffs`, and to `gradients.means` through the direction,
 * ∂mean = (I − n nᵀ) / distance · Σ_k Σ_c gradColor_c coefficient_kc ∇basis_k.
 *
 * @returns that ∂mean.
 */
export function backpropagateShade(
  parameters: Parameters,
  index: number,
  shade: Shade,
  shDegree: number,
  gradColor: Vec3,
  gradients: Parameters,
): Vec3 {
  const grad = gradColor.map((value, c) => (shade.clipped[c] ? 0 : value)) as Vec3;
  const stride = shCoefficientCount(parameters.shDegree);
  const slopes = differentiateShBasis(shDegree, shade.direction);
  const gradDirection: Vec3 = [0, 0, 0];
  evaluateShBasis(shDegree, shade.direction).forEach((value, k) => {
    const row = index * stride + k;
    addAt(gradients.shCoeffs, row * 3, [value * grad[0], value * grad[1], value * grad[2]]);
    const pull = dot(grad, vec3At(parameters.shCoeffs, row));
    for (const axis of [0, 1, 2] as const) gradDirection[axis] += pull * (slopes[k] as Vec3)[axis];
  });
  const along = dot(gradDirection, shade.direction);
  const gradMean = gradDirection.map(
    (value, axis) => (value - along * (shade.direction[axis] as number)) / shade.distance,
  ) as Vec3;
  addAt(gradients.means, index * 3, gradMean);
  return gradMean;
}

import type { Vec3 } from '../../math/rigid-transform.js';
import type { Splats } from '../../scene/splats.js';
import { shCoefficientCount } from '../../scene/splats.js';
import type { SplatGradients } from '../contract.js';

/** {@link Splats} in float64; the same type holds derivatives with respect to each number. Shapes as in Splats. */
export interface Parameters {
  readonly count: number;
  readonly shDegree: number;
  readonly means: Float64Array;
  readonly quats: Float64Array;
  readonly logScales: Float64Array;
  readonly rawOpacities: Float64Array;
  readonly shCoeffs: Float64Array;
}

/** Names of the arrays of {@link Parameters}. */
export const PARAMETER_KINDS = ['means', 'quats', 'logScales', 'rawOpacities', 'shCoeffs'] as const;
export type ParameterKind = (typeof PARAMETER_KINDS)[number];

/** All-zero parameters (quaternions too): where derivatives are summed. */
export function zeroParameters(count: number, shDegree: number): Parameters {
  return {
    count,
    shDegree,
    means: new Float64Array(count * 3),
    quats: new Float64Array(count * 4),
    logScales: new Float64Array(count * 3),
    rawOpacities: new Float64Array(count),
    shCoeffs: new Float64Array(count * shCoefficientCount(shDegree) * 3),
  };
}

/** A float64 copy; exact. */
export function parametersOfSplats(splats: Splats): Parameters {
  return {
    count: splats.count,
    shDegree: splats.shDegree,
    means: Float64Array.from(splats.means),
    quats: Float64Array.from(splats.quats),
    logScales: Float64Array.from(splats.logScales),
    rawOpacities: Float64Array.from(splats.rawOpacities),
    shCoeffs: Float64Array.from(splats.shCoeffs),
  };
}

/** A float32 copy, rounded to nearest. */
export function splatsOfParameters(parameters: Parameters): Splats {
  return {
    count: parameters.count,
    shDegree: parameters.shDegree,
    means: Float32Array.from(parameters.means),
    quats: Float32Array.from(parameters.quats),
    logScales: Float32Array.from(parameters.logScales),
    rawOpacities: Float32Array.from(parameters.rawOpacities),
    shCoeffs: Float32Array.from(parameters.shCoeffs),
  };
}

/** Derivatives as the contract hands them out, rounded to float32. */
export function splatGradientsOf(gradients: Parameters): SplatGradients {
  return {
    gradMeans: Float32Array.from(gradients.means),
    gradQuats: Float32Array.from(gradients.quats),
    gradLogScales: Float32Array.from(gradients.logScales),
    gradRawOpacities: Float32Array.from(gradients.rawOpacities),
    gradShCoeffs: Float32Array.from(gradients.shCoeffs),
  };
}

/** Row `index` of an [N, 3] array. */
export function vec3At(array: ArrayLike<number>, index: number): Vec3 {
  return [array[index * 3] as number, array[index * 3 + 1] as number, array[index * 3 + 2] as number];
}

/** array[at + k] += values[k]. */
export function addAt(array: Float64Array, at: number, values: readonly number[]): void {
  values.forEach((value, k) => {
    array[at + k] = (array[at + k] as number) + value;
  });
}

/** 1 / (1 + e^−x); 0 or 1 at ±Infinity, NaN stays NaN. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

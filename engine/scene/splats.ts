import { ShapeError } from './errors.js';

/**
 * A 3D Gaussian splat scene as stored: a struct of typed arrays, N records long.
 * Activations: scale = exp(logScales), opacity = sigmoid(rawOpacities), colour = 0.5 + SH(shCoeffs) with degree-0 basis 0.28209.
 */
export interface Splats {
  readonly count: number;
  /** 0 to 3; K = (shDegree + 1)². */
  readonly shDegree: number;
  /** [N, 3] world units. */
  readonly means: Float32Array;
  /** [N, 4] w x y z, not necessarily unit. */
  readonly quats: Float32Array;
  /** [N, 3] natural logarithm of the standard deviations in world units. */
  readonly logScales: Float32Array;
  /** [N] logit. */
  readonly rawOpacities: Float32Array;
  /** [N, K, 3], coefficient-major: all of R, G, B of one basis function together. */
  readonly shCoeffs: Float32Array;
}

/** Value of the degree-0 real spherical harmonic, 1 / (2 √π). */
export const SH_C0 = 0.28209479177387814;

/** Number of SH coefficients per colour channel for a degree. */
export function shCoefficientCount(shDegree: number): number {
  return (shDegree + 1) ** 2;
}

/** Allocates a zeroed scene (identity rotations). */
export function createSplats(count: number, shDegree: number): Splats {
  const quats = new Float32Array(count * 4);
  for (let i = 0; i < count; i++) quats[i * 4] = 1;
  return {
    count,
    shDegree,
    means: new Float32Array(count * 3),
    quats,
    logScales: new Float32Array(count * 3),
    rawOpacities: new Float32Array(count),
    shCoeffs: new Float32Array(count * shCoefficientCount(shDegree) * 3),
  };
}

/** Throws ShapeError unless every array has the length that `count` and `shDegree` ask for. */
export function assertSplatsShape(splats: Splats): void {
  const { count, shDegree } = splats;
  const expected: [keyof Splats, number][] = [
    ['means', count * 3],
    ['quats', count * 4],
    ['logScales', count * 3],
    ['rawOpacities', count],
    ['shCoeffs', count * shCoefficientCount(shDegree) * 3],
  ];
  for (const [name, length] of expected) {
    const actual = (splats[name] as Float32Array).length;
    if (actual !== length) throw new ShapeError(`splats.${name} holds ${actual} numbers, ${length} expected`);
  }
}

/** The records at `indices`, in that order. */
export function selectSplats(splats: Splats, indices: ArrayLike<number>): Splats {
  const selected = createSplats(indices.length, splats.shDegree);
  const copy = (source: Float32Array, target: Float32Array, stride: number): void => {
    for (let i = 0; i < indices.length; i++) {
      const from = (indices[i] as number) * stride;
      target.set(source.subarray(from, from + stride), i * stride);
    }
  };
  copy(splats.means, selected.means, 3);
  copy(splats.quats, selected.quats, 4);
  copy(splats.logScales, selected.logScales, 3);
  copy(splats.rawOpacities, selected.rawOpacities, 1);
  copy(splats.shCoeffs, selected.shCoeffs, shCoefficientCount(splats.shDegree) * 3);
  return selected;
}

/** All records of `parts`, one after the other; every part must have the same SH degree. */
export function concatenateSplats(parts: readonly Splats[]): Splats {
  const shDegree = parts[0]?.shDegree ?? 0;
  const joined = createSplats(
    parts.reduce((sum, part) => sum + part.count, 0),
    shDegree,
  );
  let at = 0;
  for (const part of parts) {
    if (part.shDegree !== shDegree) throw new ShapeError('splats of different SH degrees cannot be joined');
    joined.means.set(part.means, at * 3);
    joined.quats.set(part.quats, at * 4);
    joined.logScales.set(part.logScales, at * 3);
    joined.rawOpacities.set(part.rawOpacities, at);
    joined.shCoeffs.set(part.shCoeffs, at * shCoefficientCount(shDegree) * 3);
    at += part.count;
  }
  return joined;
}

import type { Intrinsics } from '../../engine/scene/camera.js';
import type { Cutoffs } from '../../engine/splatting/reference/blending.js';
import type { Images } from '../../engine/splatting/reference/images.js';
import { createNoise } from '../fixtures/random-splats.js';

/** No step anywhere: every Gaussian reaches every pixel. */
export const SMOOTH: Cutoffs = { minAlpha: 0, minTransmittance: 0 };

/** Random ∂loss/∂image; every output image takes part. */
export function noisyUpstream({ width, height }: Pick<Intrinsics, 'width' | 'height'>): Images {
  const pixels = width * height;
  return {
    width,
    height,
    color: Float64Array.from(createNoise(pixels * 3, 21)),
    depth: Float64Array.from(createNoise(pixels, 22)),
    alpha: Float64Array.from(createNoise(pixels, 23)),
  };
}

/** Σ upstream · image over the three images. */
export function scalarOf(images: Images, upstream: Images): number {
  const dot = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return dot(images.color, upstream.color) + dot(images.depth, upstream.depth) + dot(images.alpha, upstream.alpha);
}

/** Per-photo weights and priors for the depth losses, made only where a loss uses them. */
import type { LossWeights } from '../splatting/contract.js';
import type { TargetGuides } from './make-targets.js';
import type { SeedView } from './seed-view.js';

/** How fast the TV weight falls with the photo's own gradient (sum of absolute channel differences). */
const EDGE_FALLOFF = 10;

/**
 * Edge- and segment-aware TV weights: `unit · exp(−k |∂photo|)` between neighbours of one depth segment, 0 across a segment's border
 * (masking the *differences*, so that no border becomes a step). `unit` is the scene's median depth, which makes disparity unitless.
 */
function makeTvWeights(seed: SeedView, unit: number): Float32Array {
  const { width, height, data } = seed.image;
  const weights = new Float32Array(width * height * 2);
  const weightOf = (a: number, b: number): number => {
    if (seed.segments[a] !== seed.segments[b]) return 0;
    if (seed.mask !== null && (seed.mask[a] === 0 || seed.mask[b] === 0)) return 0;
    let difference = 0;
    for (let c = 0; c < 3; c++) difference += Math.abs(data[a * 3 + c]! - data[b * 3 + c]!);
    return unit * Math.exp(-EDGE_FALLOFF * difference);
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x + 1 < width) weights[i * 2] = weightOf(i, i + 1);
      if (y + 1 < height) weights[i * 2 + 1] = weightOf(i, i + width);
    }
  return weights;
}

/** 1 / depth where another photo confirms it, else 0. */
function makePrior(seed: SeedView): Float32Array {
  return seed.depth.map((z, i) => (seed.confirmed[i] !== 0 ? 1 / z : 0));
}

/** A photo's guides for the depth losses, null where the loss has no weight: see {@link makeTvWeights}; the prior holds 1 / z of confirmed pixels, else 0. */
export function makeGuides(seed: SeedView, losses: LossWeights, unit: number): TargetGuides {
  return {
    tvWeights: losses.depthTv > 0 ? makeTvWeights(seed, unit) : null,
    priorInverseDepth: losses.depthPrior > 0 ? makePrior(seed) : null,
  };
}

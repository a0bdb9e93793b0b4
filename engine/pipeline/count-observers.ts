/** How many photos see each Gaussian: what can be trusted, and what was only guessed. */
import type { Splats } from '../scene/splats.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import type { SplattingBackend, TrainingTarget } from '../splatting/contract.js';
import { DEFAULT_DILATION } from '../splatting/contract.js';
import { NO_LEARNING, NO_LOSSES } from '../splatting/no-losses.js';

/**
 * A photo sees a Gaussian that makes up at least this share of one of its pixels. What lies behind an opaque surface stays under 0.01
 * (the rasterizer's largest opacity is 0.99), what forms a surface together with its neighbours is well above.
 */
const MIN_SEEN_WEIGHT = 0.05;
const MOST = 255;

/** No rendering is darker than 0: against this "photo" every unmasked pixel has an error of at least 1. */
const BELOW_BLACK = -1;

function blankTarget({ camera, image, mask }: View): TrainingTarget {
  return {
    camera,
    color: new Float32Array(image.data.length).fill(BELOW_BLACK),
    weights: mask === null ? null : Float32Array.from(mask),
    tvWeights: null,
    priorInverseDepth: null,
  };
}

/**
 * counts_i = number of photos with max_p w_ip ≥ MIN_SEEN_WEIGHT, w_ip = α T the blending weight of Gaussian i at pixel p (the forward
 * model's), of which at least that much lies on pixels that the photo's mask leaves in.
 *
 * Taken from the rasterizer's own statistics, by one step without losses and without learning for each photo. Comparing depths with the
 * rendered depth was the other way; it needs a tolerance that is wrong at grazing surfaces and calls what shines through glass hidden,
 * while the weight is exactly how much the photo can tell about the Gaussian.
 *
 * @param views the training photos
 * @returns [N], at most 255
 * @throws the signal's reason
 */
export async function countObservers(
  backend: SplattingBackend,
  splats: Splats,
  views: readonly View[],
  context: StageContext = {},
): Promise<Uint8Array> {
  const counts = new Uint8Array(splats.count);
  const scene = await backend.createScene(splats, null);
  try {
    for (const view of views) {
      const target = await backend.createTarget(blankTarget(view));
      await backend.step(scene, {
        iteration: 1,
        target,
        render: { background: [0, 0, 0], shDegree: splats.shDegree, dilation: DEFAULT_DILATION },
        losses: NO_LOSSES,
        learningRates: NO_LEARNING,
        dropout: { probability: 0, seed: 0 },
        opacityDecay: 1,
        activeGridLevels: 0,
      });
      await backend.releaseTarget(target);
      // With every error at least 1, Σ weight · error bounds the weight on unmasked pixels from above; both must reach the limit.
      const { maxWeights, errorWeights } = await backend.readStatistics(scene);
      await backend.resetStatistics(scene);
      for (let i = 0; i < counts.length; i++)
        if (maxWeights[i]! >= MIN_SEEN_WEIGHT && errorWeights[i]! >= MIN_SEEN_WEIGHT)
          counts[i] = Math.min(MOST, counts[i]! + 1);
      await yieldToHost(context);
    }
    return counts;
  } finally {
    await backend.releaseScene(scene);
  }
}

import { DEPTH_LOSS_MIN_ALPHA, SENSOR_DEPTH_SOFTNESS } from '../../contract.js';
import type { Images } from '../images.js';
import type { ImageLoss } from './image-loss.js';
import { accumulate } from './image-loss.js';

/** Keeps an empty pixel's disparity finite, world units. */
const MIN_DEPTH_SUM = 1e-6;

interface Disparity {
  readonly value: number;
  readonly slopeAlpha: number;
  readonly slopeDepth: number;
}

/** δ = A / max(D, 1e-6) with its derivatives, or null where the pixel is too transparent. */
function disparityAt(rendered: Images, pixel: number): Disparity | null {
  const alpha = rendered.alpha[pixel] as number;
  if (!(alpha > DEPTH_LOSS_MIN_ALPHA)) return null;
  const depth = rendered.depth[pixel] as number;
  const bounded = Math.max(depth, MIN_DEPTH_SUM);
  return {
    value: alpha / bounded,
    slopeAlpha: 1 / bounded,
    slopeDepth: depth > MIN_DEPTH_SUM ? -alpha / bounded ** 2 : 0,
  };
}

/**
 * Σ over neighbours p, q (right: tvWeights[p, 0]; below: tvWeights[p, 1]), both valid, of tvWeights |δ(p) − δ(q)|, over H·W.
 * 0 for a target without tvWeights.
 */
export const depthTvLoss: ImageLoss = (rendered, target, factor, gradients) => {
  const { width, height, tvWeights } = target;
  if (tvWeights === null) return 0;
  let loss = 0;
  for (let p = 0; p < width * height; p++) {
    for (const direction of [0, 1] as const) {
      const inside = direction === 0 ? p % width < width - 1 : p < width * (height - 1);
      const q = p + (direction === 0 ? 1 : width);
      const here = disparityAt(rendered, p);
      const there = inside ? disparityAt(rendered, q) : null;
      if (here === null || there === null) continue;
      const share = (tvWeights[p * 2 + direction] as number) / (width * height);
      const difference = here.value - there.value;
      loss += share * Math.abs(difference);
      const grad = factor * share * Math.sign(difference);
      accumulate(gradients.alpha, p, grad * here.slopeAlpha);
      accumulate(gradients.depth, p, grad * here.slopeDepth);
      accumulate(gradients.alpha, q, -grad * there.slopeAlpha);
      accumulate(gradients.depth, q, -grad * there.slopeDepth);
    }
  }
  return loss;
};

/** Σ over valid pixels (A > DEPTH_LOSS_MIN_ALPHA, prior > 0) of |log(D / A) + log(prior)|, over H·W. 0 for a target without a prior. */
export const depthPriorLoss: ImageLoss = (rendered, target, factor, gradients) => {
  const { width, height, priorInverseDepth } = target;
  if (priorInverseDepth === null) return 0;
  let loss = 0;
  priorInverseDepth.forEach((prior, p) => {
    const alpha = rendered.alpha[p] as number;
    if (!(alpha > DEPTH_LOSS_MIN_ALPHA && prior > 0)) return;
    const depth = rendered.depth[p] as number;
    const difference = Math.log(depth / alpha) + Math.log(prior);
    loss += Math.abs(difference) / (width * height);
    const grad = (factor * Math.sign(difference)) / (width * height);
    accumulate(gradients.depth, p, grad / depth);
    accumulate(gradients.alpha, p, -grad / alpha);
  });
  return loss;
};

/** h(e) and its derivative: Huber's loss over its threshold. */
function softAbsolute(e: number): { readonly value: number; readonly slope: number } {
  const size = Math.abs(e);
  return size <= SENSOR_DEPTH_SOFTNESS
    ? { value: e ** 2 / (2 * SENSOR_DEPTH_SOFTNESS), slope: e / SENSOR_DEPTH_SOFTNESS }
    : { value: size - SENSOR_DEPTH_SOFTNESS / 2, slope: Math.sign(e) };
}

/** Σ v h(log(D / A) + log(measured inverse depth)) / Σ v; see `LossWeights.sensorDepth`. 0 for a target without measurements. */
export const sensorDepthLoss: ImageLoss = (rendered, target, factor, gradients) => {
  const { width, height, sensorDepth } = target;
  if (sensorDepth === null) return 0;
  let total = 0;
  for (let p = 0; p < width * height; p++) if (sensorDepth[2 * p]! > 0) total += sensorDepth[2 * p + 1]!;
  if (!(total > 0)) return 0;
  let loss = 0;
  for (let p = 0; p < width * height; p++) {
    const measured = sensorDepth[2 * p]!;
    const alpha = rendered.alpha[p]!;
    if (!(measured > 0 && alpha > DEPTH_LOSS_MIN_ALPHA)) continue;
    const depth = rendered.depth[p]!;
    const share = sensorDepth[2 * p + 1]! / total;
    const { value, slope } = softAbsolute(Math.log(depth / alpha) + Math.log(measured));
    loss += share * value;
    accumulate(gradients.depth, p, (factor * share * slope) / depth);
    accumulate(gradients.alpha, p, (-factor * share * slope) / alpha);
  }
  return loss;
};

import type { ImageLoss } from './image-loss.js';
import { accumulate, sumOf } from './image-loss.js';

/** Σ_p w_p Σ_c |r − t| / (3 Σ_p w_p), 0 where Σ w = 0; derivative w_p sign(r − t) / (3 Σ w), sign(0) = 0. */
export const l1Loss: ImageLoss = (rendered, target, factor, gradients) => {
  const total = 3 * sumOf(target.weights);
  if (total === 0) return 0;
  let loss = 0;
  for (let i = 0; i < target.color.length; i++) {
    const share = (target.weights[Math.floor(i / 3)] as number) / total;
    const difference = (rendered.color[i] as number) - (target.color[i] as number);
    loss += share * Math.abs(difference);
    accumulate(gradients.color, i, factor * share * Math.sign(difference));
  }
  return loss;
};

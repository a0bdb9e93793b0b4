import { blurWithWindow } from './gaussian-window.js';
import type { ImageLoss } from './image-loss.js';
import { accumulate, sumOf } from './image-loss.js';

/** Wang et al. 2004, K1 = 0.01 and K2 = 0.03 with a data range of 1. */
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/** One channel of an interleaved image, times the pixel's weight. */
function weightedChannel(color: Float64Array, channel: number, weights: Float64Array): Float64Array {
  return weights.map((weight, p) => weight * (color[p * 3 + channel] as number));
}

/**
 * 1 − Σ_p w_p mean_c SSIM_pc / Σ_p w_p on the images x = w r, y = w t; 0 where Σ w = 0. With A1 = 2 μx μy + C1, A2 = 2 σxy + C2,
 * B1 = μx² + μy² + C1, B2 = σx² + σy² + C2, S = A1 A2 / (B1 B2), and u_p = ∂loss/∂S_p:
 *   ∂S/∂μx (moments apart) = 2 μy A2 / (B1 B2) − 2 μx S / B1,  ∂S/∂σx² = −S / B2,  ∂S/∂σxy = 2 A1 / (B1 B2)
 *   μx, σx² = G∗x² − μx², σxy = G∗xy − μx μy  ⇒  ∂loss/∂x = G∗(u P) + 2 x G∗(u Q) + y G∗(u R)
 *   with Q = ∂S/∂σx², R = ∂S/∂σxy, P = ∂S/∂μx − 2 μx Q − μy R.
 */
export const dssimLoss: ImageLoss = (rendered, target, factor, gradients) => {
  const { width, height, weights } = target;
  const total = sumOf(weights);
  if (total === 0) return 0;
  const blur = (image: Float64Array): Float64Array => blurWithWindow(image, width, height);
  let similarity = 0;
  for (const channel of [0, 1, 2]) {
    const x = weightedChannel(rendered.color, channel, weights);
    const y = weightedChannel(target.color, channel, weights);
    const meanX = blur(x);
    const meanY = blur(y);
    const meanXX = blur(x.map((value) => value * value));
    const meanYY = blur(y.map((value) => value * value));
    const meanXY = blur(x.map((value, p) => value * (y[p] as number)));
    const [p1, q1, r1] = [new Float64Array(x.length), new Float64Array(x.length), new Float64Array(x.length)];
    for (let p = 0; p < x.length; p++) {
      const [mx, my] = [meanX[p] as number, meanY[p] as number];
      const a1 = 2 * mx * my + C1;
      const a2 = 2 * ((meanXY[p] as number) - mx * my) + C2;
      const b1 = mx * mx + my * my + C1;
      const b2 = (meanXX[p] as number) - mx * mx + ((meanYY[p] as number) - my * my) + C2;
      const ssim = (a1 * a2) / (b1 * b2);
      const share = (weights[p] as number) / (3 * total);
      similarity += share * ssim;

      const slopeVariance = -ssim / b2;
      const slopeCovariance = (2 * a1) / (b1 * b2);
      const slopeMean = (2 * my * a2) / (b1 * b2) - (2 * mx * ssim) / b1;
      p1[p] = -share * (slopeMean - 2 * mx * slopeVariance - my * slopeCovariance);
      q1[p] = -share * slopeVariance;
      r1[p] = -share * slopeCovariance;
    }
    const [blurredP, blurredQ, blurredR] = [blur(p1), blur(q1), blur(r1)];
    for (let p = 0; p < x.length; p++) {
      const grad =
        (blurredP[p] as number) +
        2 * (x[p] as number) * (blurredQ[p] as number) +
        (y[p] as number) * (blurredR[p] as number);
      accumulate(gradients.color, p * 3 + channel, factor * (weights[p] as number) * grad);
    }
  }
  return 1 - similarity;
};

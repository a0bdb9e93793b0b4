import { NEEDLE_RATIO_LIMIT } from '../../contract.js';
import type { Parameters } from '../parameters.js';
import { sigmoid, vec3At } from '../parameters.js';
import { accumulate } from './image-loss.js';

/** A loss of the parameters alone: its value, and factor · ∂value added to `gradients`. */
export type ParameterLoss = (parameters: Parameters, factor: number, gradients: Parameters) => number;

/** Mean over N of sigmoid(rawOpacities). */
export const opacityLoss: ParameterLoss = (parameters, factor, gradients) => {
  let loss = 0;
  parameters.rawOpacities.forEach((raw, i) => {
    const opacity = sigmoid(raw);
    loss += opacity / parameters.count;
    accumulate(gradients.rawOpacities, i, (factor * opacity * (1 - opacity)) / parameters.count);
  });
  return loss;
};

/** Mean over N of Σ_k exp(logScales_k), world units. */
export const scaleLoss: ParameterLoss = (parameters, factor, gradients) => {
  let loss = 0;
  parameters.logScales.forEach((logScale, i) => {
    const share = Math.exp(logScale) / parameters.count;
    loss += share;
    accumulate(gradients.logScales, i, factor * share);
  });
  return loss;
};

/** Mean over N of max(0, l1 − l2 − log NEEDLE_RATIO_LIMIT), l1 ≥ l2 ≥ l3 the sorted log scales, ties to the lower axis. */
export const needleLoss: ParameterLoss = (parameters, factor, gradients) => {
  let loss = 0;
  for (let i = 0; i < parameters.count; i++) {
    const axes = vec3At(parameters.logScales, i).map((value, axis) => ({ value, axis }));
    axes.sort((a, b) => b.value - a.value || a.axis - b.axis);
    const [longest, second] = axes as [(typeof axes)[0], (typeof axes)[0]];
    const excess = longest.value - second.value - Math.log(NEEDLE_RATIO_LIMIT);
    if (!(excess > 0)) continue;
    loss += excess / parameters.count;
    accumulate(gradients.logScales, i * 3 + longest.axis, factor / parameters.count);
    accumulate(gradients.logScales, i * 3 + second.axis, -factor / parameters.count);
  }
  return loss;
};

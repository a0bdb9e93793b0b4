import { ShapeError } from '../../scene/errors.js';
import { shCoefficientCount } from '../../scene/splats.js';
import type { StepReport, TrainingStep } from '../contract.js';
import { stepAdam } from './adam.js';
import { blendPixel, CONTRACT_CUTOFFS } from './blending.js';
import type { LossEvaluation, ReferenceTarget } from './evaluate-loss.js';
import { evaluateLoss } from './evaluate-loss.js';
import { zeroImages } from './images.js';
import { accumulate } from './losses/image-loss.js';
import { l1Loss } from './losses/l1.js';
import { anchorOrigin } from './ray-field.js';
import type { SceneState } from './scene-state.js';

/**
 * Adds this step to the scene's statistics: largest blending weight, hypot(W/2 ∂u, H/2 ∂v), visible or not (blended into a pixel),
 * Σ blending weight · w Σ_c |r − t| / 3.
 *
 * @returns how many Gaussians were visible, and how many (Gaussian, pixel) pairs were blended.
 */
function gatherStatistics(
  state: SceneState,
  target: ReferenceTarget,
  evaluation: LossEvaluation,
): Pick<StepReport, 'visibleCount' | 'pairCount'> {
  const { visible, rendered, settings, gradMeans2d } = evaluation;
  const { width, height, weights, color } = target.images;
  const largest = new Float64Array(state.stored.count);
  let pairCount = 0;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const difference = [0, 1, 2].map((c) =>
      Math.abs((rendered.color[pixel * 3 + c] as number) - (color[pixel * 3 + c] as number)),
    );
    const error = ((weights[pixel] as number) * difference.reduce((sum, value) => sum + value, 0)) / 3;
    const blend = blendPixel(visible, pixel % width, Math.floor(pixel / width), settings.cutoffs);
    pairCount += blend.contributions.length;
    for (const { place, alpha, transmittance } of blend.contributions) {
      const index = (visible[place] as (typeof visible)[number]).projected.index;
      const weight = alpha * transmittance;
      largest[index] = Math.max(largest[index] as number, weight);
      accumulate(state.statistics.errorWeights, index, weight * error);
    }
  }
  let visibleCount = 0;
  largest.forEach((weight, index) => {
    if (weight === 0) return;
    visibleCount++;
    const [gradU, gradV] = [gradMeans2d[index * 2] as number, gradMeans2d[index * 2 + 1] as number];
    accumulate(state.statistics.maxWeights, index, weight);
    accumulate(state.statistics.visibleSteps, index, 1);
    accumulate(state.statistics.gradMeans2d, index, Math.hypot((width / 2) * gradU, (height / 2) * gradV));
  });
  return { visibleCount, pairCount };
}

/** Adam on every group at its own rate: means of free Gaussians, δ_own of anchored ones, active grid levels, and the rest. */
function updateParameters(state: SceneState, evaluation: LossEvaluation, step: TrainingStep): void {
  const { stored, moments, anchors } = state;
  const { gradients } = evaluation;
  const { learningRates: rates, iteration } = step;
  const isFree = (index: number): boolean => anchorOrigin(anchors, index) === null;
  const at = (rate: number): { rate: number; iteration: number } => ({ rate, iteration });
  stepAdam(stored.means, moments.means, gradients.means, at(rates.means), (i) => isFree(Math.floor(i / 3)));
  stepAdam(state.ownDepth, moments.ownDepth, evaluation.gradOwnDepth, at(rates.ownDepth), (i) => !isFree(i));
  evaluation.gradGrids.forEach((gradGrid, level) => {
    if (level >= step.activeGridLevels) return;
    const grid = state.grids[level] as Float64Array;
    stepAdam(grid, state.gridMoments[level] as typeof moments.means, gradGrid, at(rates.rayField));
  });
  stepAdam(stored.quats, moments.quats, gradients.quats, at(rates.quats));
  stepAdam(stored.logScales, moments.logScales, gradients.logScales, at(rates.logScales));
  stepAdam(stored.rawOpacities, moments.rawOpacities, gradients.rawOpacities, at(rates.rawOpacities));
  const stride = shCoefficientCount(stored.shDegree) * 3;
  stepAdam(stored.shCoeffs, moments.shCoeffs, gradients.shCoeffs, at(rates.shDc), (i) => i % stride < 3);
  stepAdam(stored.shCoeffs, moments.shCoeffs, gradients.shCoeffs, at(rates.shRest), (i) => i % stride >= 3);
}

/** logit(decay · sigmoid(x)) = log decay + x − log(1 + (1 − decay) eˣ), written so that neither tail overflows. */
function decayRawOpacity(raw: number, decay: number): number {
  if (raw <= 0) return Math.log(decay) + raw - Math.log1p((1 - decay) * Math.exp(raw));
  return Math.log(decay) - Math.log(Math.exp(-raw) + (1 - decay));
}

function assertAdjustmentFits({ images }: ReferenceTarget, { adjustment }: TrainingStep): void {
  if (adjustment === undefined) return;
  const { width, height } = adjustment.camera.intrinsics;
  if (width !== images.width || height !== images.height)
    throw new ShapeError(`a camera of ${width} × ${height} given for a target of ${images.width} × ${images.height}`);
}

/**
 * One optimisation step in place: loss and gradients, statistics, Adam, opacity decay, as TrainingStep describes.
 * Throws RangeError for an iteration below 1, ShapeError for an adjusted camera of another size.
 */
export function takeStep(state: SceneState, target: ReferenceTarget, step: TrainingStep): StepReport {
  if (!(step.iteration >= 1)) throw new RangeError(`iteration ${step.iteration}; the first is 1`);
  assertAdjustmentFits(target, step);
  const evaluation = evaluateLoss(state, target, step, CONTRACT_CUTOFFS);
  const counts = gatherStatistics(state, target, evaluation);
  state.rayGradients = {
    ownDepth: evaluation.gradOwnDepth,
    rawOpacities: evaluation.gradients.rawOpacities.slice(),
  };
  updateParameters(state, evaluation, step);
  if (step.opacityDecay !== 1) {
    state.residualOpacities.forEach((residual, i) => {
      const raw = (state.stored.rawOpacities[i] as number) + residual;
      state.stored.rawOpacities[i] = decayRawOpacity(raw, step.opacityDecay) - residual;
    });
  }
  const { rendered } = evaluation;
  const l1 = l1Loss(rendered, target.images, 0, zeroImages(rendered.width, rendered.height));
  const { loss, gradAdjustment } = evaluation;
  return { loss, l1, ...counts, ...(gradAdjustment === null ? {} : { gradAdjustment }) };
}

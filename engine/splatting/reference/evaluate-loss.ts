import { cameraCentre } from '../../math/conventions.js';
import type { Camera } from '../../scene/camera.js';
import type { LossWeights, TrainingStep, ViewAdjustmentGradient } from '../contract.js';
import { survivesDropout } from '../dropout-hash.js';
import type { ViewGradients } from './backpropagate-view.js';
import { backpropagateView } from './backpropagate-view.js';
import type { Cutoffs, VisibleGaussian } from './blending.js';
import { backpropagateColors, transformColors } from './color-transform.js';
import type { Images } from './images.js';
import { zeroImages } from './images.js';
import { depthPriorLoss, depthTvLoss, sensorDepthLoss } from './losses/depth-losses.js';
import { dssimLoss } from './losses/dssim.js';
import { flowLoss } from './losses/flow.js';
import type { ImageLoss, TargetImages } from './losses/image-loss.js';
import { l1Loss } from './losses/l1.js';
import type { ParameterLoss } from './losses/regularisers.js';
import { needleLoss, opacityLoss, scaleLoss } from './losses/regularisers.js';
import type { Parameters } from './parameters.js';
import { anchorOrigin, gridTaps } from './ray-field.js';
import type { ViewSettings } from './render-view.js';
import { gatherVisible, renderImages } from './render-view.js';
import type { SceneState } from './scene-state.js';
import { effectiveParameters, flowOrigin } from './scene-state.js';

const IMAGE_LOSSES: readonly (readonly [keyof LossWeights, ImageLoss])[] = [
  ['l1', l1Loss],
  ['dssim', dssimLoss],
  ['depthTv', depthTvLoss],
  ['depthPrior', depthPriorLoss],
  ['sensorDepth', sensorDepthLoss],
];
const PARAMETER_LOSSES: readonly (readonly [keyof LossWeights, ParameterLoss])[] = [
  ['opacity', opacityLoss],
  ['scale', scaleLoss],
  ['needle', needleLoss],
];

/** A target as the reference holds it. */
export interface ReferenceTarget {
  readonly camera: Camera;
  readonly images: TargetImages;
}

/** A step's loss and its derivatives with respect to everything that the scene stores. */
export interface LossEvaluation {
  readonly loss: number;
  /** With respect to the parameters as they render; of anchored Gaussians' means too. */
  readonly gradients: Parameters;
  /** [N] ∂loss/∂δ_own, 0 for free Gaussians. */
  readonly gradOwnDepth: Float64Array;
  /** ∂loss/∂grid value, as `grids`. */
  readonly gradGrids: readonly Float64Array[];
  /** [N, 2] */
  readonly gradMeans2d: ViewGradients['means2d'];
  readonly settings: ViewSettings;
  readonly visible: readonly VisibleGaussian[];
  /** As the losses see it: after the step's colour transform. */
  readonly rendered: Images;
  /** Null where the step adjusts nothing. */
  readonly gradAdjustment: ViewAdjustmentGradient | null;
}

/** Dropout's factor on the activated opacity: 0 for those left out, 1 / (1 − p) for the rest. */
export function dropoutFactor({ probability, seed }: TrainingStep['dropout'], index: number): number {
  return survivesDropout(seed, index, probability) ? 1 / (1 - probability) : 0;
}

/** ∂loss/∂δ = ∂loss/∂mean · (mean − origin), spread over δ_own and the grid values that the Gaussian reads. */
function spreadOverRays(
  state: SceneState,
  parameters: Parameters,
  gradMeans: Float64Array,
): { gradOwnDepth: Float64Array; gradGrids: Float64Array[] } {
  const gradOwnDepth = new Float64Array(parameters.count);
  const gradGrids = state.grids.map((grid) => new Float64Array(grid.length));
  for (let i = 0; i < parameters.count; i++) {
    const origin = anchorOrigin(state.anchors, i);
    if (state.anchors === null || origin === null) continue;
    let gradDelta = 0;
    for (const axis of [0, 1, 2] as const) {
      gradDelta += (gradMeans[i * 3 + axis] as number) * ((parameters.means[i * 3 + axis] as number) - origin[axis]);
    }
    gradOwnDepth[i] = gradDelta;
    for (const [level, gradGrid] of gradGrids.entries()) {
      for (const { at, weight } of gridTaps(state.anchors, level, i)) {
        gradGrid[at] = (gradGrid[at] as number) + weight * gradDelta;
      }
    }
  }
  return { gradOwnDepth, gradGrids };
}

/**
 * loss = Σ weight · term of a step (equations: LossWeights in contract.ts) and all its derivatives; changes nothing.
 *
 * @param cutoffs the contract's, except in tests of derivatives.
 */
export function evaluateLoss(
  state: SceneState,
  target: ReferenceTarget,
  step: Pick<TrainingStep, 'render' | 'losses' | 'dropout' | 'adjustment'>,
  cutoffs: Cutoffs,
): LossEvaluation {
  const { losses, adjustment } = step;
  const camera = adjustment?.camera ?? target.camera;
  const colorTransform = adjustment?.color ?? null;
  const parameters = effectiveParameters(state);
  const settings: ViewSettings = {
    camera,
    options: step.render,
    opacityFactor: (index) => dropoutFactor(step.dropout, index),
    cutoffs,
  };
  const visible = gatherVisible(parameters, settings);
  const unadjusted = renderImages(visible, settings);
  const rendered = transformColors(unadjusted, colorTransform);
  const upstream = zeroImages(rendered.width, rendered.height);
  let loss = 0;
  for (const [name, evaluate] of IMAGE_LOSSES) {
    if (losses[name] !== 0) loss += losses[name] * evaluate(rendered, target.images, losses[name], upstream);
  }
  const gradColors = colorTransform === null ? null : backpropagateColors(unadjusted, colorTransform, upstream);
  const view = backpropagateView(parameters, visible, settings, upstream);
  const gradients = view.parameters;
  for (const [name, evaluate] of PARAMETER_LOSSES) {
    if (losses[name] !== 0) loss += losses[name] * evaluate(parameters, losses[name], gradients);
  }
  if (losses.flow !== 0 && state.flowPairs !== null) {
    const centre = cameraCentre(camera.cameraFromWorld);
    const originOf = (index: number): [number, number, number] => flowOrigin(state, index, centre);
    loss += losses.flow * flowLoss(parameters, state.flowPairs, originOf, losses.flow, gradients);
  }
  const { gradOwnDepth, gradGrids } = spreadOverRays(state, parameters, gradients.means);
  if (losses.ownDepth !== 0) {
    state.ownDepth.forEach((own, i) => {
      loss += (losses.ownDepth * own * own) / parameters.count;
      gradOwnDepth[i] = (gradOwnDepth[i] as number) + (losses.ownDepth * 2 * own) / parameters.count;
    });
  }
  const gradAdjustment = adjustment === undefined ? null : { camera: view.camera, color: gradColors };
  return {
    ...{ loss, gradients, gradOwnDepth, gradGrids, gradMeans2d: view.means2d },
    ...{ settings, visible, rendered, gradAdjustment },
  };
}

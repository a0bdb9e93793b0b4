/** One optimisation step in which decoders, not the backend's grids, move the Gaussians along their rays. */
import type { SceneHandle, SplattingBackend, StepReport, TrainingStep } from '../../splatting/contract.js';
import type { ResidualDecoder } from './residual-decoder.js';

/**
 * Decoder forward → residuals into the scene → the backend's step → gradients out → decoder backward. The backend's own
 * δ and grids stand still: their learning rates are taken as 0, whatever the step says. All else of the step (colours,
 * scales, base opacities, dropout …) works as described.
 *
 * @param scene created with the ray anchors that the decoder has
 * @returns the backend's report: the loss with the residuals of this step
 */
export async function stepWithDecoder(
  backend: SplattingBackend,
  scene: SceneHandle,
  decoder: ResidualDecoder,
  step: TrainingStep,
): Promise<StepReport> {
  const { ownDepth, rawOpacities } = await decoder.forward();
  await backend.setRayResiduals(scene, ownDepth, rawOpacities);
  const learningRates = { ...step.learningRates, ownDepth: 0, rayField: 0 };
  const report = await backend.step(scene, { ...step, learningRates });
  await decoder.backward(await backend.readRayGradients(scene));
  return report;
}

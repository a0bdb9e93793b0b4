import type { LossWeights, TrainingStep } from '../../engine/splatting/contract.js';
import type { ReferenceTarget } from '../../engine/splatting/reference/evaluate-loss.js';
import type { SceneState } from '../../engine/splatting/reference/scene-state.js';
import { createState, setResiduals } from '../../engine/splatting/reference/scene-state.js';
import { createNoise } from '../fixtures/random-splats.js';
import { ALL_LOSSES, createTrainingCase } from '../parity/scenes.js';

/** The flow loss holds its denominator constant, which differences do not: tested by itself. */
const DIFFERENTIABLE: LossWeights = { ...ALL_LOSSES, flow: 0 };

/** A scene off its start in everything: grids, own depths, residual opacities. */
export function createDisturbedState(): {
  state: SceneState;
  target: ReferenceTarget;
  step: Pick<TrainingStep, 'render' | 'losses' | 'dropout'>;
} {
  const trainingCase = createTrainingCase(1, 0.5);
  const state = createState(trainingCase.splats, trainingCase.anchors);
  setResiduals(state, createNoise(120, 1, -0.1, 0.1), createNoise(120, 2, -0.5, 0.5));
  state.grids.forEach((grid, level) => grid.set(createNoise(grid.length, 3 + level, -0.05, 0.05)));
  const { camera, ...images } = trainingCase.targets[0];
  const toFloat64 = (array: Float32Array | null | undefined): Float64Array => Float64Array.from(array ?? []);
  const target: ReferenceTarget = {
    camera,
    images: {
      width: camera.intrinsics.width,
      height: camera.intrinsics.height,
      color: toFloat64(images.color),
      weights: toFloat64(images.weights),
      tvWeights: toFloat64(images.tvWeights),
      priorInverseDepth: toFloat64(images.priorInverseDepth),
      sensorDepth: toFloat64(images.sensorDepth),
    },
  };
  const step = { render: trainingCase.options, losses: DIFFERENTIABLE, dropout: { probability: 0.25, seed: 9 } };
  return { state, target, step };
}

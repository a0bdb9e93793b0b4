import type { Splats } from '../../engine/scene/splats.js';
import type {
  CameraGradient,
  RayAnchors,
  SceneHandle,
  SplattingBackend,
  StepReport,
  TargetHandle,
  TrainingStep,
} from '../../engine/splatting/contract.js';
import { NO_LOSSES } from '../../engine/splatting/no-losses.js';
import type { Agreement } from '../fixtures/compare-arrays.js';
import { assertArraysAgree } from '../fixtures/compare-arrays.js';
import type { TrainingCase } from './scenes.js';
import { RATES } from './scenes.js';
import { CAMERA_GRADIENT, scaled } from './tolerances.js';

/** A scene in one backend with both targets. */
export interface Training {
  readonly backend: SplattingBackend;
  readonly scene: SceneHandle;
  readonly targets: readonly TargetHandle[];
}

export async function startTraining(
  backend: SplattingBackend,
  trainingCase: TrainingCase,
  anchors: RayAnchors | null = null,
): Promise<Training> {
  const scene = await backend.createScene(trainingCase.splats, anchors);
  const targets = [
    await backend.createTarget(trainingCase.targets[0]),
    await backend.createTarget(trainingCase.targets[1]),
  ];
  return { backend, scene, targets };
}

/** A step with every loss off but those in `settings`; iterations alternate between the two targets. */
export async function takeStep(
  training: Training,
  trainingCase: TrainingCase,
  iteration: number,
  settings: Partial<TrainingStep> = {},
): Promise<StepReport> {
  return training.backend.step(training.scene, {
    iteration,
    target: training.targets[(iteration - 1) % 2] as TargetHandle,
    render: trainingCase.options,
    losses: NO_LOSSES,
    learningRates: RATES,
    dropout: { probability: 0, seed: 0 },
    opacityDecay: 1,
    activeGridLevels: 2,
    ...settings,
  });
}

const KINDS = ['means', 'quats', 'logScales', 'rawOpacities', 'shCoeffs'] as const;
export type SplatKind = (typeof KINDS)[number];
export const UNIT_OF_KIND: Record<SplatKind, number> = {
  means: RATES.means,
  quats: RATES.quats,
  logScales: RATES.logScales,
  rawOpacities: RATES.rawOpacities,
  shCoeffs: RATES.shDc,
};

/** Every kind's movement since `start`, in units of its learning rate, must agree; returns what does not, one line a kind. */
export function complainOfMovement(start: Splats, actual: Splats, expected: Splats, agreement: Agreement): string[] {
  return KINDS.flatMap((kind) => {
    const moved = (after: Float32Array): number[] =>
      Array.from(after, (value, i) => (value - (start[kind][i] as number)) / UNIT_OF_KIND[kind]);
    try {
      assertArraysAgree(kind, moved(actual[kind]), moved(expected[kind]), agreement);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}

/** What does not agree of two camera gradients, each part against its own largest number. */
export function complainOfCamera(actual: CameraGradient, expected: CameraGradient): string[] {
  return (['gradRotation', 'gradTranslation', 'gradLogFocal'] as const).flatMap((kind) => {
    const [found, wanted] = [[actual[kind]].flat(), [expected[kind]].flat()];
    try {
      assertArraysAgree(kind, found, wanted, scaled(CAMERA_GRADIENT, wanted));
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}

/** Frees what {@link startTraining} made. */
export async function endTraining(training: Training): Promise<void> {
  await training.backend.releaseScene(training.scene);
  for (const target of training.targets) await training.backend.releaseTarget(target);
}

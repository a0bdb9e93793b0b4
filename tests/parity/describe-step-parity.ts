import { describe, expect, it } from 'vitest';
import type { Camera } from '../../engine/scene/camera.js';
import type {
  ColorTransform,
  LossWeights,
  SceneStatistics,
  StepReport,
  TrainingStep,
  TrainingTarget,
  ViewAdjustment,
  ViewAdjustmentGradient,
} from '../../engine/splatting/contract.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { NO_LOSSES } from '../../engine/splatting/no-losses.js';
import { assertArraysAgree } from '../fixtures/compare-arrays.js';
import { createNoise } from '../fixtures/random-splats.js';
import { moveCamera } from '../fixtures/move-camera.js';
import type { BackendUnderTest } from './describe-render-parity.js';
import type { Training } from './paired-run.js';
import { complainOfCamera, complainOfMovement, endTraining, startTraining, takeStep } from './paired-run.js';
import type { TrainingCase } from './scenes.js';
import { ALL_LOSSES, createTrainingCase, RATES } from './scenes.js';
import { CAMERA_GRADIENT, LOSS_RELATIVE, MOVED, scaled, STATISTICS } from './tolerances.js';

interface Run {
  readonly name: string;
  readonly shDegree: number;
  readonly anchored: boolean;
  readonly steps: number;
  readonly settings: Partial<TrainingStep>;
}

function createRuns(): Run[] {
  const plain = { shDegree: 1, anchored: false, steps: 4 };
  const losses = (weights: Partial<LossWeights>): Partial<TrainingStep> => ({ losses: { ...NO_LOSSES, ...weights } });
  const l1 = losses({ l1: 1 });
  return [
    { ...plain, name: 'l1', settings: l1 },
    { ...plain, name: 'dssim', settings: losses({ dssim: 1 }) },
    { ...plain, name: 'depthTv', settings: losses({ depthTv: 1 }) },
    { ...plain, name: 'depthPrior', settings: losses({ depthPrior: 1 }) },
    { ...plain, name: 'sensorDepth', settings: losses({ sensorDepth: 1 }) },
    { ...plain, name: 'opacity', settings: losses({ opacity: 1 }) },
    { ...plain, name: 'scale', settings: losses({ scale: 1 }) },
    { ...plain, name: 'needle', settings: losses({ needle: 1 }) },
    { ...plain, name: 'flow', settings: losses({ flow: 1 }) },
    { ...plain, name: 'all losses, degree 3', shDegree: 3, settings: losses(ALL_LOSSES) },
    { ...plain, name: 'degree 0 evaluated of degree 2 stored', shDegree: 2, settings: l1 },
    { ...plain, name: 'dropout', settings: { ...l1, dropout: { probability: 0.375, seed: 12345 } } },
    { ...plain, name: 'dropout, negative seed', settings: { ...l1, dropout: { probability: 0.25, seed: -7 } } },
    { ...plain, name: 'opacity decay', settings: { ...l1, opacityDecay: 0.95 } },
    {
      ...plain,
      name: 'rates of zero',
      settings: { ...l1, learningRates: { ...RATES, means: 0, shRest: 0, quats: 0 } },
    },
    { ...plain, name: 'anchors, all losses', anchored: true, settings: losses(ALL_LOSSES) },
    { ...plain, name: 'anchors, one grid level', anchored: true, settings: { ...l1, activeGridLevels: 1 } },
    { ...plain, name: 'anchors, no grid level', anchored: true, settings: { ...l1, activeGridLevels: 0 } },
    {
      ...plain,
      name: 'anchors, own depth fixed',
      anchored: true,
      settings: { ...l1, learningRates: { ...RATES, ownDepth: 0 } },
    },
    {
      ...plain,
      name: 'anchors, dropout, decay, all losses, ten steps',
      anchored: true,
      steps: 10,
      settings: { ...losses(ALL_LOSSES), dropout: { probability: 0.125, seed: 3 }, opacityDecay: 0.99 },
    },
  ];
}

async function startPair(
  backendUnderTest: BackendUnderTest,
  run: Run,
): Promise<{ trainingCase: TrainingCase; tested: Training; reference: Training }> {
  const base = createTrainingCase(run.shDegree);
  const evaluated = run.name.startsWith('degree 0') ? 0 : run.shDegree;
  const trainingCase = { ...base, options: { ...base.options, shDegree: evaluated } };
  const anchors = run.anchored ? trainingCase.anchors : null;
  const tested = await startTraining(backendUnderTest(), trainingCase, anchors);
  const reference = await startTraining(createReferenceBackend(), trainingCase, anchors);
  for (const { backend, scene } of [tested, reference]) await backend.setFlowPairs(scene, trainingCase.flowPairs);
  return { trainingCase, tested, reference };
}

function complainOfStatistics(actual: SceneStatistics, expected: SceneStatistics): string[] {
  return (['maxWeights', 'gradMeans2d', 'visibleSteps', 'errorWeights'] as const).flatMap((kind) => {
    try {
      assertArraysAgree(kind, actual[kind], expected[kind], scaled(STATISTICS, expected[kind]));
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}

const COLOR: ColorTransform = {
  matrix: [1.1, 0.05, -0.02, 0.03, 0.9, 0.04, -0.06, 0.02, 1.2],
  offset: [0.03, -0.02, 0.01],
};

/** The target's camera, a little moved and zoomed; every second step without a colour transform. */
function adjustmentOf(camera: Camera, iteration: number): ViewAdjustment {
  const moved = moveCamera(camera, [0.02, -0.01, 0.03, 0.05, -0.04, 0.02, 0.01]);
  return { camera: moved, color: iteration % 2 === 0 ? null : COLOR };
}

function complainOfAdjustment(actual: StepReport, expected: StepReport): string[] {
  const [found, wanted] = [actual.gradAdjustment, expected.gradAdjustment];
  if (found === undefined || wanted === undefined) return ['no gradient of the adjustment'];
  const complaints = complainOfCamera(found.camera, wanted.camera);
  if (wanted.color === null) return found.color === null ? complaints : [...complaints, 'a colour gradient unasked'];
  const numbers = ({ color }: ViewAdjustmentGradient): number[] => [...color!.gradMatrix, ...color!.gradOffset];
  try {
    assertArraysAgree('colour', numbers(found), numbers(wanted), scaled(CAMERA_GRADIENT, numbers(wanted)));
    return complaints;
  } catch (error) {
    return [...complaints, (error as Error).message];
  }
}

/** Whole training steps: losses, what they move, statistics, gradients of rays. */
export function describeStepParity(name: string, backendUnderTest: BackendUnderTest): void {
  describe.each(createRuns())(`${name} against reference, steps: $name`, (run) => {
    it('losses, movement, statistics and ray gradients agree', async () => {
      const { trainingCase, tested, reference } = await startPair(backendUnderTest, run);
      const start = await reference.backend.readSplats(reference.scene);
      const complaints: string[] = [];
      for (let iteration = 1; iteration <= run.steps; iteration++) {
        const actual = await takeStep(tested, trainingCase, iteration, run.settings);
        const expected = await takeStep(reference, trainingCase, iteration, run.settings);
        for (const value of ['loss', 'l1'] as const) {
          const error = Math.abs(actual[value] - expected[value]);
          if (!(error <= LOSS_RELATIVE * expected[value])) {
            complaints.push(`step ${iteration}: ${value} ${actual[value]} instead of ${expected[value]}`);
          }
        }
        const actualRays = await tested.backend.readRayGradients(tested.scene);
        const expectedRays = await reference.backend.readRayGradients(reference.scene);
        for (const kind of ['gradOwnDepth', 'gradRawOpacities'] as const) {
          try {
            assertArraysAgree(kind, actualRays[kind], expectedRays[kind], scaled(STATISTICS, expectedRays[kind]));
          } catch (error) {
            complaints.push(`step ${iteration}: ${(error as Error).message}`);
          }
        }
      }
      const [actual, expected] = [
        await tested.backend.readSplats(tested.scene),
        await reference.backend.readSplats(reference.scene),
      ];
      complaints.push(...complainOfMovement(start, actual, expected, MOVED));
      complaints.push(
        ...complainOfStatistics(
          await tested.backend.readStatistics(tested.scene),
          await reference.backend.readStatistics(reference.scene),
        ),
      );
      expect(complaints).toEqual([]);
      await endTraining(tested);
    });
  });

  describe.each([false, true])(`${name} against reference: steps that adjust their photo, anchors %s`, (anchored) => {
    it('losses, gradients of camera and colours, statistics and movement agree', async () => {
      const run = { name: '', shDegree: 2, anchored, steps: 5, settings: {} };
      const { trainingCase, tested, reference } = await startPair(backendUnderTest, run);
      const start = await reference.backend.readSplats(reference.scene);
      const complaints: string[] = [];
      for (let iteration = 1; iteration <= run.steps; iteration++) {
        const { camera } = trainingCase.targets[(iteration - 1) % 2] as TrainingTarget;
        const settings: Partial<TrainingStep> = {
          losses: ALL_LOSSES,
          dropout: { probability: 0.2, seed: iteration },
          adjustment: adjustmentOf(camera, iteration),
        };
        const actual = await takeStep(tested, trainingCase, iteration, settings);
        const expected = await takeStep(reference, trainingCase, iteration, settings);
        for (const value of ['loss', 'l1'] as const)
          if (!(Math.abs(actual[value] - expected[value]) <= LOSS_RELATIVE * expected[value]))
            complaints.push(`step ${iteration}: ${value} ${actual[value]} instead of ${expected[value]}`);
        complaints.push(...complainOfAdjustment(actual, expected).map((text) => `step ${iteration}: ${text}`));
      }
      const [actual, expected] = [
        await tested.backend.readSplats(tested.scene),
        await reference.backend.readSplats(reference.scene),
      ];
      complaints.push(...complainOfMovement(start, actual, expected, MOVED));
      complaints.push(
        ...complainOfStatistics(
          await tested.backend.readStatistics(tested.scene),
          await reference.backend.readStatistics(reference.scene),
        ),
      );
      expect(complaints).toEqual([]);
      // Without an adjustment nothing is told of one.
      expect((await takeStep(tested, trainingCase, 6)).gradAdjustment).toBeUndefined();
      await endTraining(tested);
    });
  });

  describe(`${name} against reference: scenes that change between steps`, () => {
    const base: Run = { name: '', shDegree: 1, anchored: true, steps: 2, settings: { losses: ALL_LOSSES } };

    it('keeps and appends, then goes on training', async () => {
      const { trainingCase, tested, reference } = await startPair(backendUnderTest, base);
      const { splats } = trainingCase;
      const append = createTrainingCase(1).splats;
      const keep = Uint32Array.from({ length: 90 }, (_, i) => (i * 7) % 120);
      for (const training of [tested, reference]) {
        await takeStep(training, trainingCase, 1, base.settings);
        await takeStep(training, trainingCase, 2, base.settings);
        await training.backend.editScene(training.scene, { keep, append });
      }
      const start = await reference.backend.readSplats(reference.scene);
      expect(start.count).toBe(90 + splats.count);
      expect(complainOfMovement(start, await tested.backend.readSplats(tested.scene), start, MOVED)).toEqual([]);
      for (const training of [tested, reference]) {
        const { backend, scene } = training;
        const { visibleSteps } = await backend.readStatistics(scene);
        expect(visibleSteps.every((value) => value === 0)).toBe(true);
      }
      for (let iteration = 3; iteration <= 5; iteration++) {
        const actual = await takeStep(tested, trainingCase, iteration, base.settings);
        const expected = await takeStep(reference, trainingCase, iteration, base.settings);
        // Would differ by the flow loss if one of the two had kept its flow pairs.
        expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(3 * LOSS_RELATIVE * expected.loss);
      }
      const complaints = complainOfMovement(
        start,
        await tested.backend.readSplats(tested.scene),
        await reference.backend.readSplats(reference.scene),
        MOVED,
      );
      complaints.push(
        ...complainOfStatistics(
          await tested.backend.readStatistics(tested.scene),
          await reference.backend.readStatistics(reference.scene),
        ),
      );
      expect(complaints).toEqual([]);
      await endTraining(tested);
    });

    it('an external decoder sets depths and opacities, twice', async () => {
      const { trainingCase, tested, reference } = await startPair(backendUnderTest, base);
      const start = await reference.backend.readSplats(reference.scene);
      const complaints: string[] = [];
      for (const round of [1, 2]) {
        const own = createNoise(120, 90 + round, -0.2, 0.2);
        const residuals = createNoise(120, 95 + round, -1, 1);
        for (const training of [tested, reference]) {
          await training.backend.setRayResiduals(training.scene, own, residuals);
        }
        complaints.push(
          ...complainOfMovement(
            start,
            await tested.backend.readSplats(tested.scene),
            await reference.backend.readSplats(reference.scene),
            MOVED,
          ),
        );
        const settings = { ...base.settings, opacityDecay: 0.97, learningRates: { ...RATES, ownDepth: 0 } };
        const actual = await takeStep(tested, trainingCase, round, settings);
        const expected = await takeStep(reference, trainingCase, round, settings);
        if (!(Math.abs(actual.loss - expected.loss) <= LOSS_RELATIVE * expected.loss)) {
          complaints.push(`round ${round}: loss ${actual.loss} instead of ${expected.loss}`);
        }
        const actualRays = await tested.backend.readRayGradients(tested.scene);
        const expectedRays = await reference.backend.readRayGradients(reference.scene);
        for (const kind of ['gradOwnDepth', 'gradRawOpacities'] as const) {
          assertArraysAgree(kind, actualRays[kind], expectedRays[kind], scaled(STATISTICS, expectedRays[kind]));
        }
      }
      expect(complaints).toEqual([]);
      await endTraining(tested);
    });

    it('a photo of which hardly anything counts', async () => {
      const plain = createTrainingCase(0);
      const [first] = plain.targets;
      const weights = new Float32Array(first.weights?.length ?? 0);
      weights.set([0.25, 0.125], 41 * 15 + 20);
      const masked = { ...first, weights };
      const trainingCase = { ...plain, targets: [masked, masked] } as const;
      const losses = { ...NO_LOSSES, l1: 1, dssim: 1 };
      const reports = await Promise.all(
        [backendUnderTest(), createReferenceBackend()].map(async (backend) => {
          const training = await startTraining(backend, trainingCase);
          const report = await takeStep(training, trainingCase, 1, { losses });
          await endTraining(training);
          return report;
        }),
      );
      const [actual, expected] = reports as [StepReport, StepReport];
      expect(expected.loss).toBeGreaterThan(0.1);
      expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(LOSS_RELATIVE * expected.loss);
      expect(Math.abs(actual.l1 - expected.l1)).toBeLessThan(LOSS_RELATIVE * expected.l1);
    });

    it('a rate that was zero starts from fresh moments', async () => {
      const { trainingCase, tested, reference } = await startPair(backendUnderTest, { ...base, anchored: false });
      const start = await reference.backend.readSplats(reference.scene);
      for (const training of [tested, reference]) {
        const losses = { ...NO_LOSSES, l1: 1 };
        const frozen = { ...RATES, means: 0, quats: 0, logScales: 0, rawOpacities: 0, shDc: 0, shRest: 0 };
        await takeStep(training, trainingCase, 1, { losses, learningRates: frozen });
        await takeStep(training, trainingCase, 2, { losses });
      }
      const complaints = complainOfMovement(
        start,
        await tested.backend.readSplats(tested.scene),
        await reference.backend.readSplats(reference.scene),
        MOVED,
      );
      expect(complaints).toEqual([]);
      await endTraining(tested);
    });
  });
}

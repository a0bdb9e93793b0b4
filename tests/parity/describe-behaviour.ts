import { describe, expect, it } from 'vitest';
import { createSplats } from '../../engine/scene/splats.js';
import type { SplattingBackend, TrainingTarget } from '../../engine/splatting/contract.js';
import { NO_LOSSES } from '../../engine/splatting/no-losses.js';
import { createNoise } from '../fixtures/random-splats.js';
import type { BackendUnderTest } from './describe-render-parity.js';
import { endTraining, startTraining, takeStep } from './paired-run.js';
import { ALL_LOSSES, createTrainingCase, RATES } from './scenes.js';

/** Ten steps with everything switched on, and all that can be read afterwards. */
async function trainAndRead(backend: SplattingBackend) {
  const trainingCase = createTrainingCase(1);
  const training = await startTraining(backend, trainingCase, trainingCase.anchors);
  const { scene } = training;
  await backend.setFlowPairs(scene, trainingCase.flowPairs);
  const reports = [];
  for (let iteration = 1; iteration <= 10; iteration++) {
    reports.push(
      await takeStep(training, trainingCase, iteration, {
        losses: ALL_LOSSES,
        dropout: { probability: 0.2, seed: iteration },
        opacityDecay: 0.99,
      }),
    );
  }
  const read = {
    reports,
    splats: await backend.readSplats(scene),
    statistics: await backend.readStatistics(scene),
    rays: await backend.readRayGradients(scene),
    view: await backend.render(scene, trainingCase.targets[0].camera, trainingCase.options),
  };
  await endTraining(training);
  return read;
}

/** What the contract asks of any backend by itself: determinism, errors, nothing written out of place. */
export function describeBehaviour(name: string, backendUnderTest: BackendUnderTest): void {
  describe(`${name}: behaviour`, () => {
    it('gives the same bits when run twice', async () => {
      expect(await trainAndRead(backendUnderTest())).toEqual(await trainAndRead(backendUnderTest()));
    });

    it('renders an empty scene as the background', async () => {
      const backend = backendUnderTest();
      const { targets, options } = createTrainingCase(0);
      const scene = await backend.createScene(createSplats(0, 0), null);
      const { color, depth, alpha } = await backend.render(scene, targets[0].camera, options);
      const expected = Float32Array.from({ length: color.length }, (_, i) => options.background[i % 3] as number);
      expect(color).toEqual(expected);
      expect(depth.every((value) => value === 0)).toBe(true);
      expect(alpha.every((value) => value === 0)).toBe(true);
      await backend.releaseScene(scene);
    });

    it('training an empty scene, and appending to it, works', async () => {
      const backend = backendUnderTest();
      const trainingCase = createTrainingCase(0);
      const training = await startTraining(backend, { ...trainingCase, splats: createSplats(0, 0) });
      const { loss } = await takeStep(training, trainingCase, 1, { losses: { ...NO_LOSSES, l1: 1 } });
      expect(loss).toBeGreaterThan(0);
      await backend.editScene(training.scene, { keep: new Uint32Array(0), append: trainingCase.splats });
      const report = await takeStep(training, trainingCase, 2, { losses: { ...NO_LOSSES, l1: 1 } });
      expect(report.visibleCount).toBeGreaterThan(50);
      await endTraining(training);
    });

    it('survives NaN and Infinity in a few records: they are culled, the rest renders as without them', async () => {
      const backend = backendUnderTest();
      const { splats, targets, options } = createTrainingCase(0);
      const clean = await backend.createScene(splats, null);
      const without = await backend.render(clean, targets[0].camera, options);
      const dirty = await backend.createScene(splats, null);
      const append = createSplats(6, 0);
      append.means.set([NaN, 0, 5, Infinity, 0, 5, 0, 0, NaN], 0);
      append.logScales[9] = NaN;
      append.logScales[12] = Infinity;
      append.quats.set([0, 0, 0, 0], 20);
      const keep = Uint32Array.from({ length: splats.count }, (_, i) => i);
      await backend.editScene(dirty, { keep, append });
      expect(await backend.render(dirty, targets[0].camera, options)).toEqual(without);
      await backend.releaseScene(clean);
      await backend.releaseScene(dirty);
    });

    it('survives needles of a million to one: all images and gradients finite', async () => {
      const backend = backendUnderTest();
      const { splats, targets, options } = createTrainingCase(0);
      const logScales = splats.logScales.map((value, k) => value + (k % 3 === 0 ? 7 : -7));
      const scene = await backend.createScene({ ...splats, logScales }, null);
      const { camera } = targets[0];
      const pixels = camera.intrinsics.width * camera.intrinsics.height;
      const view = await backend.render(scene, camera, options);
      const { gradCamera, ...gradients } = await backend.backpropagate(scene, camera, options, {
        gradColor: createNoise(pixels * 3, 1),
        gradDepth: createNoise(pixels, 2),
        gradAlpha: createNoise(pixels, 3),
      });
      for (const array of [view.color, view.depth, view.alpha, ...Object.values(gradients)]) {
        expect(array.every((value) => Number.isFinite(value))).toBe(true);
      }
      expect(Object.values(gradCamera).flat().every(Number.isFinite)).toBe(true);
      await backend.releaseScene(scene);
    });

    it('a fully masked photo gives no loss and moves nothing', async () => {
      const backend = backendUnderTest();
      const trainingCase = createTrainingCase(0);
      const [first] = trainingCase.targets;
      const masked: TrainingTarget = { ...first, weights: new Float32Array(first.weights?.length ?? 0) };
      const training = await startTraining(backend, { ...trainingCase, targets: [masked, masked] });
      const before = await backend.readSplats(training.scene);
      const report = await takeStep(training, trainingCase, 1, { losses: { ...NO_LOSSES, l1: 1, dssim: 1 } });
      expect(report).toMatchObject({ loss: 0, l1: 0 });
      expect(await backend.readSplats(training.scene)).toEqual(before);
      await endTraining(training);
    });

    it('ray gradients are zero before any step, and zero for free Gaussians after one', async () => {
      const backend = backendUnderTest();
      const trainingCase = createTrainingCase(0);
      const training = await startTraining(backend, trainingCase, trainingCase.anchors);
      const fresh = await backend.readRayGradients(training.scene);
      expect(fresh.gradOwnDepth.every((value) => value === 0)).toBe(true);
      expect(fresh.gradRawOpacities.every((value) => value === 0)).toBe(true);
      await backend.setRayResiduals(training.scene, new Float32Array(120).fill(0.1), new Float32Array(120));
      await takeStep(training, trainingCase, 1, { losses: ALL_LOSSES });
      const { gradOwnDepth } = await backend.readRayGradients(training.scene);
      expect(gradOwnDepth.subarray(0, 70).some((value) => value !== 0)).toBe(true);
      expect(gradOwnDepth.subarray(70).every((value) => value === 0)).toBe(true);
      await endTraining(training);
    });

    it('statistics restart on request and leave the scene alone', async () => {
      const backend = backendUnderTest();
      const trainingCase = createTrainingCase(0);
      const training = await startTraining(backend, trainingCase);
      await takeStep(training, trainingCase, 1, { losses: ALL_LOSSES });
      const splats = await backend.readSplats(training.scene);
      await backend.resetStatistics(training.scene);
      const statistics = await backend.readStatistics(training.scene);
      for (const sums of Object.values(statistics) as Float32Array[]) {
        expect(sums).toEqual(new Float32Array(trainingCase.splats.count));
      }
      expect(await backend.readSplats(training.scene)).toEqual(splats);
      await endTraining(training);
    });

    it('throws for what cannot be: shapes, indices, iterations, handles', async () => {
      const backend = backendUnderTest();
      const trainingCase = createTrainingCase(0);
      const { splats, anchors, targets } = trainingCase;
      // Calls may throw at once or reject: both are errors to whoever awaits them.
      const accepted: string[] = [];
      const failing = async (call: () => Promise<unknown>, what: string): Promise<void> => {
        await (async () => call())().then(
          () => accepted.push(what),
          () => undefined,
        );
      };
      await failing(() => backend.createScene({ ...splats, means: new Float32Array(5) }, null), 'means too short');
      await failing(
        () => backend.createScene(splats, { ...anchors, viewIndices: Uint16Array.from({ length: 120 }, () => 2) }),
        'view beyond the origins',
      );
      await failing(
        () => backend.createScene(splats, { ...anchors, segments: Uint8Array.from({ length: 120 }, () => 3) }),
        'segment beyond the count',
      );
      await failing(
        () => backend.createScene(splats, { ...anchors, segments: new Uint8Array(3) }),
        'segments too short',
      );
      await failing(() => backend.createTarget({ ...targets[0], color: new Float32Array(7) }), 'color too short');
      await failing(() => backend.createTarget({ ...targets[0], weights: new Float32Array(7) }), 'weights too short');

      const training = await startTraining(backend, trainingCase, anchors);
      const { scene } = training;
      const one = Uint32Array.of(0);
      const weights = Float32Array.of(1);
      await failing(
        () => backend.setFlowPairs(scene, { first: Uint32Array.of(120), second: one, weights }),
        'flow pair beyond the scene',
      );
      await failing(
        () => backend.setFlowPairs(scene, { first: one, second: one, weights: new Float32Array(2) }),
        'flow pairs of unequal lengths',
      );
      await failing(
        () => backend.setRayResiduals(scene, new Float32Array(3), new Float32Array(120)),
        'residuals too short',
      );
      await failing(() => backend.editScene(scene, { keep: Uint32Array.of(120), append: null }), 'kept beyond');
      await failing(
        () => backend.editScene(scene, { keep: one, append: createSplats(1, 2) }),
        'appended of another degree',
      );
      await failing(() => takeStep(training, trainingCase, 0, { learningRates: RATES }), 'iteration 0');
      const ofAnotherSize = { camera: targets[1].camera, color: null };
      await failing(() => takeStep(training, trainingCase, 1, { adjustment: ofAnotherSize }), 'camera of another size');
      const { camera } = targets[0];
      const small = new Float32Array(3);
      await failing(
        () =>
          backend.backpropagate(scene, camera, trainingCase.options, {
            gradColor: small,
            gradDepth: small,
            gradAlpha: small,
          }),
        'upstream too small',
      );
      await failing(() => backend.readSplats({ backend: 'webgpu', id: scene.id }), "another backend's handle");
      await endTraining(training);
      await failing(() => backend.readSplats(scene), 'released scene');
      await failing(() => takeStep(training, trainingCase, 1), 'released target');
      expect(accepted).toEqual([]);
    });
  });
}

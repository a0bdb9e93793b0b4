import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../engine/pipeline/checkpoint.js';
import { CheckpointMismatchError } from '../../engine/pipeline/checkpoint.js';
import { decodeCheckpoint } from '../../engine/pipeline/decode-checkpoint.js';
import { encodeCheckpoint } from '../../engine/pipeline/encode-checkpoint.js';
import type { ReconstructOptions } from '../../engine/pipeline/reconstruction.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { RefinementState } from '../../engine/training/refinement/view-refinement.js';
import { ViewRefinement } from '../../engine/training/refinement/view-refinement.js';
import { loadTensorFlow } from '../../host/tensorflow.js';
import type { Engine, Run } from '../fixtures/interrupted-run.js';
import { ITERATIONS, openEngine, run, runUntil, TUNING, VIEWS } from '../fixtures/interrupted-run.js';

const openDecoderTensors: NonNullable<ReconstructOptions['openDecoderTensors']> = async () =>
  (await loadTensorFlow({ backend: 'wasm' })).tf;

/** Through bytes, as it would come from a file. */
function throughBytes(checkpoint: Checkpoint): Checkpoint {
  return decodeCheckpoint(encodeCheckpoint(checkpoint).slice());
}

async function runWhole(options: Partial<ReconstructOptions>): Promise<Run> {
  const engine = await openEngine();
  const whole = await run(engine, options);
  await engine.close();
  return whole;
}

describe('a run that is stopped and resumed', () => {
  // Before the first densification, with photos at half size; between the two; after both.
  it.each([
    ['free', 4],
    ['free', 15],
    ['rays', 11],
    ['rays', 21],
    ['decoder', 13],
  ] as const)('ends with the same bits as one that was not: %s, at iteration %i', async (motion, iteration) => {
    const options = { motion, openDecoderTensors };
    const whole = await runWhole(options);
    const { stopped, checkpoint } = await runUntil(iteration, options);
    expect(stopped.report).toMatchObject({ stopped: true, iterations: iteration, motion });
    expect(stopped.observerCounts).toBeNull();
    expect(checkpoint.loop.iteration).toBe(iteration);

    const resumed = await runWhole({ ...options, resumeFrom: throughBytes(checkpoint) });
    expect(resumed.splats).toEqual(whole.splats);
    expect(resumed.observerCounts).toEqual(whole.observerCounts);
    expect(resumed.report).toMatchObject({
      stopped: false,
      iterations: ITERATIONS,
      motion,
      views: whole.report.views,
      initialGaussianCount: whole.report.initialGaussianCount,
    });
    // The stages before training are not run again.
    expect(Object.keys(resumed.report.stageMs)).toEqual(['optimisation']);
    // Had the rest been trained with nothing of the state but the splats, the result would be another: the comparison can fail.
    expect(whole.splats).not.toEqual(stopped.splats);
  });

  it('goes on with refined cameras and colours and their moments', async () => {
    const options = { refineCameras: true, adjustExposure: true };
    const whole = await runWhole(options);
    const { checkpoint } = await runUntil(13, options);
    const resumed = await runWhole({ ...options, resumeFrom: throughBytes(checkpoint) });
    expect(resumed.splats).toEqual(whole.splats);
    expect(resumed.observerCounts).toEqual(whole.observerCounts);
    expect(resumed.report.refinement).toEqual(whole.report.refinement);
    // They have moved, before the stop and after it.
    const saved = checkpoint.refinement!;
    expect(whole.report.refinement!.views.every(({ turnedDeg }) => turnedDeg > 0)).toBe(true);
    expect(saved.steps.reduce((sum, steps) => sum + steps, 0)).toBeGreaterThan(9);
    expect(whole.report.refinement!.views[0]!.camera.cameraFromWorld.translation).not.toEqual(
      Array.from(saved.poses.subarray(9, 12)),
    );
    expect(whole.report.refinement!.views[0]!.color.matrix[0]).not.toBe(1);
    expect(whole.splats).not.toEqual((await runWhole({})).splats);
  });

  it('can be stopped and resumed more than once', async () => {
    const first = await runUntil(6);
    const second = await runUntil(17, { resumeFrom: throughBytes(first.checkpoint) });
    expect(second.checkpoint.loop.iteration).toBe(17);
    const last = await runWhole({ resumeFrom: throughBytes(second.checkpoint) });
    expect(last.splats).toEqual((await runWhole({})).splats);
  });
});

function refinementOfOnePhoto(): RefinementState {
  const { refinement: settings } = TUNING.training;
  return new ViewRefinement([VIEWS[0]!.camera], { settings, sceneUnit: 1 }).save();
}

describe('a checkpoint of another run', () => {
  let checkpoint: Checkpoint;
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine();
    ({ checkpoint } = await runUntil(9));
  });
  afterAll(() => engine.close());

  const changedPixel = VIEWS.map((view, i) => {
    if (i !== 1) return view;
    const data = view.image.data.slice();
    data[777] = 1 - data[777]!;
    return { ...view, image: { ...view.image, data } };
  });

  it.each([
    ['seed', { seed: 6 }],
    ['iterations', { iterations: 25 }],
    ['motion', { motion: 'rays' }],
    ['number of splats', { maxSplats: 5000 }],
    ['preset', { tuning: { ...TUNING, training: { ...TUNING.training, dropoutProbability: 0.3 } } }],
    ['preset', { refineCameras: true }],
    ['photos', { views: VIEWS.slice(0, 2) }],
    ['photos', { views: changedPixel }],
  ] as const)('is refused when the %s differ', async (difference, options) => {
    const attempt = run(engine, { ...options, resumeFrom: checkpoint });
    await expect(attempt).rejects.toThrow(CheckpointMismatchError);
    await expect(attempt).rejects.toMatchObject({ differences: [difference] });
  });

  it('is refused with words for the user when its parts do not fit each other', async () => {
    const damaged: Checkpoint[] = [
      { ...checkpoint, loop: { ...checkpoint.loop, order: [3] } },
      { ...checkpoint, loop: { ...checkpoint.loop, iteration: 1000 } },
      { ...checkpoint, guides: checkpoint.guides.slice(1) },
      { ...checkpoint, scene: { ...checkpoint.scene, arrays: {} } },
      { ...checkpoint, refinement: refinementOfOnePhoto() },
    ];
    for (const resumeFrom of damaged) {
      const attempt = run(engine, { resumeFrom });
      await expect(attempt).rejects.toThrow(ImportError);
      await expect(attempt).rejects.toMatchObject({ code: 'malformed' });
    }
  });

  it('lends its splats to a run with smaller photos and a smaller budget, for the iterations that were left', async () => {
    const half = VIEWS.map((view) => halveView(view));
    const maxSplats = Math.floor(checkpoint.scene.splats.count / 2);
    const { report, splats, events } = await run(engine, { views: half, maxSplats, warmStartFrom: checkpoint });
    expect(report).toMatchObject({ stopped: false, iterations: ITERATIONS, initialGaussianCount: maxSplats });
    expect(splats.count).toBeLessThanOrEqual(maxSplats);
    expect(Object.keys(report.stageMs)).toEqual(['optimisation']);
    const losses = events.flatMap((event) => (event.type === 'iteration' ? [event] : []));
    expect(losses[0]!.iteration).toBe(10);
    // A scene that had learnt nothing has a loss over 0.2 here; one whose optimiser ran wild would leave that behind.
    expect(losses.at(-1)!.loss).toBeLessThan(losses[0]!.loss);
    expect(splats.means.every((value) => Number.isFinite(value))).toBe(true);
  });
});

/** Every second pixel of every second row. */
function halveView(view: (typeof VIEWS)[number]): (typeof VIEWS)[number] {
  const { width, height, data } = view.image;
  const [w, h] = [width >> 1, height >> 1];
  const half = Float32Array.from(
    { length: w * h * 3 },
    (_, k) => data[(2 * Math.floor(k / 3 / w) * width + 2 * (Math.floor(k / 3) % w)) * 3 + (k % 3)]!,
  );
  const { fx, fy, cx, cy } = view.camera.intrinsics;
  const intrinsics = { fx: fx / 2, fy: fy / 2, cx: cx / 2, cy: cy / 2, width: w, height: h };
  return { ...view, camera: { ...view.camera, intrinsics }, image: { width: w, height: h, data: half } };
}

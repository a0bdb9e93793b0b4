import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../engine/pipeline/checkpoint.js';
import type { ReconstructOptions } from '../../engine/pipeline/reconstruction.js';
import { computePsnr } from '../../engine/metrics/psnr.js';
import type { PointCloud } from '../../engine/scene/point-cloud.js';
import { encodeSplats } from '../../engine/scene/encode-splats.js';
import type { Splats } from '../../engine/scene/splats.js';
import type { Engine, Run } from '../fixtures/interrupted-run.js';
import { A_REST_MS, afterStep, HELD_OUT, ITERATIONS, openEngine, run, sleep } from '../fixtures/interrupted-run.js';
import { trueDepth } from '../fixtures/textured-planes.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';

let engine: Engine;
let plain: Run;
beforeAll(async () => {
  engine = await openEngine();
  plain = await run(engine);
});
afterAll(() => engine.close());

/** Rests after every step, so that all that can be watched is. */
function restOften(options: Partial<ReconstructOptions> = {}): Promise<Run> {
  const splatting = Object.create(engine.splatting, {
    step: {
      value: async (...call: Parameters<typeof engine.splatting.step>) => {
        const report = await engine.splatting.step(...call);
        if (call[1].iteration % 4 === 0) await sleep(A_REST_MS);
        return report;
      },
    },
  }) as typeof engine.splatting;
  return run({ ...engine, splatting }, options);
}

describe('a run that is watched', () => {
  const snapshots: { splats: Splats; iteration: number }[] = [];
  const clouds: PointCloud[] = [];
  const checkpoints: Checkpoint[] = [];
  let watched: Run;
  beforeAll(async () => {
    watched = await restOften({
      heldOutViews: HELD_OUT,
      snapshotEveryMs: 0,
      checkpointEveryMs: 0,
      onSnapshot: (splats, iteration) => snapshots.push({ splats, iteration }),
      onPoints: (points) => clouds.push(points),
      // A receiver may do with it what it likes.
      onCheckpoint: (checkpoint) => {
        checkpoints.push(checkpoint);
        checkpoint.scene.splats.means.fill(NaN);
      },
    });
  });

  it('gives the bits of one that is not', () => {
    expect(watched.splats).toEqual(plain.splats);
    expect(watched.observerCounts).toEqual(plain.observerCounts);
  });

  it('shows the scene from its initialisation on, each time as it is then', () => {
    expect(snapshots[0]!.iteration).toBe(0);
    expect(snapshots[0]!.splats.count).toBe(plain.report.initialGaussianCount);
    expect(snapshots.length).toBeGreaterThan(3);
    const iterations = snapshots.map(({ iteration }) => iteration);
    expect(iterations).toEqual([...new Set(iterations)].sort((a, b) => a - b));
    const contents = new Set(snapshots.map(({ splats }) => encodeSplats(splats).join()));
    expect(contents.size).toBe(snapshots.length);
  });

  it('shows points first of the matches, then many more of stereo, where the surfaces are', () => {
    expect(clouds).toHaveLength(2);
    const [sparse, dense] = clouds as [PointCloud, PointCloud];
    expect(sparse.count).toBeGreaterThanOrEqual(8);
    expect(dense.count).toBeGreaterThan(20 * sparse.count);
    const [first] = HELD_OUT as [(typeof HELD_OUT)[0]];
    const { cameraFromWorld, intrinsics } = first.camera;
    const errors = Array.from({ length: dense.count }, (_, p) => {
      const [x, y, z] = transformPoint(cameraFromWorld, [...dense.positions.subarray(p * 3, p * 3 + 3)] as [
        number,
        number,
        number,
      ]);
      const [u, v] = [(x / z) * intrinsics.fx + intrinsics.cx, (y / z) * intrinsics.fy + intrinsics.cy];
      return Math.abs(z / trueDepth(first.camera, u, v) - 1);
    }).sort((a, b) => a - b);
    // From a fourth place, which none of them was measured from. Behind the board's rim the true depth is another surface's.
    expect(errors[Math.floor(errors.length * 0.5)]).toBeLessThan(0.02);
    // The photos are grey.
    for (let p = 0; p < dense.count; p++) expect(dense.colors[p * 3]).toBe(dense.colors[p * 3 + 2]);
  });

  it('tells the PSNR of held-out views from the initialisation on, where there are some', () => {
    const scores = watched.events.flatMap((event) => (event.type === 'evaluation' ? [event] : []));
    expect(scores[0]!.iteration).toBe(0);
    const [view] = HELD_OUT as [(typeof HELD_OUT)[0]];
    const worst = computePsnr(new Float32Array(view.image.data.length), view.image.data, null);
    expect(scores[0]!.psnr).toBeGreaterThan(worst);
    expect(plain.events.some((event) => event.type === 'evaluation')).toBe(false);
  });

  it('hands over checkpoints in order, none while one is being saved', async () => {
    const iterations = checkpoints.map(({ loop }) => loop.iteration);
    expect(iterations.length).toBeGreaterThan(2);
    expect(iterations).toEqual([...iterations].sort((a, b) => a - b));
    let [saving, most] = [0, 0];
    await restOften({
      checkpointEveryMs: 0,
      onCheckpoint: async () => {
        most = Math.max(most, ++saving);
        await sleep(3 * A_REST_MS);
        saving--;
      },
    });
    // The run waited for the last one.
    expect([most, saving]).toEqual([1, 0]);
  });

  it('goes on, with a warning, where a checkpoint cannot be saved', async () => {
    const { splats, report } = await restOften({
      checkpointEveryMs: 0,
      onCheckpoint: () => Promise.reject(new Error('the disk is full')),
    });
    expect(splats).toEqual(plain.splats);
    expect(report.warnings.join()).toContain('the disk is full');
  });
});

describe('a run that is paused', () => {
  it('stands still, leaves a checkpoint of where it stands, and ends with the same bits', async () => {
    const pause = { isPaused: false };
    const checkpoints: Checkpoint[] = [];
    let taken = 0;
    const splatting = afterStep(engine.splatting, 9, async () => {
      pause.isPaused = true;
      await sleep(A_REST_MS);
    });
    const counting = Object.create(splatting, {
      step: {
        value: (...call: Parameters<typeof splatting.step>) => {
          taken++;
          return splatting.step(...call);
        },
      },
    }) as typeof splatting;
    const running = run(
      { ...engine, splatting: counting },
      { pause, onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint) },
    );
    while (checkpoints.length === 0) await sleep(20);
    expect(checkpoints[0]!.loop.iteration).toBe(9);
    const takenWhenPaused = taken;
    await sleep(400);
    expect(taken).toBe(takenWhenPaused);
    pause.isPaused = false;
    const { splats, report, events } = await running;
    expect(splats).toEqual(plain.splats);
    expect(report.stopped).toBe(false);
    expect(checkpoints).toHaveLength(1);
    const last = events.flatMap((event) => (event.type === 'iteration' ? [event] : [])).at(-1)!;
    expect(last).toMatchObject({ iteration: ITERATIONS, etaMs: 0 });
  });

  it('can be paused and stopped in every stage before training', async () => {
    for (const stage of ['matches', 'stereo', 'initialisation'] as const) {
      const pause = { isPaused: false };
      const controller = new AbortController();
      let [entered, left] = [false, false];
      const running = run(engine, {
        pause,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === 'stage-started' && event.stage === stage) entered = pause.isPaused = true;
          if (event.type === 'stage-finished' && event.stage === stage) left = true;
        },
      });
      const ended = expect(running).rejects.toThrow('enough');
      while (!entered) await sleep(10);
      await sleep(300);
      expect(left, stage).toBe(false);
      controller.abort(new Error('enough'));
      await ended;
      expect(left, stage).toBe(false);
    }
  });
});

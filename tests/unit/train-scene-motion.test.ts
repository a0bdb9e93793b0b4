import { describe, expect, it } from 'vitest';
import { chooseMotion } from '../../engine/pipeline/choose-motion.js';
import { initialiseWithinBudget } from '../../engine/pipeline/splat-budget.js';
import type { Camera } from '../../engine/scene/camera.js';
import type { Splats } from '../../engine/scene/splats.js';
import { NO_ANCHOR } from '../../engine/splatting/contract.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { selectAnchors } from '../../engine/training/decoder/anchor-sampling.js';
import type { InitialScene } from '../../engine/training/initialise.js';
import { initialiseScene } from '../../engine/training/initialise.js';
import { makeTarget, uploadTargets } from '../../engine/training/make-targets.js';
import type { MotionPlan } from '../../engine/training/open-motion.js';
import { openMovingScene } from '../../engine/training/open-motion.js';
import type { TrainingPreset } from '../../engine/training/presets.js';
import { PRESETS } from '../../engine/training/presets.js';
import type { SeedView } from '../../engine/training/seed-view.js';
import { trainScene } from '../../engine/training/train-scene.js';
import { loadTensorFlow } from '../../host/tensorflow.js';

const WIDTH = 24;
const HEIGHT = 18;
const DEPTH = 2;
const ITERATIONS = 24;
const GRID_LEVELS = [{ columns: 4, rows: 3 }];

function cameraAt(x: number): Camera {
  return {
    intrinsics: { fx: WIDTH, fy: WIDTH, cx: WIDTH / 2, cy: HEIGHT / 2, width: WIDTH, height: HEIGHT },
    cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [-x, 0, 0] },
  };
}

/** A wall at z = DEPTH, painted by world position, seen from x; the depth that is handed over is 4 % too far. */
function seedView(x: number): SeedView {
  const image = { width: WIDTH, height: HEIGHT, data: new Float32Array(WIDTH * HEIGHT * 3) };
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const worldX = (((i % WIDTH) + 0.5 - WIDTH / 2) / WIDTH) * DEPTH + x;
    const worldY = ((Math.floor(i / WIDTH) + 0.5 - HEIGHT / 2) / WIDTH) * DEPTH;
    const color = [Math.sin(5 * worldX), Math.sin(7 * worldY + 1), Math.sin(4 * (worldX - worldY))];
    image.data.set(
      color.map((value) => 0.5 + 0.4 * value),
      i * 3,
    );
  }
  return {
    camera: cameraAt(x),
    image,
    mask: null,
    depth: new Float32Array(WIDTH * HEIGHT).fill(DEPTH * 1.04),
    confirmed: new Uint8Array(WIDTH * HEIGHT).fill(1),
    segments: Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH < WIDTH / 2 ? 0 : 1)),
  };
}

const SEEDS = [seedView(-0.2), seedView(0.2)];
const INITIALISE = { ...PRESETS.standard.initialise, hiddenPx: 0, borderPx: 0, largestBlockPx: 2 } as const;
const TRAINING: TrainingPreset = {
  ...PRESETS.standard.training,
  losses: { ...PRESETS.standard.training.losses, l1: 0.8, dssim: 0.2 },
  gridLevels: GRID_LEVELS,
  dropoutProbability: 0,
  densifyAt: [],
};

interface Trained {
  readonly splats: Splats;
  readonly losses: readonly number[];
}

/** Both photos once an epoch; the losses are means over an epoch. */
async function train(initial: InitialScene, plan: MotionPlan, changes: Partial<TrainingPreset> = {}): Promise<Trained> {
  const backend = createReferenceBackend();
  const { scene, decoder } = await openMovingScene(backend, initial, plan);
  const views = SEEDS.map(({ camera, image, mask }, i) => ({ name: `${i}`, camera, image, mask }));
  const targets = await uploadTargets(
    backend,
    views.map((view) => () => makeTarget(view, null)),
    [],
  );
  const steps: number[] = [];
  const counts: number[] = [];
  await trainScene(
    {
      backend,
      scene,
      decoder,
      targets,
      halfTargets: targets,
      preset: { ...TRAINING, ...changes },
      iterations: ITERATIONS,
      seed: 3,
      shDegree: 0,
      background: [0, 0, 0],
      sceneUnit: DEPTH,
      maxGaussians: 2 * initial.splats.count,
      onIteration: (_, loss, count) => {
        steps.push(loss);
        counts.push(count);
      },
    },
    { onProgress: () => undefined },
  );
  const splats = await backend.readSplats(scene);
  expect(splats.count).toBe(counts.at(-1));
  decoder?.dispose();
  await backend.dispose();
  const losses = Array.from({ length: ITERATIONS / 2 }, (_, epoch) => (steps[2 * epoch]! + steps[2 * epoch + 1]!) / 2);
  return { splats, losses };
}

/** How far mean `to` lies along the ray of Gaussian `i`, and beside it, from where that began; in units of its distance from the camera. */
function measureMove(
  { splats, anchors }: InitialScene,
  i: number,
  after: Splats,
  to = i,
): { along: number; beside: number } {
  const origin = anchors.origins.subarray(anchors.viewIndices[i]! * 3);
  const before = [0, 1, 2].map((c) => splats.means[i * 3 + c]! - origin[c]!);
  const move = [0, 1, 2].map((c) => after.means[to * 3 + c]! - splats.means[i * 3 + c]!);
  const distance = Math.hypot(...before);
  const along = move.reduce((sum, value, c) => sum + (value * before[c]!) / distance, 0);
  const beside = Math.hypot(...move.map((value, c) => value - (along * before[c]!) / distance));
  return { along: Math.abs(along) / distance, beside: beside / distance };
}

function largestMoves(initial: InitialScene, after: Splats): { along: number; beside: number } {
  const moves = Array.from({ length: initial.splats.count }, (_, i) => measureMove(initial, i, after));
  return {
    along: Math.max(...moves.map(({ along }) => along)),
    beside: Math.max(...moves.map(({ beside }) => beside)),
  };
}

async function decoderPlan(): Promise<MotionPlan> {
  const { tf } = await loadTensorFlow({ backend: 'wasm' });
  return { motion: 'decoder', tf, width: WIDTH, height: HEIGHT, seed: 3 };
}

/** float32 means. */
const ON_RAY = 1e-6;

describe('trainScene', () => {
  const initial = initialiseScene(SEEDS, INITIALISE);

  it('lowers the loss with free Gaussians, which leave their rays', async () => {
    const { splats, losses } = await train(initial, { motion: 'free' });
    expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
    expect(largestMoves(initial, splats).beside).toBeGreaterThan(100 * ON_RAY);
  });

  it.each([
    ['rays', () => Promise.resolve<MotionPlan>({ motion: 'rays', gridLevels: GRID_LEVELS })],
    ['decoder', decoderPlan],
  ])('lowers the loss with Gaussians that stay on their rays: %s', async (_, plan) => {
    const { splats, losses } = await train(initial, await plan());
    expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
    const { along, beside } = largestMoves(initial, splats);
    expect(along).toBeGreaterThan(100 * ON_RAY);
    expect(beside).toBeLessThan(ON_RAY);
  });

  it('leaves depths to the decoder: own depths and grids learn nothing beside it', async () => {
    const rates = { ...TRAINING.learningRates, ownDepth: 1, rayField: 1 };
    const [still, fast] = [
      await train(initial, await decoderPlan()),
      await train(initial, await decoderPlan(), { learningRates: rates }),
    ];
    expect(fast.splats.means).toEqual(still.splats.means);
  });

  it('goes on with the decoder after Gaussians were split: those that were kept stay on their rays', async () => {
    const { splats, losses } = await train(initial, await decoderPlan(), { densifyAt: [0.5], densifyShare: 0.1 });
    expect(splats.count).toBeGreaterThan(initial.splats.count);
    expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
    // Kept ones come first, in their order, before the two halves of each that was split.
    const kept = splats.count - 2 * Math.round(0.1 * initial.splats.count);
    let ray = -1;
    for (let i = 0; i < kept; i++) {
      do ray++;
      while (ray < initial.splats.count && measureMove(initial, ray, splats, i).beside >= ON_RAY);
    }
    expect(ray).toBeLessThan(initial.splats.count);
  });
});

describe('chooseMotion', () => {
  const ask = async (
    motion: 'free' | 'rays' | 'decoder',
    openDecoderTensors?: () => Promise<never>,
  ): Promise<{ plan: MotionPlan; warnings: string[] }> => {
    const warnings: string[] = [];
    const options = { motion, seed: 1, ...(openDecoderTensors === undefined ? {} : { openDecoderTensors }) };
    const plan = await chooseMotion(options, TRAINING, SEEDS[0]!.image, { warn: (text) => warnings.push(text) });
    return { plan, warnings };
  };

  it('falls back on rays, with a warning, where the tensors cannot be loaded', async () => {
    const { plan, warnings } = await ask('decoder', () => Promise.reject(new Error('no such library')));
    expect(plan).toEqual({ motion: 'rays', gridLevels: GRID_LEVELS });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('no such library');
    expect((await ask('decoder')).warnings).toHaveLength(1);
  });

  it('loads no tensors for other motions', async () => {
    let calls = 0;
    const open = (): Promise<never> => {
      calls++;
      return Promise.reject(new Error('not wanted'));
    };
    expect((await ask('free', open)).plan.motion).toBe('free');
    expect((await ask('rays', open)).plan.motion).toBe('rays');
    expect(calls).toBe(0);
  });
});

describe('anchors of a scene that was cut or edited', () => {
  it('follow their Gaussians when initialisation is thinned to the budget', async () => {
    const scene = await initialiseWithinBudget(SEEDS, INITIALISE, 40);
    expect(scene.splats.count).toBe(40);
    expect(scene.anchors.viewIndices).toHaveLength(40);
    for (let i = 0; i < 40; i++) {
      const { fx, fy, cx, cy } = SEEDS[0]!.camera.intrinsics;
      const origin = scene.anchors.origins.subarray(scene.anchors.viewIndices[i]! * 3);
      const [x, y, z] = [0, 1, 2].map((c) => scene.splats.means[i * 3 + c]! - origin[c]!) as [number, number, number];
      expect(((x / z) * fx + cx) / WIDTH).toBeCloseTo(scene.anchors.imageCoords[i * 2]!, 5);
      expect(((y / z) * fy + cy) / HEIGHT).toBeCloseTo(scene.anchors.imageCoords[i * 2 + 1]!, 5);
    }
    const owners = scene.owners.flatMap((view) => [...view]).filter((owner) => owner >= 0);
    expect(Math.max(...owners)).toBeLessThan(40);
  });

  it('are taken in the order of the edit; what was appended has none', () => {
    const places = {
      viewIndices: Uint16Array.of(0, 1, 2),
      imageCoords: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 0.125),
      segments: Uint8Array.of(3, 4, 1),
    };
    expect(selectAnchors(places, [2, 0], 1)).toEqual({
      viewIndices: Uint16Array.of(2, 0, NO_ANCHOR),
      imageCoords: Float32Array.of(1, 0.125, 0, 0.25, 0, 0),
      segments: Uint8Array.of(1, 3, 0),
    });
  });
});

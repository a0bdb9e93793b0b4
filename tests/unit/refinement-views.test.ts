import { describe, expect, it } from 'vitest';
import { cameraCentre } from '../../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import type { Camera } from '../../engine/scene/camera.js';
import { ShapeError } from '../../engine/scene/errors.js';
import type { ColorTransform, TargetHandle, ViewAdjustmentGradient } from '../../engine/splatting/contract.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { transformColors } from '../../engine/splatting/reference/color-transform.js';
import { NO_LEARNING, NO_LOSSES } from '../../engine/splatting/no-losses.js';
import type { RefinementPreset } from '../../engine/training/presets.js';
import { PRESETS } from '../../engine/training/presets.js';
import { RigMotion } from '../../engine/training/refinement/rig-motion.js';
import { ViewRefinement } from '../../engine/training/refinement/view-refinement.js';
import { moveCamera } from '../fixtures/move-camera.js';
import { createAskewCamera, createNoise, createRandomSplats, DEFAULT_RECIPE } from '../fixtures/random-splats.js';

const SETTINGS: RefinementPreset = {
  ...PRESETS.standard.training.refinement,
  cameras: true,
  exposure: false,
  focalRate: 0,
};
const SCENE_UNIT = 3;
const OPTIONS = { background: [0.1, 0.2, 0.1], shDegree: 1, dilation: 0.3 } as const;

const FIRST = createAskewCamera(26, 22);
/** Three places, so that a motion of one against the others is no motion of all. */
const TRUE_CAMERAS: readonly Camera[] = [
  FIRST,
  moveCamera(FIRST, [0.05, -0.1, 0.02, 0.4, 0.1, 0, 0]),
  moveCamera(FIRST, [-0.03, 0.08, -0.1, -0.3, 0.3, 0.1, 0]),
];
const SPLATS = createRandomSplats({ ...DEFAULT_RECIPE, camera: FIRST, count: 40, seed: 5, sigmasPx: [1, 3] });

function distance(a: Camera, b: Camera): { turn: number; shift: number } {
  const r: Mat3 = multiplyMat(b.cameraFromWorld.rotation, transposeMat(a.cameraFromWorld.rotation));
  const [p, q] = [cameraCentre(a.cameraFromWorld), cameraCentre(b.cameraFromWorld)];
  return {
    turn: Math.hypot(r[7] - r[5], r[2] - r[6], r[3] - r[1]) / 2,
    shift: Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]),
  };
}

/** Photos of the scene as it is, seen through `colors`; then only the refinement learns. Returns where it ends. */
async function refine(
  given: readonly Camera[],
  settings: RefinementPreset,
  rounds: number,
  colors: readonly (ColorTransform | null)[] = [null, null, null],
): Promise<ViewRefinement> {
  const backend = createReferenceBackend();
  const scene = await backend.createScene(SPLATS, null);
  const targets: TargetHandle[] = [];
  for (const [i, camera] of TRUE_CAMERAS.entries()) {
    const { color, depth, alpha } = await backend.render(scene, camera, OPTIONS);
    const { width, height } = camera.intrinsics;
    const float64 = { width, height, color: Float64Array.from(color), depth: Float64Array.from(depth) };
    const seen = transformColors({ ...float64, alpha: Float64Array.from(alpha) }, colors[i] ?? null);
    const photo = { camera: given[i]!, color: Float32Array.from(seen.color), weights: null };
    targets.push(await backend.createTarget({ ...photo, tvWeights: null, priorInverseDepth: null }));
  }
  const views = new ViewRefinement(given, { settings, sceneUnit: SCENE_UNIT });
  for (let round = 0; round < rounds; round++)
    for (const [photo, target] of targets.entries()) {
      const { gradAdjustment } = await backend.step(scene, {
        ...{ iteration: 1, target, render: OPTIONS, losses: { ...NO_LOSSES, l1: 1 }, learningRates: NO_LEARNING },
        ...{ dropout: { probability: 0, seed: 0 }, opacityDecay: 1, activeGridLevels: 0 },
        adjustment: views.adjustmentOf(photo, given[photo]!.intrinsics),
      });
      views.learn(photo, gradAdjustment!, 0.02 ** (round / rounds));
    }
  return views;
}

describe('cameras that are refined', () => {
  it('find back to where the photos were taken from', async () => {
    // What the cameras are off in common could not be found: the scene holds still and the rig does too.
    const motions = Float64Array.from(createNoise(18, 9)).map((value, k) => value * (k % 6 < 3 ? 0.01 : 0.03));
    new RigMotion(TRUE_CAMERAS, SCENE_UNIT).remove(motions);
    const shaken = TRUE_CAMERAS.map((camera, i) => moveCamera(camera, [...motions.subarray(i * 6, i * 6 + 6), 0]));
    const rates = { rotationRate: 1e-3, translationRate: 1e-3 };
    const views = await refine(shaken, { ...SETTINGS, ...rates }, 80);
    TRUE_CAMERAS.forEach((camera, i) => {
      const [before, after] = [distance(shaken[i]!, camera), distance(views.cameraOf(i), camera)];
      expect(after.turn).toBeLessThan(0.15 * before.turn);
      expect(after.shift).toBeLessThan(0.15 * before.shift);
    });
  }, 60_000);

  it('stay as a rig: the mean of their centres and their mean turn do not move with one photo', () => {
    const views = new ViewRefinement(TRUE_CAMERAS, { settings: SETTINGS, sceneUnit: SCENE_UNIT });
    const gradient: ViewAdjustmentGradient = {
      camera: { gradRotation: [1, -2, 3], gradTranslation: [-1, 1, 0.5], gradLogFocal: 1 },
      color: null,
    };
    views.learn(0, gradient, 1);
    const mean = (cameras: readonly Camera[]): number[] =>
      [0, 1, 2].map((axis) => cameras.reduce((sum, c) => sum + cameraCentre(c.cameraFromWorld)[axis]! / 3, 0));
    const moved = TRUE_CAMERAS.map((_, i) => views.cameraOf(i));
    expect(distance(moved[0]!, TRUE_CAMERAS[0]!).turn).toBeGreaterThan(0.5 * SETTINGS.rotationRate);
    // The others give way.
    expect(distance(moved[2]!, TRUE_CAMERAS[2]!).turn).toBeGreaterThan(0);
    const [before, after] = [mean(TRUE_CAMERAS), mean(moved)];
    after.forEach((value, axis) => {
      expect(Math.abs(value - before[axis]!)).toBeLessThan(0.05 * distance(moved[0]!, TRUE_CAMERAS[0]!).shift);
    });
    expect(views.focalFactor).toBe(1);
  });

  it('share one focal length, which falls where the loss rises with it', () => {
    const settings = { ...SETTINGS, focalRate: 1e-3, rotationRate: 0, translationRate: 0 };
    const views = new ViewRefinement(TRUE_CAMERAS, { settings, sceneUnit: SCENE_UNIT });
    const camera = { gradRotation: [0, 0, 0] as Vec3, gradTranslation: [0, 0, 0] as Vec3, gradLogFocal: 4 };
    views.learn(1, { camera, color: null }, 1);
    // Adam's first step is the rate, whatever the gradient.
    expect(views.focalFactor).toBeCloseTo(Math.exp(-1e-3), 12);
    const { fx, fy, cx } = TRUE_CAMERAS[2]!.intrinsics;
    const refined = views.cameraOf(2).intrinsics;
    expect([refined.fx / fx, refined.fy / fy]).toEqual([views.focalFactor, views.focalFactor]);
    expect(refined.cx).toBe(cx);
  });
});

describe('colours that are adapted', () => {
  const gain = (value: number, offset: number): ColorTransform => ({
    matrix: [value, 0, 0, 0, value, 0, 0, 0, value],
    offset: [offset, offset, offset],
  });

  it('find the photos’ own exposure, whose mean is the identity', async () => {
    const colors = [gain(1.1, 0), gain(0.9, 0.02), gain(1, -0.02)];
    const settings = { ...SETTINGS, cameras: false, exposure: true, exposureWeight: 0, exposureRate: 6e-3 };
    const views = await refine(TRUE_CAMERAS, settings, 70, colors);
    colors.forEach(({ matrix, offset }, i) => {
      const found = views.colorOf(i);
      // Gain and offset are apart only as far as the photo's colours are: compared at the middle of them.
      const at = (transform: ColorTransform): number => 0.4 * transform.matrix[4] + transform.offset[1];
      expect(Math.abs(at(found) - at({ matrix, offset }))).toBeLessThan(0.01);
      // Channels do not mix unless they are asked to.
      expect(found.matrix[1]).toBe(0);
    });
    const total = [0, 1, 2].reduce((sum, i) => sum + views.colorOf(i).matrix[0], 0);
    expect(total).toBeCloseTo(3, 10);
    expect(views.cameraOf(1)).toEqual(TRUE_CAMERAS[1]);
  });

  it('are drawn to the identity where the photo does not ask for more', () => {
    const settings = { ...SETTINGS, cameras: false, exposure: true, exposureWeight: 0.5, exposureRate: 0.01 };
    const views = new ViewRefinement(TRUE_CAMERAS, { settings, sceneUnit: SCENE_UNIT });
    const camera = { gradRotation: [0, 0, 0] as Vec3, gradTranslation: [0, 0, 0] as Vec3, gradLogFocal: 0 };
    const gradMatrix: Mat3 = [-0.1, 0, 0, 0, 0, 0, 0, 0, 0];
    const steps = 120;
    for (let i = 0; i < steps; i++)
      views.learn(0, { camera, color: { gradMatrix, gradOffset: [0, 0, 0] } }, 0.02 ** (i / steps));
    // At rest −0.1 + 2 · 0.5 · x = 0; the other two photos share what the mean must not gain.
    expect(views.colorOf(0).matrix[0]).toBeCloseTo(1.1, 2);
    expect(views.colorOf(1).matrix[0]).toBeCloseTo(0.95, 2);
    expect(views.colorOf(0).matrix[4]).toBe(1);
  });
});

describe('what is saved', () => {
  const gradient: ViewAdjustmentGradient = {
    camera: { gradRotation: [1, 2, -1], gradTranslation: [0.5, 1, 2], gradLogFocal: -1 },
    color: { gradMatrix: [1, 2, 3, 4, 5, 6, 7, 8, 9], gradOffset: [1, -1, 2] },
  };
  const settings = { ...SETTINGS, exposure: true, focalRate: 1e-4, exposureMixes: true };

  it('goes on with the very steps, and is a copy', () => {
    const views = new ViewRefinement(TRUE_CAMERAS, { settings, sceneUnit: SCENE_UNIT });
    views.learn(0, gradient, 1);
    views.learn(2, gradient, 0.5);
    const saved = views.save();
    const kept = structuredClone(saved);
    const restored = new ViewRefinement(TRUE_CAMERAS, { settings, sceneUnit: SCENE_UNIT, from: saved });
    for (const each of [views, restored]) each.learn(1, gradient, 0.7);
    expect(restored.save()).toEqual(views.save());
    expect(saved).toEqual(kept);
    expect(views.save()).not.toEqual(kept);
  });

  it('is refused for another number of photos', () => {
    const views = new ViewRefinement(TRUE_CAMERAS, { settings, sceneUnit: SCENE_UNIT });
    const from = views.save();
    expect(() => new ViewRefinement(TRUE_CAMERAS.slice(1), { settings, sceneUnit: SCENE_UNIT, from })).toThrow(
      ShapeError,
    );
  });
});

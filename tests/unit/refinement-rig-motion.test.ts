import { describe, expect, it } from 'vitest';
import { rotationOfQuaternion } from '../../engine/math/conventions.js';
import type { Mat3, RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { composeRigid, invertRigid, multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import { moveInTarget, rotationOfVector } from '../../engine/math/rotation-vector.js';
import type { Camera } from '../../engine/scene/camera.js';
import { RigMotion } from '../../engine/training/refinement/rig-motion.js';
import { createNoise } from '../fixtures/random-splats.js';

const INTRINSICS = { fx: 100, fy: 100, cx: 50, cy: 40, width: 100, height: 80 };
const UNIT = 4;

/** Four cameras that look every way, far from the world's origin. */
const CAMERAS: readonly Camera[] = [
  [0.9, 0.1, -0.3, 0.2],
  [0.5, 0.5, 0.6, -0.1],
  [0.2, -0.8, 0.1, 0.4],
  [0.7, 0, 0.7, 0],
].map((quaternion, i) => ({
  intrinsics: INTRINSICS,
  cameraFromWorld: {
    rotation: rotationOfQuaternion(quaternion as [number, number, number, number]),
    translation: [10 + i * i, -20 + 2 * i, 30 - i ** 3] as Vec3,
  },
}));

/** ω and ν of the motion between two near transforms, to first order, from their difference alone. */
function motionBetween(before: RigidTransform, after: RigidTransform): number[] {
  const turn: Mat3 = multiplyMat(after.rotation, transposeMat(before.rotation));
  const omega: Vec3 = [(turn[7] - turn[5]) / 2, (turn[2] - turn[6]) / 2, (turn[3] - turn[1]) / 2];
  const t = before.translation;
  const turned = [0, 1, 2].map((r) => turn[3 * r]! * t[0] + turn[3 * r + 1]! * t[1] + turn[3 * r + 2]! * t[2]);
  return [...omega, ...turned.map((value, axis) => after.translation[axis]! - value)];
}

function motionsWhen(change: (camera: Camera) => RigidTransform): Float64Array {
  return Float64Array.from(CAMERAS.flatMap((camera) => motionBetween(camera.cameraFromWorld, change(camera))));
}

function sizeOf(motions: Float64Array): number {
  return Math.sqrt(motions.reduce((sum, value, k) => sum + (value * (k % 6 < 3 ? UNIT : 1)) ** 2, 0));
}

describe('what cameras move in common', () => {
  const small = 1e-6;
  const worldMotion: RigidTransform = {
    rotation: rotationOfVector([small, -2 * small, 0.5 * small]),
    translation: [3 * small, small, -small],
  };

  it.each<[string, (camera: Camera) => RigidTransform]>([
    ['a world that turns and shifts', ({ cameraFromWorld }) => composeRigid(cameraFromWorld, worldMotion)],
    [
      'a world that grows about its origin',
      ({ cameraFromWorld: { rotation, translation } }) => {
        // R (1 + g) m + t looks like R m + t / (1 + g).
        const shrunk = translation.map((value) => value / (1 + small)) as Vec3;
        return { rotation, translation: shrunk };
      },
    ],
  ])('is all there is of %s', (_, change) => {
    const motions = motionsWhen(change);
    const before = sizeOf(motions);
    new RigMotion(CAMERAS, UNIT).remove(motions);
    expect(before).toBeGreaterThan(small);
    expect(sizeOf(motions)).toBeLessThan(1e-4 * before);
  });

  it('leaves what is no common motion: removing twice is removing once, and the rest is orthogonal to every common motion', () => {
    const common = new RigMotion(CAMERAS, UNIT);
    const motions = Float64Array.from(createNoise(24, 4));
    common.remove(motions);
    const once = motions.slice();
    expect(sizeOf(once)).toBeGreaterThan(1);
    common.remove(motions);
    motions.forEach((value, k) => expect(value).toBeCloseTo(once[k]!, 5));
    const shared = motionsWhen(({ cameraFromWorld }) => composeRigid(cameraFromWorld, worldMotion));
    const product = shared.reduce((sum, value, k) => sum + value * once[k]! * (k % 6 < 3 ? UNIT ** 2 : 1), 0);
    expect(Math.abs(product)).toBeLessThan(1e-5 * sizeOf(shared) * sizeOf(once));
  });

  it('can be taken away where cameras stand in one place, and of two', () => {
    const [first] = CAMERAS as [Camera];
    for (const cameras of [[first, first, first], CAMERAS.slice(0, 2)]) {
      const motions = Float64Array.from(createNoise(cameras.length * 6, 5));
      new RigMotion(cameras, UNIT).remove(motions);
      expect(motions.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('a motion in the target frame', () => {
  it('turns a quarter about z, then shifts', () => {
    const moved = moveInTarget(
      { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [1, 2, 3] },
      [0, 0, Math.PI / 2],
      [10, 20, 30],
    );
    // (x, y) → (−y, x)
    [-2 + 10, 1 + 20, 3 + 30].forEach((value, axis) => expect(moved.translation[axis]).toBeCloseTo(value, 12));
    [0, -1, 0, 1, 0, 0, 0, 0, 1].forEach((value, k) => expect(moved.rotation[k]).toBeCloseTo(value, 12));
  });

  it('is undone by its opposite, and is the identity for a vanishing turn', () => {
    const v: Vec3 = [0.3, -0.7, 0.2];
    const back = multiplyMat(rotationOfVector(v), rotationOfVector([-0.3, 0.7, -0.2]));
    [1, 0, 0, 0, 1, 0, 0, 0, 1].forEach((value, k) => expect(back[k]).toBeCloseTo(value, 12));
    expect(rotationOfVector([0, 0, 0])).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(rotationOfVector([1e-12, 0, 0])[7]).toBeCloseTo(1e-12, 20);
    expect(invertRigid({ rotation: rotationOfVector(v), translation: [0, 0, 0] }).rotation[1]).toBeCloseTo(
      rotationOfVector([-0.3, 0.7, -0.2])[1],
      12,
    );
  });
});

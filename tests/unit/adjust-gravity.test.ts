import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { Mat3, RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import { guessGravity, guessSceneScale } from '../../engine/poses/gravity-guess.js';
import { ShapeError } from '../../engine/scene/errors.js';
import { cameraAt, gauss, turnAbout } from '../fixtures/synthetic-bundle.js';

const DEGREE = Math.PI / 180;

/** A camera in a world of y down: heading about y, then tilted down, then rolled, as a head is. */
function held(headingRad: number, tiltRad: number, rollRad: number): RigidTransform {
  const level = turnAbout([0, 1, 0], headingRad);
  const tilted = multiplyMat(turnAbout([1, 0, 0], tiltRad), level);
  return cameraAt(multiplyMat(turnAbout([0, 0, 1], rollRad), tilted), [0, 0, 0]);
}

/** The angle from the world's up, (0, −1, 0). */
function angleFromUp(up: Vec3): number {
  return Math.acos(Math.min(1, -up[1]));
}

describe('the guess of up', () => {
  it('is exact for level cameras that are tilted alike but look in different directions', () => {
    // All look down by 40°: their own up axes are off by 40°, their x axes are not.
    const cameras = [-60, -20, 15, 50].map((heading) => held(heading * DEGREE, -40 * DEGREE, 0));
    const guess = guessGravity(cameras)!;
    // The cameras' up axes pull by 0.0225 / 4 of a degree or so.
    expect(angleFromUp(guess.up)).toBeLessThan(1 * DEGREE);
    expect(Math.hypot(...guess.up)).toBeCloseTo(1, 12);
    expect(guess.confidence).toBe(1);
  });

  it('is the up axis where all look the same way, and half as sure', () => {
    const tilted = [0, 0, 0].map(() => held(0.3, 12 * DEGREE, 0));
    const guess = guessGravity(tilted)!;
    expect(angleFromUp(guess.up)).toBeCloseTo(12 * DEGREE, 6);
    expect(guess.confidence).toBeCloseTo(0.5, 6);
    const alone = guessGravity([held(1, 0, 0)])!;
    expect(angleFromUp(alone.up)).toBeLessThan(1e-6);
    expect(alone.confidence).toBeCloseTo(0.5, 6);
  });

  it('does not take forward for up when cameras that look the same way are rolled', () => {
    const cameras = [-6, 5, -4, 6, -1].map((roll) => held(0, 5 * DEGREE, roll * DEGREE));
    expect(angleFromUp(guessGravity(cameras)!.up)).toBeLessThan(7 * DEGREE);
  });

  it('withstands rolled and upside-down cameras, and says that they are there', () => {
    const random = createRandom(6);
    const cameras = Array.from({ length: 20 }, (_, i) => {
      const roll = i % 5 === 0 ? 90 : i === 7 ? 180 : gauss(random);
      return held(0.25 * i, -15 * DEGREE * random.next(), roll * DEGREE);
    });
    const guess = guessGravity(cameras)!;
    expect(angleFromUp(guess.up)).toBeLessThan(2 * DEGREE);
    // 4 on their sides and 1 on its head.
    expect(guess.confidence).toBeCloseTo(15 / 20, 6);
  });

  it('turns with the world', () => {
    const worldFromOther: Mat3 = turnAbout([1, -2, 0.7], 2);
    const cameras = [-60, -20, 15, 50].map((heading) => held(heading * DEGREE, 0, 0));
    const turned = cameras.map(({ rotation, translation }) => ({
      rotation: multiplyMat(rotation, worldFromOther),
      translation,
    }));
    const { up } = guessGravity(turned)!;
    const expected = transposeMat(worldFromOther)
      .filter((_, k) => k % 3 === 1)
      .map((v) => -v);
    up.forEach((v, k) => expect(v).toBeCloseTo(expected[k]!, 6));
  });

  it('is none without cameras, or when they cancel out', () => {
    expect(guessGravity([])).toBeNull();
    expect(guessGravity([{ rotation: [NaN, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] }])).toBeNull();
    // Straight down from above, all around.
    expect(guessGravity([0, 90, 180, 270].map((heading) => held(heading * DEGREE, -90 * DEGREE, 0)))).toBeNull();
  });
});

describe('the guess of scale', () => {
  const identity: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];

  it('makes the median distance 1', () => {
    const cameras = [cameraAt(identity, [0, 0, 0])];
    expect(guessSceneScale(cameras, [0, 0, 2, 0, 4, 0, 100, 0, 0])).toBeCloseTo(1 / 4, 12);
    expect(guessSceneScale(cameras, [NaN, 0, 2, 0, 4, 0])).toBeCloseTo(1 / 4, 12);
  });

  it('goes by the cameras where there are no points, and is 1 without either', () => {
    const cameras = [cameraAt(identity, [-3, 0, 0]), cameraAt(identity, [3, 0, 0])];
    expect(guessSceneScale(cameras, [])).toBeCloseTo(1 / 3, 12);
    expect(guessSceneScale([cameras[0]!], [])).toBe(1);
    expect(guessSceneScale([], [1, 2, 3])).toBe(1);
    expect(() => guessSceneScale([], [1])).toThrow(ShapeError);
  });
});

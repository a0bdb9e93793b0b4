import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { Mat3, RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import {
  composeRigid,
  determinant,
  invertRigid,
  multiplyMatVec,
  transformPoint,
} from '../../engine/math/rigid-transform.js';
import { decomposeHomography, fitHomography, isPlaneInFront } from '../../engine/poses/homography.js';
import { everyIndex, homographyResiduals, joinCoordinates } from '../../engine/poses/match-coordinates.js';
import { fitRotation } from '../../engine/poses/rotation-between.js';
import { rotationAngle, rotationOfVector } from '../../engine/math/rotation-vector.js';
import {
  drawNormal,
  drawRotation,
  drawUniform,
  lookAt,
  matchPair,
  motionError,
  planeOfPoints,
} from '../fixtures/synthetic-cameras.js';

const IDENTITY: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** H = R + t nᵀ for the plane nᵀ X = 1 in the first camera. */
function homographyOf({ rotation, translation }: RigidTransform, normal: Vec3): Mat3 {
  return rotation.map((entry, i) => entry + translation[Math.floor(i / 3)]! * normal[i % 3]!) as Mat3;
}

/** Matches that H moves exactly: [N,4]. */
function moveAll(h: Mat3, points: readonly (readonly [number, number])[]): Float64Array {
  return Float64Array.from(
    points.flatMap(([x, y]) => {
      const [u, v, w] = multiplyMatVec(h, [x, y, 1]);
      return [x, y, u / w, v / w];
    }),
  );
}

const random = createRandom(21);
const drawPoints = (count: number): [number, number][] =>
  Array.from({ length: count }, () => [drawUniform(random, -0.6, 0.6), drawUniform(random, -0.5, 0.5)]);
/** A homography scaled to determinant 1. */
const normalised = (h: Mat3): Mat3 => h.map((entry) => entry / Math.cbrt(determinant(h))) as Mat3;

describe('fitting a homography', () => {
  it('is exact for four and for many exact matches', () => {
    for (let draw = 0; draw < 50; draw++) {
      const motion = {
        rotation: drawRotation(random, 0.4),
        translation: [0.3 * drawNormal(random), 0.1, -0.2] as Vec3,
      };
      const h = homographyOf(motion, [0.1, -0.05, 0.4]);
      for (const count of [4, 5, 60]) {
        const fitted = fitHomography(moveAll(h, drawPoints(count)))!;
        fitted.forEach((entry, i) => expect(entry).toBeCloseTo(normalised(h)[i]!, count === 4 ? 7 : 6));
      }
    }
  });

  it('works in pixels, where coordinates of very different size meet', () => {
    const h: Mat3 = [1.1, 0.05, -20, -0.02, 0.95, 30, 1e-4, -5e-5, 1];
    const points = Array.from({ length: 30 }, (): [number, number] => [
      drawUniform(random, 0, 504),
      drawUniform(random, 0, 378),
    ]);
    const fitted = fitHomography(moveAll(h, points))!;
    fitted.forEach((entry, i) => expect(entry / normalised(h)[i]!).toBeCloseTo(1, 5));
  });

  it('shows a mirrored photo by a negative determinant', () => {
    const coordinates = moveAll(IDENTITY, drawPoints(20)).map((value, i) => (i % 4 === 2 ? -value : value));
    expect(determinant(fitHomography(coordinates)!)).toBeCloseTo(-1, 6);
  });

  it('refuses too few points, repeated points, points on a line and NaN', () => {
    const square: [number, number][] = [[0, 0], [1, 0], [0, 1], [1, 1]]; // prettier-ignore
    expect(fitHomography(moveAll(IDENTITY, square))).not.toBeNull();
    expect(fitHomography(moveAll(IDENTITY, square.slice(0, 3)))).toBeNull();
    expect(fitHomography(moveAll(IDENTITY, [square[0]!, square[1]!, square[2]!, square[2]!]))).toBeNull();
    expect(fitHomography(moveAll(IDENTITY, [[0, 0], [1, 0], [2, 0], [1, 1]]))).toBeNull(); // prettier-ignore
    expect(fitHomography(new Float64Array(40).fill(0.3))).toBeNull();
    expect(fitHomography(new Float64Array(40).fill(NaN))).toBeNull();
    expect(
      fitHomography(
        moveAll(
          IDENTITY,
          Array.from({ length: 9 }, (_, i) => [i, 2 * i]),
        ),
      ),
    ).toBeNull();
  });
});

describe("a homography's Sampson distance", () => {
  it('splits an error between both photos, worked by hand', () => {
    // H = I: the nearest exact pair is the mean of both, d / √2 away in four dimensions.
    const matches = {
      coordinates: Float64Array.of(0.1, 0.2, 0.1 + 3 / 400, 0.2 - 4 / 400),
      focal1Px: 400,
      focal2Px: 400,
    };
    const out = new Float64Array(1);
    homographyResiduals(matches, IDENTITY, [0, 1], out);
    expect(out[0]).toBeCloseTo(25 / 2, 9);
  });

  it('is infinite for what lands behind the second camera', () => {
    const out = new Float64Array(1);
    const matches = { coordinates: Float64Array.of(0, 0, 0, 0), focal1Px: 400, focal2Px: 400 };
    homographyResiduals(matches, [-1, 0, 0, 0, 1, 0, 0, 0, -1], [0, 1], out);
    expect(out[0]).toBe(Infinity);
  });
});

describe('decomposing a homography', () => {
  it('gives back the motion and the plane it was made of, and four ways to make it', () => {
    for (let draw = 0; draw < 100; draw++) {
      const truth: RigidTransform = {
        rotation: drawRotation(random, 0.5),
        translation: [0.4 * drawNormal(random), 0.4 * drawNormal(random), 0.2 * drawNormal(random)],
      };
      const direction: Vec3 = [drawUniform(random, -0.5, 0.5), drawUniform(random, -0.5, 0.5), 1];
      const normal = direction.map((x) => x / Math.hypot(...direction)) as Vec3;
      const h = homographyOf(truth, normal);
      // A second camera behind the plane sees its other side; no photos of one scene do.
      if (determinant(h) < 0.05) continue;
      const motions = decomposeHomography(normalised(h));
      expect(motions).toHaveLength(4);
      const defects = motions.map((motion) => {
        const made = normalised(homographyOf(motion.camera2FromCamera1, motion.normal));
        const mirror = Math.abs(determinant(motion.camera2FromCamera1.rotation) - 1);
        return mirror + Math.hypot(...made.map((entry, i) => entry - normalised(h)[i]!));
      });
      expect(Math.max(...defects)).toBeLessThan(1e-7);
      const best = Math.min(
        ...motions.map(({ camera2FromCamera1, normal: n }) =>
          Math.hypot(
            ...camera2FromCamera1.rotation.map((entry, i) => entry - truth.rotation[i]!),
            ...camera2FromCamera1.translation.map((entry, i) => entry - truth.translation[i]!),
            ...n.map((entry, i) => entry - normal[i]!),
          ),
        ),
      );
      expect(best).toBeLessThan(1e-6);
    }
  });

  it('leaves at most two motions with the plane in front, one of them the true one', () => {
    for (let draw = 0; draw < 20; draw++) {
      const cameras = [lookAt([-1, 0.2, -4], [0, 0, 0]), lookAt([0.7, -0.3, -3.5], [0.1, 0, 0])] as const;
      const pair = matchPair(cameras, planeOfPoints(60, 1, [0.4, drawUniform(random, -0.5, 0.5), 1], random), random);
      const coordinates = joinCoordinates(pair.points1, pair.points2);
      const all = everyIndex(pair.isInlier.length);
      const motions = decomposeHomography(fitHomography(coordinates)!).filter((m) =>
        isPlaneInFront(m, coordinates, all),
      );
      expect(motions.length).toBeLessThanOrEqual(2);
      const errors = motions.map((m) => motionError(m.camera2FromCamera1, pair.camera2FromCamera1));
      expect(Math.min(...errors.map((e) => e.rotationRad + e.directionRad))).toBeLessThan(1e-4);
    }
  });

  it('is a rotation without translation for a rotation, and nothing for a mirror', () => {
    const rotation = rotationOfVector([0.2, -0.1, 0.3]);
    const [only, ...others] = decomposeHomography(rotation);
    expect(others).toEqual([]);
    expect(only!.camera2FromCamera1.translation).toEqual([0, 0, 0]);
    only!.camera2FromCamera1.rotation.forEach((entry, i) => expect(entry).toBeCloseTo(rotation[i]!, 12));
    expect(decomposeHomography([-1, 0, 0, 0, 1, 0, 0, 0, 1])).toEqual([]);
    expect(decomposeHomography([NaN, 0, 0, 0, 1, 0, 0, 0, 1])).toEqual([]);
  });
});

describe('the rotation between two photos from one place', () => {
  it('is found from two and from many matches', () => {
    for (let draw = 0; draw < 50; draw++) {
      const rotation = drawRotation(random, 0.6);
      for (const count of [2, 40]) {
        const fitted = fitRotation(moveAll(rotation, drawPoints(count)), everyIndex(count))!;
        fitted.forEach((entry, i) => expect(entry).toBeCloseTo(rotation[i]!, 10));
      }
    }
  });

  it('averages noise away: 400 matches of a pixel are good for a twentieth of one', () => {
    const rotation = drawRotation(random, 0.4);
    const coordinates = moveAll(rotation, drawPoints(400)).map((value) => value + drawNormal(random) / 400);
    const fitted = fitRotation(coordinates, everyIndex(400))!;
    const difference = composeRigid(
      { rotation: fitted, translation: [0, 0, 0] },
      invertRigid({ rotation, translation: [0, 0, 0] }),
    );
    // √2 pixels of noise in the difference over √400 matches, three axes, three standard deviations.
    expect(rotationAngle(difference.rotation)).toBeLessThan(((Math.SQRT2 / 400 / 20) * Math.sqrt(3) * 3) / 0.6);
    expect(transformPoint(difference, [0, 0, 1])[2]).toBeCloseTo(1, 4);
  });

  it('is not determined by one direction, no match or NaN', () => {
    expect(fitRotation(Float64Array.of(0.1, 0.2, 0.3, 0.1, 0.1, 0.2, 0.3, 0.1), [0, 1])).toBeNull();
    expect(fitRotation(new Float64Array(0), [])).toBeNull();
    expect(fitRotation(Float64Array.of(0.1, 0.2, 0.3, 0.1, NaN, 0, 0, 0), [0, 1])).toBeNull();
  });
});

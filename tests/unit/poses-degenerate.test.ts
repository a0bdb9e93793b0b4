/** What is hardly a capture, solver by solver: turning in place, planes, two views, duplicates, mirrored photos. See poses-verify-degenerate too. */
import { describe, expect, it } from 'vitest';
import { cameraCentre } from '../../engine/math/conventions.js';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { composeRigid, multiplyMatVec, transformPoint } from '../../engine/math/rigid-transform.js';
import { adjustBundle } from '../../engine/poses/bundle-adjustment.js';
import type { BundleProblem } from '../../engine/poses/bundle-problem.js';
import { solveEssentialFivePoint } from '../../engine/poses/essential-five-point.js';
import { joinCoordinates } from '../../engine/poses/match-coordinates.js';
import type { KnownPoints } from '../../engine/poses/refine-absolute-pose.js';
import { resectRobustly } from '../../engine/poses/resect-robust.js';
import { rotationAngle } from '../../engine/math/rotation-vector.js';
import { verifyPair } from '../../engine/poses/verify-pair.js';
import { arcOfCameras, centreOf, disturb, gauss, LENS, pixelOf } from '../fixtures/synthetic-bundle.js';
import {
  cloudOfPoints,
  drawNormal,
  drawRotation,
  isMotionWithin,
  lookAt,
  matchPair,
  motionError,
  planeOfPoints,
  ringOfCameras,
} from '../fixtures/synthetic-cameras.js';

const DEGREE = Math.PI / 180;

describe('the five-point method', () => {
  it('of photos from one place gives nothing that is not finite, and only what its matches fulfil', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = createRandom(seed);
      const camera = lookAt([0, 0, -4], [0, 0, 0]);
      const turned = composeRigid({ rotation: drawRotation(random, 0.2), translation: [0, 0, 0] }, camera);
      const pair = matchPair([camera, turned], cloudOfPoints(60, 0.8, random), random);
      const coordinates = joinCoordinates(pair.points1, pair.points2);
      for (const essential of solveEssentialFivePoint(coordinates, Uint32Array.of(0, 1, 2, 3, 4))) {
        expect(essential.every(Number.isFinite)).toBe(true);
        for (let i = 0; i < 5; i++) {
          const [x1, y1, x2, y2] = coordinates.subarray(4 * i, 4 * i + 4) as unknown as [
            number,
            number,
            number,
            number,
          ];
          const [a, b, c] = multiplyMatVec(essential, [x1, y1, 1]);
          expect(Math.abs(a * x2 + b * y2 + c)).toBeLessThan(1e-6 * Math.hypot(...essential));
        }
      }
    }
  });
});

describe('a pair', () => {
  it('of one photo twice has not moved', () => {
    const random = createRandom(5);
    const camera = lookAt([0, 0, -4], [0, 0, 0]);
    const pair = matchPair([camera, camera], cloudOfPoints(200, 1, random), random);
    const { relation, camera2FromCamera1, medianAngleRad } = verifyPair(pair, { seed: 1 });
    expect(relation).toBe('rotation-only');
    expect(rotationAngle(camera2FromCamera1!.rotation)).toBeLessThan(1e-6);
    expect(medianAngleRad).toBeLessThan(1e-6);
  });

  it('that moved straight ahead is placed, its epipole in the middle of the photo', () => {
    let good = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const random = createRandom(seed);
      const cameras = [lookAt([0, 0, -5], [0, 0, 0]), lookAt([0.05, 0.02, -3.5], [0, 0, 0])] as const;
      const pair = matchPair([...cameras], cloudOfPoints(250, 1, random), random, { noisePx: 0.5, outlierShare: 0.3 });
      const { relation, camera2FromCamera1 } = verifyPair(pair, { seed });
      if (relation === 'general' && isMotionWithin(camera2FromCamera1, pair.camera2FromCamera1, 3 * DEGREE)) good++;
    }
    expect(good).toBeGreaterThanOrEqual(9);
  });
});

describe('the camera of known points', () => {
  const camera = lookAt([1, -0.5, -4], [0, 0, 0]);
  const look = (points: readonly Vec3[], noisePx: number, seed: number): KnownPoints => {
    const random = createRandom(seed);
    const normalised = points.flatMap((point) => {
      const [x, y, z] = transformPoint(camera, point);
      return [x / z + (noisePx * drawNormal(random)) / 400, y / z + (noisePx * drawNormal(random)) / 400];
    });
    return { normalised: Float64Array.from(normalised), positions: Float64Array.from(points.flat()), focalPx: 400 };
  };

  it('fits a mirrored photo no better than chance does', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const points = look(cloudOfPoints(100, 1, createRandom(seed)), 0.5, seed);
      const mirrored = points.normalised.map((value, i) => (i % 2 === 0 ? -value : value));
      const found = resectRobustly({ ...points, normalised: mirrored }, { seed });
      // A cloud is no mirror image of itself: a few points fit a wrong camera by chance, never half of them.
      expect(found === null || found.inliers.length < 50).toBe(true);
    }
  });

  it('is none for points on a line: it could turn about it', () => {
    const line = Array.from({ length: 40 }, (_, i): Vec3 => [0.04 * i - 0.8, 0.02 * i, 0.03 * i]);
    expect(resectRobustly(look(line, 0, 1), { seed: 1 })).toBeNull();
  });

  it('does not mind that most points are one', () => {
    const cloud = cloudOfPoints(30, 1, createRandom(7));
    const points = [...cloud, ...Array.from({ length: 70 }, () => cloud[0]!)];
    const found = resectRobustly(look(points, 0, 1), { seed: 1 })!;
    expect(found.inliers.length).toBe(100);
    expect(Math.hypot(...cameraCentre(found.cameraFromWorld).map((v, k) => v - cameraCentre(camera)[k]!))).toBeLessThan(
      1e-5,
    );
  });

  it.each([
    ['half a pixel of noise', 0.5],
    ['two', 2],
  ])('is found over a plane seen askew, with %s', (_, noisePx) => {
    let good = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const plane = planeOfPoints(100, 1, [0.5, 0.2, 1], createRandom(seed));
      const found = resectRobustly(look(plane, noisePx, seed), { seed, maxErrorPx: 4 * noisePx });
      // A plane's other answer is tens of degrees away.
      if (found !== null && motionError(found.cameraFromWorld, camera).rotationRad < 4 * noisePx * DEGREE) good++;
    }
    expect(good).toBeGreaterThanOrEqual(9);
  });
});

describe('bundle adjustment', () => {
  /** Every point in every photo. */
  function bundleOf(cameras: readonly RigidTransform[], points: readonly Vec3[], noisePx: number): BundleProblem {
    const random = createRandom(2);
    const list = { photos: [] as number[], points: [] as number[], pixels: [] as number[] };
    cameras.forEach((cameraFromWorld, photo) =>
      points.forEach((point, i) => {
        list.photos.push(photo);
        list.points.push(i);
        list.pixels.push(...pixelOf(LENS, cameraFromWorld, point).map((value) => value + noisePx * gauss(random)));
      }),
    );
    const photos = cameras.map((cameraFromWorld) => ({ lens: 0, cameraFromWorld }));
    return { lenses: [LENS], photos, positions: Float64Array.from(points.flat()), observations: list };
  }

  const SMALL = { turnRad: 0.01, centre: 0.05, position: 0.05 };

  it.each([
    ['two views of a cloud', ringOfCameras(2, 6, 0.4), cloudOfPoints(80, 1, createRandom(3))],
    ['four views of a plane', arcOfCameras(4), planeOfPoints(80, 1.2, [0.3, 0.2, 1], createRandom(4))],
    ['one photo twice, and others', [...arcOfCameras(3), arcOfCameras(3)[1]!], cloudOfPoints(80, 1, createRandom(5))],
  ])('of %s leaves what noise leaves, and finds the motion', (_, cameras, points) => {
    const truth = bundleOf(cameras, points, 0.5);
    const { rmsPx, diverged, camerasFromWorld, positions } = adjustBundle(disturb(truth, SMALL), {
      huberPx: Infinity,
      maxIterations: 200,
    });
    expect(diverged).toBe(false);
    expect([...positions].every(Number.isFinite)).toBe(true);
    const [residuals, unknowns] = [2 * 80 * cameras.length, 6 * cameras.length + 3 * 80 - 7];
    const freedom = residuals - unknowns;
    const expected = 0.5 * Math.sqrt(freedom / (residuals / 2));
    // Three deviations of a χ² of that freedom.
    expect(Math.abs(rmsPx / expected - 1)).toBeLessThan(3 / Math.sqrt(2 * freedom));
    const inverse = (camera: RigidTransform): RigidTransform => {
      const { rotation: r } = camera;
      return { rotation: [r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]], translation: centreOf(camera) };
    };
    const [found, right] = [camerasFromWorld, cameras].map((list) => composeRigid(list[1]!, inverse(list[0]!)));
    expect(isMotionWithin(found!, right!, 2 * DEGREE)).toBe(true);
  });

  it('of one place brings no depth, and nothing that is not finite', () => {
    const camera = lookAt([0, 0, -6], [0, 0, 0]);
    const cameras = [0, 1, 2].map((i) =>
      composeRigid({ rotation: drawRotation(createRandom(i + 1), 0.1), translation: [0, 0, 0] }, camera),
    );
    const truth = bundleOf(cameras, cloudOfPoints(60, 0.8, createRandom(6)), 0.5);
    const result = adjustBundle(disturb(truth, { ...SMALL, centre: 0 }), { maxIterations: 50 });
    expect([...result.positions].every(Number.isFinite)).toBe(true);
    for (const { rotation, translation } of result.camerasFromWorld)
      expect([...rotation, ...translation].every(Number.isFinite)).toBe(true);
    expect(result.rmsPx).toBeLessThan(1);
  });
});

import { describe, expect, it } from 'vitest';
import { cameraCentre } from '../../engine/math/conventions.js';
import type { RandomSource } from '../../engine/math/random.js';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, transformPoint } from '../../engine/math/rigid-transform.js';
import type { KnownPoints } from '../../engine/poses/refine-absolute-pose.js';
import { refineAbsolutePose } from '../../engine/poses/refine-absolute-pose.js';
import { resectRobustly } from '../../engine/poses/resect-robust.js';
import { solveThreePoint } from '../../engine/poses/resect-three-point.js';
import { rotationOfVector } from '../../engine/math/rotation-vector.js';
import { angleBetween } from '../../engine/math/vectors.js';
import { ShapeError } from '../../engine/scene/errors.js';
import {
  cloudOfPoints,
  drawNormal,
  drawRotation,
  drawUniform,
  lookAt,
  motionError,
  planeOfPoints,
} from '../fixtures/synthetic-cameras.js';

type Triple = [Vec3, Vec3, Vec3];

/** Rotation error in radians and distance of the centres. */
function poseError(estimate: RigidTransform, truth: RigidTransform): { rotationRad: number; distance: number } {
  const [a, b] = [cameraCentre(estimate), cameraCentre(truth)];
  return { rotationRad: motionError(estimate, truth).rotationRad, distance: Math.hypot(...a.map((x, k) => x - b[k]!)) };
}

/** Where a camera of 400 pixels' focal length sees points; the first `outlierShare` anywhere within its photo. */
function observe(
  camera: RigidTransform,
  points: readonly Vec3[],
  random: RandomSource,
  { noisePx = 0, outlierShare = 0 } = {},
): KnownPoints {
  const wrong = Math.round(points.length * outlierShare);
  const normalised = points.flatMap((point, i) => {
    if (i < wrong) return [drawUniform(random, -0.63, 0.63), drawUniform(random, -0.47, 0.47)];
    const [x, y, z] = transformPoint(camera, point);
    return [x / z + (noisePx * drawNormal(random)) / 400, y / z + (noisePx * drawNormal(random)) / 400];
  });
  return { normalised: Float64Array.from(normalised), positions: Float64Array.from(points.flat()), focalPx: 400 };
}

function drawCamera(random: RandomSource): RigidTransform {
  const around = (): number => drawUniform(random, -1, 1);
  return lookAt([3 * around(), around(), -4 + around()], [0.2 * around(), 0.2 * around(), 0]);
}

describe('a camera from three points', () => {
  it("finds all four cameras of Fischler and Bolles' example", () => {
    // An equilateral triangle of side 2√3 and rays of mutual cosine 20/32: distances (4,4,4), (1,4,4), (4,1,4) and (4,4,1); RANSAC, 1981.
    const corner = (radius: number, z: number, i: number): Vec3 => {
      const angle = (2 * Math.PI * i) / 3;
      return [radius * Math.cos(angle), radius * Math.sin(angle), z];
    };
    const directions = [0, 1, 2].map((i) => corner(0.5, Math.sqrt(0.75), i)) as Triple;
    const points = [0, 1, 2].map((i) => corner(2, 0, i)) as Triple;
    const found = solveThreePoint(directions, points)
      .map((camera) => points.map((point) => Math.round(1e5 * Math.hypot(...transformPoint(camera, point))) / 1e5))
      .map((distances) => distances.join(' '));
    expect([...new Set(found)].sort()).toEqual(['1 4 4', '4 1 4', '4 4 1', '4 4 4']);
  });

  it('finds the true camera among at most four, each of which sees the points where it should', () => {
    const random = createRandom(1);
    let [found, most, worst] = [0, 0, 0];
    for (let draw = 0; draw < 500; draw++) {
      const camera: RigidTransform = {
        rotation: drawRotation(random),
        translation: [drawNormal(random), drawNormal(random), 5],
      };
      const inCamera = cloudOfPoints(3, 1.5, random).map(([x, y, z]): Vec3 => [x, y, z + 4]) as Triple;
      const { rotation: r, translation: t } = camera;
      const points = inCamera.map((p) =>
        [0, 1, 2].map((k) => [0, 1, 2].reduce((sum, j) => sum + r[j * 3 + k]! * (p[j]! - t[j]!), 0)),
      ) as Triple;
      const cameras = solveThreePoint(inCamera, points);
      most = Math.max(most, cameras.length);
      for (const candidate of cameras)
        for (const k of [0, 1, 2])
          worst = Math.max(worst, angleBetween(transformPoint(candidate, points[k]!), inCamera[k]!));
      if (cameras.some((candidate) => poseError(candidate, camera).distance < 1e-6)) found++;
    }
    expect(most).toBe(4);
    expect(worst).toBeLessThan(1e-5);
    expect(found).toBeGreaterThanOrEqual(499);
  });

  it('finds none for points on a line, repeated points or directions, and NaN', () => {
    const directions: Triple = [[0, 0, 1], [0.1, 0, 1], [0, 0.1, 1]]; // prettier-ignore
    expect(solveThreePoint(directions, [[0, 0, 1], [1, 0, 1], [2, 0, 1]])).toEqual([]); // prettier-ignore
    expect(solveThreePoint(directions, [[0, 0, 1], [0, 0, 1], [2, 0, 1]])).toEqual([]); // prettier-ignore
    expect(solveThreePoint([directions[0], directions[0], directions[2]], [[0, 0, 1], [1, 0, 1], [0, 1, 1]])).toEqual([]); // prettier-ignore
    expect(solveThreePoint(directions, [[NaN, 0, 1], [1, 0, 1], [0, 1, 1]])).toEqual([]); // prettier-ignore
  });
});

describe('refining a camera', () => {
  it('returns from a few degrees off to the truth in a handful of steps, as only right derivatives do', () => {
    const random = createRandom(3);
    for (let draw = 0; draw < 20; draw++) {
      const camera = drawCamera(random);
      const points = observe(camera, cloudOfPoints(20, 1, random), random);
      const start: RigidTransform = {
        rotation: multiplyMat(rotationOfVector([0.03, -0.04, 0.02]), camera.rotation),
        translation: camera.translation.map((t, k) => t + [0.1, -0.05, 0.15][k]!) as Vec3,
      };
      const all = Array.from({ length: 20 }, (_, i) => i);
      const refined = refineAbsolutePose(start, points, all, { lossScalePx: 1000, maxSteps: 8 });
      expect(poseError(refined.cameraFromWorld, camera).distance).toBeLessThan(1e-6);
      expect(refined.cost).toBeLessThan(1e-6);
    }
  });

  it('leaves a start alone that has a point behind it, or NaN', () => {
    const random = createRandom(4);
    const camera = drawCamera(random);
    const points = observe(camera, cloudOfPoints(6, 1, random), random);
    const turned = lookAt([0, 0, -4], [0, 0, -8]);
    const loss = { lossScalePx: 3, maxSteps: 5 };
    expect(refineAbsolutePose(turned, points, [0, 1, 2, 3, 4, 5], loss).cost).toBe(Infinity);
    points.normalised[0] = NaN;
    expect(refineAbsolutePose(camera, points, [0, 1, 2, 3, 4, 5], loss).cost).toBeNaN();
  });
});

describe('the robust search for a camera', () => {
  /** Share of 40 draws within half a degree and one percent of the distance. */
  function successRate(count: number, noisePx: number, outlierShare: number): number {
    let good = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const random = createRandom(seed);
      const camera = drawCamera(random);
      const points = observe(camera, cloudOfPoints(count, 1, random), random, { noisePx, outlierShare });
      const found = resectRobustly(points, { seed });
      if (found === null) continue;
      const { rotationRad, distance } = poseError(found.cameraFromWorld, camera);
      if (rotationRad < 0.5 * (Math.PI / 180) && distance < 0.01 * Math.hypot(...cameraCentre(camera))) good++;
    }
    return good / 40;
  }

  it.each([
    [60, 0, 0.3],
    [60, 0.5, 0.5],
    [150, 1, 0.5],
    [150, 1, 0.7],
  ])('succeeds with %i points, %f px of noise, a share of %f wrong', (count, noisePx, outlierShare) => {
    expect(successRate(count, noisePx, outlierShare)).toBeGreaterThanOrEqual(0.95);
  });

  it('keeps what belongs and drops what does not', () => {
    const random = createRandom(9);
    const camera = drawCamera(random);
    const points = observe(camera, cloudOfPoints(200, 1, random), random, { noisePx: 1, outlierShare: 0.5 });
    const { inliers, rmsErrorPx } = resectRobustly(points, { seed: 1 })!;
    // Four pixels are four standard deviations; by chance π 4² of 504 · 378 pixels fit.
    expect(inliers.filter((i) => i >= 100).length).toBeGreaterThanOrEqual(98);
    expect(inliers.filter((i) => i < 100).length).toBeLessThanOrEqual(2);
    // Two coordinates of one pixel each.
    expect(rmsErrorPx).toBeGreaterThan(1.2);
    expect(rmsErrorPx).toBeLessThan(1.6);
  });

  it('works on a plane of points', () => {
    const random = createRandom(10);
    const camera = drawCamera(random);
    const points = observe(camera, planeOfPoints(80, 1, [0.2, 0.1, 1], random), random, {
      noisePx: 0.5,
      outlierShare: 0.3,
    });
    const { distance, rotationRad } = poseError(resectRobustly(points, { seed: 1 })!.cameraFromWorld, camera);
    // A plane's tilt shows in perspective alone: weaker than a cloud's.
    expect(distance).toBeLessThan(0.1);
    expect(rotationRad).toBeLessThan(0.03);
  });

  it('passes over entries that are not finite, and says which it used by their own indices', () => {
    const random = createRandom(11);
    const camera = drawCamera(random);
    const points = observe(camera, cloudOfPoints(30, 1, random), random);
    points.normalised[0] = NaN;
    points.positions[3] = Infinity;
    const found = resectRobustly(points, { seed: 1 })!;
    expect([...found.inliers]).toEqual(Array.from({ length: 28 }, (_, i) => i + 2));
    expect(poseError(found.cameraFromWorld, camera).distance).toBeLessThan(1e-5);
  });

  it('finds nothing where there is nothing: wrong matches, too few, repeated ones', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = createRandom(seed);
      const points = observe(drawCamera(random), cloudOfPoints(60, 1, random), random, { outlierShare: 1 });
      expect(resectRobustly(points, { seed })).toBeNull();
    }
    const random = createRandom(12);
    const points = observe(drawCamera(random), cloudOfPoints(7, 1, random), random);
    expect(resectRobustly(points, { seed: 1 })).toBeNull();
    const one = { normalised: new Float64Array(40), positions: new Float64Array(60), focalPx: 400 };
    expect(resectRobustly(one, { seed: 1 })).toBeNull();
    const none = { normalised: new Float64Array(0), positions: new Float64Array(0), focalPx: 400 };
    expect(resectRobustly(none, { seed: 1 })).toBeNull();
  });

  it('refuses lists that do not belong together, and stops when told to', () => {
    const bad = { normalised: new Float64Array(4), positions: new Float64Array(3), focalPx: 400 };
    expect(() => resectRobustly(bad, { seed: 1 })).toThrow(ShapeError);
    const random = createRandom(13);
    const points = observe(drawCamera(random), cloudOfPoints(30, 1, random), random);
    const signal = AbortSignal.abort(new Error('enough'));
    expect(() => resectRobustly(points, { seed: 1, signal })).toThrow('enough');
  });
});

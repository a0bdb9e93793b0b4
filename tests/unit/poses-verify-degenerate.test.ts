import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { composeRigid } from '../../engine/math/rigid-transform.js';
import type { VerifiedPair } from '../../engine/poses/verify-pair.js';
import { verifyPair } from '../../engine/poses/verify-pair.js';
import { ShapeError } from '../../engine/scene/errors.js';
import type { PairOptions, SyntheticPair } from '../fixtures/synthetic-cameras.js';
import {
  cloudOfPoints,
  drawRingPair,
  drawRotation,
  isMotionWithin,
  matchPair,
  motionError,
  planeOfPoints,
  ringOfCameras,
} from '../fixtures/synthetic-cameras.js';

const DEGREE = Math.PI / 180;

/** Share of `draws` for which `isGood` holds; every result is checked to be free of NaN. */
function shareOf(
  draws: number,
  make: (seed: number) => SyntheticPair,
  isGood: (found: VerifiedPair, truth: RigidTransform) => boolean,
): number {
  let good = 0;
  let finite = 0;
  for (let seed = 1; seed <= draws; seed++) {
    const pair = make(seed);
    const found = verifyPair(pair, { seed });
    const motions = [found.camera2FromCamera1, found.twin?.camera2FromCamera1 ?? null].filter(
      (motion) => motion !== null,
    );
    const numbers = motions.flatMap(({ rotation, translation }) => [...rotation, ...translation]);
    if ([...numbers, found.medianAngleRad].every(Number.isFinite)) finite++;
    if (isGood(found, pair.camera2FromCamera1)) good++;
  }
  expect(finite).toBe(draws);
  return good / draws;
}

/** Two cameras on a ring that see a plane. */
function planePair(seed: number, stepRad: number, options: PairOptions): SyntheticPair {
  const random = createRandom(seed);
  const [first, second] = ringOfCameras(2, 4, stepRad) as [RigidTransform, RigidTransform];
  return matchPair([first, second], planeOfPoints(400, 1.3, [0.3, 0.2, 1], random), random, options);
}

/** Two photos from one place. */
function turnedPair(seed: number, options: PairOptions): SyntheticPair {
  const random = createRandom(seed);
  const [camera] = ringOfCameras(1, 4, 0) as [RigidTransform];
  const turned = composeRigid({ rotation: drawRotation(random, 0.25), translation: [0, 0, 0] }, camera);
  return matchPair([camera, turned], cloudOfPoints(300, 1, random), random, options);
}

/** Two photos `baseline` apart, side by side, of a cloud 4 away. */
function sidewaysPair(seed: number, baseline: number): SyntheticPair {
  const random = createRandom(seed);
  const [camera] = ringOfCameras(1, 4, 0) as [RigidTransform];
  const moved = { rotation: camera.rotation, translation: [-baseline, 0, camera.translation[2]] as Vec3 };
  return matchPair([camera, moved], cloudOfPoints(300, 1, random), random, { noisePx: 1, outlierShare: 0.3 });
}

describe('a pair that turns in place', () => {
  it.each([
    [0, 0],
    [0.5, 0.3],
    [1, 0.5],
  ])('is told by %f px of noise and a share of %f wrong, and its rotation found', (noisePx, outlierShare) => {
    const share = shareOf(
      10,
      (seed) => turnedPair(seed, { noisePx, outlierShare }),
      ({ relation, camera2FromCamera1 }, truth) =>
        relation === 'rotation-only' &&
        Math.hypot(...camera2FromCamera1!.translation) === 0 &&
        motionError(camera2FromCamera1!, truth).rotationRad < 0.2 * DEGREE,
    );
    expect(share).toBe(1);
  });

  it('becomes one that moves, as soon as depth shows through the noise', () => {
    // Depths 3 to 5 and a focal length of 400: a step of 0.02 shifts near against far by 1 pixel, one of 0.64 by 34.
    expect(
      shareOf(
        12,
        (seed) => sidewaysPair(seed, 0.02),
        ({ relation }) => relation === 'rotation-only',
      ),
    ).toBe(1);
    const placed = shareOf(
      10,
      (seed) => sidewaysPair(seed, 0.64),
      (found, truth) => found.relation === 'general' && isMotionWithin(found.camera2FromCamera1, truth, 4 * DEGREE),
    );
    expect(placed).toBeGreaterThanOrEqual(0.95);
  });
});

describe('a pair that sees a plane', () => {
  it.each([
    [0.25, 0, 0, 1e-3],
    [0.6, 1, 0.3, 2 * DEGREE],
    [0.25, 0.5, 0.5, 2 * DEGREE],
  ])(
    '%f rad apart with %f px of noise and a share of %f wrong is told and placed',
    (stepRad, noisePx, outlierShare, limit) => {
      const share = shareOf(
        12,
        (seed) => planePair(seed, stepRad, { noisePx, outlierShare }),
        (found, truth) =>
          found.relation === 'planar' &&
          (isMotionWithin(found.camera2FromCamera1, truth, limit) ||
            isMotionWithin(found.twin?.camera2FromCamera1 ?? null, truth, limit)),
      );
      expect(share).toBeGreaterThanOrEqual(0.95);
    },
  );

  it('has most of its matches in one homography', () => {
    const { homographyInliers, inliers } = verifyPair(planePair(1, 0.4, { noisePx: 0.5, outlierShare: 0.2 }), {
      seed: 1,
    });
    expect(homographyInliers).toBeGreaterThan(0.95 * inliers.length);
  });

  it('names both motions when the plane is in front for both: forward, to a slanted wall', () => {
    const isSame = (a: RigidTransform | null, truth: RigidTransform): boolean => isMotionWithin(a, truth, 5 * DEGREE);
    const share = shareOf(
      10,
      (seed) => {
        const random = createRandom(seed);
        const [camera] = ringOfCameras(1, 4, 0) as [RigidTransform];
        const ahead = { rotation: camera.rotation, translation: [0.2, 0, camera.translation[2] - 1.2] as Vec3 };
        return matchPair([camera, ahead], planeOfPoints(400, 1.5, [1, 0, 1], random), random, {
          noisePx: 1,
          outlierShare: 0.2,
        });
      },
      ({ relation, camera2FromCamera1, twin }, truth) =>
        relation === 'planar' &&
        twin !== null &&
        isSame(camera2FromCamera1, truth) !== isSame(twin.camera2FromCamera1, truth),
    );
    expect(share).toBeGreaterThanOrEqual(0.95);
  });

  it('is a general one with three tenths of the matches off the plane', () => {
    const share = shareOf(
      10,
      (seed) => {
        const random = createRandom(seed);
        const [first, second] = ringOfCameras(2, 4, 0.25) as [RigidTransform, RigidTransform];
        const points = [...cloudOfPoints(120, 1, random), ...planeOfPoints(280, 1.3, [0.3, 0.2, 1], random)];
        return matchPair([first, second], points, random, { noisePx: 1 });
      },
      (found, truth) => found.relation === 'general' && isMotionWithin(found.camera2FromCamera1, truth, 4 * DEGREE),
    );
    expect(share).toBeGreaterThanOrEqual(0.95);
  });
});

describe('a pair that says nothing', () => {
  it.each([20, 60, 300])('of %i wrong matches is none', (count) => {
    const share = shareOf(
      10,
      (seed) => drawRingPair(seed, count, { outlierShare: 1 }),
      (found) => found.relation === 'none' && found.camera2FromCamera1 === null && found.inliers.length === 0,
    );
    expect(share).toBe(1);
  });

  it('with a mirrored photo is none: its points would be behind one camera', () => {
    const mirror = (pair: SyntheticPair): SyntheticPair => ({
      ...pair,
      points2: pair.points2.map((value, i) => (i % 2 === 0 ? -value : value)),
    });
    expect(
      shareOf(
        12,
        (seed) => mirror(drawRingPair(seed, 300, { noisePx: 0.5 })),
        ({ relation }) => relation === 'none',
      ),
    ).toBe(1);
    expect(
      shareOf(
        12,
        (seed) => mirror(planePair(seed, 0.4, { noisePx: 0.5 })),
        ({ relation }) => relation === 'none',
      ),
    ).toBe(1);
  });

  it('of too few, repeated or unknown points is none', () => {
    const { lens1, lens2, points1, points2 } = drawRingPair(1, 100);
    const cut = (count: number) => ({
      lens1,
      lens2,
      points1: points1.subarray(0, count * 2),
      points2: points2.subarray(0, count * 2),
    });
    expect(verifyPair(cut(0), { seed: 1 }).relation).toBe('none');
    expect(verifyPair(cut(14), { seed: 1 }).relation).toBe('none');
    expect(verifyPair(cut(30), { seed: 1 }).relation).toBe('general');
    // Ten matches, each twenty times.
    const repeat = (points: Float64Array): Float64Array =>
      Float64Array.from({ length: 400 }, (_, i) => points[i % 20]!);
    expect(verifyPair({ lens1, lens2, points1: repeat(points1), points2: repeat(points2) }, { seed: 1 }).relation).toBe(
      'none',
    );
    const nowhere = points1.map(() => NaN);
    expect(verifyPair({ lens1, lens2, points1: nowhere, points2 }, { seed: 1 }).relation).toBe('none');
    const onePoint = points1.map((_, i) => (i % 2 === 0 ? 0.1 : -0.2));
    expect(verifyPair({ lens1, lens2, points1: onePoint, points2 }, { seed: 1 }).relation).toBe('none');
  });

  it('passes over points that a lens cannot show, and numbers the others as they were', () => {
    const pair = drawRingPair(1, 120);
    pair.points1.fill(NaN, 0, 20);
    const { relation, inliers } = verifyPair(pair, { seed: 1 });
    expect(relation).toBe('general');
    expect(Math.min(...inliers)).toBe(10);
    expect(inliers.length).toBe(pair.isInlier.length - 10);
  });

  it('refuses lists that are not pairs', () => {
    const pair = drawRingPair(1, 30);
    expect(() => verifyPair({ ...pair, points2: pair.points2.subarray(2) }, { seed: 1 })).toThrow(ShapeError);
  });
});

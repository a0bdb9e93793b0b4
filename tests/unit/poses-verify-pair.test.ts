import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { composeRigid, invertRigid, transformPoint } from '../../engine/math/rigid-transform.js';
import { normalisePoints, projectThroughLens } from '../../engine/poses/lens.js';
import type { VerifiedPair } from '../../engine/poses/verify-pair.js';
import { verifyPair } from '../../engine/poses/verify-pair.js';
import type { SyntheticPair } from '../fixtures/synthetic-cameras.js';
import {
  cloudOfPoints,
  drawNormal,
  drawRingPair,
  isMotionWithin,
  lookAt,
  motionError,
  phoneLens,
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

describe('a pair that sees depth', () => {
  it('is placed exactly without noise', () => {
    const share = shareOf(
      20,
      (seed) => drawRingPair(seed, 100),
      (found, truth) => found.relation === 'general' && isMotionWithin(found.camera2FromCamera1, truth, 1e-5),
    );
    expect(share).toBe(1);
  });

  // A photo of 504 pixels; cameras 0.25 rad apart around the scene.
  it.each([
    [0.5, 0.3, 400, 20],
    [1, 0, 400, 20],
    [1, 0.3, 400, 20],
    [1, 0.5, 400, 40],
    [1, 0.6, 600, 20],
  ])(
    'is placed within 2° with %f px of noise and a share of %f wrong, of %i matches',
    (noisePx, outlierShare, count, draws) => {
      const share = shareOf(
        draws,
        (seed) => drawRingPair(seed, count, { noisePx, outlierShare }),
        (found, truth) => found.relation === 'general' && isMotionWithin(found.camera2FromCamera1, truth, 2 * DEGREE),
      );
      expect(share).toBeGreaterThanOrEqual(0.95);
    },
  );

  it('keeps nearly all right matches and few wrong ones', () => {
    const pair = drawRingPair(4, 1000, { noisePx: 1, outlierShare: 0.4 });
    const { inliers } = verifyPair(pair, { seed: 1 });
    const right = inliers.filter((i) => pair.isInlier[i] === 1).length;
    const allRight = pair.isInlier.reduce((sum, x) => sum + x, 0);
    // Three pixels are three standard deviations; wrong matches fit where the band of ± 3 · √2 pixels crosses the photo.
    expect(right / allRight).toBeGreaterThan(0.98);
    expect((inliers.length - right) / (pair.isInlier.length - allRight)).toBeLessThan(0.05);
    expect([...inliers]).toEqual([...inliers].sort((a, b) => a - b));
  });

  it('has the angle between its rays: that of the ring', () => {
    const { medianAngleRad, homographyInliers, inliers } = verifyPair(drawRingPair(2, 300, { noisePx: 0.5 }), {
      seed: 1,
    });
    // 0.25 rad at the centre of a cloud as deep as half its distance.
    expect(medianAngleRad).toBeGreaterThan(0.22);
    expect(medianAngleRad).toBeLessThan(0.28);
    expect(homographyInliers).toBeGreaterThan(8);
    expect(homographyInliers).toBeLessThan(0.5 * inliers.length);
  });

  it('moves the other way when the photos change places', () => {
    const pair = drawRingPair(6, 300, { noisePx: 0.3 });
    const forth = verifyPair(pair, { seed: 1 }).camera2FromCamera1!;
    const back = verifyPair({ ...pair, points1: pair.points2, points2: pair.points1 }, { seed: 1 }).camera2FromCamera1!;
    const error = motionError(invertRigid(back), forth);
    expect(error.rotationRad).toBeLessThan(0.1 * DEGREE);
    expect(error.directionRad).toBeLessThan(0.1 * DEGREE);
  });

  it('is placed through lenses that bend, one of them longer', () => {
    const random = createRandom(31);
    const cameras = [lookAt([-0.8, 0, -4], [0, 0, 0]), lookAt([0.8, 0.2, -5], [0, 0, 0])] as const;
    const wide = phoneLens(-0.15, 0.02);
    const long = { ...phoneLens(0.1, 0), intrinsics: { ...wide.intrinsics, fx: 700, fy: 690, cx: 260, cy: 180 } };
    const lenses = [wide, long] as const;
    const seen = cloudOfPoints(300, 1, random).map((point) =>
      cameras.map((camera, i) => {
        const [u, v] = projectThroughLens(lenses[i]!, transformPoint(camera, point))!;
        return [u + 0.5 * drawNormal(random), v + 0.5 * drawNormal(random)];
      }),
    );
    const pixels = [0, 1].map((i) => Float64Array.from(seen.flatMap((both) => both[i]!)));
    const [points1, points2] = pixels.map((list, i) => normalisePoints(lenses[i]!, list)) as [
      Float64Array,
      Float64Array,
    ];
    const found = verifyPair({ lens1: wide, lens2: long, points1, points2 }, { seed: 1 });
    const truth = composeRigid(cameras[1], invertRigid(cameras[0]));
    expect(isMotionWithin(found.camera2FromCamera1, truth, DEGREE)).toBe(true);
    expect(found.inliers.length).toBeGreaterThan(290);
    // Taken for pinholes, the same photos give another motion.
    const pinholes = pixels.map((list, i) => normalisePoints({ ...lenses[i]!, k1: 0, k2: 0 }, list));
    const bent = verifyPair({ lens1: wide, lens2: long, points1: pinholes[0]!, points2: pinholes[1]! }, { seed: 1 });
    expect(isMotionWithin(bent.camera2FromCamera1, truth, DEGREE)).toBe(false);
  });

  it('is found alike for one seed, and left when told to', () => {
    const pair = drawRingPair(3, 200, { noisePx: 1, outlierShare: 0.5 });
    expect(verifyPair(pair, { seed: 5 })).toEqual(verifyPair(pair, { seed: 5 }));
    const signal = AbortSignal.abort(new Error('enough'));
    expect(() => verifyPair(pair, { seed: 5, signal })).toThrow('enough');
  });
});

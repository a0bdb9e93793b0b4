import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { adjustBundle, adjustBundleInSlices } from '../../engine/poses/bundle-adjustment.js';
import type { BundleProblem } from '../../engine/poses/bundle-problem.js';
import { ShapeError } from '../../engine/scene/errors.js';
import {
  cameraAt,
  centreOf,
  disturb,
  gauss,
  inCamera,
  LENS,
  syntheticBundle,
  turnAbout,
} from '../fixtures/synthetic-bundle.js';

const DISTURBED = { turnRad: 0.02, centre: 0.1, position: 0.1 };
const EXACT = { costTolerance: 0, huberPx: Infinity };

function angleBetweenRotations(a: RigidTransform, b: RigidTransform): number {
  // |A − B|² = 8 sin²(angle / 2)
  const squared = a.rotation.reduce((sum, value, k) => sum + (value - b.rotation[k]!) ** 2, 0);
  return 2 * Math.asin(Math.min(1, Math.sqrt(squared / 8)));
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);
}

/** Largest error of the centres, and of the rotations in radians. */
function cameraErrors(found: readonly RigidTransform[], truth: BundleProblem): { centre: number; turn: number } {
  const pairs = found.map((camera, i) => [camera, truth.photos[i]!.cameraFromWorld] as const);
  return {
    centre: Math.max(...pairs.map(([a, b]) => distance(centreOf(a), centreOf(b)))),
    turn: Math.max(...pairs.map(([a, b]) => angleBetweenRotations(a, b))),
  };
}

describe('bundle adjustment of exact pixels', () => {
  it('finds cameras and points again', () => {
    const truth = syntheticBundle({ photos: 6, points: 80, sightings: 4 });
    // The last camera is farthest from the first, its x offset the largest: left where it is, the scale is the truth's.
    const start = disturb(truth, { ...DISTURBED, kept: [0, 5] });
    const result = adjustBundle(start, EXACT);
    expect(result.stop).toBe('converged');
    expect(result.diverged).toBe(false);
    expect(result.rmsPx).toBeLessThan(1e-8);
    const { centre, turn } = cameraErrors(result.camerasFromWorld, truth);
    expect(centre).toBeLessThan(1e-8);
    expect(turn).toBeLessThan(1e-9);
    for (let i = 0; i < truth.positions.length; i++) expect(result.positions[i]).toBeCloseTo(truth.positions[i]!, 7);
    // The costs fall from step to step.
    result.costs.forEach((cost, i) => expect(cost).toBeLessThan(i === 0 ? Infinity : result.costs[i - 1]!));
  });

  it('keeps the gauge: the first camera, and one coordinate of the farthest', () => {
    const truth = syntheticBundle({ photos: 5, points: 60 });
    const start = disturb(truth, DISTURBED);
    const result = adjustBundle(start, EXACT);
    expect(result.rmsPx).toBeLessThan(1e-8);
    expect(result.camerasFromWorld[0]).toBe(start.photos[0]!.cameraFromWorld);
    const [before, after] = [start.photos[4]!.cameraFromWorld, result.camerasFromWorld[4]!].map(centreOf);
    expect(after![0]).toBeCloseTo(before![0], 12);
    expect(distance(before!, after!)).toBeGreaterThan(1e-3);
    // All else is the truth but for a similarity: ratios of distances agree.
    const ratios = [1, 2, 3, 4].map(
      (i) =>
        distance(centreOf(result.camerasFromWorld[i]!), centreOf(result.camerasFromWorld[0]!)) /
        distance(centreOf(truth.photos[i]!.cameraFromWorld), centreOf(truth.photos[0]!.cameraFromWorld)),
    );
    for (const ratio of ratios) expect(ratio / ratios[0]!).toBeCloseTo(1, 8);
  });

  it('finds a focal length 10 % off and the distortion again', () => {
    const truth = syntheticBundle({ photos: 8, points: 100, sightings: 6, lens: { k1: -0.15, k2: 0.04 } });
    const wrong = { ...LENS, intrinsics: { ...LENS.intrinsics, fx: 880, fy: 880 } };
    const start = { ...disturb(truth, { ...DISTURBED, position: 0.05 }), lenses: [wrong] };
    const result = adjustBundle(start, { ...EXACT, freeIntrinsics: ['focal', 'k1', 'k2'], maxIterations: 200 });
    const lens = result.lenses[0]!;
    expect(lens.intrinsics.fx).toBeCloseTo(800, 4);
    expect(lens.intrinsics.fy).toBeCloseTo(800, 4);
    expect(lens.k1).toBeCloseTo(-0.15, 7);
    expect(lens.k2).toBeCloseTo(0.04, 6);
    expect(lens.intrinsics.cx).toBe(400);
  });

  it('finds two lenses and their principal points, and holds the one that is constant', () => {
    const truth = syntheticBundle({ photos: 10, points: 120, sightings: 8, lensCount: 2 });
    const shift = (x: number) => ({ ...LENS, intrinsics: { ...LENS.intrinsics, fx: 830, fy: 830, cx: 400 + x } });
    const freeIntrinsics = ['focal', 'principal-point'] as const;
    const start = { ...truth, lenses: [shift(6), shift(-5)] };
    const both = adjustBundle(start, { ...EXACT, freeIntrinsics, maxIterations: 300 });
    for (const lens of both.lenses) {
      expect(lens.intrinsics.fx).toBeCloseTo(800, 3);
      expect(lens.intrinsics.cx).toBeCloseTo(400, 3);
      expect(lens.intrinsics.cy).toBeCloseTo(300, 3);
    }
    const one = adjustBundle(
      { ...truth, lenses: [LENS, shift(-5)] },
      { ...EXACT, freeIntrinsics, constantLenses: [0], maxIterations: 300 },
    );
    expect(one.lenses[0]).toBe(LENS);
    expect(one.lenses[1]!.intrinsics.cx).toBeCloseTo(400, 3);
  });

  it('keeps fx : fy', () => {
    const intrinsics = { ...LENS.intrinsics, fy: 820 };
    const truth = syntheticBundle({ photos: 6, points: 80, lens: { intrinsics } });
    const lenses = [{ ...LENS, intrinsics: { ...intrinsics, fx: 760, fy: 779 } }];
    const result = adjustBundle({ ...truth, lenses }, { ...EXACT, freeIntrinsics: ['focal'], maxIterations: 100 });
    expect(result.lenses[0]!.intrinsics.fx).toBeCloseTo(800, 4);
    expect(result.lenses[0]!.intrinsics.fy).toBeCloseTo(820, 4);
  });

  it('works with two views', () => {
    const truth = syntheticBundle({ photos: 2, points: 40 });
    const result = adjustBundle(disturb(truth, { ...DISTURBED, kept: [0] }), EXACT);
    expect(result.rmsPx).toBeLessThan(1e-8);
    // The direction of the baseline is found, its length is not.
    const direction = (camera: RigidTransform): number[] => {
      const offset = centreOf(camera).map((v, k) => v - centreOf(truth.photos[0]!.cameraFromWorld)[k]!) as Vec3;
      return offset.map((v) => v / Math.hypot(...offset));
    };
    const expected = direction(truth.photos[1]!.cameraFromWorld);
    direction(result.camerasFromWorld[1]!).forEach((v, k) => expect(v).toBeCloseTo(expected[k]!, 8));
  });
});

describe('bundle adjustment of noisy pixels', () => {
  // Least squares leaves E|r|² = σ² (residuals − unknowns).
  it('leaves the error that degrees of freedom allow', () => {
    const [photos, points, sightings, sigma] = [8, 300, 5, 0.7];
    const truth = syntheticBundle({ photos, points, sightings, noisePx: sigma, seed: 11 });
    const result = adjustBundle(disturb(truth, DISTURBED), { huberPx: Infinity });
    const residuals = 2 * points * sightings;
    const unknowns = 6 * photos + 3 * points - 7;
    const count = residuals / 2;
    const expected = sigma * Math.sqrt((residuals - unknowns) / count);
    // The variance of a χ² is twice its freedom: the root's relative spread is 1 / √(2 · 2059) = 1.6 %. Three of these.
    expect(Math.abs(result.rmsPx / expected - 1)).toBeLessThan(0.047);
    expect(result.usedCount).toBe(count);
    const mean = result.squaredErrorsPx.reduce((sum, v) => sum + v, 0) / count;
    expect(Math.sqrt(mean)).toBeCloseTo(result.rmsPx, 10);
    // With every loss square the cost is half the sum.
    expect(result.costs.at(-1)! / (0.5 * mean * count)).toBeCloseTo(1, 10);
  });

  it('does so for one camera and known points', () => {
    const [points, sigma] = [2000, 0.5];
    const truth = syntheticBundle({ photos: 1, points, noisePx: sigma });
    const start = { ...disturb(truth, { ...DISTURBED, position: 0 }), positions: truth.positions };
    const result = adjustBundle(start, { free: 'cameras', huberPx: Infinity });
    const expected = sigma * Math.sqrt((2 * points - 6) / points);
    // 1 / √(2 · 3994) = 1.1 %, three of them.
    expect(Math.abs(result.rmsPx / expected - 1)).toBeLessThan(0.034);
    // A turn's error is some σ / (f √N) = 1.4e-5 times a factor for how turn and shift mix.
    const { turn, centre } = cameraErrors(result.camerasFromWorld, truth);
    expect(turn).toBeLessThan(5e-4);
    expect(centre).toBeLessThan(3e-3);
    expect([...result.positions]).toEqual(Array.from(truth.positions));
  });

  it('resists outliers by the loss', () => {
    const truth = syntheticBundle({ photos: 6, points: 200, sightings: 5, noisePx: 0.3 });
    const random = createRandom(5);
    const pixels = Array.from(truth.observations.pixels);
    const isOutlier = pixels.map(() => false);
    for (let i = 0; i < truth.observations.photos.length; i++) {
      if (random.next() >= 0.08) continue;
      isOutlier[i] = true;
      pixels[2 * i]! += 60 * gauss(random);
      pixels[2 * i + 1]! += 60 * gauss(random);
    }
    const start = {
      ...disturb(truth, { ...DISTURBED, kept: [0, 5] }),
      observations: { ...truth.observations, pixels },
    };
    const robust = adjustBundle(start, { constantPhotos: [0, 5], maxIterations: 100 });
    const square = adjustBundle(start, { constantPhotos: [0, 5], huberPx: Infinity, maxIterations: 100 });
    const [good, bad] = [robust, square].map((result) => cameraErrors(result.camerasFromWorld, truth).centre);
    expect(good).toBeLessThan(0.02);
    expect(good! * 10).toBeLessThan(bad!);
    // Large errors are those of outliers, where these are one of a point's five sightings.
    const { points } = truth.observations;
    const outliersOf = new Int32Array(200);
    isOutlier.forEach((is, i) => is && outliersOf[points[i]!]!++);
    const judged = [...robust.squaredErrorsPx].flatMap((v, i) => (v > 100 && outliersOf[points[i]!]! < 2 ? [i] : []));
    expect(judged.length).toBeGreaterThan(30);
    expect(judged.filter((i) => !isOutlier[i]!)).toEqual([]);
  });

  it('weighs observations: one of weight 0 counts for nothing, but has an error', () => {
    const truth = syntheticBundle({ photos: 4, points: 50 });
    const pixels = Array.from(truth.observations.pixels);
    pixels[0]! += 100;
    const weights = Array.from(truth.observations.photos, (_, i) => (i === 0 ? 0 : 1));
    const start = { ...disturb(truth, DISTURBED), observations: { ...truth.observations, pixels, weights } };
    const result = adjustBundle(start, EXACT);
    expect(result.rmsPx).toBeLessThan(1e-8);
    expect(Math.sqrt(result.squaredErrorsPx[0]!)).toBeCloseTo(100, 5);
  });

  it('holds the constant photos, and then scale and place are theirs', () => {
    const truth = syntheticBundle({ photos: 5, points: 60 });
    const start = disturb(truth, { ...DISTURBED, kept: [1, 3] });
    const result = adjustBundle(start, { ...EXACT, constantPhotos: [1, 3] });
    expect(result.camerasFromWorld[1]).toBe(start.photos[1]!.cameraFromWorld);
    expect(result.camerasFromWorld[3]).toBe(start.photos[3]!.cameraFromWorld);
    expect(cameraErrors(result.camerasFromWorld, truth).centre).toBeLessThan(1e-8);
  });

  it('triangulates: points alone, each for itself', () => {
    const truth = syntheticBundle({ photos: 5, points: 60, sightings: 3 });
    const start = disturb(truth, { turnRad: 0, centre: 0, position: 0.3 });
    const positions = Float64Array.from(start.positions);
    // One point that starts behind every camera stays there and keeps no other from being found.
    positions.set([0, 0, -50], 0);
    const result = adjustBundle({ ...start, positions }, { ...EXACT, free: 'points' });
    for (let i = 3; i < positions.length; i++) expect(result.positions[i]).toBeCloseTo(truth.positions[i]!, 8);
    expect(result.behindCount).toBe(3);
    expect(result.squaredErrorsPx[0]).toBe(Infinity);
    expect(result.rmsPx).toBeLessThan(1e-8);
    expect(result.camerasFromWorld[2]).toBe(start.photos[2]!.cameraFromWorld);
  });
});

describe('priors', () => {
  const truth = syntheticBundle({ photos: 5, points: 60, noisePx: 0.5 });
  const lens = { ...LENS, intrinsics: { ...LENS.intrinsics, fx: 880, fy: 880 } };

  it('cost ½ (log(f / f0) / σ)²', () => {
    const options = { freeIntrinsics: ['focal'] as const, maxIterations: 0 };
    const [without, with_] = [[], [{ focalPx: 800, focalSigma: 0.05 }]].map(
      (lensPriors) => adjustBundle({ ...truth, lenses: [lens] }, { ...options, lensPriors }).costs[0]!,
    );
    expect(with_! - without!).toBeCloseTo(0.5 * (Math.log(1.1) / 0.05) ** 2, 8);
  });

  it('hold a lens when they are sure, and leave it free when they are not', () => {
    const find = (focalSigma: number): number =>
      adjustBundle(
        { ...truth, lenses: [lens] },
        { freeIntrinsics: ['focal'], lensPriors: [{ focalPx: 880, focalSigma }], maxIterations: 100 },
      ).lenses[0]!.intrinsics.fx;
    expect(find(1e-6)).toBeCloseTo(880, 2);
    expect(Math.abs(find(1) - 800)).toBeLessThan(12);
  });
});

describe('depths', () => {
  const truth = syntheticBundle({ photos: 5, points: 80, sightings: 4 });
  const scales = [0, 0.7, -0.4, 1.3, -2];
  const depthsWith = (problem: BundleProblem, logScales: readonly number[]) => {
    const { photos, points } = problem.observations;
    const logDepths = Array.from(photos, (photo, i) => {
      const at = 3 * points[i]!;
      const point = [problem.positions[at]!, problem.positions[at + 1]!, problem.positions[at + 2]!] as Vec3;
      return Math.log(inCamera(problem.photos[photo]!.cameraFromWorld, point)[2]) - logScales[photo]!;
    });
    return { logDepths, sigmas: logDepths.map(() => 0.02) };
  };

  it("find each map's scale", () => {
    const observations = { ...truth.observations, depths: depthsWith(truth, scales) };
    const start = { ...disturb(truth, { ...DISTURBED, kept: [0, 4] }), observations };
    const result = adjustBundle(start, { ...EXACT, huberSigmas: Infinity, constantPhotos: [0, 4] });
    scales.forEach((scale, photo) => expect(result.logScales[photo]).toBeCloseTo(scale, 7));
    expect(result.rmsPx).toBeLessThan(1e-8);
  });

  it('that are metric give the scene its scale', () => {
    // All distances three times too small; the depths know better.
    const small: BundleProblem = {
      ...truth,
      photos: truth.photos.map(({ lens, cameraFromWorld: { rotation }, cameraFromWorld }) => ({
        lens,
        cameraFromWorld: cameraAt(rotation, centreOf(cameraFromWorld).map((v) => v / 3) as Vec3),
      })),
      positions: Float64Array.from(truth.positions, (v) => v / 3),
      observations: { ...truth.observations, depths: depthsWith(truth, [0, 0, 0, 0, 0]) },
    };
    const result = adjustBundle(small, {
      ...EXACT,
      huberSigmas: Infinity,
      areLogScalesFree: false,
      maxIterations: 200,
    });
    const length = (cameras: readonly RigidTransform[]): number =>
      distance(centreOf(cameras[0]!), centreOf(cameras[4]!));
    const expected = length(truth.photos.map(({ cameraFromWorld }) => cameraFromWorld));
    expect(length(result.camerasFromWorld)).toBeCloseTo(expected, 6);
  });

  it('hold a point that one photo alone sees', () => {
    const problem: BundleProblem = {
      lenses: [LENS],
      photos: [{ lens: 0, cameraFromWorld: cameraAt([1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0]) }],
      positions: [0.3, 0.1, 5],
      // On the axis, 4 away.
      observations: {
        photos: [0],
        points: [0],
        pixels: [400, 300],
        depths: { logDepths: [Math.log(4)], sigmas: [0.1] },
      },
    };
    const result = adjustBundle(problem, { ...EXACT, free: 'points', areLogScalesFree: false });
    [0, 0, 4].forEach((v, k) => expect(result.positions[k]).toBeCloseTo(v, 8));
    // Without the depth nothing tells how far it is: it stays.
    const { depths: _, ...observations } = problem.observations;
    expect([...adjustBundle({ ...problem, observations }, { free: 'points' }).positions]).toEqual([0.3, 0.1, 5]);
  });
});

describe('bundles that are hardly any', () => {
  const nothing = { photos: [], points: [], pixels: [] };

  it('come back as they went in', () => {
    const empty = adjustBundle({ lenses: [], photos: [], positions: [], observations: nothing });
    expect(empty).toMatchObject({ stop: 'empty', rmsPx: 0, usedCount: 0, diverged: false, costs: [0] });
    const truth = syntheticBundle({ photos: 2, points: 5 });
    const unseen = adjustBundle({ ...truth, observations: nothing });
    expect(unseen.camerasFromWorld[1]).toBe(truth.photos[1]!.cameraFromWorld);
    expect([...unseen.positions]).toEqual(Array.from(truth.positions));
  });

  it('leave out what is not finite, and adjust the rest', () => {
    const truth = syntheticBundle({ photos: 5, points: 50 });
    const start = disturb(truth, DISTURBED);
    const pixels = Array.from(truth.observations.pixels);
    pixels[20] = NaN;
    pixels[33] = Infinity;
    const positions = Float64Array.from(start.positions);
    positions[5] = NaN;
    const photos = start.photos.map((photo, i) =>
      i === 2 ? { ...photo, cameraFromWorld: { ...photo.cameraFromWorld, translation: [NaN, 0, 0] as Vec3 } } : photo,
    );
    const weights = Array.from(truth.observations.photos, (_, i) => (i === 40 ? NaN : 1));
    const problem = { ...start, photos, positions, observations: { ...truth.observations, pixels, weights } };
    const result = adjustBundle(problem, EXACT);
    expect(result.rmsPx).toBeLessThan(1e-8);
    expect(result.diverged).toBe(false);
    expect(result.squaredErrorsPx[10]).toBeNaN();
    expect(result.squaredErrorsPx[16]).toBeNaN();
    expect(result.positions[5]).toBeNaN();
    expect(result.camerasFromWorld[2]).toBe(photos[2]!.cameraFromWorld);
    const isFinite = [...result.positions].map(Number.isFinite);
    expect(isFinite.filter((finite) => !finite)).toHaveLength(1);
  });

  it('may hold the same camera twice', () => {
    const truth = syntheticBundle({ photos: 3, points: 60 });
    // A fourth photo, taken where the first was.
    const photos = [...truth.photos, truth.photos[0]!];
    const { observations } = truth;
    const ofFirst = Array.from(observations.photos, (photo, i) => (photo === 0 ? i : -1)).filter((i) => i >= 0);
    const more = {
      photos: [...Array.from(observations.photos), ...ofFirst.map(() => 3)],
      points: [...Array.from(observations.points), ...ofFirst.map((i) => observations.points[i]!)],
      pixels: [
        ...Array.from(observations.pixels),
        ...ofFirst.flatMap((i) => [observations.pixels[2 * i]!, observations.pixels[2 * i + 1]!]),
      ],
    };
    const start = disturb({ ...truth, photos, observations: more }, { ...DISTURBED, kept: [0, 3] });
    const result = adjustBundle(start, EXACT);
    expect(result.rmsPx).toBeLessThan(1e-8);
    expect(distance(centreOf(result.camerasFromWorld[3]!), centreOf(truth.photos[0]!.cameraFromWorld))).toBeLessThan(
      1e-7,
    );
  });

  it('may all stand in one place: turns are found, depths stay finite', () => {
    const truth = syntheticBundle({ photos: 3, points: 50 });
    const photos = truth.photos.map(({ lens }, i) => ({
      lens,
      cameraFromWorld: cameraAt(turnAbout([0.2, 1, 0], 0.1 * i), [0, 0, -6]),
    }));
    const pixels = Array.from(truth.observations.photos).flatMap((photo, i) => {
      const at = 3 * truth.observations.points[i]!;
      const [x, y, z] = inCamera(
        photos[photo]!.cameraFromWorld,
        [0, 1, 2].map((k) => truth.positions[at + k]!) as Vec3,
      );
      return [800 * (x / z) + 400, 800 * (y / z) + 300];
    });
    const exact = { ...truth, photos, observations: { ...truth.observations, pixels } };
    const start = disturb(exact, { turnRad: 0.01, centre: 0, position: 0.05, kept: [0] });
    const result = adjustBundle(start, { huberPx: Infinity, maxIterations: 100 });
    expect(result.rmsPx).toBeLessThan(0.05);
    expect([...result.positions].every(Number.isFinite)).toBe(true);
    expect(cameraErrors(result.camerasFromWorld, exact).turn).toBeLessThan(0.01);
  });

  it('may fall apart into two halves', () => {
    const one = syntheticBundle({ photos: 3, points: 40 });
    const two = syntheticBundle({ photos: 3, points: 40, seed: 9 });
    const joined: BundleProblem = {
      lenses: one.lenses,
      photos: [...one.photos, ...two.photos],
      positions: [...Array.from(one.positions), ...Array.from(two.positions)],
      observations: {
        photos: [...Array.from(one.observations.photos), ...Array.from(two.observations.photos, (i) => i + 3)],
        points: [...Array.from(one.observations.points), ...Array.from(two.observations.points, (i) => i + 40)],
        pixels: [...Array.from(one.observations.pixels), ...Array.from(two.observations.pixels)],
      },
    };
    const result = adjustBundle(disturb(joined, DISTURBED), EXACT);
    expect(result.rmsPx).toBeLessThan(1e-7);
    expect(result.diverged).toBe(false);
  });

  it('say when they are lost', () => {
    const truth = syntheticBundle({ photos: 3, points: 20 });
    // All points behind all cameras.
    const positions = Float64Array.from(truth.positions, (v, i) => (i % 3 === 2 ? -60 : v));
    const result = adjustBundle({ ...truth, positions });
    expect(result.diverged).toBe(true);
    expect(result.squaredErrorsPx.every((v) => v === Infinity)).toBe(true);
  });

  it('are refused when lists do not fit each other', () => {
    const truth = syntheticBundle({ photos: 2, points: 4 });
    const { observations } = truth;
    const broken: BundleProblem[] = [
      { ...truth, positions: [1, 2] },
      { ...truth, lenses: [] },
      { ...truth, logScales: [0] },
      { ...truth, observations: { ...observations, pixels: [1] } },
      { ...truth, observations: { ...observations, weights: [1] } },
      { ...truth, observations: { ...observations, points: Array.from(observations.points, () => 4) } },
      { ...truth, observations: { ...observations, photos: Array.from(observations.photos, () => -1) } },
      { ...truth, observations: { ...observations, photos: Array.from(observations.photos, () => 0.5) } },
    ];
    for (const problem of broken) expect(() => adjustBundle(problem)).toThrow(ShapeError);
    expect(() => adjustBundle(truth, { constantPhotos: [2] })).toThrow(ShapeError);
    expect(() => adjustBundle(truth, { constantLenses: [1] })).toThrow(ShapeError);
    expect(() => adjustBundle(truth, { huberPx: 0 })).toThrow(ShapeError);
  });
});

describe('bundle adjustment in slices', () => {
  it('has the same result', async () => {
    const start = disturb(syntheticBundle({ photos: 4, points: 30, noisePx: 0.5 }), DISTURBED);
    const sliced = await adjustBundleInSlices(start, {}, {});
    expect(sliced).toEqual(adjustBundle(start));
  });

  it('ends with the reason of its signal', async () => {
    const start = disturb(syntheticBundle({ photos: 12, points: 3000, sightings: 6, noisePx: 0.5 }), DISTURBED);
    const controller = new AbortController();
    const running = adjustBundleInSlices(
      start,
      { costTolerance: 0, maxIterations: 1000 },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(new Error('enough')), 0);
    await expect(running).rejects.toThrow('enough');
    await expect(adjustBundleInSlices(start, {}, { signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow(
      'never',
    );
  });
});

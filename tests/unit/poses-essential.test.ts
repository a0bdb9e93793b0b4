import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { Mat3, RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { determinant, multiplyMat, multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import {
  chooseByCheirality,
  decomposeEssential,
  essentialOf,
  possibleMotions,
  voteOnCheirality,
} from '../../engine/poses/decompose-essential.js';
import { solveEssentialFivePoint } from '../../engine/poses/essential-five-point.js';
import { fitFundamentalEightPoint, projectToEssential } from '../../engine/poses/fundamental-eight-point.js';
import type { NormalisedMatches } from '../../engine/poses/match-coordinates.js';
import { essentialResiduals, everyIndex, joinCoordinates } from '../../engine/poses/match-coordinates.js';
import { refineRelativePose } from '../../engine/poses/refine-relative-pose.js';
import { rotationOfVector } from '../../engine/math/rotation-vector.js';
import { ShapeError } from '../../engine/scene/errors.js';
import type { SyntheticPair } from '../fixtures/synthetic-cameras.js';
import {
  cloudOfPoints,
  drawNormal,
  drawRingPair,
  drawRotation,
  matchPair,
  motionError,
  planeOfPoints,
  ringOfCameras,
} from '../fixtures/synthetic-cameras.js';

const IDENTITY: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const matchesOf = ({ points1, points2 }: SyntheticPair): NormalisedMatches => ({
  coordinates: joinCoordinates(points1, points2),
  focal1Px: 400,
  focal2Px: 400,
});
const ofUnitLength = ({ rotation, translation }: RigidTransform): RigidTransform => ({
  rotation,
  translation: translation.map((x) => x / Math.hypot(...translation)) as Vec3,
});
/** Distance between two essential matrices of norm √2 up to sign. */
const distance = (a: Mat3, b: Mat3): number =>
  Math.min(...[1, -1].map((sign) => Math.hypot(...a.map((entry, i) => entry - sign * b[i]!))));

describe('the Sampson distance', () => {
  it('of a match that is d pixels off its epipolar line is d / √2, worked by hand', () => {
    // Sideways translation without rotation: epipolar lines are rows. The nearest exact pair splits the difference between both photos.
    const e = essentialOf({ rotation: IDENTITY, translation: [1, 0, 0] });
    const matches = { coordinates: Float64Array.of(0.1, 0.2, 0.4, 0.2 + 3 / 400), focal1Px: 400, focal2Px: 400 };
    const out = new Float64Array(1);
    essentialResiduals(matches, e, [0, 1], out);
    expect(out[0]).toBeCloseTo(9 / 2, 10);
    // A photo of half the focal length counts half as many pixels for the same angle: d² / (1/f1² + 1/f2²).
    essentialResiduals({ ...matches, focal2Px: 200 }, e, [0, 1], out);
    expect(out[0]).toBeCloseTo((3 / 400) ** 2 / (1 / 400 ** 2 + 1 / 200 ** 2), 10);
  });

  it('needs as many points in one photo as in the other', () => {
    expect(() => joinCoordinates(new Float64Array(4), new Float64Array(6))).toThrow(ShapeError);
    expect(() => joinCoordinates(new Float64Array(3), new Float64Array(3))).toThrow(ShapeError);
  });
});

describe('the five-point method', () => {
  it('finds the true essential matrix among at most ten, for motions of every kind', () => {
    const random = createRandom(3);
    let found = 0;
    let total = 0;
    let accurate = 0;
    for (let draw = 0; draw < 300; draw++) {
      const { rotation, translation } = ofUnitLength({
        rotation: drawRotation(random, 0.8),
        translation: [drawNormal(random), drawNormal(random), drawNormal(random)],
      });
      // The first camera is 4 from the origin, the second 1 from the first: camera2FromWorld = camera2FromCamera1 ∘ camera1FromWorld.
      const shifted = translation.map((t, k) => t + 4 * rotation[k * 3 + 2]!) as Vec3;
      const coordinates = new Float64Array(20);
      for (const [i, [x, y, z]] of cloudOfPoints(5, 1, random).entries()) {
        const [x2, y2, z2] = multiplyMatVec(rotation, [x, y, z]).map((v, k) => v + shifted[k]!) as Vec3;
        coordinates.set([x / (z + 4), y / (z + 4), x2 / z2, y2 / z2], i * 4);
      }
      const solutions = solveEssentialFivePoint(coordinates, [0, 1, 2, 3, 4]);
      expect(solutions.length).toBeLessThanOrEqual(10);
      total += solutions.length;
      accurate += solutions.filter(
        (e) => Math.abs(Math.hypot(...e) - Math.SQRT2) + Math.abs(determinant(e)) < 1e-6,
      ).length;
      if (solutions.some((e) => distance(e, essentialOf({ rotation, translation })) < 1e-5)) found++;
    }
    // Of nearly degenerate samples, solutions lose digits.
    expect(accurate / total).toBeGreaterThan(0.99);
    expect(found).toBeGreaterThanOrEqual(297);
  });

  it('fulfils its equations with every solution', () => {
    const random = createRandom(4);
    const coordinates = Float64Array.from({ length: 20 }, () => random.next() - 0.5);
    for (const e of solveEssentialFivePoint(coordinates, [0, 1, 2, 3, 4])) {
      for (let i = 0; i < 5; i++) {
        const [x1, y1, x2, y2] = coordinates.subarray(i * 4, i * 4 + 4);
        const line = multiplyMatVec(e, [x1!, y1!, 1]);
        expect(Math.abs(x2! * line[0] + y2! * line[1] + line[2])).toBeLessThan(1e-9);
      }
      const eet = multiplyMat(e, transposeMat(e));
      const constraint = multiplyMat(eet, e).map((x, i) => 2 * x - (eet[0] + eet[4] + eet[8]) * e[i]!);
      expect(Math.hypot(...constraint)).toBeLessThan(1e-6);
    }
  });

  it('still works when the points lie on a plane', () => {
    const random = createRandom(5);
    const [a, b] = ringOfCameras(2, 4, 0.4) as [RigidTransform, RigidTransform];
    const pair = matchPair([a, b], planeOfPoints(50, 1.2, [0.3, 0.1, 1], random), random);
    const truth = essentialOf(ofUnitLength(pair.camera2FromCamera1));
    const solutions = solveEssentialFivePoint(matchesOf(pair).coordinates, [0, 1, 2, 3, 4]);
    expect(Math.min(...solutions.map((e) => distance(e, truth)))).toBeLessThan(1e-5);
  });

  it('gives nothing for repeated points and NaN', () => {
    const { coordinates } = matchesOf(drawRingPair(1, 20));
    expect(solveEssentialFivePoint(coordinates, [0, 1, 2, 3, 3])).toEqual([]);
    expect(solveEssentialFivePoint(new Float64Array(20), [0, 1, 2, 3, 4])).toEqual([]);
    expect(solveEssentialFivePoint(new Float64Array(20).fill(NaN), [0, 1, 2, 3, 4])).toEqual([]);
  });
});

describe('the eight-point method', () => {
  it('is exact on exact matches, in pixels too', () => {
    const pair = drawRingPair(2, 40);
    const { coordinates } = matchesOf(pair);
    const truth = essentialOf(ofUnitLength(pair.camera2FromCamera1));
    const e = projectToEssential(fitFundamentalEightPoint(coordinates)!);
    expect(distance(e, truth)).toBeLessThan(1e-6);
    const pixels = coordinates.map((value, i) => 400 * value + (i % 2 === 0 ? 252 : 189));
    const f = fitFundamentalEightPoint(pixels)!;
    expect(Math.hypot(...f)).toBeCloseTo(1, 12);
    expect(Math.abs(determinant(f))).toBeLessThan(1e-15);
    // Kᵀ F K is the essential matrix.
    const k: Mat3 = [400, 0, 252, 0, 400, 189, 0, 0, 1];
    expect(distance(projectToEssential(multiplyMat(transposeMat(k), multiplyMat(f, k))), truth)).toBeLessThan(1e-6);
  });

  it('comes near the truth with a pixel of noise', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const pair = drawRingPair(seed, 400, { noisePx: 1, stepRad: 0.5 });
      const matches = matchesOf(pair);
      const e = projectToEssential(fitFundamentalEightPoint(matches.coordinates)!);
      const vote = chooseByCheirality(decomposeEssential(e), matches.coordinates, everyIndex(pair.isInlier.length))!;
      const error = motionError(vote.camera2FromCamera1, pair.camera2FromCamera1);
      expect(error.rotationRad).toBeLessThan(0.05);
      expect(error.directionRad).toBeLessThan(0.1);
    }
  });

  it('refuses what does not determine it', () => {
    const random = createRandom(6);
    const { coordinates } = matchesOf(drawRingPair(1, 40));
    expect(fitFundamentalEightPoint(coordinates, [0, 1, 2, 3, 4, 5, 6])).toBeNull();
    expect(fitFundamentalEightPoint(coordinates, new Uint32Array(12))).toBeNull();
    expect(fitFundamentalEightPoint(coordinates.map(() => NaN))).toBeNull();
    const [a, b] = ringOfCameras(2, 4, 0.4) as [RigidTransform, RigidTransform];
    const plane = matchPair([a, b], planeOfPoints(50, 1.2, [0, 0, 1], random), random);
    expect(fitFundamentalEightPoint(matchesOf(plane).coordinates)).toBeNull();
  });
});

describe('decomposing an essential matrix', () => {
  it('gives two rotations with both directions, the true motion among them', () => {
    const random = createRandom(8);
    for (let draw = 0; draw < 100; draw++) {
      const truth = ofUnitLength({
        rotation: drawRotation(random),
        translation: [drawNormal(random), drawNormal(random), drawNormal(random)],
      });
      const motions = decomposeEssential(essentialOf(truth));
      expect(motions).toHaveLength(4);
      const errors = motions.map((motion) => motionError(motion, truth));
      expect(Math.min(...errors.map((e) => e.rotationRad + e.directionRad))).toBeLessThan(1e-7);
      const defects = motions.map(
        (motion) =>
          Math.abs(determinant(motion.rotation) - 1) +
          Math.abs(Math.hypot(...motion.translation) - 1) +
          distance(essentialOf(motion), essentialOf(truth)),
      );
      expect(Math.max(...defects)).toBeLessThan(1e-10);
    }
  });

  it('does not mind sign and scale, and takes the nearest rotation of a disturbed one', () => {
    const truth = ofUnitLength({ rotation: rotationOfVector([0.1, 0.2, -0.3]), translation: [1, 0.2, -0.1] });
    const scaled = essentialOf(truth).map((x) => -7 * x) as Mat3;
    expect(Math.min(...decomposeEssential(scaled).map((m) => motionError(m, truth).rotationRad))).toBeLessThan(1e-7);
    const disturbed = essentialOf(truth).map((x, i) => x + 1e-3 * Math.sin(i)) as Mat3;
    for (const { rotation } of decomposeEssential(disturbed)) expect(determinant(rotation)).toBeCloseTo(1, 12);
    expect(decomposeEssential([0, 0, 0, 0, 0, 0, 0, 0, 0])).toEqual([]);
    expect(decomposeEssential(scaled.map(() => NaN) as Mat3)).toEqual([]);
  });

  it('is decided by which points are in front', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const pair = drawRingPair(seed, 50);
      const { coordinates } = matchesOf(pair);
      const all = everyIndex(pair.isInlier.length);
      const e = essentialOf(pair.camera2FromCamera1);
      const vote = chooseByCheirality(decomposeEssential(e), coordinates, all)!;
      expect(vote.decided).toBe(all.length);
      expect(vote.inFront).toEqual(all);
      expect(motionError(vote.camera2FromCamera1, pair.camera2FromCamera1).directionRad).toBeLessThan(1e-6);
      expect(possibleMotions(e, coordinates, all, 0)).toHaveLength(1);
    }
  });

  it('lets parallel rays abstain, and takes opposite ones for behind', () => {
    const motion: RigidTransform = { rotation: IDENTITY, translation: [1, 0, 0] };
    // The second ray of each: parallel; 0.01 rad towards the first camera's ray, which meets in front; 0.01 rad away, which meets behind.
    const coordinates = Float64Array.of(0, 0, 0, 0, 0, 0, 0.01, 0, 0, 0, -0.01, 0);
    expect(voteOnCheirality(motion, coordinates, [0, 1, 2], 0.001)).toMatchObject({
      inFront: Uint32Array.of(0, 1),
      decisive: 2,
      decided: 1,
    });
    expect(voteOnCheirality(motion, coordinates, [0, 1, 2], 0.02)).toMatchObject({ decisive: 0, decided: 0 });
    expect(chooseByCheirality([], coordinates, [0])).toBeNull();
    const backwards: RigidTransform = { rotation: [-1, 0, 0, 0, 1, 0, 0, 0, -1], translation: [1, 0, 0] };
    expect(voteOnCheirality(backwards, coordinates, [0], 0.001)).toMatchObject({ decisive: 1, decided: 0 });
  });
});

describe('refining a motion', () => {
  it('returns from a few degrees off to the truth in a handful of steps, as only right derivatives do', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const pair = drawRingPair(seed, 80, { stepRad: 0.4 });
      const truth = ofUnitLength(pair.camera2FromCamera1);
      const start: RigidTransform = {
        rotation: multiplyMat(rotationOfVector([0.02, -0.03, 0.01]), truth.rotation),
        translation: multiplyMatVec(rotationOfVector([0.04, 0.01, -0.05]), truth.translation),
      };
      const all = everyIndex(pair.isInlier.length);
      const refined = refineRelativePose(start, matchesOf(pair), all, { lossScalePx: 100, maxSteps: 8 });
      const error = motionError(refined.camera2FromCamera1, truth);
      expect(error.rotationRad).toBeLessThan(1e-6);
      expect(error.directionRad).toBeLessThan(1e-6);
      expect(refined.cost).toBeLessThan(1e-6);
    }
  });

  it('is stopped at the start by NaN, and costs nothing where the start is exact', () => {
    const pair = drawRingPair(3, 40);
    const truth = ofUnitLength(pair.camera2FromCamera1);
    const matches = matchesOf(pair);
    const loss = { lossScalePx: 3, maxSteps: 5 };
    expect(refineRelativePose(truth, matches, [0, 1, 2, 3, 4, 5], loss).cost).toBeLessThan(1e-15);
    matches.coordinates[0] = NaN;
    const spoilt = refineRelativePose(truth, matches, [0, 1, 2, 3, 4, 5], loss);
    expect(spoilt.cost).toBeNaN();
    expect(motionError(spoilt.camera2FromCamera1, truth).rotationRad).toBeLessThan(1e-7);
  });
});

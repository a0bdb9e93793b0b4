/** The motion between two photos from few matches and guessed depth, where everything is known. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { composeRigid, invertRigid, transformPoint } from '../../engine/math/rigid-transform.js';
import { depthsOfNumbers, fitGuess, possibleGuesses, sampleNetwork } from '../../engine/poses/depth-guess.js';
import type { DepthMotion, DepthSide } from '../../engine/poses/depth-pair.js';
import { findMotionByDepth } from '../../engine/poses/depth-pair.js';
import { rotationAngle } from '../../engine/math/rotation-vector.js';
import {
  cloudOfPoints,
  drawNormal,
  drawRotation,
  motionError,
  phoneLens,
  ringOfCameras,
} from '../fixtures/synthetic-cameras.js';

const LENS = phoneLens();
const { fx, cx, cy, width, height } = LENS.intrinsics;
const DEGREE = Math.PI / 180;

interface Drawn {
  readonly first: DepthSide;
  readonly second: DepthSide;
  readonly camera2FromCamera1: RigidTransform;
}

interface DrawOptions {
  readonly stepRad?: number;
  readonly depthSigma?: number;
  /** Matches whose second end is anywhere. */
  readonly wrong?: number;
  readonly isMirrored?: boolean;
  /** Turned in place instead. */
  readonly isTurn?: boolean;
}

/** `count` matches with half a pixel of noise, and depths in a unit of their own for each photo. */
function draw(seed: number, count: number, options: DrawOptions = {}): Drawn {
  const { stepRad = 0.2, depthSigma = 0.1, wrong = 0, isMirrored = false, isTurn = false } = options;
  const random = createRandom(seed);
  const [camera1, other] = ringOfCameras(2, 4, stepRad) as [RigidTransform, RigidTransform];
  const turn = composeRigid({ rotation: drawRotation(random, 0.1), translation: [0, 0, 0] }, camera1);
  const camera2 = isTurn ? turn : other;
  const points = cloudOfPoints(count, 1, random);
  const side = (camera: RigidTransform, unit: number, isSecond: boolean): DepthSide => {
    const depths: number[] = [];
    const pixels = points.flatMap((point, i) => {
      const [x, y, z] = transformPoint(camera, point);
      depths.push(unit * z * Math.exp(depthSigma * drawNormal(random)));
      if (isSecond && i < wrong) return [random.next() * width, random.next() * height];
      const u = (fx * x) / z + cx + 0.5 * drawNormal(random);
      return [isSecond && isMirrored ? width - u : u, (fx * y) / z + cy + 0.5 * drawNormal(random)];
    });
    const normalised = Float64Array.from(pixels, (value, k) => (value - (k % 2 === 0 ? cx : cy)) / fx);
    return { lens: LENS, pixels: Float64Array.from(pixels), normalised, depths: [Float64Array.from(depths)] };
  };
  return {
    first: side(camera1, 0.25, false),
    second: side(camera2, 3, true),
    camera2FromCamera1: composeRigid(camera2, invertRigid(camera1)),
  };
}

function find({ first, second }: Drawn): DepthMotion | null {
  return findMotionByDepth(first, second, { seed: 1, keypointSigmaPx: 0.7 });
}

describe('the motion by guessed depth', () => {
  // Now and then noise takes too many, or the two photos' depths disagree.
  it.each([
    [10, 4],
    [12, 6],
    [14, 7],
  ])('comes from %i matches at least %i times of eight, in the unit of the first photo', (count, least) => {
    let times = 0;
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const drawn = draw(seed, count);
      const found = find(drawn);
      if (found === null) continue;
      times++;
      const { rotationRad, directionRad } = motionError(found.camera2FromCamera1, drawn.camera2FromCamera1);
      // So few matches tell a turn from a step to the side only roughly.
      expect(rotationRad).toBeLessThan(5 * DEGREE);
      // The baseline is a fifth of the distance, and depth is off by a tenth at each point.
      expect(directionRad).toBeLessThan(25 * DEGREE);
      const [length, truth] = [found, drawn].map(({ camera2FromCamera1: { translation } }) =>
        Math.hypot(...translation),
      );
      expect(Math.abs(Math.log(length! / (0.25 * truth!)))).toBeLessThan(0.3);
      expect(found.positions).toHaveLength(3 * found.inliers.length);
    }
    expect(times).toBeGreaterThanOrEqual(least);
  });

  it('leaves wrong matches out', () => {
    const drawn = draw(7, 24, { wrong: 8 });
    const found = find(drawn)!;
    expect(found.inliers.length).toBeGreaterThanOrEqual(13);
    expect(found.inliers.filter((i) => i < 8).length).toBeLessThanOrEqual(1);
    expect(motionError(found.camera2FromCamera1, drawn.camera2FromCamera1).rotationRad).toBeLessThan(3 * DEGREE);
  });

  it('may be a turn in place: then it has hardly a translation', () => {
    const drawn = draw(8, 40, { isTurn: true });
    const found = find(drawn)!;
    const left = composeRigid(found.camera2FromCamera1, invertRigid(drawn.camera2FromCamera1));
    expect(rotationAngle(left.rotation)).toBeLessThan(0.5 * DEGREE);
    // The points are at about 1: 4 in the world.
    expect(Math.hypot(...found.camera2FromCamera1.translation)).toBeLessThan(0.03);
  });

  it('is refused for few, for chance, for a mirrored photo, and for depth that contradicts', () => {
    for (const seed of [11, 12, 13, 14, 15]) {
      expect(find(draw(seed, 9))).toBeNull();
      expect(find(draw(seed, 60, { wrong: 60 }))).toBeNull();
      expect(find(draw(seed, 30, { isMirrored: true }))).toBeNull();
      const drawn = draw(seed, 30, { stepRad: 0.5 });
      // Near is far.
      const depths = drawn.first.depths.map((list) => list.map((z) => 1 / z ** 2));
      expect(find({ ...drawn, first: { ...drawn.first, depths } })).toBeNull();
    }
  });
});

describe('what a network’s numbers may mean', () => {
  const depths = Float64Array.from({ length: 40 }, (_, i) => 1 + i / 10);

  it('is found from known points: 1/z = 2 r + 0.1, one in five of them wrong', () => {
    const numbers = depths.map((z) => (1 / z - 0.1) / 2);
    const known = depths.map((z, i) => (i % 5 === 0 ? 3 * z : z));
    const guess = fitGuess('inverse-depth', numbers, known)!;
    expect(guess.scale).toBeCloseTo(2, 1);
    expect(guess.shift).toBeCloseTo(0.1, 1);
    depthsOfNumbers(guess, numbers).forEach((z, i) => expect(Math.abs(z / depths[i]! - 1)).toBeLessThan(0.1));
  });

  it('is one factor for metres, and for few points', () => {
    const metric = fitGuess(
      'metric-depth',
      depths.map((z) => z / 5),
      depths,
    )!;
    expect(metric.shift).toBe(0);
    depthsOfNumbers(
      metric,
      depths.map((z) => z / 5),
    ).forEach((z, i) => expect(z).toBeCloseTo(depths[i]!, 9));
    const few = depths.map((z, i) => (i < 6 ? z : NaN));
    expect(
      fitGuess(
        'inverse-depth',
        depths.map((z) => 1 / (4 * z)),
        few,
      ),
    ).toMatchObject({ shift: 0 });
    expect(
      fitGuess(
        'inverse-depth',
        depths,
        depths.map(() => NaN),
      ),
    ).toBeNull();
  });

  it('holds the right shift among those that are tried, up to scale', () => {
    // 1/z = r + 0.6 median(r): the third guess must give depths in the true proportion.
    const numbers = Float64Array.of(1, 2, 3, 4, 5);
    const [, , third] = possibleGuesses('inverse-depth', numbers);
    const found = depthsOfNumbers(third!, numbers);
    numbers.forEach((r, i) => expect(found[i]! / found[0]!).toBeCloseTo((1 + 1.8) / (r + 1.8), 9));
    expect(found[2]).toBeCloseTo(1, 9);
    expect(possibleGuesses('metric-depth', numbers)).toHaveLength(1);
    expect(possibleGuesses('inverse-depth', new Float64Array(4))).toEqual([]);
  });

  it('is read at the pixel that a keypoint lies in', () => {
    const map = Float32Array.of(1, 2, 3, 4, 5, 6);
    const numbers = sampleNetwork(map, { width: 3, height: 2 }, [0.5, 0.5, 2.9, 1.1, 3, 0, -0.1, 0, NaN, 0]);
    expect([...numbers]).toEqual([1, 6, NaN, NaN, NaN]);
  });
});

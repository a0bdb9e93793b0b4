/** Models that begin with guessed cameras: guesses that are a little off, and guesses that mean nothing. */
import { describe, expect, it } from 'vitest';
import { cameraCentre } from '../../engine/math/conventions.js';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, multiplyMatVec, transformPoint } from '../../engine/math/rigid-transform.js';
import { compareCameras } from '../../engine/poses/compare-cameras.js';
import type { PairMatches } from '../../engine/poses/contract.js';
import type { GrowingModel } from '../../engine/poses/growing-model.js';
import { meanFocalPx, projectThroughLens } from '../../engine/poses/lens.js';
import type { GrowthSettings } from '../../engine/poses/grow-model.js';
import type { CameraProblem } from '../../engine/poses/solve-cameras.js';
import { solveCameras } from '../../engine/poses/solve-cameras.js';
import type { GuessInput } from '../../engine/poses/start-from-guess.js';
import { startFromGuess } from '../../engine/poses/start-from-guess.js';
import type { GuessedCamera } from '../../engine/scene/camera-network.js';
import {
  cloudOfPoints,
  drawNormal,
  drawRotation,
  drawUniform,
  lookAt,
  phoneLens,
} from '../fixtures/synthetic-cameras.js';

const DEGREE = Math.PI / 180;
const LENS = phoneLens();
const { fx } = LENS.intrinsics;

/** Cameras around a cloud that all face it, on an arc of 100°. */
function arcOfCameras(count: number): RigidTransform[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = ((i / (count - 1) - 0.5) * 100 * Math.PI) / 180;
    return lookAt([4 * Math.sin(angle), 0.5 * Math.sin(2.3 * i), -4 * Math.cos(angle)], [0, 0, 0]);
  });
}

/**
 * Photos of a cloud, the keypoints of all in the order of its points. Any three photos share `perTriple` points, each pair matches those of its
 * triples, and so many wrong ones.
 */
function photograph(cameras: readonly RigidTransform[], perTriple: number, wrongPerPair: number, seed: number) {
  const random = createRandom(seed);
  const count = cameras.length;
  const triples = cameras.flatMap((_, i) =>
    cameras.flatMap((__, j) => cameras.flatMap((___, k) => (i < j && j < k ? [[i, j, k]] : []))),
  );
  const points = cloudOfPoints(triples.length * perTriple + (wrongPerPair * count * (count - 1)) / 2, 1, random);
  const photos = cameras.map((camera) => ({
    lens: 0,
    points: Float32Array.from(
      points.flatMap((point) =>
        projectThroughLens(LENS, transformPoint(camera, point))!.map((v) => v + 0.3 * drawNormal(random)),
      ),
    ),
  }));
  const pairs: PairMatches[] = [];
  let next = triples.length * perTriple;
  for (let first = 0; first < count; first++)
    for (let second = first + 1; second < count; second++) {
      const right = triples.flatMap((triple, t) =>
        triple.includes(first) && triple.includes(second)
          ? Array.from({ length: perTriple }, (_, i) => [t * perTriple + i, t * perTriple + i])
          : [],
      );
      // A wrong match takes the keypoint of another wrong match: it stays one-to-one.
      const wrong = Array.from({ length: wrongPerPair }, (_, i) => [next + i, next + ((i + 1) % wrongPerPair)]);
      next += wrongPerPair;
      pairs.push({ first, second, indices: Uint32Array.from([...right, ...wrong].flat()) });
    }
  return { photos, pairs };
}

/** The true cameras in another world, their centres off by `share` of the extent, turned by `turnRad`. */
function disturb(cameras: readonly RigidTransform[], turnRad: number, share: number, seed: number): GuessedCamera[] {
  const random = createRandom(seed);
  const world = drawRotation(random);
  return cameras.map((camera) => {
    const away = [drawNormal(random), drawNormal(random), drawNormal(random)] as Vec3;
    const off = away.map((v) => (v * share * 6) / Math.hypot(...away));
    const centre = cameraCentre(camera).map((v, k) => v + off[k]!) as Vec3;
    const turn = drawRotation(random, 1);
    const angle = Math.acos((turn[0] + turn[4] + turn[8] - 1) / 2);
    // A turn of exactly `turnRad` about a random axis.
    const axis: Vec3 = [turn[7] - turn[5], turn[2] - turn[6], turn[3] - turn[1]];
    const exact = rotationAbout(axis.map((v) => v / (2 * Math.sin(angle))) as Vec3, turnRad);
    const rotation = multiplyMat(multiplyMat(exact, camera.rotation), world);
    const moved = multiplyMatVec(multiplyMat(exact, camera.rotation), centre).map((v) => -3 * v) as Vec3;
    return { cameraFromWorld: { rotation, translation: moved }, focalPx: fx };
  });
}

function rotationAbout([x, y, z]: Vec3, angle: number): RigidTransform['rotation'] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const d = 1 - c;
  return [
    ...[c + d * x * x, d * x * y - s * z, d * x * z + s * y],
    ...[d * x * y + s * z, c + d * y * y, d * y * z - s * x],
    ...[d * x * z - s * y, d * y * z + s * x, c + d * z * z],
  ] as RigidTransform['rotation'];
}

const SETTINGS = { seed: 1, isFocalFree: false, lensPriors: [null], keypointSigmaPx: 0.5 };

async function inputOf(problem: CameraProblem, settings: GrowthSettings = SETTINGS): Promise<GuessInput> {
  const solved = await solveCameras(problem, settings);
  return { problem, isUnknown: [settings.isFocalFree], solved, model: solved.model, settings };
}

function compare(model: GrowingModel, cameras: readonly RigidTransform[]) {
  return compareCameras(
    cameras.map((_, photo) => model.placed.get(photo) ?? null),
    cameras,
  );
}

describe('a guess that is off by 5° and 10 %', () => {
  it('is adjusted to the truth where pairs match too little to tell; what strays is left out', async () => {
    const cameras = arcOfCameras(5);
    let complete = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      // Twelve right matches a pair and four wrong ones: none carries a motion, and all together do.
      const input = await inputOf({ ...photograph(cameras, 4, 4, seed), lenses: [LENS] });
      expect(input.model?.placed.size ?? 0).toBeLessThan(5);
      const { model } = (await startFromGuess(input, disturb(cameras, 5 * DEGREE, 0.1, seed)))!;
      expect(model.placed.size).toBeGreaterThanOrEqual(4);
      if (model.placed.size === 5) complete++;
      const { pairRotationErrorsRad, medianCentrePercent } = compare(model, cameras);
      expect(Math.max(...pairRotationErrorsRad) / DEGREE).toBeLessThan(1);
      expect(medianCentrePercent).toBeLessThan(1.5);
    }
    expect(complete).toBeGreaterThanOrEqual(5);
  }, 30_000);
});

describe('a guess that means nothing', () => {
  const cameras = arcOfCameras(5);
  const problem = { ...photograph(cameras, 4, 4, 1), lenses: [LENS] };
  const drawNonsense = (seed: number): GuessedCamera[] => {
    const random = createRandom(seed);
    return cameras.map(() => ({
      cameraFromWorld: {
        rotation: drawRotation(random),
        translation: [drawUniform(random, -4, 4), drawUniform(random, -4, 4), drawUniform(random, 2, 6)],
      },
      focalPx: fx,
    }));
  };

  it.each([1, 2, 3, 4, 5])('places nothing (draw %d)', async (seed) => {
    expect(await startFromGuess(await inputOf(problem), drawNonsense(seed))).toBeNull();
  });

  it('places nothing where all cameras are said to be in one', async () => {
    const [{ cameraFromWorld }] = disturb(cameras, 0, 0, 1) as [GuessedCamera];
    const all = cameras.map(() => ({ cameraFromWorld, focalPx: fx }));
    expect(await startFromGuess(await inputOf(problem), all)).toBeNull();
  });

  it('does not stop a model of three photos that matches carry from growing again', async () => {
    // Every pair of the first three matches thirty points more; the others as before.
    const input = await inputOf({ ...photograph(cameras.slice(0, 3), 30, 4, 2), lenses: [LENS] });
    expect(input.model!.placed.size).toBe(3);
    const guessed = await startFromGuess(input, drawNonsense(6).slice(0, 3));
    expect(compare(guessed!.model, cameras.slice(0, 3)).medianPairRotationRad / DEGREE).toBeLessThan(0.5);
  });
});

describe('a focal length that nobody tells', () => {
  it('is taken from the guess, and adjusted', async () => {
    const cameras = arcOfCameras(5);
    const wrong = { ...LENS, intrinsics: { ...LENS.intrinsics, fx: 620, fy: 620 } };
    const prior = { focalPx: 620, focalSigma: 0.4 };
    const settings = { ...SETTINGS, isFocalFree: true, lensPriors: [prior] };
    const input = await inputOf({ ...photograph(cameras, 4, 4, 3), lenses: [wrong] }, settings);
    const guess = disturb(cameras, 5 * DEGREE, 0.05, 3).map((camera) => ({ ...camera, focalPx: 1.05 * fx }));
    const { model } = (await startFromGuess(input, guess))!;
    expect(model.placed.size).toBe(5);
    expect(Math.abs(meanFocalPx(model.lenses[0]!) / fx - 1)).toBeLessThan(0.02);
    expect(compare(model, cameras).medianPairRotationRad / DEGREE).toBeLessThan(0.5);
  });
});

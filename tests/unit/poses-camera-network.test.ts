/** The pose stage with a network that guesses cameras: used where matches leave something open, and only where it helps. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { composeRigid, transformPoint } from '../../engine/math/rigid-transform.js';
import { compareCameras } from '../../engine/poses/compare-cameras.js';
import { findCameras } from '../../engine/poses/find-cameras.js';
import { projectThroughLens } from '../../engine/poses/lens.js';
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import type { FeatureSource } from '../../engine/poses/photo-features.js';
import type { FoundCameras, PosePhoto } from '../../engine/poses/pose-stage.js';
import type { CameraNetwork, GuessedCamera } from '../../engine/scene/camera-network.js';
import { ShapeError } from '../../engine/scene/errors.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import { describeOutcome } from '../../host/poses/describe-outcome.js';
import { findInRounds } from '../../host/poses/find-in-rounds.js';
import { writeCameraNetwork } from '../fixtures/camera-network-file.js';
import { cloudOfPoints, drawNormal, drawRotation, phoneLens, ringOfCameras } from '../fixtures/synthetic-cameras.js';

const DEGREE = Math.PI / 180;
const LENS = phoneLens();
const { fx, width, height } = LENS.intrinsics;
const BYTES = 61;
const COUNT = 5;
const CAMERAS = ringOfCameras(COUNT, 4, 0.35);
/** All threes of five photos: a pair is part of three of them. */
const TRIPLES = [0, 1, 2, 3, 4].flatMap((i) =>
  [0, 1, 2, 3, 4].flatMap((j) => [0, 1, 2, 3, 4].flatMap((k) => (i < j && j < k ? [[i, j, k]] : []))),
);

/** Keypoints of photos of a cloud. @param isSeen says which photo sees which point. */
function sourceOf(count: number, isSeen: (photo: number, point: number) => boolean): FeatureSource {
  const points = cloudOfPoints(count, 1, createRandom(3));
  const look = createRandom(7);
  const all = Uint8Array.from({ length: count * BYTES }, () => look.next() * 256);
  const seen = CAMERAS.map((camera, photo): ImageFeatures => {
    const random = createRandom(100 + photo);
    const [pixels, data]: [number[], number[]] = [[], []];
    points.forEach((point, i) => {
      if (!isSeen(photo, i)) return;
      pixels.push(...projectThroughLens(LENS, transformPoint(camera, point))!.map((v) => v + 0.3 * drawNormal(random)));
      data.push(...all.subarray(i * BYTES, (i + 1) * BYTES));
    });
    const descriptors = { kind: 'binary', bytesEach: BYTES, data: Uint8Array.from(data) } as const;
    const scores = new Float32Array(pixels.length / 2).fill(1);
    return { detector: 'told', width, height, points: Float32Array.from(pixels), scores, descriptors };
  });
  return {
    detector: {
      name: 'told',
      detect: ({ data }) => Promise.resolve(seen[data[0]!]!),
      dispose: () => Promise.resolve(),
    },
    match: (a, b) => matchDescriptors(a, b),
  };
}

const PHOTOS = CAMERAS.map((_, i): PosePhoto => {
  const size = { width, height };
  const data = new Float32Array(width * height * 3).fill(0.5);
  data[0] = i;
  const focal = { focalPx: fx, sigmaLog: 0.04, source: 'exif-35mm' } as const;
  return { name: `${i}.jpg`, imagePath: `${i}.jpg`, image: { ...size, data }, fileSize: size, focal, lensKey: 'one' };
});
/** Each three photos share four points: a pair has twelve, which carry no motion. */
const FEW = sourceOf(TRIPLES.length * 4, (photo, point) => TRIPLES[point >> 2]!.includes(photo));
const MANY = sourceOf(300, () => true);
/** Three photos share a hundred points, the others as few as before. */
const SOME = sourceOf(140, (photo, point) => (point >= 40 ? photo < 3 : TRIPLES[point >> 2]!.includes(photo)));

/** Turned by 4° each, in another world. */
function guessCameras(): GuessedCamera[] {
  const random = createRandom(12);
  const world: RigidTransform = { rotation: drawRotation(random), translation: [1, 2, 3] };
  return CAMERAS.map((camera) => {
    const turned = composeRigid({ rotation: drawRotation(random, 4 * DEGREE), translation: [0, 0, 0] }, camera);
    return { cameraFromWorld: composeRigid(turned, world), focalPx: fx };
  });
}

function networkOf(guess: readonly GuessedCamera[] | null, maxPhotos = 16) {
  let asked = 0;
  const network: CameraNetwork = {
    name: 'told',
    maxPhotos,
    estimate: () => {
      asked++;
      return Promise.resolve(guess);
    },
  };
  return { openCameras: () => Promise.resolve(network), timesAsked: () => asked };
}

const solve = (source: FeatureSource, openCameras?: () => Promise<CameraNetwork | null>): Promise<FoundCameras> =>
  findCameras(PHOTOS, { seed: 1, sources: [source], ...(openCameras === undefined ? {} : { openCameras }) });

function worstTurn({ model }: FoundCameras): number {
  const cameras = PHOTOS.map(
    ({ imagePath }) => model!.photos.find((photo) => photo.imagePath === imagePath)?.cameraFromWorld ?? null,
  );
  return Math.max(...compareCameras(cameras, CAMERAS).pairRotationErrorsRad) / DEGREE;
}

describe('the pose stage with a network that guesses cameras', () => {
  it('places photos whose pairs carry no motion, and doubts them', async () => {
    const without = await solve(FEW);
    expect(without.model).toBeNull();
    const found = await solve(FEW, networkOf(guessCameras()).openCameras);
    expect(found.cameraNetwork).toBe('told');
    for (const photo of found.photos) expect(photo.isPlaced && photo.doubts).toEqual(['camera-prior', 'few-points']);
    expect(describeOutcome(found.photos[0]!)).toContain('where a network guessed it to be');
    expect(worstTurn(found)).toBeLessThan(1.5);
    expect(found.medianErrorPx).toBeLessThan(1);
  }, 30_000);

  it('adds to what matches placed, which is doubted no more than before', async () => {
    const without = await solve(SOME);
    expect(without.photos.map((photo) => photo.isPlaced)).toEqual([true, true, true, false, false]);
    const found = await solve(SOME, networkOf(guessCameras()).openCameras);
    expect(found.photos.map((photo) => photo.isPlaced && photo.doubts)).toEqual([
      ...[[], [], []],
      ...[3, 4].map(() => ['camera-prior', 'few-points']),
    ]);
    expect(worstTurn(found)).toBeLessThan(1);
  }, 30_000);

  it('keeps what matches gave where the guess means nothing, has no answer, or is not asked for so many photos', async () => {
    const without = await solve(SOME);
    const random = createRandom(5);
    const nonsense = guessCameras().map(({ cameraFromWorld: { translation } }): GuessedCamera => ({
      cameraFromWorld: { rotation: drawRotation(random), translation },
      focalPx: fx,
    }));
    for (const { openCameras } of [networkOf(nonsense), networkOf(null), networkOf(guessCameras(), COUNT - 1)])
      expect(await solve(SOME, openCameras)).toEqual(without);
    expect(await solve(SOME, () => Promise.resolve(null))).toEqual(without);
    await expect(solve(SOME, networkOf(guessCameras().slice(1)).openCameras)).rejects.toThrow(ShapeError);
  }, 30_000);

  it('does not trouble the network where matches leave nothing open', async () => {
    const { openCameras, timesAsked } = networkOf(guessCameras());
    const found = await solve(MANY, openCameras);
    expect(found.photos.every((photo) => photo.isPlaced && photo.doubts.length === 0)).toBe(true);
    expect(timesAsked()).toBe(0);
    expect(found.cameraNetwork).toBeUndefined();
  }, 30_000);
});

describe('the pose stage with a network from a file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-camera-rounds-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function solveWith(fxTold: number) {
    const cameraModel = join(folder, 'told.onnx');
    const told = guessCameras().map(({ cameraFromWorld }) => ({ cameraFromWorld, fx: fxTold, fy: fxTold }));
    await writeFile(cameraModel, writeCameraNetwork(told).model);
    const options = { seed: 1, sources: [SOME], isOneRound: true, depthModel: 'none', cameraModel, threads: 1 };
    return { cameraModel, ...(await findInRounds(PHOTOS, options, {})) };
  }

  it('says that it was used', async () => {
    const { found, cameraModel, warnings } = await solveWith(400);
    expect(found.cameraNetwork).toBe(cameraModel);
    expect(found.photos.every(({ isPlaced }) => isPlaced)).toBe(true);
    expect(warnings).toEqual([]);
  }, 30_000);

  it('goes on without where its answer cannot be used, and says so', async () => {
    const { found, warnings } = await solveWith(NaN);
    expect(found).toEqual(await solve(SOME));
    expect(warnings.join(' ')).toContain('intrinsics of photo 1');
  }, 30_000);
});

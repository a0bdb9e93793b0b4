/** Photos that matches alone do not place, with a network whose guesses are known. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { composeRigid, invertRigid, transformPoint } from '../../engine/math/rigid-transform.js';
import type { RadialLens } from '../../engine/poses/contract.js';
import { findCameras } from '../../engine/poses/find-cameras.js';
import { projectThroughLens } from '../../engine/poses/lens.js';
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import type { FoundCameras, PosePhoto } from '../../engine/poses/pose-stage.js';
import { rotationAngle } from '../../engine/math/rotation-vector.js';
import type { DepthNetwork } from '../../engine/scene/depth-network.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import { cloudOfPoints, drawNormal, phoneLens, ringOfCameras } from '../fixtures/synthetic-cameras.js';

const LENS: RadialLens = phoneLens();
const { fx, width, height } = LENS.intrinsics;
const DEGREE = Math.PI / 180;
const BYTES = 61;

/** A place, what its points look like, and who sees which of them. */
interface Scene {
  readonly points: readonly Vec3[];
  readonly cameras: readonly RigidTransform[];
  readonly isSeen: (photo: number, point: number) => boolean;
}

function look(scene: Scene, photo: number): { readonly features: ImageFeatures; readonly map: Float32Array } {
  const random = createRandom(100 + photo);
  const look = createRandom(7);
  const all = Uint8Array.from({ length: scene.points.length * BYTES }, () => look.next() * 256);
  const map = new Float32Array(width * height).fill(0.2);
  const [points, data]: [number[], number[]] = [[], []];
  scene.points.forEach((point, i) => {
    const inCamera = transformPoint(scene.cameras[photo]!, point);
    const shown = projectThroughLens(LENS, inCamera);
    const shaken = shown?.map((value) => value + 0.3 * drawNormal(random));
    const wrong = Math.exp(0.08 * drawNormal(random));
    if (shaken === undefined || !scene.isSeen(photo, i)) return;
    const [x, y] = shaken as [number, number];
    if (!(x > 0 && y > 0 && x < width && y < height)) return;
    points.push(x, y);
    data.push(...all.subarray(i * BYTES, (i + 1) * BYTES));
    // Inverse depth in a unit of its own for each photo, without a shift.
    map[Math.floor(y) * width + Math.floor(x)] = ((2 + photo) * wrong) / inCamera[2];
  });
  const descriptors = { kind: 'binary', bytesEach: BYTES, data: Uint8Array.from(data) } as const;
  const scores = new Float32Array(points.length / 2).fill(1);
  return { features: { detector: 'told', width, height, points: Float32Array.from(points), scores, descriptors }, map };
}

/** Photos with a known focal length. @param isGuessed with a network. */
async function solve(scene: Scene, isGuessed: boolean): Promise<{ found: FoundCameras; asked: number }> {
  const seen = scene.cameras.map((_, photo) => look(scene, photo));
  const photos = seen.map((_, i): PosePhoto => {
    const data = new Float32Array(width * height * 3).fill(0.5);
    data[0] = i;
    const focal = { focalPx: fx, sigmaLog: 0.04, source: 'exif-35mm' } as const;
    const size = { width, height };
    return { name: `${i}.jpg`, imagePath: `${i}.jpg`, image: { ...size, data }, fileSize: size, focal, lensKey: 'one' };
  });
  let asked = 0;
  const network: DepthNetwork = {
    name: 'told',
    outputKind: 'inverse-depth',
    estimate: ({ data }) => {
      asked++;
      return Promise.resolve(seen[data[0]!]!.map);
    },
  };
  const detector = {
    name: 'told',
    detect: ({ data }: { data: Float32Array }) => Promise.resolve(seen[data[0]!]!.features),
    dispose: () => Promise.resolve(),
  };
  const source = { detector, match: (a: ImageFeatures, b: ImageFeatures) => matchDescriptors(a, b) };
  const openDepth = () => Promise.resolve(isGuessed ? network : null);
  return { found: await findCameras(photos, { seed: 1, sources: [source], openDepth }), asked };
}

function turnBetween(found: FoundCameras, scene: Scene, a: number, b: number): number {
  const cameraOf = (i: number): RigidTransform =>
    found.model!.photos.find(({ imagePath }) => imagePath === `${i}.jpg`)!.cameraFromWorld;
  const ours = composeRigid(cameraOf(b), invertRigid(cameraOf(a)));
  const truth = composeRigid(scene.cameras[b]!, invertRigid(scene.cameras[a]!));
  return rotationAngle(composeRigid(ours, invertRigid(truth)).rotation);
}

describe('photos that matches alone do not place', () => {
  // Fourteen common points: one fewer than a pair needs. The rest is seen from one side only.
  const pair: Scene = {
    points: cloudOfPoints(300, 1, createRandom(3)),
    cameras: ringOfCameras(2, 4, 0.2),
    isSeen: (photo, point) => point < 14 || point % 2 === photo,
  };

  it('are placed by guessed depth, and doubted', async () => {
    const without = await solve(pair, false);
    expect(without.found.model).toBeNull();
    const { found } = await solve(pair, true);
    expect(found.photos.map(({ isPlaced }) => isPlaced)).toEqual([true, true]);
    for (const photo of found.photos)
      expect(photo.isPlaced && photo.doubts).toEqual(expect.arrayContaining(['depth-prior', 'few-points']));
    expect(turnBetween(found, pair, 0, 1)).toBeLessThan(3 * DEGREE);
    expect(found.model!.points.count).toBeGreaterThanOrEqual(10);
    expect(found.medianErrorPx).toBeLessThan(1.5);
  }, 60_000);

  it('stay without a camera where too little is common, network or not', async () => {
    const few: Scene = { ...pair, isSeen: (photo, point) => point < 7 || point % 2 === photo };
    const { found } = await solve(few, true);
    expect(found.model).toBeNull();
    expect(found.photos.map((photo) => !photo.isPlaced && photo.reason)).toEqual(['no-overlap', 'no-overlap']);
  }, 60_000);

  it('join those that are placed, which stay as they are', async () => {
    // Three that see all, and one that sees thirteen points of it.
    const scene: Scene = {
      points: cloudOfPoints(300, 1, createRandom(4)),
      cameras: ringOfCameras(4, 4, 0.2),
      isSeen: (photo, point) => photo < 3 || point < 13,
    };
    const without = await solve(scene, false);
    expect(without.found.photos.map(({ isPlaced }) => isPlaced)).toEqual([true, true, true, false]);
    const { found } = await solve(scene, true);
    expect(found.photos.slice(0, 3)).toEqual(without.found.photos.slice(0, 3));
    const last = found.photos[3]!;
    expect(last.isPlaced && last.doubts).toEqual(['depth-prior', 'few-points']);
    for (const other of [0, 1, 2]) expect(turnBetween(found, scene, other, 3)).toBeLessThan(3 * DEGREE);
    // A keypoint belongs to one point.
    const { trackStarts, trackPhotos, trackKeypoints } = found.model!.points;
    const keys = [...trackPhotos].map((photo, at) => `${photo} ${trackKeypoints[at]}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(trackStarts.at(-1)).toBe(keys.length);
  }, 60_000);

  it('do not trouble the network where all are placed', async () => {
    const all: Scene = { ...pair, isSeen: () => true };
    const { found, asked } = await solve(all, true);
    expect(found.photos.every((photo) => photo.isPlaced && !photo.doubts.includes('depth-prior'))).toBe(true);
    expect(asked).toBe(0);
  }, 60_000);
});

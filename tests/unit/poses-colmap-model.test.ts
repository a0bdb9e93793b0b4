/** COLMAP's answer as cameras of the files: from models whose truth is known, and from hostile ones. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { cameraCentre } from '../../engine/math/conventions.js';
import { median } from '../../engine/math/median.js';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { compareCameras } from '../../engine/poses/compare-cameras.js';
import type { RadialLens } from '../../engine/poses/contract.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import { listColmapModels } from '../../host/poses/colmap-models.js';
import type { HandedPhoto } from '../../host/poses/hand-photos-over.js';
import { readColmapModel } from '../../host/poses/read-colmap-model.js';
import { takeColmapModel } from '../../host/poses/take-colmap-model.js';
import { radialCameraBytes, writeColmapModel } from '../fixtures/colmap-stand-in.js';
import { cameraAt, pixelOf, turnAbout } from '../fixtures/synthetic-bundle.js';
import { cloudOfPoints, ringOfCameras } from '../fixtures/synthetic-cameras.js';

const root = mkdtempSync(join(tmpdir(), 'vantage-models-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Photos of 4000 × 3000, handed over at 3200 × 2400: 1.25 pixels of the file for each. */
const LENS: RadialLens = {
  intrinsics: { fx: 3000, fy: 3000, cx: 1600, cy: 1200, width: 3200, height: 2400 },
  k1: -0.05,
  k2: 0.01,
};
const HANDED = Array.from({ length: 7 }, (_, i): HandedPhoto => ({
  name: `photo ${i}.jpg`,
  imagePath: `images/photo ${i}.jpg`,
  fileSize: { width: 4000, height: 3000 },
  handedName: `lens-1/00000${i + 1}.jpg`,
  handedSize: { width: 3200, height: 2400 },
}));
const RING = ringOfCameras(5, 4, 0.2);
const POINTS = cloudOfPoints(60, 1, createRandom(3));

/** The ring in another world: turned over, seven times as large, elsewhere. */
function moveAway(camera: RigidTransform): RigidTransform {
  const turn = turnAbout([1, 2, 3], 2.5);
  const rotation = [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((column) =>
      [0, 1, 2].reduce((sum, k) => sum + camera.rotation[3 * row + k]! * turn[3 * column + k]!, 0),
    ),
  ) as RigidTransform['rotation'];
  return cameraAt(rotation, movePoint(cameraCentre(camera)));
}

function movePoint(point: Vec3): Vec3 {
  const turn = turnAbout([1, 2, 3], 2.5);
  return [0, 1, 2].map((k) => 100 + 7 * (turn[3 * k]! * point[0] + turn[3 * k + 1]! * point[1] + turn[3 * k + 2]! * point[2])) as Vec3; // prettier-ignore
}

/** All points in all photos, each keypoint one pixel off, in a direction of its own. */
function makeModel(): SparseModel {
  const observers = RING.map((_, photo) => photo);
  return {
    lenses: [{ intrinsics: LENS.intrinsics, distortion: null }],
    photos: RING.map((camera, i) => ({
      imagePath: HANDED[i]!.handedName,
      lens: 0,
      cameraFromWorld: moveAway(camera),
      keypointsPx: Float32Array.from(
        POINTS.flatMap((point, j) => {
          const [x, y] = pixelOf(LENS, camera, point);
          return [x + Math.cos(i + 5 * j), y + Math.sin(i + 5 * j)];
        }),
      ),
    })),
    points: {
      count: POINTS.length,
      positions: Float64Array.from(POINTS.flatMap(movePoint)),
      colors: new Uint8Array(3 * POINTS.length).fill(77),
      errorsPx: new Float64Array(POINTS.length),
      trackStarts: Uint32Array.from({ length: POINTS.length + 1 }, (_, i) => 5 * i),
      trackPhotos: Uint32Array.from(POINTS.flatMap(() => observers)),
      trackKeypoints: Uint32Array.from(POINTS.flatMap((_, i) => observers.map(() => i))),
    },
  };
}

const folder = join(root, 'sparse', '0');
beforeEach(() => writeColmapModel(folder, LENS, makeModel()));

describe('a model of COLMAP’s', () => {
  it('becomes cameras in the files’ pixels, upright and of a usual size, and says what became of each photo', async () => {
    const contents = await readColmapModel(folder, HANDED);
    const found = takeColmapModel(contents, HANDED, new Set([HANDED[5]!.handedName]));
    const { lenses, photos, points } = found.model!;
    expect(lenses).toHaveLength(1);
    expect(lenses[0]).toMatchObject({
      intrinsics: { fx: 3750, fy: 3750, cx: 2000, cy: 1500, width: 4000, height: 3000 },
      distortion: { k1: -0.05, k2: 0.01, p1: 0, k3: 0 },
    });
    expect(photos.map(({ imagePath }) => imagePath)).toEqual(HANDED.slice(0, 5).map(({ imagePath }) => imagePath));
    const cameras = photos.map(({ cameraFromWorld }) => cameraFromWorld);
    const { medianRotationRad, medianCentrePercent } = compareCameras(cameras, RING);
    expect(medianRotationRad).toBeLessThan(1e-6);
    expect(medianCentrePercent).toBeLessThan(1e-4);
    // The ring's cameras are level: their y axes, down, run against the world's z.
    for (const { rotation } of cameras) expect(rotation[5]).toBeLessThan(-0.8);
    const distances = cameras.flatMap((camera) =>
      POINTS.map((_, i) => Math.hypot(...cameraCentre(camera).map((value, k) => value - points.positions[3 * i + k]!))),
    );
    expect(median(distances)).toBeCloseTo(1, 1);
    // One pixel off at the size that was handed over; keypoints are stored with 24 bits.
    expect(found.medianErrorPx).toBeCloseTo(1.25, 2);
    expect(points.errorsPx[0]).toBeCloseTo(1.25, 2);
    expect([...points.colors.subarray(0, 3)]).toEqual([77, 77, 77]);
    expect(found.photos.slice(0, 5)).toEqual(
      HANDED.slice(0, 5).map(({ name }) => ({
        name,
        isPlaced: true,
        pointCount: 60,
        medianErrorPx: expect.closeTo(1.25, 2) as number,
        doubts: [],
      })),
    );
    // One of another model, one of none.
    expect(found.photos.slice(5)).toEqual([
      { name: 'photo 5.jpg', isPlaced: false, reason: 'apart', matchCount: null },
      { name: 'photo 6.jpg', isPlaced: false, reason: 'unexplained', matchCount: null },
    ]);
  });

  it('leaves out points that are nowhere or seen once, and doubts a photo that keeps few', async () => {
    const model = makeModel();
    // Points 0 to 20 are nowhere, 21 is behind all cameras; 38 are left.
    model.points.positions.fill(NaN, 0, 63);
    model.points.positions.set(movePoint([0, 0, -90]), 63);
    writeColmapModel(folder, LENS, model);
    const found = takeColmapModel(await readColmapModel(folder, HANDED), HANDED, new Set());
    expect(found.model!.points.count).toBe(38);
    expect([...found.model!.points.positions].every(Number.isFinite)).toBe(true);
    expect(found.photos[0]).toMatchObject({ pointCount: 38, doubts: ['few-points'] });
  });

  it('of one photo is none', async () => {
    const contents = await readColmapModel(folder, HANDED);
    const one = { photos: contents.photos.slice(0, 1), tracks: [] };
    expect(takeColmapModel(one, HANDED, new Set()).model).toBeNull();
    expect(takeColmapModel(null, HANDED, new Set()).photos.map(({ isPlaced }) => isPlaced)).toEqual(
      HANDED.map(() => false),
    );
  });

  it('is the largest of several', async () => {
    const pair = makeModel();
    const none = { count: 0, positions: new Float64Array(0), colors: new Uint8Array(0), errorsPx: new Float64Array(0) };
    const points = { ...none, trackStarts: new Uint32Array(1), trackPhotos: new Uint32Array(0), trackKeypoints: new Uint32Array(0) }; // prettier-ignore
    const sparse = join(root, 'several');
    writeColmapModel(join(sparse, '0'), LENS, { ...pair, photos: pair.photos.slice(0, 2), points });
    mkdirSync(join(sparse, '10'), { recursive: true });
    for (const file of ['cameras.bin', 'images.bin', 'points3D.bin'])
      copyFileSync(join(folder, file), join(sparse, '10', file));
    mkdirSync(join(sparse, 'snapshots'));
    const models = await listColmapModels(sparse);
    expect(models.map(({ folder: path, names }) => [path, names.length])).toEqual([
      [join(sparse, '10'), 5],
      [join(sparse, '0'), 2],
    ]);
    expect(models[1]!.names).toEqual(['lens-1/000001.jpg', 'lens-1/000002.jpg']);
  });
});

describe('a hostile model', () => {
  const edit = (file: string, change: (bytes: Buffer) => void): void => {
    const bytes = readFileSync(join(folder, file));
    change(bytes);
    writeFileSync(join(folder, file), bytes);
  };
  const wide = { ...LENS, intrinsics: { ...LENS.intrinsics, width: 3201 } };
  /** The first image's record: id at 8, quaternion at 12, translation at 44, camera at 68, name at 72. */
  const cases: readonly (readonly [string, () => void, string])[] = [
    ['with a photo that was not given', () => edit('images.bin', (b) => b.write('nobody', 72)), 'malformed'],
    ['with a path that leads out', () => edit('images.bin', (b) => b.write('../../..', 72)), 'outside-capture'],
    ['with a pose that is no rotation', () => edit('images.bin', (b) => b.writeDoubleLE(3, 12)), 'singular-matrix'],
    ['with a pose of NaN', () => edit('images.bin', (b) => b.writeDoubleLE(NaN, 44)), 'malformed'],
    ['with a camera that is not there', () => edit('images.bin', (b) => b.writeUInt32LE(9, 68)), 'malformed'],
    ['with one photo twice', () => edit('images.bin', (b) => b.writeUInt32LE(2, 8)), 'malformed'],
    ['with a lens of another size', () => writeFileSync(join(folder, 'cameras.bin'), radialCameraBytes(wide)), 'malformed'],
    ['with a focal length below zero', () => edit('cameras.bin', (b) => b.writeDoubleLE(-1, 32)), 'malformed'],
    ['with a fisheye lens', () => writeFileSync(join(folder, 'cameras.bin'), radialCameraBytes(LENS, 9)), 'unsupported'],
    ['with a lens that has no name', () => edit('cameras.bin', (b) => b.writeInt32LE(99, 12)), 'unsupported'],
    // The first point's track begins after count, id, position, colour, error and length.
    ['with a point in a photo that is not there', () => edit('points3D.bin', (b) => b.writeUInt32LE(99, 59)), 'malformed'],
    ['with a point of a keypoint that is not there', () => edit('points3D.bin', (b) => b.writeUInt32LE(60, 63)), 'malformed'],
    ['with more points than bytes', () => edit('points3D.bin', (b) => b.writeBigUInt64LE(2n ** 60n, 0)), 'truncated'],
    ['that is cut off', () => writeFileSync(join(folder, 'images.bin'), readFileSync(join(folder, 'images.bin')).subarray(0, 500)), 'truncated'],
    ['without points', () => rmSync(join(folder, 'points3D.bin')), 'not-found'],
  ]; // prettier-ignore

  it.each(cases)('%s is refused', async (_, damage, code) => {
    await expect(readColmapModel(folder, HANDED)).resolves.toBeDefined();
    damage();
    await expect(readColmapModel(folder, HANDED)).rejects.toMatchObject({ name: 'ImportError', code });
  });
});

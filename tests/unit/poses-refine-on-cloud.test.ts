/** A room of flat things, photos of it by a formula of the fixture's own, and their structure deformed by a wrong focal length. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import { PointTree } from '../../engine/math/point-tree.js';
import { rotationAngle, rotationOfVector } from '../../engine/math/rotation-vector.js';
import { alignCameras } from '../../engine/poses/align-similarity.js';
import { adjustBundle } from '../../engine/poses/bundle-adjustment.js';
import type { RadialLens } from '../../engine/poses/contract.js';
import { moveSparseModel } from '../../engine/poses/move-sparse-model.js';
import { refineOnCloud } from '../../engine/poses/refine-on-cloud.js';
import { tiePoints } from '../../engine/poses/tie-points.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import { normal } from '../fixtures/sensors/simulate-sensors.js';
import { boxScene, ROOM } from '../fixtures/sensors/street-scene.js';
import { cameraAt, centreOf, inCamera, LENS, pixelOf } from '../fixtures/synthetic-bundle.js';

const room = boxScene(ROOM, null);
/** Columns are right, down and forward of a camera that looks along the room's x, z up. */
const ALONG_X: RigidTransform['rotation'] = [0, -1, 0, 0, 0, -1, 1, 0, 0];
const CENTRES: readonly Vec3[] = [
  [-2, -1, 0.1],
  [-1.6, 0.2, 0.4],
  [-2.2, 1.2, -0.1],
];
const TRUE_CAMERAS = CENTRES.map((centre, i) =>
  cameraAt(multiplyMat(rotationOfVector([0.05 * i, 0.12 * (i - 1), 0.03]), ALONG_X), centre),
);
const BENT: RadialLens = { ...LENS, k1: -0.08, k2: 0.02 };

/** Points on what random rays of a camera hit, seen by all cameras that show them; noise in pixels. */
function photograph(count: number, noisePx: number, lens: RadialLens) {
  const random = createRandom(4);
  const positions: number[] = [];
  const sightings: { photo: number; point: number; x: number; y: number }[] = [];
  for (let tries = 0; tries < 20 * count && positions.length < 3 * count; tries++) {
    const { rotation } = TRUE_CAMERAS[tries % 3]!;
    const ray: Vec3 = [0.9 * (random.next() - 0.5), 0.7 * (random.next() - 0.5), 1];
    const direction = multiplyMatVec(transposeMat(rotation), ray);
    const from = CENTRES[tries % 3]!;
    const hit = room.trace(from, direction)!;
    const place = from.map((v, k) => v + hit.distance * direction[k]!) as Vec3;
    const seen = TRUE_CAMERAS.flatMap((camera, photo) => {
      const [x, y] = pixelOf(lens, camera, place);
      return inCamera(camera, place)[2] > 0.5 && x > 0 && x < 800 && y > 0 && y < 600 ? [{ photo, x, y }] : [];
    });
    if (seen.length < 2) continue;
    const point = positions.length / 3;
    positions.push(...place);
    for (const { photo, x, y } of seen)
      sightings.push({ photo, point, x: x + noisePx * normal(random), y: y + noisePx * normal(random) });
  }
  return { positions, sightings };
}

/** What photos make of it with a focal length that is `zoom` times too long, moved to where it fits the truth best. */
function structureWith(zoom: number, trueLens = LENS): SparseModel {
  const { positions: truePositions, sightings } = photograph(500, 0.3, trueLens);
  const { intrinsics } = trueLens;
  const zoomed = { ...intrinsics, fx: intrinsics.fx * zoom, fy: intrinsics.fy * zoom };
  const { k1, k2 } = trueLens;
  const observations = {
    photos: sightings.map(({ photo }) => photo),
    points: sightings.map(({ point }) => point),
    pixels: sightings.flatMap(({ x, y }) => [x, y]),
  };
  const photos = TRUE_CAMERAS.map((cameraFromWorld) => ({ lens: 0, cameraFromWorld }));
  const lenses = [{ intrinsics: zoomed, k1, k2 }];
  const found = adjustBundle({ lenses, photos, positions: truePositions, observations });
  const starts = Uint32Array.from(
    { length: truePositions.length / 3 + 1 },
    (_, i) =>
    sightings.filter(({ point }) => point < i).length, // prettier-ignore
  );
  const keypoints = CENTRES.map((_, photo) => sightings.filter((sighting) => sighting.photo === photo));
  const model: SparseModel = {
    lenses: [{ intrinsics: zoomed, distortion: { k1, k2, p1: 0, p2: 0, k3: 0, k4: 0, k5: 0, k6: 0 } }],
    photos: found.camerasFromWorld.map((cameraFromWorld, photo) => ({
      imagePath: `${photo}.jpg`,
      lens: 0,
      cameraFromWorld,
      keypointsPx: Float32Array.from(keypoints[photo]!.flatMap(({ x, y }) => [x, y])),
    })),
    points: {
      count: truePositions.length / 3,
      positions: found.positions,
      colors: new Uint8Array(truePositions.length),
      errorsPx: new Float64Array(truePositions.length / 3).fill(0.3),
      trackStarts: starts,
      trackPhotos: Uint32Array.from(observations.photos),
      trackKeypoints: Uint32Array.from(sightings, (sighting) => keypoints[sighting.photo]!.indexOf(sighting)),
    },
  };
  const { targetFromSource } = alignCameras(found.camerasFromWorld, TRUE_CAMERAS)!;
  return moveSparseModel(model, targetFromSource);
}

/** A scanner in the room's middle: 1 cm of noise; only what `isSeen` allows. */
function scan(isSeen: (place: Vec3) => boolean = () => true): Float64Array {
  const random = createRandom(6);
  const list: number[] = [];
  for (let elevation = -70; elevation <= 60; elevation += 3)
    for (let azimuth = -180; azimuth < 180; azimuth += 3) {
      const [e, a] = [elevation, azimuth].map((degrees) => ((degrees + random.next()) * Math.PI) / 180) as [number, number]; // prettier-ignore
      const direction: Vec3 = [Math.cos(e) * Math.cos(a), Math.cos(e) * Math.sin(a), Math.sin(e)];
      const range = room.trace([0, 0, 0], direction)!.distance + 0.01 * normal(random);
      const place = direction.map((v) => v * range) as Vec3;
      if (isSeen(place)) list.push(...place);
    }
  return Float64Array.from(list);
}

function errorsOf({ photos, lenses }: SparseModel) {
  const centres = photos.map(({ cameraFromWorld }, i) =>
    Math.hypot(...centreOf(cameraFromWorld).map((v, k) => v - CENTRES[i]![k]!)),
  );
  const turns = photos.map(({ cameraFromWorld: { rotation } }, i) =>
    rotationAngle(multiplyMat(rotation, transposeMat(TRUE_CAMERAS[i]!.rotation))),
  );
  return { centre: Math.max(...centres), turn: Math.max(...turns), focal: lenses[0]!.intrinsics.fx / 800 };
}

describe('points tied to a cloud', () => {
  const grid = Float64Array.from({ length: 300 }, (_, i) => [Math.floor(i / 30), Math.floor(i / 3) % 10, 0][i % 3]!);
  const cloud = { positions: grid, tree: new PointTree(grid) };

  it('lie in its plane, give or take; those beyond reach or beside it are not tied', () => {
    const points = Float64Array.of(4.3, 5.2, 0.2, 4, 4, 0.6, 30, 5, 0.1, NaN, 0, 0);
    const { ties, count, distances } = tiePoints(points, cloud, 0.5);
    expect(count).toBe(1);
    expect(Math.abs(ties.normals[2]!)).toBeCloseTo(1, 9);
    expect(Math.abs(distances[0]!)).toBeCloseTo(0.2, 9);
    expect([...distances.slice(1)].every(Number.isNaN)).toBe(true);
    expect([...ties.sigmas.slice(1)]).toEqual([0, 0, 0]);
  });

  it('are none on a line of points, or among too few', () => {
    const line = Float64Array.from({ length: 90 }, (_, i) => (i % 3 === 0 ? i / 30 : 0));
    expect(tiePoints(Float64Array.of(1, 0, 0.01), { positions: line, tree: new PointTree(line) }, 1).count).toBe(0);
    const few = grid.slice(0, 15);
    expect(tiePoints(Float64Array.of(0, 1, 0), { positions: few, tree: new PointTree(few) }, 1).count).toBe(0);
  });
});

describe('cameras on a cloud', () => {
  it.each([0.97, 1.03])('come back from a focal length of %d times the true one', (zoom) => {
    const deformed = structureWith(zoom);
    const before = errorsOf(deformed);
    expect(Math.abs(before.focal - zoom)).toBeLessThan(1e-9);
    const refined = refineOnCloud(deformed, scan(), { reach: 0.5 })!;
    const after = errorsOf(refined.model);
    // Noise of 0.3 px in 800 and of 1 cm over hundreds of points.
    expect(Math.abs(after.focal - 1)).toBeLessThan(0.005);
    expect(after.centre).toBeLessThan(0.02);
    expect(after.turn).toBeLessThan(0.005);
    expect(refined.focalFactors[0]! * before.focal).toBeCloseTo(after.focal, 9);
    expect(refined.tiedCount).toBeGreaterThan(refined.tiedBefore);
    expect(refined.rmsDistance).toBeLessThan(0.02);
    // Keypoints are met as the noise allows, through the distorted lens.
    const { errorsPx } = refined.model.points;
    expect(errorsPx.reduce((sum, error) => sum + error, 0) / errorsPx.length).toBeLessThan(0.6);
  });

  it('are held by a cloud of half of what they see, too', () => {
    const deformed = structureWith(1.03);
    const half = refineOnCloud(
      deformed,
      scan(([, y]) => y < 0.3),
      { reach: 0.5 },
    )!;
    const after = errorsOf(half.model);
    expect(Math.abs(after.focal - 1)).toBeLessThan(0.01);
    expect(after.centre).toBeLessThan(0.04);
    expect(half.tiedCount).toBeLessThan(half.pointCount);
  });

  it('that are right already stay, behind a lens that bends', () => {
    const after = errorsOf(refineOnCloud(structureWith(1, BENT), scan(), { reach: 0.3 })!.model);
    expect(after.centre).toBeLessThan(0.02);
    expect(Math.abs(after.focal - 1)).toBeLessThan(0.005);
  });

  it('are left alone without a surface near them, without sightings, or for a cloud of nothing', () => {
    const model = structureWith(1.03);
    const far = scan().map((v) => v + 100);
    expect(refineOnCloud(model, far, { reach: 0.5 })).toBeNull();
    expect(refineOnCloud(model, [], { reach: 0.5 })).toBeNull();
    expect(refineOnCloud(model, new Float64Array(300).fill(NaN), { reach: 0.5 })).toBeNull();
    const unseen = { ...model.points, trackPhotos: new Uint32Array(0) };
    expect(refineOnCloud({ ...model, points: unseen }, scan(), { reach: 0.5 })).toBeNull();
  });

  it('stop when asked to', () => {
    const signal = AbortSignal.abort(new Error('enough'));
    expect(() => refineOnCloud(structureWith(1), scan(), { reach: 0.3, signal })).toThrow('enough');
  });
});

/** The pose stage as a whole, on photos of which everything is known: a detector that is told what each shows. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { compareCameras } from '../../engine/poses/compare-cameras.js';
import type { RadialLens } from '../../engine/poses/contract.js';
import { findCameras } from '../../engine/poses/find-cameras.js';
import { projectThroughLens } from '../../engine/poses/lens.js';
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import type { FeatureSource } from '../../engine/poses/photo-features.js';
import type { FoundCameras, PosePhoto } from '../../engine/poses/pose-stage.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import { drawNormal, drawUniform, phoneLens, ringOfCameras } from '../fixtures/synthetic-cameras.js';

const LENS = phoneLens(-0.05);
const { width, height } = LENS.intrinsics;
const BYTES = 61;

interface World {
  readonly points: readonly Vec3[];
  readonly descriptors: Uint8Array;
}

/** Points of a thick cloud, each with a descriptor of its own. */
function drawWorld(count: number, seed: number): World {
  const random = createRandom(seed);
  const side = (): number => drawUniform(random, -1.5, 1.5);
  const points = Array.from({ length: count }, (): Vec3 => [side(), side(), side()]);
  return { points, descriptors: Uint8Array.from({ length: count * BYTES }, () => random.next() * 256) };
}

/** What a camera sees of a world, with noise of `sigmaPx`. */
function see(world: World, camera: RigidTransform, lens: RadialLens, sigmaPx: number, seed: number): ImageFeatures {
  const random = createRandom(seed);
  const points: number[] = [];
  const data: number[] = [];
  world.points.forEach((point, i) => {
    const shown = projectThroughLens(lens, transformPoint(camera, point));
    const [x, y] = shown === null ? [-1, -1] : shown.map((value) => value + sigmaPx * drawNormal(random));
    if (!(x! > 0 && y! > 0 && x! < width && y! < height)) return;
    points.push(x!, y!);
    data.push(...world.descriptors.subarray(i * BYTES, (i + 1) * BYTES));
  });
  const descriptors = { kind: 'binary', bytesEach: BYTES, data: Uint8Array.from(data) } as const;
  return {
    detector: 'told',
    width,
    height,
    points: Float32Array.from(points),
    scores: new Float32Array(points.length / 2).fill(1),
    descriptors,
  };
}

/** Photos of 504 × 378 from files four times as large; nobody looks at their pixels but the detector, which knows them by their first. */
async function solve(shown: readonly ImageFeatures[], focalRatio = 1.2): Promise<FoundCameras> {
  const photos = shown.map((_, i): PosePhoto => {
    const data = new Float32Array(width * height * 3).fill(0.5);
    data[0] = i;
    return {
      name: `${i}.jpg`,
      imagePath: `images/${i}.jpg`,
      image: { width, height, data },
      fileSize: { width: width * 4, height: height * 4 },
      focal: { focalPx: focalRatio * width, sigmaLog: 0.4, source: 'guess' },
      lensKey: 'one',
    };
  });
  const source: FeatureSource = {
    detector: {
      name: 'told',
      detect: async ({ data }) => shown[data[0]!]!,
      dispose: async () => undefined,
    },
    match: (first, second) => matchDescriptors(first, second),
  };
  return findCameras(photos, { seed: 1, sources: [source] });
}

function camerasOf(found: FoundCameras, count: number): (RigidTransform | null)[] {
  return Array.from(
    { length: count },
    (_, i) => found.model?.photos.find(({ imagePath }) => imagePath === `images/${i}.jpg`)?.cameraFromWorld ?? null,
  );
}

describe('finding cameras', () => {
  const world = drawWorld(600, 1);
  const ring = ringOfCameras(6, 4, 0.16);

  it('places photos of a ring, with the lens and the points, in the files’ pixels', async () => {
    const shown = ring.map((camera, i) => see(world, camera, LENS, 0.4, 10 + i));
    const found = await solve(shown);
    const { medianRotationRad, medianCentrePercent, comparedCount } = compareCameras(camerasOf(found, 6), ring);
    expect(comparedCount).toBe(6);
    expect(medianRotationRad).toBeLessThan((0.15 * Math.PI) / 180);
    expect(medianCentrePercent).toBeLessThan(0.3);
    const lens = found.model!.lenses[0]!;
    expect(lens.intrinsics).toMatchObject({ width: 2016, height: 1512 });
    expect(Math.abs(lens.intrinsics.fx / 1600 - 1)).toBeLessThan(0.03);
    expect(Math.abs(lens.distortion!.k1 + 0.05)).toBeLessThan(0.03);
    expect(found.model!.points.count).toBeGreaterThan(400);
    // The median length of a normal error in two dimensions is 1.18 sigma; the files are four times as large.
    expect(found.medianErrorPx).toBeGreaterThan(1);
    expect(found.medianErrorPx).toBeLessThan(2.2);
    expect(found.photos.every((photo) => photo.isPlaced && photo.doubts.length === 0)).toBe(true);
    // Cameras that are held level: the world's z is up, and points lie about its middle.
    for (const { cameraFromWorld } of found.model!.photos) expect(cameraFromWorld.rotation[5]).toBeLessThan(-0.8);
  }, 60_000);

  it('gives the same for the same', async () => {
    const shown = ring.slice(0, 3).map((camera, i) => see(world, camera, LENS, 0.4, 20 + i));
    expect(await solve(shown)).toEqual(await solve(shown));
  }, 60_000);

  it('places two photos that overlap', async () => {
    const pair = [ring[1]!, ring[3]!];
    const found = await solve(
      pair.map((camera, i) => see(world, camera, LENS, 0.4, 30 + i)),
      0.85,
    );
    // Two photos fix an unknown focal length only roughly: 5° is what bench:poses calls right.
    expect(compareCameras(camerasOf(found, 2), pair).medianPairRotationRad).toBeLessThan((5 * Math.PI) / 180);
  }, 60_000);

  it('leaves out a photo of another place, and says so', async () => {
    const other = see(drawWorld(600, 2), ring[0]!, LENS, 0.4, 40);
    const found = await solve([...ring.slice(0, 4).map((camera, i) => see(world, camera, LENS, 0.4, 50 + i)), other]);
    expect(found.photos.map(({ isPlaced }) => isPlaced)).toEqual([true, true, true, true, false]);
    expect(found.photos[4]).toMatchObject({ reason: 'no-overlap', matchCount: 0 });
  }, 60_000);

  it('finds nothing where photos share nothing, and believes in no depth where the camera only turned', async () => {
    const strangers = [1, 2, 3].map((seed) => see(drawWorld(500, 60 + seed), ring[seed]!, LENS, 0.4, seed));
    const none = await solve(strangers);
    expect(none.model).toBeNull();
    expect(none.photos.map((photo) => !photo.isPlaced && photo.reason)).toEqual(Array(3).fill('no-overlap'));
    const turned = ring.slice(2, 5).map(({ rotation }): RigidTransform => {
      // All stand where the third one stands.
      const { rotation: r, translation: t } = ring[2]!;
      const centre = [0, 1, 2].map((k) => -(r[k]! * t[0] + r[k + 3]! * t[1] + r[k + 6]! * t[2])) as Vec3;
      const moved = [0, 1, 2].map(
        (k) => -(rotation[3 * k]! * centre[0] + rotation[3 * k + 1]! * centre[1] + rotation[3 * k + 2]! * centre[2]),
      ) as Vec3;
      return { rotation, translation: moved };
    });
    const panorama = await solve(
      turned.map((camera, i) => see(world, camera, LENS, 0.3, 70 + i)),
      0.8,
    );
    // Under a focal length that is not the true one a turn looks like a plane: then it is doubted.
    for (const photo of panorama.photos) {
      if (photo.isPlaced) expect(photo.doubts).toContain('planar');
      else expect(photo.reason).toBe('no-parallax');
    }
  }, 60_000);

  it('refuses nothing to look at, and is stopped by its signal', async () => {
    await expect(findCameras([], { seed: 1, sources: [] })).rejects.toThrow('no photos');
  });
});

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cameraCentre, cameraFromWorldOfOpengl } from '../../engine/math/conventions.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { SAMPLE_INTRINSICS, SAMPLE_SHOTS, describeTransforms, lookAt } from '../../scripts/sample-scene/cameras.js';
import type { SampleShot } from '../../scripts/sample-scene/cameras.js';
import { measureCoverage } from '../../scripts/sample-scene/coverage.js';
import {
  PRIMITIVE_STRIDE,
  intersectCapsule,
  intersectFrustum,
  intersectPrimitive,
  intersectSphere,
  intersectTriangle,
} from '../../scripts/sample-scene/intersect.js';
import type { Ray } from '../../scripts/sample-scene/intersect.js';
import { hashInts } from '../../scripts/sample-scene/noise.js';
import { aimRay, developTone } from '../../scripts/sample-scene/render.js';
import { PixelSampler } from '../../scripts/sample-scene/sampler.js';
import { createSampleScene } from '../../scripts/sample-scene/scene.js';
import { POSTER } from '../../scripts/sample-scene/terrace.js';

const SAMPLE = join(dirname(fileURLToPath(import.meta.url)), '../../assets/sample');
const scene = createSampleScene();

const rayOf = (origin: Vec3, direction: Vec3): Ray => ({
  ox: origin[0],
  oy: origin[1],
  oz: origin[2],
  dx: direction[0],
  dy: direction[1],
  dz: direction[2],
});

describe('intersections by hand', () => {
  it('triangle in the plane z = 5', () => {
    const triangle = Float32Array.of(0, 0, 5, 1, 0, 0, 0, 1, 0);
    expect(intersectTriangle(triangle, 0, rayOf([0.25, 0.25, 0], [0, 0, 1]))).toBe(5);
    expect(intersectTriangle(triangle, 0, rayOf([0.25, 0.25, 9], [0, 0, -1]))).toBe(4);
    expect(intersectTriangle(triangle, 0, rayOf([0.75, 0.75, 0], [0, 0, 1]))).toBe(Infinity);
    expect(intersectTriangle(triangle, 0, rayOf([0.25, 0.25, 0], [0, 0, -1]))).toBe(Infinity);
    expect(intersectTriangle(triangle, 0, rayOf([0, 0, 0], [1, 0, 0]))).toBe(Infinity);
  });

  it('sphere of radius 1 about (0, 0, 4), from outside, inside and beside', () => {
    const sphere = Float32Array.of(0, 0, 4, 1);
    expect(intersectSphere(sphere, 0, rayOf([0, 0, 0], [0, 0, 1]))).toBe(3);
    expect(intersectSphere(sphere, 0, rayOf([0, 0.6, 0], [0, 0, 1]))).toBeCloseTo(3.2, 12);
    expect(intersectSphere(sphere, 0, rayOf([0, 0, 4], [0, 0, 1]))).toBe(1);
    expect(intersectSphere(sphere, 0, rayOf([0, 1.01, 0], [0, 0, 1]))).toBe(Infinity);
  });

  it('capsule of radius 0.5 from (-1, 0, 3) to (1, 0, 3): side, ball end, along the axis', () => {
    const capsule = Float32Array.of(-1, 0, 3, 1, 0, 3, 0.5);
    expect(intersectCapsule(capsule, 0, rayOf([0, 0, 0], [0, 0, 1]))).toBeCloseTo(2.5, 12);
    expect(intersectCapsule(capsule, 0, rayOf([1.3, 0, 0], [0, 0, 1]))).toBeCloseTo(2.6, 12);
    expect(intersectCapsule(capsule, 0, rayOf([1.6, 0, 0], [0, 0, 1]))).toBe(Infinity);
    expect(intersectCapsule(capsule, 0, rayOf([-5, 0, 3], [1, 0, 0]))).toBeCloseTo(3.5, 12);
    expect(intersectCapsule(capsule, 0, rayOf([5, 0, 3], [-1, 0, 0]))).toBeCloseTo(3.5, 12);
  });

  it('frustum of radius 1 at z = 0 and 0.5 at z = 1: outside, inside, from above, through its open ends', () => {
    const frustum = Float32Array.of(0, 0, 0, 1, 1, 0.5);
    expect(intersectFrustum(frustum, 0, rayOf([-3, 0, 0.5], [1, 0, 0]))).toBeCloseTo(2.25, 12);
    expect(intersectFrustum(frustum, 0, rayOf([0, 0, 0.5], [1, 0, 0]))).toBeCloseTo(0.75, 12);
    expect(intersectFrustum(frustum, 0, rayOf([0.75, 0, 5], [0, 0, -1]))).toBeCloseTo(4.5, 12);
    expect(intersectFrustum(frustum, 0, rayOf([0, 0, 5], [0, 0, -1]))).toBe(Infinity);
    expect(intersectFrustum(frustum, 0, rayOf([-3, 0, 1.2], [1, 0, 0]))).toBe(Infinity);
  });
});

describe('renderer', () => {
  it('finds through the tree what testing every primitive finds', () => {
    const { primitives } = scene;
    const ray = rayOf([0, 0, 0], [0, 1, 0]);
    for (let i = 0; i < 40; i++) {
      const { camera } = SAMPLE_SHOTS[i % SAMPLE_SHOTS.length] as SampleShot;
      aimRay(camera, hashInts(i, 1, 0) % 640, hashInts(i, 2, 0) % 480, ray);
      let nearest = Infinity;
      for (let p = 0; p < primitives.count; p++) {
        nearest = Math.min(
          nearest,
          intersectPrimitive(primitives.kinds[p] as number, primitives.data, p * PRIMITIVE_STRIDE, ray),
        );
      }
      expect(scene.findNearest(ray)).toBe(nearest);
    }
  });

  it('spreads 16 samples so that every sixteenth of either axis and every cell of 4 × 4 holds one', () => {
    const sampler = new PixelSampler();
    for (const pixel of [1, 77, 123456]) {
      const cells: [Set<number>, Set<number>, Set<number>] = [new Set(), new Set(), new Set()];
      for (let i = 0; i < 16; i++) {
        sampler.start(pixel, i);
        sampler.next();
        sampler.next();
        cells[0].add(Math.floor(sampler.first * 16));
        cells[1].add(Math.floor(sampler.second * 16));
        cells[2].add(Math.floor(sampler.first * 4) * 4 + Math.floor(sampler.second * 4));
      }
      expect(cells.map((cell) => cell.size)).toEqual([16, 16, 16]);
    }
  });

  it('maps darkness to 0 and any light to more, without end', () => {
    expect(developTone(0)).toBe(0);
    expect(developTone(1)).toBeGreaterThan(developTone(0.5));
    expect(developTone(1e6)).toBe(255);
  });
});

describe('cameras', () => {
  it('look at their target: it falls on the principal point, what is higher lies above, what is to the right lies right', () => {
    const { cameraFromWorld } = lookAt([1, 2, 3], [1, 7, 3], 0, SAMPLE_INTRINSICS);
    const close = (point: Vec3, expected: Vec3): void => {
      transformPoint(cameraFromWorld, point).forEach((value, axis) =>
        expect(value).toBeCloseTo(expected[axis as 0 | 1 | 2], 12),
      );
    };
    close([1, 7, 3], [0, 0, 5]);
    close([1, 7, 4], [0, -1, 5]);
    close([2, 7, 3], [1, 0, 5]);
  });

  it('rolled clockwise, the world turns anticlockwise in the picture: up goes to the upper left', () => {
    const { cameraFromWorld } = lookAt([0, 0, 0], [0, 1, 0], 0.1, SAMPLE_INTRINSICS);
    const [x, y] = transformPoint(cameraFromWorld, [0, 1, 1]);
    expect(x).toBeCloseTo(-Math.sin(0.1), 12);
    expect(y).toBeCloseTo(-Math.cos(0.1), 12);
  });

  it('stand 0.25 to 0.4 m apart, train on five and hold out three', () => {
    const training = SAMPLE_SHOTS.filter((shot) => !shot.heldOut).map((shot) =>
      cameraCentre(shot.camera.cameraFromWorld),
    );
    expect(training).toHaveLength(5);
    expect(SAMPLE_SHOTS).toHaveLength(8);
    training.slice(1).forEach((centre, i) => {
      const last = training[i] as Vec3;
      const apart = Math.hypot(centre[0] - last[0], centre[1] - last[1], centre[2] - last[2]);
      expect(apart).toBeGreaterThan(0.25);
      expect(apart).toBeLessThan(0.4);
    });
  });

  it('see more than 95 % of every held-out photo in a training photo', () => {
    for (const { once } of measureCoverage(scene, SAMPLE_SHOTS, 12)) expect(once).toBeGreaterThan(0.95);
  });
});

interface TransformsFile {
  readonly train_filenames: string[];
  readonly test_filenames: string[];
  readonly frames: { readonly file_path: string; readonly transform_matrix: number[][] }[];
}

const present = existsSync(join(SAMPLE, 'transforms.json'));
if (!present) console.log('SKIPPED: the bundled sample capture, assets/sample is absent');

describe.skipIf(!present)('bundled capture', () => {
  const read = (): TransformsFile =>
    JSON.parse(readFileSync(join(SAMPLE, 'transforms.json'), 'utf8')) as TransformsFile;

  it('has exactly the cameras of cameras.ts', () => {
    expect(read()).toEqual(JSON.parse(JSON.stringify(describeTransforms(SAMPLE_SHOTS))));
    read().frames.forEach((frame, i) => {
      const m = frame.transform_matrix.flat();
      const rotation = [m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]] as Mat3;
      const found = cameraFromWorldOfOpengl({ rotation, translation: [m[3], m[7], m[11]] as Vec3 });
      const expected = (SAMPLE_SHOTS[i] as SampleShot).camera.cameraFromWorld;
      found.rotation.forEach((value, k) => expect(value).toBeCloseTo(expected.rotation[k] as number, 12));
      found.translation.forEach((value, k) => expect(value).toBeCloseTo(expected.translation[k] as number, 12));
    });
  });

  it('names its eight photos in sorted order, five to train on and three not, all 640 × 480 without chroma subsampling', async () => {
    const { frames, train_filenames: train, test_filenames: test } = read();
    const paths = frames.map((frame) => frame.file_path);
    expect(paths).toEqual([...paths].sort());
    expect([...train, ...test].sort()).toEqual(paths);
    expect([train.length, test.length]).toEqual([5, 3]);
    for (const path of paths) {
      const metadata = await sharp(join(SAMPLE, path)).metadata();
      expect([metadata.width, metadata.height, metadata.chromaSubsampling]).toEqual([640, 480, '4:4:4']);
    }
  });

  it('stays under 2 MB', () => {
    const files = readdirSync(SAMPLE, { recursive: true, encoding: 'utf8' }).map((name) =>
      statSync(join(SAMPLE, name)),
    );
    expect(files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)).toBeLessThan(2_000_000);
  });

  // Planes of the scene as written in terrace.ts: axis, offset, and a point on each that nothing hides.
  const known: { name: string; axis: 0 | 1 | 2; point: Vec3 }[] = [
    { name: 'middle of the poster', axis: 1, point: [POSTER.left + 0.45, POSTER.y, POSTER.bottom + 0.6] },
    { name: 'garden wall', axis: 1, point: [2.2, 9.4, 0.7] },
    { name: 'floor between chair and table', axis: 2, point: [0, 3, 0] },
  ];
  it.each(known)('has the depth of the $name where that point projects to', async ({ axis, point }) => {
    const { fx, fy, cx, cy, width } = SAMPLE_INTRINSICS;
    for (const { name, camera } of SAMPLE_SHOTS.filter((shot) => shot.heldOut)) {
      const png = sharp(join(SAMPLE, 'depth', name.replace('.jpg', '.png')));
      expect((await png.metadata()).depth).toBe('ushort');
      const buffer = await png.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
      const [x, y, z] = transformPoint(camera.cameraFromWorld, point);
      const column = Math.floor((fx * x) / z + cx);
      const row = Math.floor((fy * y) / z + cy);
      // The ray c + s·d through that pixel's centre (d.z = 1 in the camera, so s is depth) meets the plane at s.
      const r = camera.cameraFromWorld.rotation;
      const d = [(column + 0.5 - cx) / fx, (row + 0.5 - cy) / fy, 1] as const;
      const along = r[axis] * d[0] + (r[3 + axis] as number) * d[1] + (r[6 + axis] as number);
      const depth = (point[axis] - cameraCentre(camera.cameraFromWorld)[axis]) / along;
      expect(Math.abs(buffer.readUInt16LE((row * width + column) * 2) / 1000 - depth)).toBeLessThan(0.0011);
      expect(Math.abs(depth - z)).toBeLessThan(0.05);
    }
  });
});

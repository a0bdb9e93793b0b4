/** A network that returns cameras: what it is fed, what is made of its answer, and files that are no such network. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Mat3, RigidTransform } from '../../engine/math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import { ImportError, ShapeError } from '../../engine/scene/errors.js';
import type { RgbImage } from '../../engine/scene/view.js';
import { fillBatch, layOutViews } from '../../native-models/cameras/lay-out-views.js';
import type { OpenCameraNetworkOptions } from '../../native-models/cameras/onnx-cameras.js';
import { openCameraNetwork } from '../../native-models/cameras/onnx-cameras.js';
import { OnnxRuntimeMissingError } from '../../native-models/depth/onnx-depth.js';
import { DEPTH_ANYTHING_V3_MODEL } from '../../native-models/manifest.js';
import type { ToldCamera } from '../fixtures/camera-network-file.js';
import { writeCameraNetwork } from '../fixtures/camera-network-file.js';
import { ringOfCameras } from '../fixtures/synthetic-cameras.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-cameras-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function photoOf(width: number, height: number): RgbImage {
  return { width, height, data: new Float32Array(width * height * 3).fill(0.25) };
}

const RING = ringOfCameras(3, 4, 0.3);
const TOLD: readonly ToldCamera[] = RING.map((cameraFromWorld) => ({ cameraFromWorld, fx: 400, fy: 410 }));

async function open(
  told: readonly ToldCamera[],
  names?: [string, string],
  options: Partial<OpenCameraNetworkOptions> = {},
) {
  const path = join(folder, 'told.onnx');
  await writeFile(path, writeCameraNetwork(told, null, names).model);
  return openCameraNetwork(path, { threads: 1, ...options });
}

describe('the batch that photos become', () => {
  const sides = (...photos: [number, number][]) => layOutViews(photos.map(([width, height]) => ({ width, height })));

  it('has a long side of 504, in multiples of 14', () => {
    // 4000 × 3000 → 504 × 378 = 36 × 27 patches.
    expect(sides([4000, 3000], [2000, 1500])).toEqual({
      view: { width: 504, height: 378 },
      photos: [0, 1].map(() => ({ resized: { width: 504, height: 378 }, left: 0, top: 0 })),
    });
    // 16:9: 283.5 → 20.25 patches.
    expect(sides([1920, 1080])!.view).toEqual({ width: 504, height: 280 });
  });

  it('cuts the middle that photos of several shapes have in common', () => {
    const batch = sides([400, 300], [300, 400])!;
    expect(batch.view).toEqual({ width: 378, height: 378 });
    expect(batch.photos.map(({ left, top }) => [left, top])).toEqual([
      [63, 0],
      [0, 63],
    ]);
    // A strip would cut more than half off the others.
    expect(sides([400, 300], [2000, 200])).toBeNull();
  });

  it('shrinks where views are many, and ends at sixteen', () => {
    const many = (count: number) => sides(...Array.from({ length: count }, (): [number, number] => [800, 600]));
    expect(many(6)!.view).toEqual({ width: 504, height: 378 });
    const { view } = many(16)!;
    expect(16 * (view.width / 14) * (view.height / 14)).toBeLessThanOrEqual(6144);
    expect(view.width).toBeGreaterThanOrEqual(300);
    expect(many(17)).toBeNull();
    expect(() => layOutViews([])).toThrow(ShapeError);
  });

  it('holds what is seen in planes, normalised, without what is not finite', () => {
    const { width, height } = { width: 504, height: 378 };
    const image = photoOf(width, height);
    // Red 1 at x = 100, y = 50; a broken pixel beside it.
    image.data.set([1, 0, 0.5], (50 * width + 100) * 3);
    image.data[(50 * width + 300) * 3] = NaN;
    const portrait = photoOf(378, 504);
    const layout = layOutViews([image, portrait])!;
    const batch = fillBatch([image, portrait], layout);
    const plane = 378 * 378;
    expect(batch.length).toBe(2 * 3 * plane);
    const at = (n: number, c: number, x: number, y: number): number => batch[(n * 3 + c) * plane + y * 378 + x]!;
    // 63 columns were cut off at the left.
    expect(at(0, 0, 37, 50)).toBeCloseTo((1 - 0.485) / 0.229, 5);
    expect(at(0, 1, 37, 50)).toBeCloseTo((0 - 0.456) / 0.224, 5);
    expect(at(0, 2, 37, 50)).toBeCloseTo((0.5 - 0.406) / 0.225, 5);
    expect(at(0, 0, 237, 50)).toBeCloseTo((0 - 0.485) / 0.229, 5);
    expect(at(1, 2, 10, 370)).toBeCloseTo((0.25 - 0.406) / 0.225, 5);
    expect(batch.every(Number.isFinite)).toBe(true);
  });
});

describe('cameras of a network', () => {
  it('are those that it tells, with focal lengths in pixels of the photos', async () => {
    const network = await open(TOLD);
    expect(network).toMatchObject({ name: join(folder, 'told.onnx'), maxPhotos: 16 });
    // Seen at 504 × 378 and cut to 378 × 378: 1008 / 504 = 2, 600 / 378 and 800 / 504.
    const cameras = (await network.estimate([photoOf(1008, 756), photoOf(600, 800)]))!;
    expect(cameras.length).toBe(2);
    cameras.forEach(({ cameraFromWorld: { rotation, translation } }, n) => {
      rotation.forEach((entry, i) => expect(entry).toBeCloseTo(RING[n]!.rotation[i]!, 6));
      translation.forEach((entry, i) => expect(entry).toBeCloseTo(RING[n]!.translation[i]!, 5));
    });
    expect(cameras[0]!.focalPx).toBeCloseTo(2 * Math.sqrt(400 * 410), 3);
    expect(cameras[1]!.focalPx).toBeCloseTo(Math.sqrt(400 * 410 * (600 / 378) * (800 / 504)), 3);
    expect(await network.estimate([photoOf(400, 300), photoOf(2000, 200)])).toBeNull();
    await expect(network.estimate([photoOf(40, 30)])).rejects.toThrow(ShapeError);
    const stopped = network.estimate([photoOf(40, 30), photoOf(40, 30)], AbortSignal.abort(new Error('stop')));
    await expect(stopped).rejects.toThrow('stop');
    await network.dispose();
    await network.dispose();
    await expect(network.estimate([photoOf(40, 30), photoOf(40, 30)])).rejects.toThrow('disposed');
  });

  it('are rotations exactly, also where the network rounds', async () => {
    const rounded = RING.map(({ rotation, translation }) => ({
      rotation: rotation.map((entry) => Math.round(entry * 100) / 100) as Mat3,
      translation,
    }));
    const network = await open(rounded.map((cameraFromWorld) => ({ cameraFromWorld, fx: 400, fy: 400 })));
    const cameras = (await network.estimate([photoOf(40, 30), photoOf(40, 30)]))!;
    for (const [n, { cameraFromWorld }] of cameras.entries()) {
      const squared = multiplyMat(cameraFromWorld.rotation, transposeMat(cameraFromWorld.rotation));
      squared.forEach((entry, i) => expect(entry).toBeCloseTo(i % 4 === 0 ? 1 : 0, 12));
      cameraFromWorld.rotation.forEach((entry, i) =>
        expect(Math.abs(entry - RING[n]!.rotation[i]!)).toBeLessThan(0.01),
      );
    }
    await network.dispose();
  });

  const [first] = RING as [RigidTransform];
  const scaled = (factor: number): Mat3 => first.rotation.map((entry) => entry * factor) as Mat3;
  const mirrored = first.rotation.map((entry, i) => (i < 3 ? -entry : entry)) as Mat3;
  it.each<[string, Partial<ToldCamera>, RegExp]>([
    ['no rotation', { cameraFromWorld: { ...first, rotation: scaled(1.1) } }, /extrinsics of photo 2/],
    ['zeros', { cameraFromWorld: { ...first, rotation: scaled(0) } }, /extrinsics of photo 2/],
    ['a mirror', { cameraFromWorld: { ...first, rotation: mirrored } }, /extrinsics of photo 2/],
    ['NaN in a rotation', { cameraFromWorld: { ...first, rotation: scaled(NaN) } }, /extrinsics of photo 2/],
    ['an endless translation', { cameraFromWorld: { ...first, translation: [0, 1 / 0, 0] } }, /extrinsics of photo 2/],
    ['no focal length', { fx: NaN }, /intrinsics of photo 2/],
    ['a negative one', { fx: -400, fy: -400 }, /intrinsics of photo 2/],
    ['one that no lens has', { fx: 1e6, fy: 1e6 }, /intrinsics of photo 2/],
  ])('are refused where they are %s', async (_, changed, where) => {
    const network = await open([TOLD[0]!, { ...TOLD[1]!, ...changed }]);
    const answer = network.estimate([photoOf(40, 30), photoOf(40, 30)]);
    await expect(answer).rejects.toBeInstanceOf(ImportError);
    await expect(answer).rejects.toMatchObject({
      code: 'unsupported',
      where: expect.stringMatching(where) as string,
    });
    await network.dispose();
  });

  it('are refused where there are fewer than photos', async () => {
    const network = await open(TOLD.slice(0, 2));
    const answer = network.estimate([photoOf(40, 30), photoOf(40, 30), photoOf(40, 30)]);
    await expect(answer).rejects.toMatchObject({ code: 'unsupported', where: 'output "extrinsics"' });
    await network.dispose();
  });
});

describe('files of a camera network', () => {
  const { model, weights } = writeCameraNetwork(TOLD, 'model.onnx_data');
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const entry = {
    ...DEPTH_ANYTHING_V3_MODEL,
    name: 'told-two-files',
    fileName: 'told.onnx',
    bytes: model.length,
    sha256: digest(model),
    companions: [
      {
        fileName: 'told.onnx_data',
        location: 'model.onnx_data',
        url: null,
        bytes: weights.length,
        sha256: digest(weights),
      },
    ],
  };
  const openNamed = () => openCameraNetwork(entry.name, { threads: 1, folder, models: [entry] });

  it('are two where the manifest says so, both checked', async () => {
    await expect(openNamed()).rejects.toMatchObject({ code: 'not-found', file: join(folder, 'told.onnx') });
    await writeFile(join(folder, 'told.onnx'), model);
    await expect(openNamed()).rejects.toMatchObject({ code: 'not-found', file: join(folder, 'told.onnx_data') });
    const flipped = Buffer.from(weights);
    flipped[5]! ^= 1;
    await writeFile(join(folder, 'told.onnx_data'), flipped);
    await expect(openNamed()).rejects.toMatchObject({ code: 'malformed', file: join(folder, 'told.onnx_data') });
    await writeFile(join(folder, 'told.onnx_data'), weights);
    const network = await openNamed();
    expect(network.name).toBe('told-two-files');
    const cameras = (await network.estimate([photoOf(40, 30), photoOf(40, 30)]))!;
    cameras[1]!.cameraFromWorld.translation.forEach((t, i) => expect(t).toBeCloseTo(RING[1]!.translation[i]!, 5));
    await network.dispose();
  });

  it('may lie anywhere, the weights beside the model', async () => {
    const path = join(folder, 'model.onnx');
    await writeFile(path, model);
    await expect(openCameraNetwork(path, { threads: 1 })).rejects.toMatchObject({ code: 'malformed', file: path });
    await writeFile(join(folder, 'model.onnx_data'), weights);
    const network = await openCameraNetwork(path, { threads: 1 });
    expect((await network.estimate([photoOf(40, 30), photoOf(40, 30)]))!.length).toBe(2);
    await network.dispose();
  });

  it('are refused where they are something else', async () => {
    await expect(open(TOLD, ['poses', 'intrinsics'])).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/the output "extrinsics".*poses, intrinsics/) as string,
    });
    const path = join(folder, 'text.onnx');
    await writeFile(path, 'no network');
    await expect(openCameraNetwork(path, { threads: 1 })).rejects.toMatchObject({ code: 'malformed' });
    await expect(openCameraNetwork(folder, { threads: 1 })).rejects.toMatchObject({ code: 'unreadable' });
    await expect(openCameraNetwork('nowhere', { threads: 1, folder })).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('depth-anything-v3-small') as string,
    });
    const broken = { loadRuntime: () => Promise.reject(new Error('no library')) };
    await expect(open(TOLD, undefined, broken)).rejects.toBeInstanceOf(OnnxRuntimeMissingError);
  });
});

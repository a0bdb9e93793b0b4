import { afterAll, describe, expect, it } from 'vitest';
import type { Mat3 } from '../../engine/math/rigid-transform.js';
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import { ShapeError } from '../../engine/scene/errors.js';
import type { RgbImage } from '../../engine/scene/view.js';
import { openAkaze } from '../../host/features/akaze.js';
import { AkazeThreads, OpenCvError } from '../../host/features/akaze-threads.js';
import { measureErrors } from '../fixtures/measure-errors.js';
import { paintPatchwork, turnAndScale } from '../fixtures/patchwork.js';

const SIZE = { width: 420, height: 316 };
const CENTRE = [SIZE.width / 2, SIZE.height / 2] as const;
const IDENTITY: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];

function mirrored({ width, height, data }: RgbImage): RgbImage {
  const flipped = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + width - 1 - x) * 3;
      flipped.set(data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data: flipped };
}

describe('AKAZE', () => {
  const picture = paintPatchwork(SIZE.width, SIZE.height, IDENTITY);
  const shared = openAkaze({ threads: 2 });
  afterAll(async () => shared.dispose());
  const detect = async (image: RgbImage, maxCount?: number): Promise<ImageFeatures> => {
    if (maxCount === undefined) return shared.detect(image);
    const akaze = openAkaze({ maxCount, threads: 1 });
    return akaze.detect(image).finally(async () => akaze.dispose());
  };

  it('finds a picture again that was turned over, shrunk and moved, without a shift', async () => {
    const to = [CENTRE[0] + 6.3, CENTRE[1] - 4.2] as const;
    // Half a pixel forgotten on both sides would show as 0.9 of a pixel here.
    const [angle, scale] = [(200 * Math.PI) / 180, 0.8];
    const secondFromFirst = turnAndScale(angle, scale, CENTRE, to);
    const second = paintPatchwork(SIZE.width, SIZE.height, turnAndScale(-angle, 1 / scale, to, CENTRE));
    const [a, b] = [await detect(picture), await detect(second)];
    const { share, meanX, meanY, medianPx, count } = measureErrors(a, b, matchDescriptors(a, b), secondFromFirst);
    expect(count).toBeGreaterThan(1000);
    expect(share).toBeGreaterThan(0.9);
    expect(medianPx).toBeLessThan(0.4);
    expect(Math.abs(meanX)).toBeLessThan(0.05);
    expect(Math.abs(meanY)).toBeLessThan(0.05);
  });

  it.each([
    ['a size that doubles evenly', SIZE],
    // OpenCV drops odd rows and columns when it halves: positions must not drift with it.
    ['an odd size', { width: 403, height: 307 }],
    ['a size that is not enlarged', { width: 1281, height: 943 }],
  ])('mirrors keypoints with the picture: %s', async (_, { width, height }) => {
    const image = paintPatchwork(width, height, IDENTITY);
    const [a, b] = [await detect(image, 3000), await detect(mirrored(image), 3000)];
    const mirrorOfB = { ...b, points: b.points.map((v, k) => (k % 2 === 0 ? width - v : v)) };
    const nearest: number[] = [];
    for (let i = 0; i < a.points.length; i += 2) {
      let best = [Infinity, 0];
      for (let j = 0; j < b.points.length; j += 2) {
        const dx = mirrorOfB.points[j]! - a.points[i]!;
        const distance = Math.hypot(dx, mirrorOfB.points[j + 1]! - a.points[i + 1]!);
        if (distance < best[0]!) best = [distance, dx];
      }
      if (best[0]! < 1) nearest.push(best[1]!);
    }
    expect(nearest.length).toBeGreaterThan(0.7 * a.scores.length);
    expect(Math.abs(nearest.reduce((sum, dx) => sum + dx, 0) / nearest.length)).toBeLessThan(0.02);
  });

  it('gives thousands of keypoints, at most as many as asked for, inside the photo', async () => {
    const all = await detect(picture);
    expect(all).toMatchObject({ detector: 'akaze', ...SIZE });
    expect(all.scores.length).toBeGreaterThan(2000);
    expect(all.scores.length).toBeLessThanOrEqual(6000);
    expect(all.descriptors).toMatchObject({ kind: 'binary', bytesEach: 61 });
    expect(all.descriptors.data).toHaveLength(61 * all.scores.length);
    for (let k = 0; k < all.points.length; k++)
      expect(all.points[k]! > 0 && all.points[k]! < (k % 2 === 0 ? SIZE.width : SIZE.height)).toBe(true);
    expect((await detect(picture, 500)).scores).toHaveLength(500);
  });

  it('searches again where a photo shows little, and finds nothing in nothing', async () => {
    const faint = { ...picture, data: picture.data.map((v) => 0.5 + 0.05 * (v - 0.5)) };
    expect((await detect(faint)).scores.length).toBeGreaterThan(300);
    const plain = { width: 200, height: 100, data: new Float32Array(200 * 100 * 3).fill(0.4) };
    expect((await detect(plain)).scores).toHaveLength(0);
    for (const [width, height] of [
      [1, 1],
      [7, 7],
      [3, 900],
    ] as const) {
      const narrow = { width, height, data: new Float32Array(width * height * 3).map((_, i) => (i % 7) / 7) };
      expect((await detect(narrow)).descriptors.data).toHaveLength(0);
    }
  });

  it('counts NaN as black, and refuses what is no image', async () => {
    const holes = { ...picture, data: picture.data.map((v, i) => (i % 50_000 < 3 ? NaN : v)) };
    expect((await detect(holes)).points.every(Number.isFinite)).toBe(true);
    await expect(detect({ ...picture, width: 5 })).rejects.toThrow(ShapeError);
    await expect(shared.detect(picture, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    const abort = new AbortController();
    const searching = shared.detect(picture, abort.signal);
    abort.abort(new Error('no more'));
    await expect(searching).rejects.toThrow('no more');
  });
});

describe('OpenCV', () => {
  it('works in threads, leaves the process’s handlers alone, and says in words what it throws as numbers', async () => {
    const before = ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
    const opencv = new AkazeThreads(2);
    const empty = { width: 0, height: 0, data: new Float32Array(0) };
    const grey = {
      width: 160,
      height: 120,
      data: Float32Array.from({ length: 19_200 }, (_, i) => ((i * i) % 97) / 97),
    };
    const both = await Promise.allSettled([opencv.detect(empty, 1e-3), opencv.detect(grey, 1e-3)]);
    expect(both[0]).toMatchObject({ status: 'rejected', reason: { name: 'OpenCvError' } });
    expect(String((both[0] as PromiseRejectedResult).reason)).toMatch(/image\.empty/);
    expect(both[1]).toMatchObject({ status: 'fulfilled' });
    expect(['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event))).toEqual(before);
    await opencv.close();
  });

  it('is closed in the middle of its work, and is of no use then', async () => {
    const opencv = new AkazeThreads(1);
    const grey = { width: 64, height: 64, data: new Float32Array(4096) };
    const pending = [opencv.detect(grey, 1e-3), opencv.detect(grey, 1e-3)];
    const ends = Promise.allSettled(pending);
    await opencv.close();
    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { name: 'OpenCvError' } });
    await expect(opencv.detect(grey, 1e-3)).rejects.toThrow(OpenCvError);
  });
});

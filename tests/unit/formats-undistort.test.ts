import { describe, expect, it } from 'vitest';
import type { Distortion, Intrinsics } from '../../engine/scene/camera.js';
import { distortPoint, undistortPhoto } from '../../engine/scene/undistort.js';
import type { RgbImage } from '../../engine/scene/view.js';
import { ShapeError } from '../../engine/scene/errors.js';

const NONE: Distortion = { k1: 0, k2: 0, p1: 0, p2: 0, k3: 0, k4: 0, k5: 0, k6: 0 };

/** An image from a function of the pixel's centre. */
function paint(width: number, height: number, colour: (u: number, v: number) => [number, number, number]): RgbImage {
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(colour(x + 0.5, y + 0.5), (y * width + x) * 3);
  return { width, height, data };
}

const centred = (width: number, height: number, f: number): Intrinsics => ({
  ...{ fx: f, fy: f, cx: width / 2, cy: height / 2, width, height },
});

describe("OpenCV's lens model", () => {
  it('gives values worked by hand', () => {
    // r² = 0.25; 1 + 0.1·0.25 + 0.2·0.0625 = 1.0375.
    expect(distortPoint({ ...NONE, k1: 0.1, k2: 0.2 }, 0.3, 0.4)).toEqual([0.3 * 1.0375, 0.4 * 1.0375]);
    // x + 2 p1 x y + p2 (r² + 2x²) = 0.3 + 2·0.01·0.12 + 0.02·0.43; y + p1 (r² + 2y²) + 2 p2 x y = 0.4 + 0.01·0.57 + 2·0.02·0.12.
    const [x, y] = distortPoint({ ...NONE, p1: 0.01, p2: 0.02 }, 0.3, 0.4);
    expect(x).toBeCloseTo(0.311, 12);
    expect(y).toBeCloseTo(0.4105, 12);
    // (1 + 0.015625) / (1 + 0.4·0.25 + 0.8·0.0625 + 1.6·0.015625) = 1.015625 / 1.175.
    const [rational] = distortPoint({ ...NONE, k3: 1, k4: 0.4, k5: 0.8, k6: 1.6 }, 0.3, 0.4);
    expect(rational).toBeCloseTo((0.3 * 1.015625) / 1.175, 12);
  });
});

describe('undistorting', () => {
  it('leaves a photo without distortion at its own size untouched', async () => {
    const image = paint(5, 4, (u, v) => [u, v, 0]);
    const options = { intrinsics: centred(5, 4, 9), distortion: null, width: 5, height: 4 };
    const result = await undistortPhoto({ image, weights: null }, options, {});
    expect(result.image).toBe(image);
    expect(result.mask).toBeNull();
  });

  it('averages exactly over areas, also by ratios that are not whole', async () => {
    // 5 pixels to 2: each result pixel is 2.5 wide; columns 0 1 and half of 2, then half of 2, 3 and 4.
    const image = paint(5, 2, (u, v) => [u - 0.5, v > 1 ? 1 : 0, 1]);
    const options = { intrinsics: centred(5, 2, 9), distortion: null, width: 2, height: 1 };
    const { image: small, mask, intrinsics } = await undistortPhoto({ image, weights: null }, options, {});
    expect(mask).toBeNull();
    const expected = [(0 + 1 + 0.5 * 2) / 2.5, 0.5, 1, (0.5 * 2 + 3 + 4) / 2.5, 0.5, 1];
    expected.forEach((value, i) => expect(small.data[i]).toBeCloseTo(value, 6));
    expect(intrinsics).toEqual({ fx: 3.6, fy: 4.5, cx: 1, cy: 0.5, width: 2, height: 1 });
  });

  it('shows straight lines straight: what the lens bent lands where the pinhole camera sees it', async () => {
    const [width, height] = [120, 90];
    const own = centred(width, height, 100);
    const distortion = { ...NONE, k1: 0.1, k2: -0.05, p1: 0.002, p2: -0.001, k3: 0.01 };
    // The scene's colour is linear in the pinhole's coordinates. The photo shows, at the distorted place, that colour: the
    // inverse lens is found by fixed-point iteration, which the code under test does not have.
    const invert = (xd: number, yd: number): [number, number] => {
      let [x, y] = [xd, yd];
      for (let i = 0; i < 60; i++) {
        const [dx, dy] = distortPoint(distortion, x, y);
        [x, y] = [x + xd - dx, y + yd - dy];
      }
      return [x, y];
    };
    const image = paint(width, height, (u, v) => {
      const [x, y] = invert((u - own.cx) / own.fx, (v - own.cy) / own.fy);
      return [0.5 + 0.5 * x, 0.5 + 0.5 * y, 0.25];
    });
    for (const [w, h] of [
      [120, 90],
      [60, 45],
      [50, 38],
    ] as const) {
      const options = { intrinsics: own, distortion, width: w, height: h };
      const { image: flat, mask, intrinsics } = await undistortPhoto({ image, weights: null }, options, {});
      let worst = 0;
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) {
          const i = y * w + x;
          if (mask !== null && mask[i] === 0) continue;
          const expected = [
            0.5 + (0.5 * (x + 0.5 - intrinsics.cx)) / intrinsics.fx,
            0.5 + (0.5 * (y + 0.5 - intrinsics.cy)) / intrinsics.fy,
          ];
          expected.forEach((value, c) => (worst = Math.max(worst, Math.abs(value - (flat.data[i * 3 + c] as number)))));
        }
      // A hundredth of a pixel is 5e-5 here; the outermost half pixel continues the edge.
      expect(worst).toBeLessThan(2.5e-3);
      expect(flat.data[(Math.floor(h / 2) * w + Math.floor(w / 2)) * 3 + 2]).toBeCloseTo(0.25, 6);
    }
  });

  it('masks what the photo does not cover, and shows the edge there instead of black', async () => {
    // x' = x (1 + r²): the corner at x = y = 0.5 asks for 0.75, outside the photo's 0.5; the centre of each side for 0.625.
    const image = paint(40, 40, () => [0.5, 0.5, 0.5]);
    const options = { intrinsics: centred(40, 40, 40), distortion: { ...NONE, k1: 1 }, width: 40, height: 40 };
    const { image: flat, mask } = await undistortPhoto({ image, weights: null }, options, {});
    expect(mask?.[0]).toBe(0);
    expect(mask?.[20 * 40]).toBe(0);
    expect(mask?.[20 * 40 + 20]).toBe(1);
    expect(flat.data.every((value) => Math.abs(value - 0.5) < 1e-6)).toBe(true);
    // By the radius where x (1 + x²) = 0.5, x = 0.4239: column 20 + 40·0.4239 = 36.96 is the last that is covered.
    const row = mask?.subarray(20 * 40, 21 * 40) ?? [];
    expect([row[36], row[37]]).toEqual([1, 0]);
  });

  it('masks beyond the radius where the model turns back, and at its poles', async () => {
    // x (1 − x²) grows up to x = 1/√3 = 0.577 and comes back to 0 at 1: the outer ring would show the middle again.
    const image = paint(60, 60, () => [1, 1, 1]);
    const options = { intrinsics: centred(60, 60, 30), distortion: { ...NONE, k1: -1 }, width: 60, height: 60 };
    const { mask } = await undistortPhoto({ image, weights: null }, options, {});
    const row = [...(mask?.subarray(30 * 60, 31 * 60) ?? [])];
    expect(row.lastIndexOf(1)).toBeGreaterThan(44);
    expect(row.lastIndexOf(1)).toBeLessThan(48);
    const pole = { ...options, distortion: { ...NONE, k4: -4 } };
    const result = await undistortPhoto({ image, weights: null }, pole, {});
    expect(result.image.data.every(Number.isFinite)).toBe(true);
    expect(result.mask?.[0]).toBe(0);
  });

  it('lets nothing transparent bleed into what counts', async () => {
    // Left half counts and is red, right half does not and is green; 4 pixels to 2 cut between, 4 to 1 mix both.
    const image = paint(4, 1, (u) => (u < 2 ? [1, 0, 0] : [0, 1, 0]));
    const weights = Float32Array.of(1, 1, 0, 0);
    const shrink = (width: number) =>
      undistortPhoto({ image, weights }, { intrinsics: centred(4, 1, 4), distortion: null, width, height: 1 }, {});
    const two = await shrink(2);
    expect([[...two.image.data], [...(two.mask ?? [])]]).toEqual([
      [1, 0, 0, 0, 1, 0],
      [1, 0],
    ]);
    const one = await shrink(1);
    expect([[...one.image.data], one.mask]).toEqual([[1, 0, 0], null]);
  });

  it('enlarges when asked, smoothly', async () => {
    const image = paint(4, 3, (u, v) => [u / 4, v / 3, 0]);
    const options = { intrinsics: centred(4, 3, 4), distortion: null, width: 8, height: 6 };
    const { image: large, intrinsics } = await undistortPhoto({ image, weights: null }, options, {});
    expect([large.width, large.height, intrinsics.fx, intrinsics.cx]).toEqual([8, 6, 8, 4]);
    // Column 3, centre 3.5 / 8 of the width.
    expect(large.data[3 * 3]).toBeCloseTo(3.5 / 8, 6);
    expect(large.data[(2 * 8 + 3) * 3 + 1]).toBeCloseTo(2.5 / 6, 6);
  });

  it('stops when aborted, and tells its progress', async () => {
    const image = paint(600, 600, () => [0, 0, 0]);
    const options = { intrinsics: centred(600, 600, 600), distortion: { ...NONE, k1: 0.01 }, width: 300, height: 300 };
    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = (fraction: number): void => {
      seen.push(fraction);
      if (seen.length === 2) controller.abort(new Error('enough'));
    };
    await expect(
      undistortPhoto({ image, weights: null }, options, { onProgress, signal: controller.signal }),
    ).rejects.toThrow('enough');
    expect(seen).toHaveLength(2);
  });

  it('refuses arrays that do not fit', async () => {
    const image = paint(4, 3, () => [0, 0, 0]);
    const options = { intrinsics: centred(4, 3, 4), distortion: null, width: 4, height: 3 };
    const attempt = (change: object) => undistortPhoto({ image, weights: null, ...change }, options, {});
    await expect(attempt({ weights: new Float32Array(3) })).rejects.toThrow(ShapeError);
    await expect(attempt({ image: { ...image, width: 5 } })).rejects.toThrow(ShapeError);
    await expect(undistortPhoto({ image, weights: null }, { ...options, width: 0 }, {})).rejects.toThrow(ShapeError);
  });
});

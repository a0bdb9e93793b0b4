import { describe, expect, it } from 'vitest';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { SH_C0 } from '../../engine/scene/splats.js';
import { hasInk, textColumns } from '../../scripts/sample-scene/lettering.js';
import { TEXT_COLUMNS, createTextScene, detectOrientation, scoreOrientations } from '../fixtures/text-scene.js';
import type { AnyRaster, TextScene } from '../fixtures/text-scene.js';

/** Draws every Gaussian as an isotropic blob at its projected mean: enough of a picture, and shares nothing with a rasterizer. */
function drawBlobs(
  { splats, camera }: TextScene,
  background: number,
): { width: number; height: number; data: Float32Array } {
  const { fx, fy, cx, cy, width, height } = camera.intrinsics;
  const data = new Float32Array(width * height * 3).fill(background);
  for (let i = 0; i < splats.count; i++) {
    const mean = splats.means.subarray(i * 3, i * 3 + 3);
    const [x, y, z] = transformPoint(camera.cameraFromWorld, [mean[0] as number, mean[1] as number, mean[2] as number]);
    const sigmaPx = (Math.exp(splats.logScales[i * 3] as number) * fx) / z;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const du = column + 0.5 - ((fx * x) / z + cx);
        const dv = row + 0.5 - ((fy * y) / z + cy);
        const alpha = Math.exp((-0.5 * (du * du + dv * dv)) / sigmaPx ** 2);
        for (let c = 0; c < 3; c++) {
          const at = (row * width + column) * 3 + c;
          const colour = 0.5 + SH_C0 * (splats.shCoeffs[i * 3 + c] as number);
          data[at] = (data[at] as number) * (1 - alpha) + alpha * colour;
        }
      }
    }
  }
  return { width, height, data };
}

function flip(raster: AnyRaster, mirror: boolean, upsideDown: boolean): AnyRaster {
  const { width, height } = raster;
  const data = Float32Array.from({ length: width * height * 3 }, (_, i) => {
    const column = Math.floor(i / 3) % width;
    const row = Math.floor(i / 3 / width);
    const from = (upsideDown ? height - 1 - row : row) * width + (mirror ? width - 1 - column : column);
    return raster.data[from * 3 + (i % 3)] as number;
  });
  return { width, height, data };
}

describe('text scene', () => {
  it('is laid out as written down here: F7 at the upper left, a bar at the lower right', () => {
    const { layout } = createTextScene();
    const rowText = (row: number): string =>
      Array.from(layout.subarray(row * TEXT_COLUMNS, (row + 1) * TEXT_COLUMNS), (ink) => (ink > 0 ? '#' : '.')).join(
        '',
      );
    expect(rowText(1)).toBe('........................');
    expect(rowText(2)).toBe('..#####.#####...........');
    expect(rowText(3)).toBe('..#.........#...........');
    expect(rowText(8)).toBe('..#......#..............');
    expect(rowText(12)).toBe('..................###...');
  });

  it.each([0, 1])('wins by a wide margin when drawn as it is, on background %d', (background) => {
    const scene = createTextScene();
    const raster = drawBlobs(scene, background);
    const scores = scoreOrientations(raster, scene.layout);
    expect(scores['as-expected']).toBeGreaterThan(0.9);
    for (const other of ['mirrored', 'upside-down', 'turned-by-180'] as const) expect(scores[other]).toBeLessThan(0.3);
    expect(detectOrientation(raster, scene.layout)).toBe('as-expected');
  });

  it('detects each flip', () => {
    const scene = createTextScene();
    const raster = drawBlobs(scene, 0);
    expect(detectOrientation(flip(raster, true, false), scene.layout)).toBe('mirrored');
    expect(detectOrientation(flip(raster, false, true), scene.layout)).toBe('upside-down');
    expect(detectOrientation(flip(raster, true, true), scene.layout)).toBe('turned-by-180');
  });

  it('refuses a blank or an unrelated picture', () => {
    const { layout } = createTextScene();
    const blank = { width: 48, height: 36, data: new Float32Array(48 * 36) };
    const ramp = { width: 48, height: 36, data: Float32Array.from({ length: 48 * 36 }, (_, i) => i) };
    expect(() => detectOrientation(blank, layout)).toThrow(/not the text scene/);
    expect(() => detectOrientation(ramp, layout)).toThrow(/not the text scene/);
  });
});

describe('lettering', () => {
  it('spaces letters by one empty column and leaves unknown ones blank', () => {
    expect(textColumns('F7')).toBe(11);
    expect(hasInk('F7', 0, 0)).toBe(true);
    expect(hasInk('F7', 5, 0)).toBe(false);
    expect(hasInk('F7', 4, 3)).toBe(false);
    expect(hasInk('F7', 10, 0)).toBe(true);
    expect(hasInk('?', 2, 2)).toBe(false);
    expect(hasInk('F7', -1, 0)).toBe(false);
    expect(hasInk('F7', 0, 7)).toBe(false);
  });
});

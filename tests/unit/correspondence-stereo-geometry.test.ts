import { describe, expect, it } from 'vitest';
import {
  halveIntrinsics,
  pixelSpeed,
  spacePlanes,
  transferBetween,
  transferPixel,
} from '../../engine/correspondence/plane-geometry.js';
import { bandsFromCoarse, coverAllPlanes } from '../../engine/correspondence/tile-bands.js';
import type { Camera } from '../../engine/scene/camera.js';
import { STEREO_VIEWS, projectInto } from '../parity/stereo-scenes.js';
import type { View } from '../../engine/scene/view.js';

const FIRST: Camera = {
  intrinsics: { fx: 100, fy: 80, cx: 32, cy: 24, width: 64, height: 48 },
  cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] },
};
/** Half a unit to the right of the first. */
const SECOND: Camera = { ...FIRST, cameraFromWorld: { ...FIRST.cameraFromWorld, translation: [-0.5, 0, 0] } };

describe('transferBetween', () => {
  it('moves a pixel by focal length times baseline times inverse depth', () => {
    expect(transferPixel(transferBetween(FIRST, SECOND), 40, 30, 0.2)).toEqual([
      expect.closeTo(40 - 100 * 0.5 * 0.2, 9),
      expect.closeTo(30, 9),
    ]);
  });

  it('agrees with matrices written out, for turned cameras and an off-centre principal point', () => {
    for (const [i, j] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      const [first, second] = [STEREO_VIEWS[i] as View, STEREO_VIEWS[j] as View];
      for (const pixel of [0, 95, 3000, 96 * 72 - 1]) {
        const truth = projectInto(first, second, pixel, 3.7);
        const place = transferPixel(
          transferBetween(first.camera, second.camera),
          (pixel % 96) + 0.5,
          Math.floor(pixel / 96) + 0.5,
          1 / 3.7,
        );
        expect(place?.[0]).toBeCloseTo(truth.u, 9);
        expect(place?.[1]).toBeCloseTo(truth.v, 9);
      }
    }
  });

  it('knows what is behind', () => {
    const ahead: Camera = { ...FIRST, cameraFromWorld: { ...FIRST.cameraFromWorld, translation: [0, 0, -10] } };
    expect(transferPixel(transferBetween(FIRST, ahead), 32, 24, 1 / 9)).toBeNull();
    expect(transferPixel(transferBetween(FIRST, ahead), 32, 24, 1 / 11)).not.toBeNull();
  });
});

describe('spacePlanes', () => {
  const STEPS_ONLY = { stepPx: 0.5, slopePx: 0 };

  it('spaces planes by the widest baseline', () => {
    // 50 px per unit of inverse depth: from 0.1 to 0.9 are 40 px, at 0.5 px a step 80 steps, 81 planes, rounded up to 88.
    expect(pixelSpeed(FIRST, SECOND, { far: 0.1, near: 0.9 })).toBeCloseTo(50, 6);
    const planes = spacePlanes(FIRST, [SECOND], { far: 0.1, near: 0.9 }, STEPS_ONLY);
    expect([planes.first, planes.count]).toEqual([0.1, 88]);
    expect(planes.step).toBeGreaterThan(0.0098);
    expect(planes.step).toBeLessThanOrEqual(0.01);
    const wide: Camera = { ...FIRST, cameraFromWorld: { ...FIRST.cameraFromWorld, translation: [-1, 0, 0] } };
    expect(spacePlanes(FIRST, [SECOND, wide], { far: 0.1, near: 0.9 }, STEPS_ONLY).step).toBeCloseTo(0.005, 4);
  });

  it('is no finer than what a surface at 45° crosses', () => {
    // q = √(0.1 · 0.9) = 0.3; ten pixels of a slope cross 10 · 0.3 / 100 = 0.03, so 27 steps, 28 planes, rounded up to 32.
    const planes = spacePlanes(FIRST, [SECOND], { far: 0.1, near: 0.9 }, { stepPx: 0.5, slopePx: 10 });
    expect(planes.count).toBe(32);
    expect(planes.step).toBeCloseTo(0.8 / 27, 9);
  });

  it('has planes where nothing moves, and no more than it can hold where everything does', () => {
    expect(spacePlanes(FIRST, [FIRST], { far: 0.1, near: 0.9 }, STEPS_ONLY).count).toBe(16);
    expect(spacePlanes(FIRST, [], { far: 0.1, near: 0.9 }, STEPS_ONLY).count).toBe(16);
    expect(spacePlanes(FIRST, [SECOND], { far: 1e-9, near: 1e9 }, STEPS_ONLY).count).toBeLessThanOrEqual(4096);
  });
});

describe('halveIntrinsics', () => {
  it('drops an odd row and keeps u / 2', () => {
    const odd = { fx: 10, fy: 10, cx: 5, cy: 3, width: 11, height: 7 };
    expect(halveIntrinsics(odd, 1)).toEqual({ fx: 5, fy: 5, cx: 2.5, cy: 1.5, width: 5, height: 3 });
    expect(halveIntrinsics(odd, 2).width).toBe(2);
  });
});

describe('bandsFromCoarse', () => {
  const planes = { first: 1, step: 0.01, count: 128 };
  const rules = { marginPlanes: 3, minShare: 0.02, minConfirmedShare: 0.005 };
  /** 64 × 32 pixels at the level, 32 × 16 at the one before: left half at plane 20, right half at plane 100. */
  const coarse = {
    width: 32,
    height: 16,
    inverseDepth: Float32Array.from({ length: 512 }, (_, i) => (i % 32 < 16 ? 1.2 : 2.0)),
    confirmations: new Uint8Array(512),
  };

  it('covers what a tile and its neighbours have, with a margin, both sides of a step', () => {
    const bands = bandsFromCoarse(coarse, 64, 32, planes, rules);
    expect([bands.tilesX, bands.tilesY]).toEqual([4, 2]);
    const covers = (tile: number, plane: number): boolean =>
      plane >= (bands.first[tile] as number) && plane < (bands.first[tile] as number) + (bands.planes[tile] as number);
    for (const tile of [0, 1]) for (const plane of [17, 20, 23]) expect(covers(tile, plane)).toBe(true);
    for (const tile of [2, 3]) for (const plane of [97, 100, 103]) expect(covers(tile, plane)).toBe(true);
    expect(covers(0, 60)).toBe(false);
    expect(covers(3, 60)).toBe(false);
    for (const tile of [1, 2]) for (const plane of [20, 60, 100]) expect(covers(tile, plane)).toBe(true);
    bands.planes.forEach((count) => expect(count % 8).toBe(0));
  });

  it('takes a lonely depth for noise unless it is confirmed', () => {
    const inverseDepth = coarse.inverseDepth.map(() => 1.2);
    // 2 of the 128 pixels in a corner's neighbourhood of 2 × 2 tiles of 8 × 8: 0.8 %.
    inverseDepth[33] = inverseDepth[34] = 2;
    const flat = { ...coarse, inverseDepth };
    expect(bandsFromCoarse(flat, 64, 32, planes, rules).planes[0]).toBe(8);
    const confirmations = new Uint8Array(512);
    confirmations[33] = confirmations[34] = 1;
    expect(bandsFromCoarse({ ...flat, confirmations }, 64, 32, planes, rules).planes[0]).toBeGreaterThan(80);
  });

  it('looks everywhere where nothing is known', () => {
    const nothing = { ...coarse, inverseDepth: new Float32Array(512) };
    expect(bandsFromCoarse(nothing, 64, 32, planes, rules)).toEqual(coverAllPlanes(64, 32, planes));
  });
});

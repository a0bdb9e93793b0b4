import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deriveDenseMatches } from '../../engine/correspondence/dense-matches.js';
import type { StereoDepth } from '../../engine/correspondence/contract.js';
import { createWasmStereo } from '../../engine/correspondence/wasm/wasm-stereo.js';
import type { StereoSettings } from '../../engine/correspondence/wasm/stereo-settings.js';
import { ShapeError } from '../../engine/scene/errors.js';
import type { View } from '../../engine/scene/view.js';
import type { WasmRuntime } from '../../engine/wasm/wasm-runtime.js';
import { startWasmRuntime } from '../../host/wasm-runtime.js';
import { projectInto, scoreDepth, STEREO_OPTIONS, STEREO_VIEWS, trueDepths } from '../parity/stereo-scenes.js';

const TOLERANCE = 0.01;
let runtime: WasmRuntime;
beforeAll(async () => {
  runtime = await startWasmRuntime({ threads: 2 });
});
afterAll(() => runtime.dispose());

function run(
  views: readonly View[],
  settings: Partial<StereoSettings> = {},
  options = STEREO_OPTIONS,
): Promise<StereoDepth[]> {
  return createWasmStereo(runtime, settings).estimateDepths(views, options, {});
}

/** What a perfect stereo would say. */
function perfectDepths(): StereoDepth[] {
  return STEREO_VIEWS.map((view) => {
    const { width, height } = view.image;
    const pixels = width * height;
    const depth = Float32Array.from(trueDepths(view));
    const confirmations = new Uint8Array(pixels).fill(1);
    const depthMap = { width, height, depth, confidence: new Float32Array(pixels).fill(1) };
    return { depthMap, confirmations, cost: new Float32Array(pixels) };
  });
}

describe('WASM stereo', () => {
  it('is as right when it starts coarse, in strips, with four paths', async () => {
    const settings: Partial<StereoSettings>[] = [{}, { coarsestPixels: 2000 }, { maxCells: 1 }, { pathCount: 4 }];
    for (const setting of settings) {
      const depths = await run(STEREO_VIEWS, setting);
      depths.forEach((depth, index) => {
        const score = scoreDepth(STEREO_VIEWS, index, depth, TOLERANCE);
        expect(score.rightShare, JSON.stringify(setting)).toBeGreaterThan(0.95);
        expect(score.confirmedShare, JSON.stringify(setting)).toBeGreaterThan(0.7);
      });
    }
  });

  it('leaves masked pixels out, there and as a source', async () => {
    const { width, height } = (STEREO_VIEWS[0] as View).image;
    // Half of view b is covered by a plain red sheet that would match nothing; the mask says so.
    const masked = STEREO_VIEWS.map((view, index): View => {
      if (index !== 1) return view;
      const mask = Uint8Array.from({ length: width * height }, (_, pixel) => (pixel % width < width / 2 ? 0 : 1));
      const data = view.image.data.map((value, i) => (mask[Math.floor(i / 3)] === 0 ? (i % 3 === 0 ? 1 : 0) : value));
      return { ...view, image: { ...view.image, data }, mask };
    });
    const depths = await run(masked);
    const ofMasked = depths[1] as StereoDepth;
    for (let pixel = 0; pixel < width * height; pixel++) {
      if (masked[1]?.mask?.[pixel] !== 0) continue;
      expect(ofMasked.depthMap.depth[pixel]).toBe(0);
      expect(ofMasked.confirmations[pixel]).toBe(0);
    }
    expect(scoreDepth(STEREO_VIEWS, 0, depths[0] as StereoDepth, TOLERANCE).rightShare).toBeGreaterThan(0.9);
  });

  it('tells its progress in order and hears an abort', async () => {
    const controller = new AbortController();
    const fractions: number[] = [];
    const promise = createWasmStereo(runtime).estimateDepths(STEREO_VIEWS, STEREO_OPTIONS, {
      signal: controller.signal,
      onProgress: (fraction) => {
        fractions.push(fraction);
        if (fractions.length === 2) controller.abort(new Error('enough'));
      },
    });
    await expect(promise).rejects.toThrow('enough');
    expect(fractions.length).toBe(2);
    expect(fractions[1]).toBeGreaterThan(fractions[0] as number);
  });

  it('gives back its memory, aborted or not', async () => {
    const probe = (): number => {
      const pointer = runtime.allocate(1 << 20);
      runtime.release(pointer);
      return pointer;
    };
    await run(STEREO_VIEWS);
    await run(STEREO_VIEWS);
    const before = probe();
    await run(STEREO_VIEWS);
    await run(STEREO_VIEWS, {}, { ...STEREO_OPTIONS, ranges: [] }).catch(() => undefined);
    // A leak would push the first place that is free upwards.
    expect(probe()).toBeLessThanOrEqual(before);
  });

  it('finds depths in pictures smaller than a window', async () => {
    const tiny = STEREO_VIEWS.map((view): View => {
      const data = view.image.data.slice(0, 5 * 4 * 3);
      const intrinsics = { ...view.camera.intrinsics, width: 5, height: 4 };
      return { ...view, camera: { ...view.camera, intrinsics }, image: { width: 5, height: 4, data } };
    });
    const depths = await run(tiny);
    for (const { depthMap } of depths) for (const depth of depthMap.depth) expect(depth).toBeGreaterThan(0);
  });

  it('survives colours that are no numbers and views without sources', async () => {
    const broken = STEREO_VIEWS.map((view, index) =>
      index === 2 ? { ...view, image: { ...view.image, data: view.image.data.map(() => NaN) } } : view,
    );
    const depths = await run(broken, {}, { ...STEREO_OPTIONS, sources: [[1, 2], [0, 2], []] });
    for (const { depthMap } of depths) expect(depthMap.depth.every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['a missing range', { ...STEREO_OPTIONS, ranges: STEREO_OPTIONS.ranges.slice(1) }],
    ['itself as a source', { ...STEREO_OPTIONS, sources: [[0], [0], [0]] }],
    ['a source that does not exist', { ...STEREO_OPTIONS, sources: [[3], [0], [0]] }],
    ['near and far exchanged', { ...STEREO_OPTIONS, ranges: STEREO_OPTIONS.ranges.map(() => ({ far: 2, near: 1 })) }],
    [
      'a range that is no number',
      { ...STEREO_OPTIONS, ranges: STEREO_OPTIONS.ranges.map(() => ({ far: NaN, near: 1 })) },
    ],
  ])('refuses %s', async (_, options) => {
    await expect(run(STEREO_VIEWS, {}, options)).rejects.toThrow(ShapeError);
  });
});

describe('deriveDenseMatches', () => {
  it('puts every pixel where its point is seen, and masks what is hidden or outside', () => {
    const [first, second] = [STEREO_VIEWS[0] as View, STEREO_VIEWS[1] as View];
    const matches = deriveDenseMatches(STEREO_VIEWS, perfectDepths(), 0, 1);
    const truth = trueDepths(first);
    const otherTruth = trueDepths(second);
    const { width, height } = first.image;
    let masked = 0;
    for (let pixel = 0; pixel < width * height; pixel++) {
      const place = projectInto(first, second, pixel, truth[pixel] as number);
      expect(matches.secondPx[2 * pixel]).toBeCloseTo(place.u, 3);
      expect(matches.secondPx[2 * pixel + 1]).toBeCloseTo(place.v, 3);
      const inside = place.u >= 0 && place.v >= 0 && place.u < width && place.v < height;
      if (!inside) expect(matches.mask[pixel]).toBe(0);
      // Far behind what the other photo has there, by its own pixel: hidden. Its neighbours: one surface only.
      const behind =
        inside && place.depth > 1.3 * (otherTruth[Math.floor(place.v) * width + Math.floor(place.u)] as number);
      if (behind) expect(matches.mask[pixel]).toBe(0);
      masked += matches.mask[pixel] as number;
    }
    expect(masked / (width * height)).toBeGreaterThan(0.7);
    expect(masked / (width * height)).toBeLessThan(0.97);
  });

  it('uses only depths that are confirmed often enough, and has no place for unknown ones', () => {
    const depths = perfectDepths();
    (depths[0] as StereoDepth).depthMap.depth[100] = 0;
    const matches = deriveDenseMatches(STEREO_VIEWS, depths, 0, 1, { maxRoundTripPx: 1, minConfirmations: 2 });
    expect(matches.mask.every((value) => value === 0)).toBe(true);
    expect(matches.secondPx[200]).toBeNaN();
    expect(matches.secondPx[202]).not.toBeNaN();
  });

  it('refuses views that are not there', () => {
    expect(() => deriveDenseMatches(STEREO_VIEWS, perfectDepths(), 0, 7)).toThrow(ShapeError);
  });
});

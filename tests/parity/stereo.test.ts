import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StereoDepth } from '../../engine/correspondence/contract.js';
import { choosePlanes, createReferenceStereo } from '../../engine/correspondence/reference/reference-stereo.js';
import { createWasmStereo } from '../../engine/correspondence/wasm/wasm-stereo.js';
import type { View } from '../../engine/scene/view.js';
import type { WasmRuntime } from '../../engine/wasm/wasm-runtime.js';
import { startWasmRuntime } from '../../host/wasm-runtime.js';
import { RANGE, STEREO_OPTIONS, STEREO_VIEWS, scoreDepth } from './stereo-scenes.js';

/** Half a plane's step of inverse depth: three quarters of a pixel are one step, so this is well under half a pixel. */
const HALF_PLANE = ((RANGE.near - RANGE.far) / (choosePlanes(...planesOf(0)).length - 1)) * 0.5;

function planesOf(index: number): Parameters<typeof choosePlanes> {
  return [STEREO_VIEWS[index] as View, STEREO_VIEWS.filter((_, other) => other !== index), RANGE];
}

let runtime: WasmRuntime;
let alone: WasmRuntime;
let reference: StereoDepth[];
let wasm: StereoDepth[];

beforeAll(async () => {
  [runtime, alone] = [await startWasmRuntime({ threads: 3 }), await startWasmRuntime({ threads: 1 })];
  reference = await createReferenceStereo().estimateDepths(STEREO_VIEWS, STEREO_OPTIONS, {});
  // Small enough a first level that coarse-to-fine takes part: 96 × 72, 48 × 36.
  wasm = await createWasmStereo(runtime, { coarsestPixels: 2000 }).estimateDepths(STEREO_VIEWS, STEREO_OPTIONS, {});
});
afterAll(async () => {
  await runtime.dispose();
  await alone.dispose();
});

describe('stereo finds the truth', () => {
  it.each([0, 1, 2])('in view %i, both backends', (index) => {
    for (const found of [reference, wasm]) {
      const score = scoreDepth(STEREO_VIEWS, index, found[index] as StereoDepth, HALF_PLANE);
      expect(score.visibleShare).toBeGreaterThan(0.8);
      expect(score.rightShare).toBeGreaterThan(0.97);
      expect(score.confirmedShare).toBeGreaterThan(0.75);
      expect(score.confirmedRightShare).toBeGreaterThan(0.98);
    }
  });
});

describe('reference and WASM', () => {
  it.each([0, 1, 2])('agree on view %i', (index) => {
    const [plain, fast] = [reference[index] as StereoDepth, wasm[index] as StereoDepth];
    const differences = Array.from(plain.depthMap.depth, (depth, pixel) =>
      Math.abs(1 / depth - 1 / (fast.depthMap.depth[pixel] as number)),
    );
    const costs = Array.from(plain.cost, (cost, pixel) => Math.abs(cost - (fast.cost[pixel] as number)));
    const share = (values: number[], limit: number): number => values.filter((v) => v <= limit).length / values.length;
    expect(share(differences, HALF_PLANE)).toBeGreaterThan(0.95);
    // Their planes are not equally dense, and a denser sweep pays P1 more often on a slanted surface.
    expect(share(costs, 0.15)).toBeGreaterThan(0.95);
    const confirmed = Array.from(plain.confirmations, (count, pixel) =>
      Number(count > 0 === (fast.confirmations[pixel] as number) > 0),
    );
    expect(confirmed.reduce((a, b) => a + b) / confirmed.length).toBeGreaterThan(0.9);
  });

  it('give the same bytes whatever the number of threads', async () => {
    const again = await createWasmStereo(alone, { coarsestPixels: 2000 }).estimateDepths(
      STEREO_VIEWS,
      STEREO_OPTIONS,
      {},
    );
    again.forEach((depth, index) => {
      expect(depth.depthMap.depth).toEqual(wasm[index]?.depthMap.depth);
      expect(depth.confirmations).toEqual(wasm[index]?.confirmations);
      expect(depth.cost).toEqual(wasm[index]?.cost);
    });
  });
});

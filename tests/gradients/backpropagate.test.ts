import { describe, expect, it } from 'vitest';
import type { RenderOptions } from '../../engine/splatting/contract.js';
import { backpropagateView } from '../../engine/splatting/reference/backpropagate-view.js';
import type { Cutoffs } from '../../engine/splatting/reference/blending.js';
import { blendPixel, CONTRACT_CUTOFFS } from '../../engine/splatting/reference/blending.js';
import type { Images } from '../../engine/splatting/reference/images.js';
import type { Parameters } from '../../engine/splatting/reference/parameters.js';
import { PARAMETER_KINDS, parametersOfSplats } from '../../engine/splatting/reference/parameters.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import type { ViewSettings } from '../../engine/splatting/reference/render-view.js';
import { gatherVisible, plainSettings, renderImages } from '../../engine/splatting/reference/render-view.js';
import type { Agreement } from '../fixtures/compare-arrays.js';
import { assertArraysAgree } from '../fixtures/compare-arrays.js';
import { differentiate } from './central-differences.js';
import type { HardCase } from './hard-cases.js';
import { createHardCases } from './hard-cases.js';
import { noisyUpstream, scalarOf, SMOOTH } from './upstream.js';

/** Five-point differences of float64 leave about 1e-9 of the largest derivative; the rest is room for curvature. */
const DIFFERENCES: Omit<Agreement, 'absolute'> = { relative: 1e-5, magnitude: 1e-6, direction: 1e-10, bias: 1e-6 };
const ABSOLUTE_SHARE = 1e-6;

function settingsOf(hardCase: HardCase, cutoffs: Cutoffs): ViewSettings {
  const options: RenderOptions = {
    background: [0.2, 0.9, 0.4],
    shDegree: hardCase.shDegree,
    dilation: hardCase.dilation,
  };
  return { ...plainSettings(hardCase.camera, options), cutoffs };
}

function largestOf(array: Float64Array): number {
  return array.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function gradientsOf(parameters: Parameters, settings: ViewSettings, upstream: Images): Parameters {
  return backpropagateView(parameters, gatherVisible(parameters, settings), settings, upstream).parameters;
}

describe.each(createHardCases())('gradients against central differences: $name', (hardCase) => {
  const upstream = noisyUpstream(hardCase.camera.intrinsics);
  const parameters = parametersOfSplats(hardCase.splats);

  it.each(PARAMETER_KINDS)('%s, cut-offs smoothed away', (kind) => {
    const settings = settingsOf(hardCase, SMOOTH);
    const expected = differentiate(
      parameters[kind],
      () => scalarOf(renderImages(gatherVisible(parameters, settings), settings), upstream),
      hardCase.h,
    );
    const actual = gradientsOf(parameters, settings, upstream)[kind];
    expect(largestOf(expected), 'the case exercises this parameter').toBeGreaterThan(1e-3);
    assertArraysAgree(kind, actual, expected, { ...DIFFERENCES, absolute: ABSOLUTE_SHARE * largestOf(expected) });
  });

  it.each(PARAMETER_KINDS)('%s, the cut-offs as they are, where no pixel crosses one', (kind) => {
    const settings = settingsOf(hardCase, CONTRACT_CUTOFFS);
    // A tiny step, so that crossings are rare: three-point accuracy suffices.
    const h = 1e-7;
    const { width, height } = hardCase.camera.intrinsics;
    const values = parameters[kind];
    const actual = gradientsOf(parameters, settings, upstream)[kind];
    const counts = new Set<number>();
    const evaluate = (): number => {
      const visible = gatherVisible(parameters, settings);
      let count = 0;
      for (let p = 0; p < width * height; p++) {
        count += blendPixel(visible, p % width, Math.floor(p / width), settings.cutoffs).contributions.length;
      }
      counts.add(count);
      return scalarOf(renderImages(visible, settings), upstream);
    };
    const sample = Array.from({ length: 24 }, (_, k) => Math.floor((k * values.length) / 24));
    const compared: number[] = [];
    const expected = new Float64Array(values.length);
    for (const i of new Set(sample)) {
      counts.clear();
      const derivative = differentiate(values, evaluate, h, [i])[i] as number;
      if (counts.size > 1) continue;
      compared.push(i);
      expected[i] = derivative;
    }
    expect(compared.length).toBeGreaterThan(0.7 * new Set(sample).size);
    const pick = (array: Float64Array): number[] => compared.map((i) => array[i] as number);
    // Rounding of f over h: 1e-15 · |f| / 1e-7, with |f| up to hundreds for depths of hundreds.
    const absolute = 1e-5 * largestOf(actual) + 1e-5;
    assertArraysAgree(kind, pick(actual), pick(expected), {
      absolute,
      relative: 1e-4,
      magnitude: 1e-4,
      direction: 1e-8,
      bias: 1e-4,
    });
  });
});

describe('hard cases exercise what they are named for', () => {
  const byName = (name: string): HardCase => createHardCases().find((c) => c.name === name) as HardCase;
  const visibleOf = (hardCase: HardCase) =>
    gatherVisible(parametersOfSplats(hardCase.splats), settingsOf(hardCase, SMOOTH));

  it('behind the camera: culled, and without any gradient', () => {
    const hardCase = byName('Gaussians behind the camera');
    expect(visibleOf(hardCase)).toHaveLength(hardCase.splats.count - 4);
    const gradients = gradientsOf(
      parametersOfSplats(hardCase.splats),
      settingsOf(hardCase, SMOOTH),
      noisyUpstream(hardCase.camera.intrinsics),
    );
    expect(Array.from(gradients.means.subarray(3, 6))).toEqual([0, 0, 0]);
    expect(gradients.rawOpacities[9]).toBe(0);
  });

  it('clamp: several slopes clamped in x and in y', () => {
    const visible = visibleOf(byName('slopes beyond the clamp'));
    expect(visible.filter(({ projected }) => projected.slopesClamped[0]).length).toBeGreaterThan(1);
    expect(visible.filter(({ projected }) => projected.slopesClamped[1]).length).toBeGreaterThan(1);
  });

  it('alpha: pixels are clipped', () => {
    const visible = visibleOf(byName('alpha clipped to its maximum'));
    let clipped = 0;
    for (let p = 0; p < 14 * 11; p++) {
      const { contributions } = blendPixel(visible, p % 14, Math.floor(p / 14), SMOOTH);
      clipped += contributions.filter((contribution) => contribution.clipped).length;
    }
    expect(clipped).toBeGreaterThan(3);
  });
});

describe('the backend hands out what the kernels compute', () => {
  it('backpropagate equals the float64 gradients to float32 rounding', async () => {
    const hardCase = createHardCases()[2] as HardCase;
    const upstream = noisyUpstream(hardCase.camera.intrinsics);
    const settings = settingsOf(hardCase, CONTRACT_CUTOFFS);
    const backend = createReferenceBackend();
    const scene = await backend.createScene(hardCase.splats, null);
    const gradients = await backend.backpropagate(scene, hardCase.camera, settings.options, {
      gradColor: Float32Array.from(upstream.color),
      gradDepth: Float32Array.from(upstream.depth),
      gradAlpha: Float32Array.from(upstream.alpha),
    });
    const expected = gradientsOf(parametersOfSplats(hardCase.splats), settings, upstream);
    expect(gradients.gradMeans).toEqual(Float32Array.from(expected.means));
    expect(gradients.gradQuats).toEqual(Float32Array.from(expected.quats));
    expect(gradients.gradLogScales).toEqual(Float32Array.from(expected.logScales));
    expect(gradients.gradRawOpacities).toEqual(Float32Array.from(expected.rawOpacities));
    expect(gradients.gradShCoeffs).toEqual(Float32Array.from(expected.shCoeffs));
  });
});

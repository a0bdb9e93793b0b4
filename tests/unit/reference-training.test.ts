import { describe, expect, it } from 'vitest';
import { createSplats } from '../../engine/scene/splats.js';
import type { Splats } from '../../engine/scene/splats.js';
import type { RayAnchors, TrainingStep, TrainingTarget } from '../../engine/splatting/contract.js';
import { NO_ANCHOR } from '../../engine/splatting/contract.js';
import { stepAdam, zeroMoments } from '../../engine/splatting/reference/adam.js';
import { gridTaps, rayDelta } from '../../engine/splatting/reference/ray-field.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { NO_LEARNING, NO_LOSSES } from '../../engine/splatting/no-losses.js';
import { createPlainCamera } from '../fixtures/random-splats.js';

/** Grey Gaussians on the axis of a 9×9 camera, at the given depths. */
function createAxisScene(depths: number[]): Splats {
  const splats = createSplats(depths.length, 0);
  depths.forEach((z, i) => {
    splats.means.set([0, 0, z], i * 3);
    splats.logScales.fill(Math.log(0.2), i * 3, i * 3 + 3);
  });
  return splats;
}

function createBlackTarget(): TrainingTarget {
  return {
    camera: createPlainCamera(9, 9),
    color: new Float32Array(243),
    weights: null,
    tvWeights: null,
    priorInverseDepth: null,
  };
}

async function startAxisTraining(depths: number[], anchors: RayAnchors | null = null) {
  const backend = createReferenceBackend();
  const scene = await backend.createScene(createAxisScene(depths), anchors);
  const target = await backend.createTarget(createBlackTarget());
  const step = (settings: Partial<TrainingStep>) =>
    backend.step(scene, {
      iteration: 1,
      target,
      render: { background: [0, 0, 0], shDegree: 0, dilation: 0.3 },
      losses: { ...NO_LOSSES, l1: 1 },
      learningRates: NO_LEARNING,
      dropout: { probability: 0, seed: 0 },
      opacityDecay: 1,
      activeGridLevels: 9,
      ...settings,
    });
  return { backend, scene, step };
}

describe('Adam by hand', () => {
  it('first step moves by the rate against the sign, whatever the gradient; then by m̂ / √v̂', () => {
    const values = Float64Array.of(1, 1, 1);
    const moments = zeroMoments(3);
    stepAdam(values, moments, Float64Array.of(5, -1e-9, 0), { rate: 0.1, iteration: 1 });
    expect(values[0]).toBeCloseTo(0.9, 12);
    expect(values[1]).toBeCloseTo(1.1, 6);
    expect(values[2]).toBe(1);
    stepAdam(values, moments, Float64Array.of(-5, 0, 0), { rate: 0.1, iteration: 2 });
    // m = 0.9 · 0.5 − 0.5 = −0.05, m̂ = −0.05 / 0.19; v = 0.999 · 0.025 + 0.025 = 0.049975, v̂ = v / 0.001999 = 25.
    expect(values[0]).toBeCloseTo(0.9 + (0.1 * (0.05 / 0.19)) / 5, 12);
  });

  it('leaves moments alone at a rate of 0 and for what does not learn', () => {
    const moments = zeroMoments(2);
    const values = Float64Array.of(1, 2);
    stepAdam(values, moments, Float64Array.of(3, 3), { rate: 0, iteration: 1 });
    expect(Array.from(moments.first)).toEqual([0, 0]);
    stepAdam(values, moments, Float64Array.of(3, 3), { rate: 1, iteration: 1 }, (i) => i === 1);
    expect([values[0], moments.first[0], moments.second[0]]).toEqual([1, 0, 0]);
    expect(values[1]).toBeCloseTo(1, 12);
  });
});

describe('ray anchors by hand', () => {
  const anchors: RayAnchors = {
    viewIndices: Uint16Array.of(1, NO_ANCHOR),
    imageCoords: Float32Array.of(0.375, 1.5, 0, 0),
    segments: Uint8Array.of(1, 0),
    origins: Float32Array.of(9, 9, 9, 0, 0, 1),
    segmentCount: 2,
    gridLevels: [
      { columns: 1, rows: 1 },
      { columns: 5, rows: 3 },
    ],
  };

  it('reads grid corners bilinearly, clamped to the border', () => {
    // x = 0.375 · 4 = 1.5, y = clamp(1.5) · 2 = 2: last row, between columns 1 and 2, of the fourth table.
    const taps = gridTaps(anchors, 1, 0).filter(({ weight }) => weight > 0);
    const start = 3 * 15 + 2 * 5;
    expect(taps).toEqual([
      { at: start + 1, weight: 0.5 },
      { at: start + 2, weight: 0.5 },
    ]);
    expect(gridTaps(anchors, 0, 0).reduce((sum, { weight }) => sum + weight, 0)).toBe(1);
    const [coarse, fine] = [Float64Array.of(0, 0, 0, 0.5), new Float64Array(60)];
    fine[start + 1] = 1;
    fine[start + 2] = 3;
    expect(rayDelta(anchors, [coarse, fine], 0.25, 0)).toBeCloseTo(0.5 + 2 + 0.25, 14);
  });

  it('stretches the way from the origin by exp(δ); free Gaussians stay', async () => {
    const { backend, scene } = await startAxisTraining([3, 5], anchors);
    await backend.setRayResiduals(scene, Float32Array.of(Math.log(2), 1), Float32Array.of(0.5, -1));
    const { means, rawOpacities } = await backend.readSplats(scene);
    expect(Array.from(means)).toEqual([0, 0, expect.closeTo(1 + 2 * 2, 6), 0, 0, 5]);
    expect(Array.from(rawOpacities)).toEqual([0.5, -1]);
  });

  it('moves along the ray only, by δ_own and by the active grids together', async () => {
    const { backend, scene, step } = await startAxisTraining([3, 5], anchors);
    const learningRates = { ...NO_LEARNING, means: 0.1, ownDepth: 0.01, rayField: 0.002 };
    // The prior asks for a nearer surface: every gradient along the ray has the same sign.
    const target = await backend.createTarget({
      ...createBlackTarget(),
      priorInverseDepth: new Float32Array(81).fill(1),
    });
    await backend.setRayResiduals(scene, new Float32Array(2), Float32Array.of(6, -20));
    const { loss } = await step({
      target,
      losses: { ...NO_LOSSES, depthPrior: 1 },
      learningRates,
      activeGridLevels: 1,
    });
    expect(loss).toBeGreaterThan(0);
    const after = await backend.readSplats(scene);
    expect(Array.from(after.means.subarray(0, 2))).toEqual([0, 0]);
    // First step of Adam: own −0.01 and the one coarse value −0.002; the fine level is not active.
    expect(after.means[2]).toBeCloseTo(1 + 2 * Math.exp(-0.012), 5);
    expect(after.means[5]).toBe(5);
  });
});

describe('a step by hand', () => {
  it('reports the loss before the update, and gathers statistics', async () => {
    const { backend, scene, step } = await startAxisTraining([2, 4]);
    const report = await step({});
    const { color } = await backend.render(scene, createPlainCamera(9, 9), {
      background: [0, 0, 0],
      shDegree: 0,
      dilation: 0.3,
    });
    const mean = color.reduce((sum, value) => sum + value, 0) / 243;
    expect(report.loss).toBeCloseTo(mean, 7);
    expect(report.l1).toBeCloseTo(mean, 7);
    expect(report.visibleCount).toBe(2);
    const statistics = await backend.readStatistics(scene);
    // Opacity ½ at the middle; the second sees half of the light.
    expect(Array.from(statistics.maxWeights)).toEqual([expect.closeTo(0.5, 6), expect.closeTo(0.25, 6)]);
    expect(Array.from(statistics.visibleSteps)).toEqual([1, 1]);
    // By symmetry the image gradient of the mean vanishes.
    expect(statistics.gradMeans2d[0]).toBeCloseTo(0, 8);
    // Σ weight · error: the error is the grey level itself, all weights together make up twice the colour (grey ½).
    const total = (statistics.errorWeights[0] as number) + (statistics.errorWeights[1] as number);
    let expected = 0;
    for (let p = 0; p < 81; p++) expected += 2 * (color[p * 3] as number) ** 2;
    expect(total).toBeCloseTo(expected, 5);
  });

  it('leaves dropped Gaussians out and lifts the others', async () => {
    const { step } = await startAxisTraining([2]);
    const full = (await step({})).loss;
    const losses = await Promise.all(
      Array.from({ length: 16 }, async (_, seed) => (await step({ dropout: { probability: 0.25, seed } })).loss),
    );
    const kept = losses.filter((loss) => loss > 0);
    expect(kept.length).toBeLessThan(16);
    // One Gaussian, α far from its cut-offs except at the rim: the loss grows by 1 / 0.75.
    for (const loss of kept) expect(loss / full).toBeCloseTo(4 / 3, 2);
  });

  it('decays opacities after the step, also tiny and huge ones', async () => {
    const { backend, scene, step } = await startAxisTraining([2, 3, 4]);
    await backend.setRayResiduals(scene, new Float32Array(3), Float32Array.of(0, -80, 120));
    await step({ opacityDecay: 0.9 });
    const { rawOpacities } = await backend.readSplats(scene);
    const logit = (p: number): number => Math.log(p / (1 - p));
    expect(rawOpacities[0]).toBeCloseTo(logit(0.45), 6);
    expect(rawOpacities[1]).toBeCloseTo(-80 + Math.log(0.9), 4);
    expect(rawOpacities[2]).toBeCloseTo(logit(0.9), 4);
  });

  it('edits: keeps records in the order asked for, with their moments, and appends', async () => {
    const { backend, scene, step } = await startAxisTraining([2, 3, 4]);
    await step({ learningRates: { ...NO_LEARNING, shDc: 0.1 } });
    const before = await backend.readSplats(scene);
    await backend.editScene(scene, { keep: Uint32Array.of(2, 0), append: createAxisScene([7]) });
    const after = await backend.readSplats(scene);
    expect([2, 5, 8].map((i) => after.means[i])).toEqual([4, 2, 7]);
    expect(Array.from(after.shCoeffs.subarray(0, 3))).toEqual(Array.from(before.shCoeffs.subarray(6, 9)));
    // A second step in which nothing has a gradient: only those with moments drift on.
    await step({ iteration: 2, losses: NO_LOSSES, learningRates: { ...NO_LEARNING, shDc: 0.1 } });
    const drifted = await backend.readSplats(scene);
    expect(drifted.shCoeffs[0]).not.toBe(after.shCoeffs[0]);
    expect(drifted.shCoeffs[3]).not.toBe(after.shCoeffs[3]);
    expect(drifted.shCoeffs[6]).toBe(after.shCoeffs[6]);
  });
});

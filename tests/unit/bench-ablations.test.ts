import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../engine/training/presets.js';
import { listVariants, parseVariant, readPath, writePath } from '../bench/ablations.js';
import { missedGoals, summarizeCase } from '../bench/measure-case.js';
import { countBlendedPairs, createSyntheticScene } from '../bench/synthetic-scene.js';

describe('ablation variants', () => {
  it.each(Object.keys(PRESETS) as (keyof typeof PRESETS)[])('%s: each differs from the preset in one place', (name) => {
    const preset = PRESETS[name];
    const [unchanged, ...variants] = listVariants(preset);
    expect(unchanged?.preset).toEqual(preset);
    expect(variants.length).toBeGreaterThanOrEqual(Object.keys(preset.training.losses).length);
    for (const variant of variants) expect(variant.preset, variant.name).not.toEqual(preset);
    expect(new Set(variants.map((variant) => variant.name)).size).toBe(variants.length);
  });

  it('never change the preset itself, and refuse a place that is not there', () => {
    const before = structuredClone(PRESETS.standard);
    const changed = writePath(PRESETS.standard, 'training.losses.dssim', 7);
    expect(readPath(changed, 'training.losses.dssim')).toBe(7);
    expect(PRESETS.standard).toEqual(before);
    expect(() => writePath(PRESETS.standard, 'training.losses.magic', 1)).toThrow('no training.losses.magic');
  });

  it('are read from the command line, several at once', () => {
    const { name, preset } = parseVariant(
      PRESETS.standard,
      'training.densifyAt=[0.1,0.2],training.losses.depthTv=0.02',
    );
    expect(name).toBe('densifyAt=[0.1,0.2] depthTv=0.02');
    expect(preset.training.densifyAt).toEqual([0.1, 0.2]);
    expect(preset.training.losses.depthTv).toBe(0.02);
    expect(() => parseVariant(PRESETS.standard, 'training.losses.depthTv')).toThrow('PATH=VALUE');
  });
});

describe('bench arithmetic', () => {
  it('means scores over seeds, and takes the worst of time, size and memory', () => {
    const run = { initialGaussians: 0, iterations: 0, stageMs: {} };
    const summary = summarizeCase([
      { ...run, seed: 1, psnr: 22, ssim: 0.7, seconds: 50, gaussians: 10, peakBytes: null },
      { ...run, seed: 2, psnr: 24, ssim: 0.8, seconds: 40, gaussians: 30, peakBytes: 5 },
    ]);
    expect(summary).toEqual({ psnr: 23, ssim: 0.75, seconds: 50, gaussians: 30, peakBytes: 5 });
    expect(missedGoals(summary, { psnr: 23, ssim: 0.76, seconds: 49 })).toEqual(['SSIM < 0.76', '> 49 s']);
    expect(missedGoals({ ...summary, psnr: NaN }, { psnr: 23 })).toEqual(['PSNR < 23']);
  });

  it('counts the pairs of one Gaussian: the pixels inside the ellipse where alpha reaches 1/255', () => {
    const scene = createSyntheticScene(1, 64, 64, 1);
    const { splats, camera } = scene;
    // In the picture's middle the ellipse is a circle: σ² = 4 + 0.3 px², opacity 0.5, radius² = 2 σ² ln(127.5) = 41.7 px².
    splats.means.set([0, 0, 4]);
    splats.logScales.fill(Math.log((2 * 4) / camera.intrinsics.fx));
    splats.rawOpacities[0] = 0;
    // Pixel centres at half-integers within a circle of radius 6.457 px: lattice points (a + ½)² + (b + ½)² ≤ 41.69.
    let expected = 0;
    for (let a = -7; a < 7; a++) for (let b = -7; b < 7; b++) if ((a + 0.5) ** 2 + (b + 0.5) ** 2 <= 41.69) expected++;
    expect(countBlendedPairs(scene)).toBe(expected);
    expect(expected).toBeGreaterThan(120);
  });

  it('counts nothing behind an opaque pixel', () => {
    const layers = createSyntheticScene(40, 8, 8, 1);
    const { splats } = layers;
    for (let i = 0; i < splats.count; i++) splats.means.set([0, 0, 2 + i * 0.01], i * 3);
    splats.logScales.fill(5);
    splats.rawOpacities.fill(0);
    // Opacity ½ everywhere: T = 2⁻ⁿ, and 2⁻¹⁴ would fall under 1e-4, so 13 layers count on each of the 64 pixels.
    expect(countBlendedPairs(layers)).toBe(64 * 13);
  });
});

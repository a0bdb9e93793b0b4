import { describe, expect, it } from 'vitest';
import { defaultMaxSplats, initialiseWithinBudget } from '../../engine/pipeline/splat-budget.js';
import type { Splats } from '../../engine/scene/splats.js';
import { createSplats, SH_C0 } from '../../engine/scene/splats.js';
import type { View } from '../../engine/scene/view.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { NO_LEARNING, NO_LOSSES } from '../../engine/splatting/no-losses.js';
import type { DensifyOptions } from '../../engine/training/densify.js';
import { splitByResidual } from '../../engine/training/densify.js';
import { findWorthiest, pruneTransparent, thinToBudget } from '../../engine/training/finish-scene.js';
import { initialiseScene } from '../../engine/training/initialise.js';
import { makeGuides } from '../../engine/training/make-guides.js';
import { makeHalfTarget } from '../../engine/training/make-targets.js';
import { PRESETS } from '../../engine/training/presets.js';
import type { SeedView } from '../../engine/training/seed-view.js';
import { createPlainCamera, createRandom } from '../fixtures/random-splats.js';

const logit = (opacity: number): number => Math.log(opacity / (1 - opacity));

/** Gaussians with the given opacities and scales; the x of a mean is its index. */
function splatsOf(records: readonly (readonly [opacity: number, ...scales: [number, number, number]])[]): Splats {
  const splats = createSplats(records.length, 0);
  records.forEach(([opacity, ...scales], i) => {
    splats.means[i * 3] = i;
    splats.rawOpacities[i] = logit(opacity);
    splats.logScales.set(scales.map(Math.log), i * 3);
  });
  return splats;
}

const indicesOf = (splats: Splats): number[] => Array.from({ length: splats.count }, (_, i) => splats.means[i * 3]!);

describe('thinToBudget', () => {
  // Opacity × the two largest scales: 0.5·4·2 = 4; 0.9·1·1 = 0.9; 0.1·9·3 = 2.7; 0.8·3·1 = 2.4.
  const splats = splatsOf([
    [0.5, 1, 4, 2],
    [0.9, 1, 1, 1],
    [0.1, 9, 0.01, 3],
    [0.8, 0.5, 1, 3],
  ]);

  it('keeps the worthiest, in their order', () => {
    expect(indicesOf(thinToBudget(splats, 3))).toEqual([0, 2, 3]);
    expect(indicesOf(thinToBudget(splats, 2))).toEqual([0, 2]);
    expect(indicesOf(thinToBudget(splats, 1))).toEqual([0]);
    expect(thinToBudget(splats, 0).count).toBe(0);
    expect(thinToBudget(splats, 4)).toBe(splats);
  });

  it('lets ties fall to the lower index', () => {
    const alike = splatsOf([
      [0.5, 1, 1, 1],
      [0.5, 1, 1, 1],
      [0.5, 2, 1, 1],
      [0.5, 1, 1, 1],
    ]);
    expect(findWorthiest(alike, 2)).toEqual([0, 2]);
    expect(findWorthiest(alike, 3)).toEqual([0, 1, 2]);
  });
});

describe('pruneTransparent', () => {
  it('leaves out what is under the opacity, whole records at a time', () => {
    const splats = splatsOf([
      [0.5, 1, 1, 1],
      [0.019, 2, 2, 2],
      [0.021, 3, 3, 3],
      [0.001, 4, 4, 4],
    ]);
    const kept = pruneTransparent(splats, 0.02);
    expect(indicesOf(kept)).toEqual([0, 2]);
    expect(kept.logScales[3]).toBe(Math.fround(Math.log(3)));
    expect(kept.rawOpacities[1]).toBe(splats.rawOpacities[2]);
    expect(pruneTransparent(splats, 0.0005)).toBe(splats);
    expect(pruneTransparent(splats, 0.9).count).toBe(0);
  });
});

describe('splitByResidual', () => {
  const OPTIONS: DensifyOptions = { share: 0.5, maxGaussians: 100, pruneOpacity: 0.02, seed: 7 };
  const SCALES = [0.02, 0.08, 0.04];

  /**
   * Five Gaussians side by side at z = 1 before a 40×8 camera, 8 px apart; against a black photo, the brighter the wronger. All are turned by
   * 90° about z, so that their longest axis (the local y) is the world's −x. The third is too transparent to stay.
   */
  const BRIGHTNESS = [0.2, 0.9, 1, 0.4, 0.7];

  async function startTraining() {
    const camera = createPlainCamera(40, 8);
    const splats = createSplats(5, 0);
    BRIGHTNESS.forEach((value, i) => {
      splats.means.set([(i - 2) * 0.2, 0, 1], i * 3);
      splats.quats.set([Math.SQRT1_2, 0, 0, Math.SQRT1_2], i * 4);
      splats.logScales.set(SCALES.map(Math.log), i * 3);
      splats.rawOpacities[i] = logit(i === 2 ? 0.01 : 0.5);
      splats.shCoeffs.fill((value - 0.5) / SH_C0, i * 3, i * 3 + 3);
    });
    const backend = createReferenceBackend();
    const scene = await backend.createScene(splats, null);
    const target = await backend.createTarget({
      camera,
      color: new Float32Array(40 * 8 * 3),
      weights: null,
      tvWeights: null,
      priorInverseDepth: null,
    });
    await backend.step(scene, {
      iteration: 1,
      target,
      render: { background: [0, 0, 0], shDegree: 0, dilation: 0.3 },
      losses: { ...NO_LOSSES, l1: 1 },
      learningRates: NO_LEARNING,
      dropout: { probability: 0, seed: 0 },
      opacityDecay: 1,
      activeGridLevels: 0,
    });
    return { backend, scene, splats };
  }

  it('splits the share with the largest error, prunes the transparent, and tells what it did', async () => {
    const { backend, scene } = await startTraining();
    const edit = await splitByResidual(backend, scene, OPTIONS);
    // Four survive, half of them split: the brightest, 1 and 4.
    expect([...edit.keep]).toEqual([0, 3]);
    expect(edit.append.count).toBe(4);
    const after = await backend.readSplats(scene);
    expect(after.count).toBe(6);
    expect([...after.means.subarray(6)]).toEqual([...edit.append.means]);
    const { errorWeights } = await backend.readStatistics(scene);
    expect([...errorWeights]).toEqual(new Array(6).fill(0));
  });

  it('lays the halves on either side of the whole along its longest axis, within it', async () => {
    const { backend, scene, splats } = await startTraining();
    const { append } = await splitByResidual(backend, scene, OPTIONS);
    [1, 1, 4, 4].forEach((parent, half) => {
      // The local y axis, turned by 90° about z, is −x: the first half goes that way.
      const along = append.means[half * 3]! - splats.means[parent * 3]!;
      expect(Math.sign(along)).toBe(half % 2 === 0 ? -1 : 1);
      expect(Math.abs(along)).toBeGreaterThan(0.5 * 0.08 - 1e-6);
      expect(Math.abs(along)).toBeLessThan(0.7 * 0.08 + 1e-6);
      expect(append.means[half * 3 + 1]).toBeCloseTo(0, 6);
      expect(append.means[half * 3 + 2]).toBeCloseTo(1, 6);
      const scales = [...append.logScales.subarray(half * 3, half * 3 + 3)].map(Math.exp);
      expect(scales[0]).toBeCloseTo(SCALES[0]!, 6);
      expect(scales[1]).toBeGreaterThan(0.5 * SCALES[1]!);
      expect(scales[1]).toBeLessThan(0.7 * SCALES[1]!);
      expect(scales[2]).toBeCloseTo(SCALES[2]!, 6);
      expect(append.rawOpacities[half]).toBe(splats.rawOpacities[parent]);
      expect(append.shCoeffs[half * 3]).toBe(splats.shCoeffs[parent * 3]);
    });
  });

  it('respects the budget: every split adds one', async () => {
    for (const [maxGaussians, keep, count] of [
      [5, [0, 3, 4], 5],
      [4, [0, 1, 3, 4], 4],
      [2, [0, 1, 3, 4], 4],
    ] as const) {
      const { backend, scene } = await startTraining();
      const edit = await splitByResidual(backend, scene, { ...OPTIONS, maxGaussians });
      expect([...edit.keep]).toEqual(keep);
      expect((await backend.readSplats(scene)).count).toBe(count);
    }
  });

  it('depends on the seed alone', async () => {
    const split = async (seed: number): Promise<number[]> => {
      const { backend, scene } = await startTraining();
      return [...(await splitByResidual(backend, scene, { ...OPTIONS, seed })).append.means];
    };
    const first = await split(7);
    expect(await split(7)).toEqual(first);
    expect(await split(8)).not.toEqual(first);
  });
});

describe('makeHalfTarget', () => {
  /** Red holds the pixel's index, green its column, blue 1. */
  function viewOf(width: number, height: number, mask: Uint8Array | null): View {
    const data = new Float32Array(width * height * 3);
    for (let i = 0; i < width * height; i++) data.set([i, i % width, 1], i * 3);
    const { cameraFromWorld } = createPlainCamera(width, height);
    const intrinsics = { fx: 10, fy: 12, cx: 2.25, cy: 1.75, width, height };
    return { name: 'a', camera: { intrinsics, cameraFromWorld }, image: { width, height, data }, mask };
  }

  it('takes 2×2 means, drops an odd last row and column, and halves the intrinsics exactly', () => {
    const view = viewOf(5, 3, null);
    const half = makeHalfTarget(view);
    // Pixels 0 1 5 6 and 2 3 7 8.
    expect([...half.color]).toEqual([3, 0.5, 1, 5, 2.5, 1]);
    expect(half.weights).toBeNull();
    expect(half.tvWeights).toBeNull();
    expect(half.priorInverseDepth).toBeNull();
    expect(half.camera.intrinsics).toEqual({ fx: 5, fy: 6, cx: 1.125, cy: 0.875, width: 2, height: 1 });
    expect(half.camera.cameraFromWorld).toEqual(view.camera.cameraFromWorld);
  });

  it('averages unmasked pixels only; a pixel counts where all four do', () => {
    const mask = Uint8Array.of(1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0);
    const half = makeHalfTarget(viewOf(6, 2, mask));
    // Pixels 0 1 6 7: all; 2 3 8 9: all but 9; 4 5 10 11: none.
    expect([...half.weights!]).toEqual([1, 0, 0]);
    const [a, b, c] = [0, 1, 2].map((i) => [...half.color.subarray(i * 3, i * 3 + 3)]);
    expect(a).toEqual([3.5, 0.5, 1]);
    expect(b![0]).toBeCloseTo(13 / 3, 6);
    expect(b![1]).toBeCloseTo(7 / 3, 6);
    expect(c).toEqual([0, 0, 0]);
  });
});

/** A photo whose pixels all have depth 2 unless said otherwise. */
function seedOf(width: number, height: number, more: Partial<SeedView> = {}): SeedView {
  return {
    camera: createPlainCamera(width, height),
    image: { width, height, data: new Float32Array(width * height * 3).fill(0.5) },
    mask: null,
    depth: new Float32Array(width * height).fill(2),
    confirmed: new Uint8Array(width * height).fill(1),
    segments: new Uint8Array(width * height),
    ...more,
  };
}

describe('makeGuides', () => {
  const BOTH = { ...NO_LOSSES, depthTv: 1, depthPrior: 1 };
  const tvOf = (seed: SeedView, unit: number): number[] => [...makeGuides(seed, BOTH, unit).tvWeights!];

  it('makes nothing that no loss uses', () => {
    expect(makeGuides(seedOf(3, 2), NO_LOSSES, 2)).toEqual({ tvWeights: null, priorInverseDepth: null });
    expect(makeGuides(seedOf(3, 2), { ...NO_LOSSES, depthTv: 1 }, 2).priorInverseDepth).toBeNull();
    expect(makeGuides(seedOf(3, 2), { ...NO_LOSSES, depthPrior: 1 }, 2).tvWeights).toBeNull();
  });

  it('weighs differences to the right and below by the unit, 0 past the picture', () => {
    // Right, below for each of 3×2 pixels.
    expect(tvOf(seedOf(3, 2), 2)).toEqual([2, 2, 2, 2, 0, 2, 2, 0, 2, 0, 0, 0]);
  });

  it('weighs nothing across a segment’s border nor at a masked pixel', () => {
    expect(tvOf(seedOf(3, 2, { segments: Uint8Array.of(0, 0, 1, 0, 0, 1) }), 1)).toEqual([
      1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0,
    ]);
    expect(tvOf(seedOf(3, 2, { mask: Uint8Array.of(1, 1, 1, 1, 0, 1) }), 1)).toEqual([
      1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it('falls with the photo’s own gradient', () => {
    // |Δ| = 0.0625 + 0.125 + 0 between pixels 0 and 1: exp(−10 · 0.1875).
    const data = Float32Array.of(0.5, 0.5, 0.5, 0.5625, 0.375, 0.5);
    expect(tvOf(seedOf(2, 1, { image: { width: 2, height: 1, data } }), 3)[0]).toBeCloseTo(3 * 0.153355, 5);
  });

  it('has a prior of 1 / z where another photo confirms it, else 0', () => {
    const seed = seedOf(4, 1, { depth: Float32Array.of(2, 4, 8, 0.5), confirmed: Uint8Array.of(1, 0, 1, 1) });
    expect([...makeGuides(seed, BOTH, 1).priorInverseDepth!]).toEqual([0.5, 0, 0.125, 2]);
  });
});

describe('the budget of Gaussians', () => {
  it('is 500 000 at most, 100 000 a photo, half the memory at 900 bytes each, and never under 20 000', () => {
    expect(defaultMaxSplats(1e12, 20)).toBe(500_000);
    expect(defaultMaxSplats(1e12, 2)).toBe(200_000);
    expect(defaultMaxSplats(90_000_000, 3)).toBe(50_000);
    expect(defaultMaxSplats(0, 3)).toBe(20_000);
  });

  // Noise cannot be merged into blocks, nor can two photos of different noise.
  const random = createRandom(3);
  const noise = (): SeedView => {
    const data = Float32Array.from({ length: 16 * 12 * 3 }, () => random.uniform(0, 1));
    return seedOf(16, 12, { image: { width: 16, height: 12, data } });
  };
  const seeds = [noise(), noise()];
  const options = { ...PRESETS.standard.initialise, mergeColor: 0, hiddenPx: 0, borderPx: 8 };

  it('leaves a scene that fits as it is', async () => {
    const free = initialiseScene(seeds, options);
    expect(free.splats.count).toBeGreaterThan(2 * 16 * 12);
    expect(await initialiseWithinBudget(seeds, options, free.splats.count)).toEqual(free);
  });

  it('never exceeds it, and keeps anchors, owners and the count of layers in step', async () => {
    for (const budget of [300, 60, 10, 1]) {
      const { splats, anchors, owners, extensionCount } = await initialiseWithinBudget(seeds, options, budget);
      expect(splats.count).toBeGreaterThan(0);
      expect(splats.count).toBeLessThanOrEqual(budget);
      expect(splats.means.length).toBe(splats.count * 3);
      expect(anchors.viewIndices.length).toBe(splats.count);
      expect(anchors.imageCoords.length).toBe(splats.count * 2);
      expect(anchors.segments.length).toBe(splats.count);
      const photoCount = splats.count - extensionCount;
      expect(extensionCount).toBeGreaterThanOrEqual(0);
      const owning = new Set<number>();
      owners.forEach((view, index) => {
        for (const owner of view) {
          if (owner < 0) continue;
          owning.add(owner);
          expect(anchors.viewIndices[owner]).toBe(index);
        }
      });
      // Every Gaussian of a photo owns a pixel, none of a layer does.
      expect([...owning].sort((a, b) => a - b)).toEqual(Array.from({ length: photoCount }, (_, i) => i));
    }
  });

  it('merges alike pixels more boldly before it leaves anything out', async () => {
    // Columns that alternate by 0.125.
    const data = Float32Array.from({ length: 16 * 8 * 3 }, (_, k) => (Math.floor(k / 3) % 2 === 0 ? 0.5 : 0.625));
    const stripes = seedOf(16, 8, { image: { width: 16, height: 8, data } });
    const plain = { ...options, borderPx: 0 };
    // A spread of 0.125 is over 2 · 0.05; 2 · 0.05 · 1.6 lets it pass in blocks of 4.
    expect(initialiseScene([stripes], plain).splats.count).toBe(128);
    const merged = await initialiseWithinBudget([stripes], plain, 8);
    expect(merged.splats.count).toBe(8);
    expect(merged.owners[0]!.every((owner) => owner >= 0)).toBe(true);
    expect((await initialiseWithinBudget([stripes], plain, 7)).splats.count).toBe(2);
  });
});

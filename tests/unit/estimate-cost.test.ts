import { describe, expect, it } from 'vitest';
import type { CostQuestion } from '../../engine/pipeline/estimate-cost.js';
import { estimateCost } from '../../engine/pipeline/estimate-cost.js';

const MB = 1e6;
const PLENTY = { threads: 2, memoryBudgetBytes: 3.5 * 2 ** 30 } as const;

interface Measured extends Pick<CostQuestion, 'photoCount' | 'width' | 'height' | 'preset' | 'iterations'> {
  readonly run: string;
  readonly timeMs: number;
  readonly gaussianCount: number;
  readonly memoryBytes: number | null;
}

/** Runs on two cores without a GPU; tests/bench/results has all but the sample's. The table is also in docs/measured.md. */
const MEASURED: readonly Measured[] = [
  {
    run: 'fern, 3 photos',
    ...{ photoCount: 3, width: 504, height: 378, preset: 'standard', iterations: 400 },
    ...{ timeMs: 68_500, gaussianCount: 213_638, memoryBytes: 607 * MB },
  },
  {
    run: 'fern, 3 photos at half size',
    ...{ photoCount: 3, width: 252, height: 189, preset: 'standard', iterations: 60 },
    ...{ timeMs: 4700, gaussianCount: 69_975, memoryBytes: null },
  },
  {
    run: 'fox, 3 photos, draft',
    ...{ photoCount: 3, width: 504, height: 896, preset: 'draft', iterations: 120 },
    ...{ timeMs: 38_063, gaussianCount: 281_969, memoryBytes: 807 * MB },
  },
  {
    run: 'fox, 3 photos',
    ...{ photoCount: 3, width: 504, height: 896, preset: 'standard', iterations: 400 },
    ...{ timeMs: 123_439, gaussianCount: 281_967, memoryBytes: 794 * MB },
  },
  {
    run: 'sample, 5 photos',
    ...{ photoCount: 5, width: 640, height: 480, preset: 'standard', iterations: 250 },
    ...{ timeMs: 79_000, gaussianCount: 333_074, memoryBytes: 757 * MB },
  },
];

const BASE: CostQuestion = { photoCount: 6, width: 720, height: 480, preset: 'standard', ...PLENTY };

describe('estimateCost', () => {
  it.each(MEASURED)('is within a factor of two of what was measured: $run', (measured) => {
    const { run: _, timeMs, gaussianCount, memoryBytes, ...question } = measured;
    const estimate = estimateCost({ ...PLENTY, ...question });
    for (const [said, was] of [
      [estimate.timeMs, timeMs],
      [estimate.gaussianCount, gaussianCount],
      [estimate.memoryBytes, memoryBytes ?? estimate.memoryBytes],
    ] as const) {
      expect(said).toBeGreaterThan(was / 2);
      expect(said).toBeLessThan(was * 2);
    }
    expect(estimate.problem).toBeNull();
  });

  it('grows with photos, their size and iterations, and falls with threads', () => {
    const base = estimateCost(BASE);
    for (const more of [{ photoCount: 7 }, { width: 721 }, { height: 481 }] as const) {
      const other = estimateCost({ ...BASE, ...more });
      expect(other.timeMs).toBeGreaterThan(base.timeMs);
      expect(other.memoryBytes).toBeGreaterThan(base.memoryBytes);
    }
    expect(estimateCost({ ...BASE, threads: 4 }).timeMs).toBeLessThan(base.timeMs);
    // Never faster than the work that one thread must do.
    expect(estimateCost({ ...BASE, threads: 64 }).timeMs).toBeGreaterThan(0.1 * base.timeMs);
  });

  it('takes the same time for each iteration, by default as many as the run', () => {
    const at = (iterations: number): number => estimateCost({ ...BASE, iterations }).timeMs;
    expect(at(300) - at(200)).toBeCloseTo(at(200) - at(100), -1);
    // The standard preset: 400, or 80 a photo where that is more (10 photos: 800).
    expect(estimateCost(BASE).timeMs).toBe(at(480));
    const ten = { ...BASE, photoCount: 10 };
    expect(estimateCost(ten)).toEqual(estimateCost({ ...ten, iterations: 800 }));
  });

  it('keeps to the limit of Gaussians, given or from the memory', () => {
    expect(estimateCost({ ...BASE, maxSplats: 30_000 }).gaussianCount).toBe(30_000);
    expect(estimateCost({ ...BASE, maxSplats: 10_000_000 }).gaussianCount).toBeGreaterThan(500_000);
    // Half of 180 MB at 900 bytes each.
    expect(estimateCost({ ...BASE, memoryBudgetBytes: 180 * MB }).gaussianCount).toBe(100_000);
  });

  it('says what to change where the run does not fit', () => {
    expect(estimateCost({ ...BASE, photoCount: 1 }).problem).toMatch(/two photos/);
    expect(estimateCost({ ...BASE, photoCount: 1, fewestPhotos: 1 }).problem).toBeNull();
    const tooMuch = estimateCost({ ...BASE, width: 8000, height: 6000, photoCount: 40 });
    expect(tooMuch.memoryBytes).toBeGreaterThan(PLENTY.memoryBudgetBytes);
    expect(tooMuch.problem).toMatch(/3\.5 GiB may be used: choose smaller photos/);
  });
});

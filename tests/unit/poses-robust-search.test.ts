import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import {
  geometricCriterion,
  logFalseAlarms,
  ESSENTIAL,
  HOMOGRAPHY,
  ROTATION,
} from '../../engine/poses/pair-model-selection.js';
import type { RobustProblem } from '../../engine/math/robust-search.js';
import { findInliers, iterationsNeeded, robustSearch } from '../../engine/math/robust-search.js';
import { drawNormal, drawUniform } from '../fixtures/synthetic-cameras.js';

/** y = slope x + offset. */
interface Line {
  readonly slope: number;
  readonly offset: number;
}

/** Least squares of a line. */
function fitLine(points: readonly (readonly [number, number])[]): Line | null {
  const mean = (pick: (p: readonly [number, number]) => number): number =>
    points.reduce((sum, p) => sum + pick(p), 0) / points.length;
  const [x, y] = [mean((p) => p[0]), mean((p) => p[1])];
  const spread = mean((p) => (p[0] - x) ** 2);
  if (!(spread > 1e-12)) return null;
  const slope = mean((p) => (p[0] - x) * (p[1] - y)) / spread;
  return { slope, offset: y - slope * x };
}

function lineProblem(points: readonly (readonly [number, number])[], limit: number): RobustProblem<Line> {
  const fit = (subset: Uint32Array): Line[] => {
    const line = fitLine([...subset].map((i) => points[i]!));
    return line === null ? [] : [line];
  };
  return {
    count: points.length,
    sampleSize: 2,
    maxSquaredResidual: limit ** 2,
    fit,
    writeResiduals: ({ slope, offset }, [from, to], out) => {
      for (let i = from; i < to; i++) out[i] = (points[i]![1] - slope * points[i]![0] - offset) ** 2;
    },
    refine: (_, inliers) => fit(inliers)[0] ?? null,
  };
}

/** Points of y = 2 x − 1 with noise 0.1, the first of them anywhere. */
function drawPoints(seed: number, count: number, outlierShare: number): [number, number][] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i): [number, number] => {
    const x = drawUniform(random, -5, 5);
    return i < count * outlierShare ? [x, drawUniform(random, -15, 15)] : [x, 2 * x - 1 + 0.1 * drawNormal(random)];
  });
}

describe('the robust search', () => {
  it.each([0, 0.3, 0.5, 0.7, 0.85])('finds a line among a share of %f outliers', (share) => {
    let good = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const points = drawPoints(seed, 300, share);
      const { model } = robustSearch(lineProblem(points, 0.3), { seed })!;
      // 45 points of noise 0.1, spread √(25/3): 0.1 / √45 / 2.9 and 0.1 / √45; four standard deviations.
      if (Math.abs(model.slope - 2) < 0.021 && Math.abs(model.offset + 1) < 0.06) good++;
    }
    expect(good).toBeGreaterThanOrEqual(39);
  });

  it("scores by MSAC's cost, worked by hand", () => {
    // y = x through both first points; the third is half the limit off, the fourth far off: 0 + 0 + 0.25 + 1. No other line does better.
    const points: [number, number][] = [[0, 0], [10, 10], [5, 5.5], [5, 50]]; // prettier-ignore
    const { refine: _, ...problem } = lineProblem(points, 1);
    const found = robustSearch(problem, { seed: 3, minIterations: 200 })!;
    expect(found.cost).toBeLessThanOrEqual(1.25 + 1e-12);
    expect([...found.inliers]).toEqual([0, 1, 2]);
    expect([...findInliers(problem, { slope: 1, offset: 0 })]).toEqual([0, 1, 2]);
  });

  it('gives the same result for the same seed', () => {
    const points = drawPoints(5, 200, 0.6);
    const search = (seed: number) => robustSearch(lineProblem(points, 0.3), { seed });
    expect(search(7)).toEqual(search(7));
  });

  it('stops when a clean sample is likely enough: 1 − (1 − w²)^n ≥ confidence', () => {
    expect(iterationsNeeded(0.5, 2, 0.99)).toBeCloseTo(Math.log(0.01) / Math.log(0.75), 9);
    expect(iterationsNeeded(1, 5, 0.99)).toBe(0);
    expect(iterationsNeeded(0, 5, 0.99)).toBe(Infinity);
    const clean = robustSearch(lineProblem(drawPoints(1, 100, 0), 1), { seed: 1, minIterations: 10 })!;
    expect(clean.iterations).toBe(10);
    const half = robustSearch(lineProblem(drawPoints(1, 1000, 0.5), 0.5), { seed: 1, minIterations: 1 })!;
    // About half belong, and a few more by chance: some 22 samples for 0.999.
    expect(half.iterations).toBeGreaterThan(10);
    expect(half.iterations).toBeLessThan(40);
    const hopeless = robustSearch(lineProblem(drawPoints(1, 400, 1), 1e-3), { seed: 1, maxIterations: 123 })!;
    expect(hopeless.iterations).toBe(123);
  });

  it('answers null for too few data and for data without a model, and counts NaN as an outlier', () => {
    expect(robustSearch(lineProblem([[1, 1]], 1), { seed: 1 })).toBeNull();
    expect(
      robustSearch(
        lineProblem(
          Array.from({ length: 9 }, () => [2, 3] as const),
          1,
        ),
        { seed: 1 },
      ),
    ).toBeNull();
    const points = drawPoints(2, 50, 0);
    points[7] = [NaN, 1];
    expect([...robustSearch(lineProblem(points, 1), { seed: 1 })!.inliers]).not.toContain(7);
  });

  it('stops when told to', () => {
    const signal = AbortSignal.abort(new Error('enough'));
    expect(() => robustSearch(lineProblem(drawPoints(1, 50, 0), 1), { seed: 1, signal })).toThrow('enough');
  });

  it('leaves a local minimum by its second look', () => {
    // One datum decides the model; models 0 … 9 cost as much as their number says, and none can be refined away from its own.
    const problem: RobustProblem<number> = {
      count: 40,
      sampleSize: 1,
      maxSquaredResidual: 1,
      fit: ([i]) => [i! % 10],
      writeResiduals: (model, [from, to], out) => out.fill(0.3 + 0.05 * model, from, to),
      refine: (model) => model,
    };
    const first = robustSearch(problem, { seed: 2, minIterations: 1, innerSamples: 0 })!;
    const second = robustSearch(problem, { seed: 2, minIterations: 1, innerSamples: 40 })!;
    expect(first.model).toBeGreaterThan(0);
    expect(second.model).toBe(0);
  });
});

describe('choosing a relation', () => {
  const subset = [0, 1, 2, 3];

  it("is by Torr's criterion, worked by hand", () => {
    // σ = 2: r²/σ² = 0, 1, 2, then the ceiling λ3 (4 − d): 4 for an essential matrix, 8 for a homography.
    const squared = Float64Array.of(0, 4, 8, 1000);
    const essential = 0 + 1 + 2 + 4 + 2 * 4 * 3 + 5 * Math.log(16);
    const homography = 0 + 1 + 2 + 8 + 2 * 4 * 2 + 8 * Math.log(16);
    expect(geometricCriterion(squared, subset, 2, ESSENTIAL)).toBeCloseTo(essential, 12);
    expect(geometricCriterion(squared, subset, 2, HOMOGRAPHY)).toBeCloseTo(homography, 12);
    const difference =
      geometricCriterion(squared, subset, 2, HOMOGRAPHY) - geometricCriterion(squared, subset, 2, ROTATION);
    expect(difference).toBeCloseTo(5 * Math.log(16), 12);
  });

  it('counts NaN and infinity as the worst, and no match as no relation', () => {
    const spoilt = Float64Array.of(NaN, Infinity, 1e9, 0);
    const far = Float64Array.of(1e9, 1e9, 1e9, 0);
    expect(geometricCriterion(spoilt, subset, 1, ESSENTIAL)).toBe(geometricCriterion(far, subset, 1, ESSENTIAL));
    expect(geometricCriterion(spoilt, [], 1, ESSENTIAL)).toBe(Infinity);
  });

  it('asks how often chance would do as well, worked by hand', () => {
    // n = 6, k = 6, s = 5: (6 − 5) · 10 · C(6,6) · C(6,5) · 0.02 = 1.2.
    const base = { matchCount: 6, inlierCount: 6, sampleSize: 5, modelsPerSample: 10, chance: 0.02 };
    expect(logFalseAlarms(base)).toBeCloseTo(Math.log(1.2), 12);
    expect(logFalseAlarms({ ...base, inlierCount: 5 })).toBe(Infinity);
    // 30 of 40 matches do not agree by chance; 15 of 300 may.
    expect(logFalseAlarms({ ...base, matchCount: 40, inlierCount: 30 })).toBeLessThan(-50);
    expect(logFalseAlarms({ ...base, matchCount: 300, inlierCount: 15 })).toBeGreaterThan(0);
  });
});

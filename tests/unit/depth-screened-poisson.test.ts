import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveScreenedPoisson } from '../../engine/depth/solve-screened-poisson.js';
import type { ScreenedPoissonProblem } from '../../engine/depth/screened-poisson-problem.js';

/** Gaussian elimination on the normal equations written out in full: shares nothing with the solver. */
function solveDensely({ width, height, weights, targets, smoothness, edges }: ScreenedPoissonProblem): number[] {
  const n = width * height;
  const rows = Array.from({ length: n }, (_, i) => {
    const row = new Array<number>(n + 1).fill(0);
    row[i] = weights[i]!;
    row[n] = weights[i]! > 0 ? weights[i]! * targets[i]! : 0;
    return row;
  });
  const couple = (p: number, q: number, c: number): void => {
    rows[p]![p]! += smoothness * c;
    rows[q]![q]! += smoothness * c;
    rows[p]![q]! -= smoothness * c;
    rows[q]![p]! -= smoothness * c;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x + 1 < width) couple(i, i + 1, edges?.right[i] ?? 1);
      if (y + 1 < height) couple(i, i + width, edges?.down[i] ?? 1);
    }
  }
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  const solution = new Array<number>(n).fill(0);
  for (let k = n - 1; k >= 0; k--) {
    let sum = rows[k]![n]!;
    for (let j = k + 1; j < n; j++) sum -= rows[k]![j]! * solution[j]!;
    solution[k] = sum / rows[k]![k]!;
  }
  return solution;
}

const tight = { tolerance: 1e-9, maxIterations: 5000 };

describe('the screened Poisson solver', () => {
  it('gives the targets when every pixel has one and nothing is smoothed', () => {
    const targets = Float32Array.from({ length: 30 * 20 }, (_, i) => Math.sin(i));
    const weights = new Float32Array(600).fill(1);
    const { field } = solveScreenedPoisson(
      { width: 30, height: 20, weights, targets, smoothness: 0, edges: null },
      tight,
    );
    field.forEach((e, i) => expect(e).toBeCloseTo(targets[i]!, 6));
  });

  it('spreads a single target as a constant, up to the border', () => {
    const weights = new Float32Array(40 * 27);
    const targets = new Float32Array(40 * 27).fill(NaN);
    weights[5 * 40 + 3] = 0.3;
    targets[5 * 40 + 3] = -2.5;
    const { field, converged } = solveScreenedPoisson(
      { width: 40, height: 27, weights, targets, smoothness: 10, edges: null },
      tight,
    );
    expect(converged).toBe(true);
    for (const e of field) expect(e).toBeCloseTo(-2.5, 5);
  });

  it('interpolates linearly between two weighted ends of a row, by hand', () => {
    // Springs in series: w (e0 - 0) = λ (e1 - e0) = ... = w (6 - e4). With w = 1, λ = 2, four edges: flow 6 / (1 + 4/2 + 1) = 1.5.
    const weights = Float32Array.from([1, 0, 0, 0, 1]);
    const targets = Float32Array.from([0, 0, 0, 0, 6]);
    const { field } = solveScreenedPoisson(
      { width: 5, height: 1, weights, targets, smoothness: 2, edges: null },
      tight,
    );
    [1.5, 2.25, 3, 3.75, 4.5].forEach((e, i) => expect(field[i]).toBeCloseTo(e, 6));
  });

  it('agrees with a dense solve on random small grids with random edges', () => {
    const unit = fc.float({ min: 0, max: 1, noNaN: true });
    const cells = fc.array(unit, { minLength: 110, maxLength: 110 });
    const cases = fc.record({
      width: fc.integer({ min: 1, max: 11 }),
      height: fc.integer({ min: 1, max: 10 }),
      w: cells,
      t: cells,
      right: cells,
      down: cells,
      smoothness: fc.constantFrom(0.1, 1, 10),
    });
    fc.assert(
      fc.property(cases, ({ width, height, w, t, right, down, smoothness }) => {
        const take = (values: number[], map: (v: number) => number) =>
          Float32Array.from(values.slice(0, width * height), map);
        const weights = take(w, (v) => (v > 0.7 ? v : 0));
        weights[0] = 1;
        const edges = { right: take(right, (v) => 0.02 + v), down: take(down, (v) => 0.02 + v) };
        const problem = { width, height, weights, targets: take(t, (v) => 4 * v - 2), smoothness, edges };
        const expected = solveDensely(problem);
        const { field } = solveScreenedPoisson(problem, tight);
        for (let i = 0; i < expected.length; i++) expect(Math.abs(field[i]! - expected[i]!)).toBeLessThan(1e-5);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it('does not let a value cross a cut edge', () => {
    const [width, height] = [20, 12];
    const weights = new Float32Array(240);
    const targets = new Float32Array(240);
    weights[3 * width + 2] = 1;
    weights[8 * width + 17] = 1;
    targets[3 * width + 2] = 1;
    targets[8 * width + 17] = 5;
    const right = new Float32Array(240).fill(1);
    for (let y = 0; y < height; y++) right[y * width + 9] = 0;
    const edges = { right, down: new Float32Array(240).fill(1) };
    const { field } = solveScreenedPoisson({ width, height, weights, targets, smoothness: 10, edges }, tight);
    for (let i = 0; i < 240; i++) expect(field[i]).toBeCloseTo(i % width < 10 ? 1 : 5, 4);
  });

  it('needs few iterations at full size thanks to the pyramid', () => {
    const [width, height] = [256, 192];
    const weights = new Float32Array(width * height);
    const targets = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (x > 80 && x < 200 && y > 40) continue;
        weights[y * width + x] = 1;
        targets[y * width + x] = Math.sin(x / 60) + Math.cos(y / 45);
      }
    }
    const problem = { width, height, weights, targets, smoothness: 10, edges: null };
    const quick = solveScreenedPoisson(problem);
    const exact = solveScreenedPoisson(problem, { tolerance: 1e-8 });
    expect(quick.iterations).toBeLessThan(60);
    quick.field.forEach((e, i) => expect(Math.abs(e - exact.field[i]!)).toBeLessThan(5e-3));
  });

  it('refuses what has no solution or no sense', () => {
    const fine = {
      width: 2,
      height: 2,
      weights: new Float32Array(4).fill(1),
      targets: new Float32Array(4),
      smoothness: 1,
      edges: null,
    };
    expect(() => solveScreenedPoisson({ ...fine, weights: new Float32Array(4) })).toThrow(/singular/);
    expect(() => solveScreenedPoisson({ ...fine, weights: Float32Array.from([1, -1, 1, 1]) })).toThrow(/weight -1/);
    expect(() => solveScreenedPoisson({ ...fine, targets: Float32Array.from([0, NaN, 0, 0]) })).toThrow(/target NaN/);
    expect(() => solveScreenedPoisson({ ...fine, smoothness: NaN })).toThrow(/smoothness/);
    expect(() => solveScreenedPoisson({ ...fine, width: 3 })).toThrow(/3 × 2/);
    const edges = { right: Float32Array.from([1, NaN, 1, 1]), down: new Float32Array(4) };
    expect(() => solveScreenedPoisson({ ...fine, edges })).toThrow(/edge weight/);
  });
});

import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { SH_C0 } from '../../engine/scene/splats.js';
import { differentiateShBasis, evaluateShBasis } from '../../engine/splatting/reference/spherical-harmonics.js';
import { createRandom } from '../fixtures/random-splats.js';

/** Associated Legendre function with the Condon–Shortley phase, by recurrence (Numerical Recipes' plgndr). */
function legendre(l: number, m: number, x: number): number {
  let value = 1;
  for (let k = 1; k <= m; k++) value *= -(2 * k - 1) * Math.sqrt(1 - x * x);
  if (l === m) return value;
  let [before, current] = [value, x * (2 * m + 1) * value];
  for (let k = m + 2; k <= l; k++) {
    [before, current] = [current, (x * (2 * k - 1) * current - (k + m - 1) * before) / (k - m)];
  }
  return current;
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

/** Real spherical harmonic from its definition in angles. */
function realHarmonic(l: number, m: number, [x, y, z]: Vec3): number {
  const phi = Math.atan2(y, x);
  const order = Math.abs(m);
  const norm = Math.sqrt(((2 * l + 1) / (4 * Math.PI)) * (factorial(l - order) / factorial(l + order)));
  const polar = norm * legendre(l, order, z);
  if (m === 0) return polar;
  return Math.SQRT2 * polar * (m > 0 ? Math.cos(order * phi) : Math.sin(order * phi));
}

function randomDirections(count: number): Vec3[] {
  const random = createRandom(3);
  return Array.from({ length: count }, () => {
    const vector: Vec3 = [random.normal(), random.normal(), random.normal()];
    const norm = Math.hypot(...vector);
    return vector.map((value) => value / norm) as Vec3;
  });
}

describe('spherical harmonics', () => {
  it('are the real harmonics of degree 0 to 3 with the Condon–Shortley sign, in order of m', () => {
    for (const direction of randomDirections(50)) {
      const expected = [0, 1, 2, 3].flatMap((l) =>
        Array.from({ length: 2 * l + 1 }, (_, k) => realHarmonic(l, k - l, direction)),
      );
      evaluateShBasis(3, direction).forEach((value, k) => {
        expect(value).toBeCloseTo(expected[k] as number, 12);
      });
    }
  });

  it('have (degree + 1)² values, and degree 1 is C1 · (−y, z, −x)', () => {
    expect([0, 1, 2, 3].map((degree) => evaluateShBasis(degree, [0, 0, 1]).length)).toEqual([1, 4, 9, 16]);
    const c1 = Math.sqrt(3 / (4 * Math.PI));
    const [dc, a, b, c] = evaluateShBasis(1, [0.36, 0.48, 0.8]) as [number, number, number, number];
    expect(dc).toBeCloseTo(SH_C0, 15);
    expect([a, b, c].map((value) => value / c1)).toEqual([
      expect.closeTo(-0.48, 12),
      expect.closeTo(0.8, 12),
      expect.closeTo(-0.36, 12),
    ]);
  });

  it('have the polynomial derivatives of central differences', () => {
    for (const direction of randomDirections(5)) {
      const rows = differentiateShBasis(3, direction);
      for (const axis of [0, 1, 2] as const) {
        const shifted = (h: number): number[] => {
          const moved: Vec3 = [...direction];
          moved[axis] += h;
          return evaluateShBasis(3, moved);
        };
        const [above, below] = [shifted(1e-5), shifted(-1e-5)];
        rows.forEach((row, k) => {
          expect(row[axis]).toBeCloseTo(((above[k] as number) - (below[k] as number)) / 2e-5, 8);
        });
      }
    }
  });
});

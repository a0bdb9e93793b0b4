import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { Mat3 } from '../../engine/math/rigid-transform.js';
import { determinant, multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import {
  composeSingular,
  decomposeSingular,
  nearestRotation,
  nullSpace,
  solvePositiveDefinite,
  symmetricEigen,
} from '../../engine/math/dense-algebra.js';
import { CauchySum, minimise } from '../../engine/poses/gauss-newton.js';
import { realRoots } from '../../engine/poses/real-roots.js';
import { rotationAngle, rotationOfVector } from '../../engine/math/rotation-vector.js';
import { angleBetween, cross, crossMatrix, dot, tangentBasis } from '../../engine/math/vectors.js';
import { drawRotation, drawUniform } from '../fixtures/synthetic-cameras.js';

const random = createRandom(11);
const drawMatrix = (size: number): Float64Array =>
  Float64Array.from({ length: size }, () => drawUniform(random, -1, 1));

/** Coefficients of Π (x − root), ascending. */
function fromRoots(roots: readonly number[]): number[] {
  return roots.reduce((c, root) => [...c, 0].map((_, i) => (c[i - 1] ?? 0) - root * (c[i] ?? 0)), [1]);
}

describe('real roots', () => {
  it('of polynomials with known roots are all found', () => {
    for (const roots of [[3], [-2, 5], [-1, 0, 1], [-4, -1.5, 0.25, 7], [-0.9, -0.5, -0.1, 0.2, 0.4, 0.8]]) {
      const found = realRoots(fromRoots(roots));
      expect(found).toHaveLength(roots.length);
      found.forEach((root, i) => expect(root).toBeCloseTo(roots[i]!, 9));
    }
  });

  it('of degree ten are found beside complex pairs', () => {
    for (let draw = 0; draw < 200; draw++) {
      const roots = Array.from({ length: 4 }, (_, i) => -3 + 2 * i + drawUniform(random, -0.8, 0.8));
      let c = fromRoots(roots);
      for (let pair = 0; pair < 3; pair++) {
        const [b, d] = [drawUniform(random, -1, 1), drawUniform(random, 0.5, 2)];
        // x² + 2 b x + b² + d has no real root.
        c = [...c, 0, 0].map((_, i) => (c[i - 2] ?? 0) + 2 * b * (c[i - 1] ?? 0) + (b * b + d) * (c[i] ?? 0));
      }
      const found = realRoots(c);
      expect(found).toHaveLength(4);
      found.forEach((root, i) => expect(root).toBeCloseTo(roots[i]!, 8));
    }
  });

  it('are once what they are twice, none where there is none, and far apart when they are', () => {
    expect(realRoots(fromRoots([2, 2]))).toEqual([2]);
    const double = realRoots(fromRoots([1, 1, 4]));
    expect(double[0]).toBeCloseTo(1, 6);
    expect(double.at(-1)).toBeCloseTo(4, 9);
    expect(realRoots([1, 0, 1])).toEqual([]);
    expect(realRoots([5, 0, 0, 0, 1])).toEqual([]);
    const wide = realRoots(fromRoots([1e-3, 1, 1e4]));
    [1e-3, 1, 1e4].forEach((root, i) => expect(wide[i]! / root).toBeCloseTo(1, 7));
  });

  it('ignore vanishing leading coefficients and what is no polynomial', () => {
    expect(realRoots([-6, 2, 0, 0])).toEqual([3]);
    expect(realRoots([4])).toEqual([]);
    expect(realRoots([0, 0])).toEqual([]);
    expect(realRoots([NaN, 1])).toEqual([]);
    expect(realRoots([1, Infinity])).toEqual([]);
  });
});

describe('dense algebra', () => {
  it('finds the eigenvectors of symmetric matrices', () => {
    for (const n of [3, 4, 9]) {
      const half = drawMatrix(n * n);
      const a = new Float64Array(n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] = half[i * n + j]! + half[j * n + i]!;
      const { values, vectors } = symmetricEigen(a, n);
      for (let v = 0; v < n; v++) {
        if (v > 0) expect(values[v]).toBeGreaterThanOrEqual(values[v - 1]!);
        for (let i = 0; i < n; i++) {
          let product = 0;
          for (let j = 0; j < n; j++) product += a[i * n + j]! * vectors[v * n + j]!;
          expect(product).toBeCloseTo(values[v]! * vectors[v * n + i]!, 12);
        }
      }
    }
    // Worked by hand: [[2, 1], [1, 2]] has 1 and 3.
    expect([...symmetricEigen(Float64Array.of(2, 1, 1, 2), 2).values].map((x) => Math.round(x * 1e12) / 1e12)).toEqual([
      1, 3,
    ]);
  });

  it('solves positive definite systems and refuses others', () => {
    // Worked by hand: 4 x + 2 y = 2, 2 x + 3 y = 5 has x = −0.5, y = 2.
    const b = Float64Array.of(2, 5);
    expect(solvePositiveDefinite(Float64Array.of(4, 0, 2, 3), b, 2)).toBe(true);
    expect(b[0]).toBeCloseTo(-0.5, 14);
    expect(b[1]).toBeCloseTo(2, 14);
    expect(solvePositiveDefinite(Float64Array.of(1, 0, 2, 1), Float64Array.of(1, 1), 2)).toBe(false);
    expect(solvePositiveDefinite(Float64Array.of(NaN), Float64Array.of(1), 1)).toBe(false);
  });

  it('spans the null space with orthonormal vectors', () => {
    for (const [m, n] of [
      [5, 9],
      [8, 9],
      [1, 3],
    ] as const) {
      // prettier-ignore
      const a = drawMatrix(m * n);
      const basis = nullSpace(a.slice(), m, n)!;
      for (let v = 0; v < n - m; v++) {
        for (let i = 0; i < m; i++) {
          let product = 0;
          for (let j = 0; j < n; j++) product += a[i * n + j]! * basis[v * n + j]!;
          expect(Math.abs(product)).toBeLessThan(1e-11);
        }
        for (let u = 0; u <= v; u++) {
          let inner = 0;
          for (let j = 0; j < n; j++) inner += basis[u * n + j]! * basis[v * n + j]!;
          expect(inner).toBeCloseTo(u === v ? 1 : 0, 12);
        }
      }
    }
    expect(nullSpace(Float64Array.of(1, 2, 3, 2, 4, 6), 2, 3)).toBeNull();
    expect(nullSpace(Float64Array.of(NaN, 2, 3), 1, 3)).toBeNull();
  });

  it('decomposes 3×3 matrices, of any rank', () => {
    const cases: Mat3[] = [
      ...Array.from({ length: 50 }, () => [...drawMatrix(9)] as Mat3),
      [1, 2, 3, 2, 4, 6, 3, 6, 9],
      [0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 1e-9, 0, 1, 0, -1e3, 0, 0],
    ];
    for (const m of cases) {
      const svd = decomposeSingular(m);
      const size = Math.max(1, svd.values[0]);
      composeSingular(svd, svd.values).forEach((entry, i) =>
        expect(Math.abs(entry - m[i]!)).toBeLessThan(1e-13 * size),
      );
      expect(svd.values[0]).toBeGreaterThanOrEqual(svd.values[1]);
      expect(svd.values[1]).toBeGreaterThanOrEqual(svd.values[2]);
      for (const triple of [svd.left, svd.right])
        for (let i = 0; i < 3; i++)
          for (let j = 0; j <= i; j++) expect(dot(triple[i]!, triple[j]!)).toBeCloseTo(i === j ? 1 : 0, 12);
    }
  });

  it('finds the rotation behind a scaled and disturbed one, also behind a mirrored one', () => {
    const rotation = drawRotation(random);
    const scaled = rotation.map((entry) => 3 * entry) as Mat3;
    nearestRotation(scaled).forEach((entry, i) => expect(entry).toBeCloseTo(rotation[i]!, 12));
    const mirrored = nearestRotation([-1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(determinant(mirrored)).toBeCloseTo(1, 12);
  });
});

describe('vectors and small rotations', () => {
  it('turn by the angle and about the axis that they say', () => {
    // A quarter turn about z brings x to y.
    const quarter = rotationOfVector([0, 0, Math.PI / 2]);
    [0, -1, 0, 1, 0, 0, 0, 0, 1].forEach((entry, i) => expect(quarter[i]).toBeCloseTo(entry, 14));
    expect(rotationAngle(quarter)).toBeCloseTo(Math.PI / 2, 14);
    const tiny = rotationOfVector([3e-10, -4e-10, 0]);
    expect(rotationAngle(tiny)).toBeCloseTo(5e-10, 20);
    const product = multiplyMat(rotationOfVector([0.3, -0.2, 0.9]), transposeMat(rotationOfVector([0.3, -0.2, 0.9])));
    [1, 0, 0, 0, 1, 0, 0, 0, 1].forEach((entry, i) => expect(product[i]).toBeCloseTo(entry, 14));
  });

  it('measure small angles that the arc cosine would lose', () => {
    expect(angleBetween([1, 0, 0], [1, 1e-9, 0])).toBeCloseTo(1e-9, 20);
    expect(angleBetween([1, 0, 0], [-2, 0, 0])).toBeCloseTo(Math.PI, 14);
    expect(angleBetween([0, 0, 0], [1, 0, 0])).toBeNaN();
  });

  it('make frames: the tangents are orthonormal and right-handed', () => {
    for (const v of [
      [0, 0, 2],
      [1, 1, 1],
      [-3, 0.1, 0],
    ] as const) {
      // prettier-ignore
      const [first, second] = tangentBasis([...v]);
      const normal = cross(first, second);
      expect(angleBetween(normal, [...v])).toBeLessThan(1e-12);
      expect(dot(first, first)).toBeCloseTo(1, 14);
      expect(dot(first, second)).toBeCloseTo(0, 14);
    }
    expect(crossMatrix([1, 2, 3])).toEqual([0, -3, 2, 3, 0, -1, -2, 1, 0]);
  });
});

describe('least squares', () => {
  it("finds the bottom of Rosenbrock's valley", () => {
    // Residuals 10 (y − x²) and 1 − x vanish at (1, 1).
    const { state, cost } = minimise<readonly [number, number]>(
      {
        size: 2,
        evaluate: ([x, y], equations) => {
          const [first, second] = [10 * (y - x * x), 1 - x];
          equations?.row.set([-20 * x, 10]);
          equations?.add(first, 1);
          equations?.row.set([-1, 0]);
          equations?.add(second, 1);
          return 0.5 * (first * first + second * second);
        },
        move: ([x, y], step) => [x + step[0]!, y + step[1]!],
      },
      [-1.2, 1],
      200,
    );
    expect(state[0]).toBeCloseTo(1, 6);
    expect(state[1]).toBeCloseTo(1, 6);
    expect(cost).toBeLessThan(1e-10);
  });

  it('returns the start where the cost is not finite or nothing can be solved', () => {
    const stuck = { size: 1, move: (x: number) => x + 1 };
    expect(minimise({ ...stuck, evaluate: () => NaN }, 5, 10).state).toBe(5);
    expect(minimise({ ...stuck, evaluate: () => Infinity }, 5, 10).state).toBe(5);
    expect(minimise({ ...stuck, evaluate: () => 1 }, 5, 10)).toEqual({ state: 5, cost: 1 });
  });

  it("sums Cauchy's loss without overflow and keeps NaN", () => {
    const sum = new CauchySum();
    for (let i = 0; i < 1000; i++) sum.add(1e6);
    expect(sum.total()).toBeCloseTo(500 * Math.log(1 + 1e6), 6);
    sum.add(NaN);
    sum.add(1);
    expect(sum.total()).toBeNaN();
  });
});

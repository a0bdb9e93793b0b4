/** Essential matrices through five matches. */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { nullSpace } from '../math/dense-algebra.js';
import type { MatchSubset } from './match-coordinates.js';
import { realRoots } from './real-roots.js';
import { cross } from '../math/vectors.js';

/*
 * E = x X + y Y + z Z + W over the null space of the five epipolar equations. A linear polynomial is [x, y, z, 1]; products of them are
 * stored by the orders below. The first ten cubic monomials are eliminated, the other ten are x and y times powers of z, and powers of z.
 */
const QUADRATIC = ['xx', 'xy', 'xz', 'x1', 'yy', 'yz', 'y1', 'zz', 'z1', '11'];
const CUBIC = [
  ...['xxx', 'yyy', 'xxy', 'xyy', 'xxz', 'xx1', 'yyz', 'yy1', 'xyz', 'xy1'],
  ...['xzz', 'xz1', 'x11', 'yzz', 'yz1', 'y11', 'zzz', 'zz1', 'z11', '111'],
];
const LETTERS = ['x', 'y', 'z', '1'];
const sortLetters = (letters: string): string =>
  [...letters].sort((a, b) => 'xyz1'.indexOf(a) - 'xyz1'.indexOf(b)).join('');
/** [4,4] where the product of two letters goes. */
const QUADRATIC_OF = Int32Array.from(LETTERS.flatMap((a) => LETTERS.map((b) => QUADRATIC.indexOf(sortLetters(a + b)))));
/** [10,4] where the product of a quadratic monomial and a letter goes. */
const CUBIC_OF = Int32Array.from(QUADRATIC.flatMap((a) => LETTERS.map((b) => CUBIC.indexOf(sortLetters(a + b)))));

/*
 * Buffers of one solution, allocated once: a robust search solves thousands of times, and allocating would take longer than computing.
 * Nothing of them outlives a call.
 */
const EQUATIONS = new Float64Array(45);
const BASIS = new Float64Array(36);
/** [9,4] E's entries as linear polynomials. */
const ENTRIES = new Float64Array(36);
/** [9,10] E Eᵀ − ½ tr(E Eᵀ) I as quadratic polynomials. */
const GRAM = new Float64Array(90);
const MINOR = new Float64Array(10);
/** [10,20] */
const ROWS = new Float64Array(200);

/** Adds `factor` times the product of entries a and b of E to the quadratic polynomial at `offset`. */
function addProduct(out: Float64Array, offset: number, a: number, b: number, factor: number): void {
  for (let i = 0; i < 4; i++) {
    const scaled = factor * ENTRIES[a * 4 + i]!;
    for (let j = 0; j < 4; j++) {
      const at = offset + QUADRATIC_OF[i * 4 + j]!;
      out[at] = out[at]! + scaled * ENTRIES[b * 4 + j]!;
    }
  }
}

/** Adds a quadratic polynomial times entry b of E to the cubic one in a row. */
function addCubic(row: number, quadratics: Float64Array, quadratic: number, b: number): void {
  for (let i = 0; i < 10; i++) {
    const coefficient = quadratics[quadratic + i]!;
    for (let j = 0; j < 4; j++) {
      const at = row * 20 + CUBIC_OF[i * 4 + j]!;
      ROWS[at] = ROWS[at]! + coefficient * ENTRIES[b * 4 + j]!;
    }
  }
}

/** The ten cubic equations of an essential matrix, in ROWS: det E = 0 and (E Eᵀ − ½ tr(E Eᵀ) I) E = 0. */
function buildConstraints(): void {
  ROWS.fill(0);
  for (let j = 0; j < 3; j++) {
    const [k, l] = [(j + 1) % 3, (j + 2) % 3];
    MINOR.fill(0);
    addProduct(MINOR, 0, 3 + k, 6 + l, 1);
    addProduct(MINOR, 0, 3 + l, 6 + k, -1);
    addCubic(0, MINOR, 0, j);
  }
  GRAM.fill(0);
  for (let i = 0; i < 3; i++)
    for (let j = i; j < 3; j++) {
      const at = (i * 3 + j) * 10;
      for (let k = 0; k < 3; k++) addProduct(GRAM, at, i * 3 + k, j * 3 + k, 1);
      GRAM.copyWithin((j * 3 + i) * 10, at, at + 10);
    }
  for (let k = 0; k < 10; k++) {
    const halfTrace = 0.5 * (GRAM[k]! + GRAM[40 + k]! + GRAM[80 + k]!);
    for (let i = 0; i < 3; i++) GRAM[i * 40 + k] = GRAM[i * 40 + k]! - halfTrace;
  }
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) addCubic(1 + i * 3 + j, GRAM, (i * 3 + k) * 10, k * 3 + j);
}

/** Gauss–Jordan on the first ten columns with row exchange; rows 0–3 are only reduced below the diagonal, no one reads them. */
function eliminate(rows: Float64Array): boolean {
  for (let k = 0; k < 10; k++) {
    let best = k;
    for (let i = k + 1; i < 10; i++) if (Math.abs(rows[i * 20 + k]!) > Math.abs(rows[best * 20 + k]!)) best = i;
    const pivot = rows[best * 20 + k]!;
    if (!(Math.abs(pivot) > 1e-14)) return false;
    for (let j = k; j < 20; j++) {
      const swapped = rows[best * 20 + j]!;
      rows[best * 20 + j] = rows[k * 20 + j]!;
      rows[k * 20 + j] = swapped / pivot;
    }
    for (let i = k < 4 ? k + 1 : 4; i < 10; i++) {
      const factor = rows[i * 20 + k]!;
      if (i === k || factor === 0) continue;
      for (let j = k; j < 20; j++) rows[i * 20 + j] = rows[i * 20 + j]! - factor * rows[k * 20 + j]!;
    }
  }
  return true;
}

/** Polynomials in z, ascending, that multiply x, y and 1: degrees 3, 3, 4. */
type HiddenRow = readonly [number[], number[], number[]];
type HiddenSystem = readonly [HiddenRow, HiddenRow, HiddenRow];

/** Row e minus z times row f, which lead with m z and with m. Columns `first` … hold descending powers of z. */
function subtractShifted(e: number, f: number, first: number, size: number): number[] {
  const polynomial = [ROWS[e * 20 + first + size - 1]!];
  for (let k = size - 2; k >= 0; k--) polynomial.push(ROWS[e * 20 + first + k]! - ROWS[f * 20 + first + k + 1]!);
  polynomial.push(-ROWS[f * 20 + first]!);
  return polynomial;
}

function hideVariable(e: number, f: number): HiddenRow {
  return [subtractShifted(e, f, 10, 3), subtractShifted(e, f, 13, 3), subtractShifted(e, f, 16, 4)];
}

function addPolynomialProduct(out: number[], a: readonly number[], b: readonly number[], sign: number): void {
  for (let i = 0; i < a.length; i++) {
    const scaled = sign * a[i]!;
    for (let j = 0; j < b.length; j++) out[i + j] = out[i + j]! + scaled * b[j]!;
  }
}

/** The determinant of three hidden rows: degree 10 in z. */
function determinantOf(rows: HiddenSystem): number[] {
  const total = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 3; i++) {
    const [p, q] = [rows[(i + 1) % 3]!, rows[(i + 2) % 3]!];
    const minor = [0, 0, 0, 0, 0, 0, 0];
    addPolynomialProduct(minor, p[0], q[1], 1);
    addPolynomialProduct(minor, p[1], q[0], -1);
    addPolynomialProduct(total, minor, rows[i]![2], 1);
  }
  return total;
}

function evaluateAt(polynomial: readonly number[], z: number): number {
  let value = 0;
  for (let i = polynomial.length - 1; i >= 0; i--) value = value * z + polynomial[i]!;
  return value;
}

function evaluateRow(row: HiddenRow, z: number): Vec3 {
  return [evaluateAt(row[0], z), evaluateAt(row[1], z), evaluateAt(row[2], z)];
}

/** (x, y, 1) up to scale for a root z: the null vector of the three rows, from the pair of them that determines it best. */
function solveForXY(rows: HiddenSystem, z: number): Vec3 {
  const [a, b, c] = [evaluateRow(rows[0], z), evaluateRow(rows[1], z), evaluateRow(rows[2], z)];
  const [ab, bc, ca] = [cross(a, b), cross(b, c), cross(c, a)];
  const better = Math.abs(ab[2]) > Math.abs(bc[2]) ? ab : bc;
  return Math.abs(better[2]) > Math.abs(ca[2]) ? better : ca;
}

/** E of Frobenius norm √2, that of [t]× R with |t| = 1. */
function combine(x: number, y: number, z: number): Mat3 | null {
  const e: Mat3 = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let squared = 0;
  for (let i = 0; i < 9; i++) {
    const entry = x * BASIS[i]! + y * BASIS[9 + i]! + z * BASIS[18 + i]! + BASIS[27 + i]!;
    e[i] = entry;
    squared += entry * entry;
  }
  const scale = Math.sqrt(2 / squared);
  if (!(scale > 0 && scale < Infinity)) return null;
  for (let i = 0; i < 9; i++) e[i] = e[i]! * scale;
  return e;
}

/**
 * All essential matrices with `x2ᵀ E x1 = 0` for five matches, at most ten: Nistér's elimination to a polynomial of degree 10.
 *
 * @param coordinates [N,4] x1, y1, x2, y2 in the planes z = 1.
 * @param sample five indices into them.
 * @returns E = [t]× R up to sign with |E| = √2; none when the five do not determine it (repeated points, NaN).
 * Source: Nistér 2004, "An efficient solution to the five-point relative pose problem", PAMI 26(6), section 3.2; the trace constraint is
 * his equation 9. The null space is orthonormalised as Stewénius, Engels and Nistér 2006 (ISPRS) advise.
 */
export function solveEssentialFivePoint(coordinates: Float64Array, sample: MatchSubset): Mat3[] {
  for (let i = 0; i < 5; i++) {
    const at = sample[i]! * 4;
    const [x1, y1] = [coordinates[at]!, coordinates[at + 1]!];
    const [x2, y2] = [coordinates[at + 2]!, coordinates[at + 3]!];
    const row = [x2 * x1, x2 * y1, x2, y2 * x1, y2 * y1, y2, x1, y1, 1];
    for (let k = 0; k < 9; k++) EQUATIONS[i * 9 + k] = row[k]!;
  }
  if (nullSpace(EQUATIONS, 5, 9, BASIS) === null) return [];
  for (let i = 0; i < 9; i++) for (let v = 0; v < 4; v++) ENTRIES[i * 4 + v] = BASIS[v * 9 + i]!;
  buildConstraints();
  if (!eliminate(ROWS)) return [];
  const hidden = [hideVariable(4, 5), hideVariable(6, 7), hideVariable(8, 9)] as const;
  const solutions: Mat3[] = [];
  for (const z of realRoots(determinantOf(hidden))) {
    const [x, y, scale] = solveForXY(hidden, z);
    const e = scale === 0 ? null : combine(x / scale, y / scale, z);
    if (e !== null) solutions.push(e);
  }
  return solutions;
}

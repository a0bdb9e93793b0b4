/**
 * The few routines of linear algebra that cameras and sensors need, for matrices of up to some ten rows. Matrices are row-major. The engine
 * imports no package, and for these sizes plain loops are faster than a general library.
 */
import type { Mat3, Vec3 } from './rigid-transform.js';
import { determinant, multiplyMat, transposeMat } from './rigid-transform.js';
import { cross, dot, tangentBasis, unit } from './vectors.js';

const MAX_SWEEPS = 30;

/** One Jacobi rotation that zeroes a[p,q]; `vectors` holds eigenvectors as rows. */
function rotatePair(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const pk = a[p * n + k]!;
    const qk = a[q * n + k]!;
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    const vp = vectors[p * n + k]!;
    const vq = vectors[q * n + k]!;
    vectors[p * n + k] = c * vp - s * vq;
    vectors[q * n + k] = s * vp + c * vq;
  }
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan 2013, section 8.5).
 *
 * @param matrix [n,n]; only read. NaN gives NaN.
 * @returns values [n] ascending; vectors [n,n], row i the unit eigenvector of value i.
 */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice(0, n * n);
  const vectors = new Float64Array(n * n);
  let scale = 0;
  for (let i = 0; i < n; i++) {
    vectors[i * n + i] = 1;
    for (let j = 0; j < n; j++) scale = Math.max(scale, Math.abs(a[i * n + j]!));
  }
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const bound = 1e-17 * Math.max(scale * 1e-3, Math.sqrt(Math.abs(a[p * n + p]! * a[q * n + q]!)));
        if (!(Math.abs(a[p * n + q]!) > bound)) continue;
        rotatePair(a, vectors, n, p, q);
        rotated = true;
      }
    }
    if (!rotated) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * n + i]! - a[j * n + j]!);
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => sorted.set(vectors.subarray(from * n, from * n + n), to * n));
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors: sorted };
}

/**
 * Solves A x = b for a symmetric positive definite A by Cholesky's factorisation, in place: `a`'s lower triangle becomes the factor, `b`
 * the solution.
 *
 * @param a [n,n], its lower triangle is read. @param b [n]
 * @returns false, with both arrays spoilt, when A is not positive definite (or not finite).
 */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      if (i > j) a[i * n + j] = sum / a[j * n + j]!;
      else if (sum > 0 && sum < Infinity) a[j * n + j] = Math.sqrt(sum);
      else return false;
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= a[i * n + k]! * b[k]!;
    b[i] = sum / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * b[k]!;
    b[i] = sum / a[i * n + i]!;
  }
  return true;
}

/** Relative to the largest entry: a pivot below this means that the rows depend on each other. */
const LEAST_PIVOT = 1e-11;

/** Index of the largest entry of rows and columns from `k` on. */
function findPivot(a: Float64Array, m: number, n: number, k: number): number {
  let best = k * n + k;
  for (let i = k; i < m; i++)
    for (let j = k; j < n; j++) if (Math.abs(a[i * n + j]!) > Math.abs(a[best]!)) best = i * n + j;
  return best;
}

function exchange(a: Float64Array | Int32Array, i: number, j: number): void {
  const kept = a[i]!;
  a[i] = a[j]!;
  a[j] = kept;
}

/** Reduces `a` [m,n] to [I | F] with rows and columns exchanged; null when its rank is below m. */
function reduceRows(a: Float64Array, m: number, n: number): Int32Array | null {
  const columns = new Int32Array(n);
  for (let j = 0; j < n; j++) columns[j] = j;
  let first = 0;
  for (let k = 0; k < m; k++) {
    const best = findPivot(a, m, n, k);
    const size = Math.abs(a[best]!);
    if (k === 0) first = size;
    if (!(size > first * LEAST_PIVOT) || size === Infinity) return null;
    const row = Math.floor(best / n);
    const column = best - row * n;
    for (let j = 0; j < n && row !== k; j++) exchange(a, k * n + j, row * n + j);
    for (let i = 0; i < m && column !== k; i++) exchange(a, i * n + k, i * n + column);
    exchange(columns, k, column);
    const inverse = 1 / a[k * n + k]!;
    for (let j = k; j < n; j++) a[k * n + j] = a[k * n + j]! * inverse;
    for (let i = 0; i < m; i++) {
      const factor = a[i * n + k]!;
      if (i === k || factor === 0) continue;
      for (let j = k; j < n; j++) a[i * n + j] = a[i * n + j]! - factor * a[k * n + j]!;
    }
  }
  return columns;
}

/**
 * An orthonormal basis of the vectors x with A x = 0, by Gauss–Jordan elimination with full pivoting and Gram–Schmidt.
 *
 * @param a [m,n], m < n; spoilt. @param basis [n − m, n] to write to; a new one when left out.
 * @returns `basis`, one vector a row; null when A has not full rank (within 1e-11) or is not finite.
 */
export function nullSpace(
  a: Float64Array,
  m: number,
  n: number,
  basis = new Float64Array((n - m) * n),
): Float64Array | null {
  const columns = reduceRows(a, m, n);
  if (columns === null) return null;
  basis.fill(0);
  for (let v = 0; v < n - m; v++) {
    const row = v * n;
    for (let i = 0; i < m; i++) basis[row + columns[i]!] = -a[i * n + m + v]!;
    basis[row + columns[m + v]!] = 1;
    for (let u = 0; u < row; u += n) {
      let along = 0;
      for (let j = 0; j < n; j++) along += basis[row + j]! * basis[u + j]!;
      for (let j = 0; j < n; j++) basis[row + j] = basis[row + j]! - along * basis[u + j]!;
    }
    let squared = 0;
    for (let j = 0; j < n; j++) squared += basis[row + j]! * basis[row + j]!;
    const inverse = 1 / Math.sqrt(squared);
    for (let j = 0; j < n; j++) basis[row + j] = basis[row + j]! * inverse;
  }
  return basis;
}

/** `m = Σ_i values[i] left[i] right[i]ᵀ`, values descending, ≥ 0; both triples orthonormal. */
export interface Svd3 {
  readonly left: readonly [Vec3, Vec3, Vec3];
  readonly values: Vec3;
  readonly right: readonly [Vec3, Vec3, Vec3];
}

/** Unit left vectors of columns that are orthogonal already; those of vanishing columns are completed to a right-handed frame. */
function leftVectors(columns: readonly [Vec3, Vec3, Vec3], values: Vec3): [Vec3, Vec3, Vec3] {
  const least = values[0] * 1e-15;
  if (!(values[0] > 0)) return [[1, 0, 0], [0, 1, 0], [0, 0, 1]]; // prettier-ignore
  const first = unit(columns[0]);
  const second = values[1] > least ? unit(columns[1]) : tangentBasis(first)[0];
  return [first, second, values[2] > least ? unit(columns[2]) : cross(first, second)];
}

const COLUMN_PAIRS = [[0, 1], [0, 2], [1, 2]] as const; // prettier-ignore

function mix(x: Vec3, y: Vec3, cx: number, cy: number): Vec3 {
  return [cx * x[0] + cy * y[0], cx * x[1] + cy * y[1], cx * x[2] + cy * y[2]];
}

/**
 * Singular value decomposition of a 3×3 matrix by one-sided Jacobi rotations (Hestenes 1958), which keep small singular values' digits.
 * NaN gives NaN. Handedness of `left` and `right` is as it falls out.
 */
export function decomposeSingular(m: Readonly<Mat3>): Svd3 {
  // Columns of m V, and of V.
  const a: Vec3[] = [[m[0], m[3], m[6]], [m[1], m[4], m[7]], [m[2], m[5], m[8]]]; // prettier-ignore
  const v: Vec3[] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]; // prettier-ignore
  for (let sweep = 0, rotated = true; rotated && sweep < MAX_SWEEPS; sweep++) {
    rotated = false;
    for (const [p, q] of COLUMN_PAIRS) {
      // prettier-ignore
      const [ap, aq] = [a[p]!, a[q]!];
      const [vp, vq] = [v[p]!, v[q]!];
      const inner = dot(ap, aq);
      const [pp, qq] = [dot(ap, ap), dot(aq, aq)];
      if (!(Math.abs(inner) > 1e-16 * Math.sqrt(pp * qq)) || inner === 0) continue;
      const theta = (qq - pp) / (2 * inner);
      const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1);
      const s = t * c;
      [a[p], a[q], v[p], v[q]] = [mix(ap, aq, c, -s), mix(ap, aq, s, c), mix(vp, vq, c, -s), mix(vp, vq, s, c)];
      rotated = true;
    }
  }
  const norms = a.map((column) => Math.sqrt(dot(column, column)));
  const order = [0, 1, 2].sort((i, j) => norms[j]! - norms[i]!);
  const pick = (from: Vec3[]): [Vec3, Vec3, Vec3] => order.map((i) => from[i]!) as [Vec3, Vec3, Vec3];
  const values = order.map((i) => norms[i]!) as Vec3;
  return { left: leftVectors(pick(a), values), values, right: pick(v) };
}

/** `Σ_i weights[i] left[i] right[i]ᵀ`: a matrix from its decomposition, or from a changed one. */
export function composeSingular({ left, right }: Svd3, weights: Readonly<Vec3>): Mat3 {
  const u: Mat3 = [...left[0], ...left[1], ...left[2]];
  const scaled = right.map((row, i) => row.map((x) => x * weights[i]!)) as [Vec3, Vec3, Vec3];
  return multiplyMat(transposeMat(u), [...scaled[0], ...scaled[1], ...scaled[2]]);
}

/** The rotation that is nearest to `m` in the sum of squares: `U diag(1, 1, det(U Vᵀ)) Vᵀ` (Kabsch 1976; Umeyama 1991). */
export function nearestRotation(m: Readonly<Mat3>): Mat3 {
  const svd = decomposeSingular(m);
  return composeSingular(svd, [1, 1, determinant(composeSingular(svd, [1, 1, 1])) < 0 ? -1 : 1]);
}

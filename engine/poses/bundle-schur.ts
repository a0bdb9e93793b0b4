/** One damped step of a bundle: points eliminated (Schur complement), cameras solved, points by substitution. */
import type { BundleEquations, CameraSystem } from './bundle-equations.js';
import { TRIANGLE } from './bundle-equations.js';
import type { BundleModel } from './bundle-residuals.js';
import type { BundleStep } from './bundle-state.js';
import { solvePositiveDefinite } from '../math/dense-algebra.js';

/** A point whose block is this near to singular is damped by itself, or it would hold up all the others. */
const LEAST_PIVOT = 1e-11;
const LEAST_OWN_DAMPING = 1e-6;

/** Scratch of {@link solveBundleStep}. */
export interface SchurWork {
  readonly reduced: Float64Array;
  /** [Q,6] lower factors of the damped blocks of points; all 0 for a point that nothing shows. */
  readonly factors: Float64Array;
  /** [Q] the damping that made them. */
  readonly pointDamping: Float64Array;
  /** [C] global columns that touch the point, and their rows of W, then of W L⁻ᵀ, [C,3]. */
  readonly touched: Int32Array;
  readonly rows: Float64Array;
  /** [count] index into `touched` of a lens's column, −1 where it is not there. */
  readonly places: Int32Array;
  /** [C + 1] see {@link findRuns}. */
  readonly runs: Int32Array;
}

/** Scratch of the size that the model needs. */
export function createSchurWork({ columns: { count, arePointsFree }, observations }: BundleModel): SchurWork {
  const pointCount = arePointsFree ? observations.points.length : 0;
  return {
    reduced: new Float64Array(count * count),
    factors: new Float64Array(pointCount * TRIANGLE),
    pointDamping: new Float64Array(pointCount),
    touched: new Int32Array(count),
    rows: new Float64Array(count * 3),
    places: new Int32Array(count).fill(-1),
    runs: new Int32Array(count + 1),
  };
}

/** Cholesky's factor of a 3×3 block, its diagonal times 1 + damping; false when it is not safely positive definite. */
function factorBlock(blocks: Float64Array, at: number, damping: number, out: Float64Array): boolean {
  const grow = 1 + damping;
  const a = blocks[at]! * grow;
  const c = blocks[at + 2]! * grow;
  const f = blocks[at + 5]! * grow;
  if (!(a > 0)) return false;
  const l0 = Math.sqrt(a);
  const l1 = blocks[at + 1]! / l0;
  const d1 = c - l1 * l1;
  if (!(d1 > LEAST_PIVOT * c)) return false;
  const l2 = Math.sqrt(d1);
  const l3 = blocks[at + 3]! / l0;
  const l4 = (blocks[at + 4]! - l3 * l1) / l2;
  const d2 = f - l3 * l3 - l4 * l4;
  if (!(d2 > LEAST_PIVOT * f && d2 < Infinity)) return false;
  out[at] = l0;
  out[at + 1] = l1;
  out[at + 2] = l2;
  out[at + 3] = l3;
  out[at + 4] = l4;
  out[at + 5] = Math.sqrt(d2);
  return true;
}

/**
 * Factors the q-th block `V + μ diag V`, with a larger μ of its own where that is singular: a point of nearly parallel rays.
 *
 * @returns false for a block of zeros or of what is not finite: the point stays.
 */
export function factorPoint(blocks: Float64Array, q: number, damping: number, work: SchurWork): boolean {
  let own = damping;
  const at = q * TRIANGLE;
  while (!factorBlock(blocks, at, own, work.factors)) {
    own = Math.max(10 * own, LEAST_OWN_DAMPING);
    if (own > 1) {
      work.factors.fill(0, at, at + TRIANGLE);
      return false;
    }
  }
  work.pointDamping[q] = own;
  return true;
}

/** `x ← L⁻¹ x`. */
export function solveLower(l: Float64Array, at: number, x: Float64Array, i: number): void {
  const x0 = x[i]! / l[at]!;
  const x1 = (x[i + 1]! - l[at + 1]! * x0) / l[at + 2]!;
  x[i] = x0;
  x[i + 1] = x1;
  x[i + 2] = (x[i + 2]! - l[at + 3]! * x0 - l[at + 4]! * x1) / l[at + 5]!;
}

/** `x ← L⁻ᵀ x`. */
export function solveUpper(l: Float64Array, at: number, x: Float64Array, i: number): void {
  const x2 = x[i + 2]! / l[at + 5]!;
  const x1 = (x[i + 1]! - l[at + 4]! * x2) / l[at + 2]!;
  x[i] = (x[i]! - l[at + 1]! * x1 - l[at + 3]! * x2) / l[at]!;
  x[i + 1] = x1;
  x[i + 2] = x2;
}

/** Brings the q-th point's rows of W together by global column, a shared lens's rows summed, poses first. @returns how many. */
function gatherRows(model: BundleModel, equations: BundleEquations, q: number, work: SchurWork): number {
  const { width, lensFrom } = model.columns;
  const poseCount = gatherLocals(model, equations, q, [0, lensFrom], work, 0);
  if (lensFrom === width) return poseCount;
  const count = gatherLocals(model, equations, q, [lensFrom, width], work, poseCount);
  for (let i = poseCount; i < count; i++) work.places[work.touched[i]!] = -1;
  return count;
}

/** Appends the local columns `from` … `to` − 1 of all sightings; columns that several photos share are summed. */
function gatherLocals(
  { observations, columns }: BundleModel,
  { crossBlocks }: BundleEquations,
  q: number,
  [from, to]: readonly [from: number, to: number],
  { touched, rows, places }: SchurWork,
  filled: number,
): number {
  const { width, globals, isPhotoFree } = columns;
  const isShared = from > 0;
  let count = filled;
  const end = observations.slotStarts[q + 1]!;
  for (let slot = observations.slotStarts[q]!; slot < end; slot++) {
    const photo = observations.slotPhotos[slot]!;
    if (isPhotoFree[photo] === 0) continue;
    for (let a = from; a < to; a++) {
      const column = globals[photo * width + a]!;
      if (column < 0) continue;
      const at = (slot * width + a) * 3;
      const place = isShared ? places[column]! : -1;
      if (place >= 0) {
        rows[3 * place] = rows[3 * place]! + crossBlocks[at]!;
        rows[3 * place + 1] = rows[3 * place + 1]! + crossBlocks[at + 1]!;
        rows[3 * place + 2] = rows[3 * place + 2]! + crossBlocks[at + 2]!;
        continue;
      }
      if (isShared) places[column] = count;
      touched[count] = column;
      rows[3 * count] = crossBlocks[at]!;
      rows[3 * count + 1] = crossBlocks[at + 1]!;
      rows[3 * count + 2] = crossBlocks[at + 2]!;
      count++;
    }
  }
  return count;
}

/** Cuts the touched columns into runs of consecutive ones; `runs` receives each run's first place, and the end. @returns how many. */
function findRuns(touched: Int32Array, touchedCount: number, runs: Int32Array): number {
  let count = 0;
  for (let i = 0; i < touchedCount; i++) if (i === 0 || touched[i] !== touched[i - 1]! + 1) runs[count++] = i;
  runs[count] = touchedCount;
  return count;
}

/** `S −= T Tᵀ` for the rows of one run and the columns of another, or of the same: its lower triangle. */
function subtractRuns(work: SchurWork, count: number, rowRun: number, columnRun: number): void {
  const { touched, rows, reduced, runs } = work;
  const firstColumn = runs[columnRun]!;
  const endColumn = runs[columnRun + 1]!;
  const columnAt = touched[firstColumn]! - firstColumn;
  for (let i = runs[rowRun]!; i < runs[rowRun + 1]!; i++) {
    const t0 = rows[3 * i]!;
    const t1 = rows[3 * i + 1]!;
    const t2 = rows[3 * i + 2]!;
    const at = touched[i]! * count + columnAt;
    const end = rowRun === columnRun ? i + 1 : endColumn;
    for (let j = firstColumn; j < end; j++)
      reduced[at + j] = reduced[at + j]! - (t0 * rows[3 * j]! + t1 * rows[3 * j + 1]! + t2 * rows[3 * j + 2]!);
  }
}

/** `S −= T Tᵀ`, `b −= T y` with T = W L⁻ᵀ, y = L⁻¹ g of one point (b is the gradient, reduced). */
function subtractPoint(work: SchurWork, count: number, touchedCount: number, y: Float64Array, b: Float64Array): void {
  const { touched, rows, runs } = work;
  for (let i = 0; i < touchedCount; i++) {
    const row = touched[i]!;
    b[row] = b[row]! - rows[3 * i]! * y[0]! - rows[3 * i + 1]! * y[1]! - rows[3 * i + 2]! * y[2]!;
  }
  const runCount = findRuns(touched, touchedCount, runs);
  for (let i = 0; i < runCount; i++) {
    for (let j = 0; j <= i; j++) {
      // Lenses come in no order: the lower triangle is where the larger column is the row.
      const isOrdered = touched[runs[j]!]! <= touched[runs[i]!]!;
      subtractRuns(work, count, isOrdered ? i : j, isOrdered ? j : i);
    }
  }
}

/** The points' steps `δp = −V⁻¹ (g + Wᵀ δc)`; returns what they lower the quadratic model by, `½ δᵀ (μ D δ − g)`. */
function substitutePoints(model: BundleModel, equations: BundleEquations, work: SchurWork, step: BundleStep): number {
  const { observations } = model;
  const { pointBlocks, pointGradients } = equations;
  const { factors, touched, rows, pointDamping } = work;
  const delta = step.points;
  delta.fill(0);
  let gain = 0;
  for (let q = 0; q < observations.points.length; q++) {
    if (factors[q * TRIANGLE] === 0) continue;
    const at = 3 * q;
    const touchedCount = model.columns.count > 0 ? gatherRows(model, equations, q, work) : 0;
    for (let k = 0; k < 3; k++) delta[at + k] = -pointGradients[at + k]!;
    for (let i = 0; i < touchedCount; i++) {
      const change = step.columns[touched[i]!]!;
      for (let k = 0; k < 3; k++) delta[at + k] = delta[at + k]! - rows[3 * i + k]! * change;
    }
    solveLower(factors, q * TRIANGLE, delta, at);
    solveUpper(factors, q * TRIANGLE, delta, at);
    for (let k = 0; k < 3; k++) {
      const diagonal = pointBlocks[q * TRIANGLE + (k === 0 ? 0 : k === 1 ? 2 : 5)]!;
      const change = delta[at + k]!;
      gain += 0.5 * change * (pointDamping[q]! * diagonal * change - pointGradients[at + k]!);
    }
  }
  return gain;
}

const pointRight = new Float64Array(3);

/**
 * Solves `(N + μ diag N) δ = −g` for all unknowns: `(U − W V⁻¹ Wᵀ) δc = −(g_c − W V⁻¹ g_p)`, then the points one by one.
 *
 * @param system the cameras' part, gathered; only read.
 * @param step is written.
 * @returns by how much the step lowers the quadratic model of the cost; null when the reduced system is not positive definite or not finite:
 * try a larger damping.
 * Source: Triggs et al. 2000, sections 6.1 and 6.2; Hartley and Zisserman 2004, section A6.3.
 */
export function solveBundleStep(
  model: BundleModel,
  equations: BundleEquations,
  system: CameraSystem,
  damping: number,
  work: SchurWork,
  step: BundleStep,
): number | null {
  const { columns, observations } = model;
  const { count, arePointsFree } = columns;
  const { reduced } = work;
  reduced.set(system.matrix);
  step.columns.set(system.gradient);
  for (let k = 0; k < count; k++) {
    const diagonal = reduced[k * (count + 1)]!;
    // A column that nothing depends on here gets a step of zero.
    reduced[k * (count + 1)] = diagonal === 0 ? 1 : diagonal * (1 + damping);
  }
  for (let q = 0; arePointsFree && q < observations.points.length; q++) {
    if (!factorPoint(equations.pointBlocks, q, damping, work) || count === 0) continue;
    const touchedCount = gatherRows(model, equations, q, work);
    for (let i = 0; i < touchedCount; i++) solveLower(work.factors, q * TRIANGLE, work.rows, 3 * i);
    pointRight.set(equations.pointGradients.subarray(3 * q, 3 * q + 3));
    solveLower(work.factors, q * TRIANGLE, pointRight, 0);
    subtractPoint(work, count, touchedCount, pointRight, step.columns);
  }
  for (let k = 0; k < count; k++) step.columns[k] = -step.columns[k]!;
  if (!solvePositiveDefinite(reduced, step.columns, count)) return null;
  let gain = 0;
  for (let k = 0; k < count; k++) {
    const change = step.columns[k]!;
    gain += 0.5 * change * (damping * system.matrix[k * (count + 1)]! * change - system.gradient[k]!);
  }
  if (arePointsFree) gain += substitutePoints(model, equations, work, step);
  return Number.isFinite(gain) ? gain : null;
}

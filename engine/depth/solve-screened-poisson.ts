/** The one solver behind every "make this field meet those measurements and be smooth elsewhere". */
import { ShapeError } from '../scene/errors.js';
import type { ScreenedPoissonProblem } from './screened-poisson-problem.js';
import { coarsenProblem, upsampleField } from './screened-poisson-pyramid.js';

export interface SolverOptions {
  /** Stops when no pixel has moved by more than this in three iterations running; in the targets' unit. */
  readonly tolerance?: number;
  /** At full size; coarser levels may take as many each. */
  readonly maxIterations?: number;
}

export interface ScreenedPoissonSolution {
  /** [H, W] e. */
  readonly field: Float32Array;
  /** Iterations at full size. */
  readonly iterations: number;
  readonly converged: boolean;
}

/** Below this side a pyramid's level is solved from a constant. */
const COARSEST_SIDE = 8;

/**
 * Minimises `Σ_p w_p (e_p − t_p)² + λ Σ_{edges pq} c_pq (e_p − e_q)²`, that is `(diag(w) + λ L_c) e = w t` with L_c the weighted Laplacian of
 * the 4-neighbour grid. Borders are free (Neumann): a border pixel simply has fewer edges, so nothing pulls it to zero. Matrix-free
 * conjugate gradients with Jacobi preconditioning, started from the solution at half the size (w averaged, w t averaged, λ / 4, edges in
 * series and parallel), recursively.
 *
 * To blend a detailed field m with trusted values v, solve for the correction: t = v − m, then m + e (RI3D's depth blend, Eq. 2).
 * Pixels that nothing determines (λ = 0 and w = 0, or an unweighted island of cut edges) keep the coarser level's interpolation.
 *
 * @throws ShapeError when sizes disagree, all weights are 0 (singular), a weight, an edge or λ is negative or not finite, or a target
 * with a weight is not finite.
 * @remarks Paliwal et al., "RI3D", 2025, Eq. 2; borders as in the true Neumann problem, unlike its released code.
 */
export function solveScreenedPoisson(
  problem: ScreenedPoissonProblem,
  options: SolverOptions = {},
): ScreenedPoissonSolution {
  assertProblem(problem);
  return solveLevel(problem, options.tolerance ?? 1e-4, options.maxIterations ?? 1000);
}

function assertProblem({ width, height, weights, targets, smoothness, edges }: ScreenedPoissonProblem): void {
  const count = width * height;
  for (const array of [weights, targets, ...(edges ? [edges.right, edges.down] : [])]) {
    if (array.length !== count)
      throw new ShapeError(`an array of ${array.length} numbers for ${width} × ${height} pixels`);
  }
  if (!(smoothness >= 0 && smoothness < Infinity)) throw new ShapeError(`smoothness ${smoothness} is not a weight`);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const w = weights[i] as number;
    if (!(w >= 0 && w < Infinity)) throw new ShapeError(`weight ${w} at pixel ${i}`);
    if (w > 0 && !Number.isFinite(targets[i])) throw new ShapeError(`target ${targets[i]} at pixel ${i}`);
    total += w;
  }
  if (total === 0) throw new ShapeError('no pixel has a target: the problem is singular');
  for (const array of edges ? [edges.right, edges.down] : []) {
    if (!array.every((c) => c >= 0 && c < Infinity)) throw new ShapeError('an edge weight is negative or not finite');
  }
}

function solveLevel(
  problem: ScreenedPoissonProblem,
  tolerance: number,
  maxIterations: number,
): ScreenedPoissonSolution {
  const { width, height } = problem;
  let start: Float32Array;
  if (Math.min(width, height) <= COARSEST_SIDE) {
    start = new Float32Array(width * height).fill(weightedMean(problem));
  } else {
    const coarse = coarsenProblem(problem);
    const { field } = solveLevel(coarse, tolerance, maxIterations);
    start = upsampleField(field, coarse.width, coarse.height, width, height);
  }
  return iterate(problem, start, tolerance, maxIterations);
}

function weightedMean({ weights, targets }: ScreenedPoissonProblem): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i] as number;
    if (w > 0) {
      sum += w * (targets[i] as number);
      total += w;
    }
  }
  return sum / total;
}

/** Preconditioned conjugate gradients from `start`; float64 inside, since the products span the size of the image. */
function iterate(
  problem: ScreenedPoissonProblem,
  start: Float32Array,
  tolerance: number,
  maxIterations: number,
): ScreenedPoissonSolution {
  const { weights, targets } = problem;
  const count = start.length;
  const inverseDiagonal = invertDiagonal(problem);
  const e = Float64Array.from(start);
  const product = new Float64Array(count);
  multiply(problem, e, product);
  const residual = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const w = weights[i] as number;
    residual[i] = (w > 0 ? w * (targets[i] as number) : 0) - (product[i] as number);
  }
  const direction = new Float64Array(count);
  let rho = 0;
  for (let i = 0; i < count; i++) {
    direction[i] = (residual[i] as number) * (inverseDiagonal[i] as number);
    rho += (residual[i] as number) * (direction[i] as number);
  }
  let iterations = 0;
  let calm = 0;
  while (rho > 0 && calm < 3 && iterations < maxIterations) {
    iterations++;
    multiply(problem, direction, product);
    let curvature = 0;
    for (let i = 0; i < count; i++) curvature += (direction[i] as number) * (product[i] as number);
    if (!(curvature > 0)) break;
    const alpha = rho / curvature;
    let largestMove = 0;
    let nextRho = 0;
    for (let i = 0; i < count; i++) {
      const move = alpha * (direction[i] as number);
      e[i]! += move;
      if (Math.abs(move) > largestMove) largestMove = Math.abs(move);
      const r = (residual[i] as number) - alpha * (product[i] as number);
      residual[i] = r;
      nextRho += r * r * (inverseDiagonal[i] as number);
    }
    calm = largestMove <= tolerance ? calm + 1 : 0;
    const beta = nextRho / rho;
    rho = nextRho;
    for (let i = 0; i < count; i++) {
      direction[i] = (residual[i] as number) * (inverseDiagonal[i] as number) + beta * (direction[i] as number);
    }
  }
  return { field: Float32Array.from(e), iterations, converged: calm >= 3 || iterations < maxIterations };
}

/** 1 / (w + λ Σ c) per pixel; 0 where nothing holds a pixel, which then keeps its start. */
function invertDiagonal({ width, height, weights, smoothness, edges }: ScreenedPoissonProblem): Float64Array {
  const diagonal = Float64Array.from(weights);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x + 1 < width) {
        const c = smoothness * (edges ? (edges.right[i] as number) : 1);
        diagonal[i]! += c;
        diagonal[i + 1]! += c;
      }
      if (y + 1 < height) {
        const c = smoothness * (edges ? (edges.down[i] as number) : 1);
        diagonal[i]! += c;
        diagonal[i + width]! += c;
      }
    }
  }
  return diagonal.map((d) => (d > 0 ? 1 / d : 0));
}

/** product = (diag(w) + λ L_c) v. */
function multiply(
  { width, height, weights, smoothness, edges }: ScreenedPoissonProblem,
  v: Float64Array,
  product: Float64Array,
): void {
  for (let i = 0; i < v.length; i++) product[i] = (weights[i] as number) * (v[i] as number);
  for (let y = 0; y < height; y++) {
    const isLastRow = y + 1 === height;
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const own = v[i] as number;
      let sum = 0;
      if (x + 1 < width) {
        const flow = smoothness * (edges ? (edges.right[i] as number) : 1) * (own - (v[i + 1] as number));
        sum += flow;
        product[i + 1]! -= flow;
      }
      if (!isLastRow) {
        const flow = smoothness * (edges ? (edges.down[i] as number) : 1) * (own - (v[i + width] as number));
        sum += flow;
        product[i + width]! -= flow;
      }
      product[i]! += sum;
    }
  }
}

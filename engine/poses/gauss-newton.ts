/** Non-linear least squares with few parameters. */
import { solvePositiveDefinite } from '../math/dense-algebra.js';

/** Sums of Gauss–Newton: `normal = Σ w jᵀj` (lower triangle) and `gradient = Σ w j r` over residuals r with derivatives j. */
export class NormalEquations {
  readonly normal: Float64Array;
  readonly gradient: Float64Array;
  /** The derivatives of the residual that is added next. */
  readonly row: Float64Array;

  constructor(readonly size: number) {
    this.normal = new Float64Array(size * size);
    this.gradient = new Float64Array(size);
    this.row = new Float64Array(size);
  }

  reset(): void {
    this.normal.fill(0);
    this.gradient.fill(0);
  }

  /** Takes one residual in, with what `row` holds. */
  add(residual: number, weight: number): void {
    const { normal, gradient, row, size } = this;
    for (let p = 0; p < size; p++) {
      const scaled = weight * row[p]!;
      gradient[p] = gradient[p]! + scaled * residual;
      for (let q = 0; q <= p; q++) normal[p * size + q] = normal[p * size + q]! + scaled * row[q]!;
    }
  }
}

/**
 * `½ Σ log(1 + s)` over squared residuals s in units of the loss's scale squared: Cauchy's loss. Factors are multiplied as long as they fit
 * into a number; a logarithm each would take half of a refinement's time.
 */
export class CauchySum {
  private product = 1;
  private sum = 0;

  add(squared: number): void {
    this.product *= 1 + squared;
    // Also taken when NaN, which must not get lost.
    if (this.product < 1e150) return;
    this.sum += Math.log(this.product);
    this.product = 1;
  }

  total(): number {
    return 0.5 * (this.sum + Math.log(this.product));
  }
}

/** What is minimised, over states that need not be vectors. */
export interface LeastSquaresProblem<State> {
  /** Parameters of a step. */
  readonly size: number;
  /** The cost at a state, Infinity where it is not allowed; given equations, it also adds every residual to them. */
  readonly evaluate: (state: State, equations: NormalEquations | null) => number;
  /** The state one step away. */
  readonly move: (state: State, step: Float64Array) => State;
}

const FIRST_DAMPING = 1e-4;
const LEAST_DAMPING = 1e-9;
const MOST_DAMPING = 1e8;
/** A relative gain below this ends the search. */
const SETTLED = 1e-8;

/**
 * Levenberg–Marquardt: steps `(N + μ diag N) δ = −g`, μ smaller after a step that lowers the cost and larger after one that does not.
 *
 * @param maxSteps evaluations of the cost at a new state, at most.
 * @returns the best state and its cost, never above that of `start`; `start` itself when its cost is not finite or N is singular.
 * Source: Marquardt 1963; Hartley and Zisserman 2004, appendix A6.2.
 */
export function minimise<State>(
  problem: LeastSquaresProblem<State>,
  start: State,
  maxSteps: number,
): { state: State; cost: number } {
  const { size, evaluate, move } = problem;
  const equations = new NormalEquations(size);
  let state = start;
  let cost = evaluate(state, equations);
  let damping = FIRST_DAMPING;
  for (let i = 0; i < maxSteps && cost > 0 && cost < Infinity; i++) {
    const damped = equations.normal.slice();
    for (let k = 0; k < size; k++) damped[k * size + k] = damped[k * size + k]! * (1 + damping);
    const step = equations.gradient.map((g) => -g);
    if (!solvePositiveDefinite(damped, step, size)) break;
    const next = move(state, step);
    const nextCost = evaluate(next, null);
    if (!(nextCost < cost)) {
      damping *= 100;
      if (damping > MOST_DAMPING) break;
      continue;
    }
    const isLast = cost - nextCost < SETTLED * cost || i === maxSteps - 1;
    state = next;
    cost = nextCost;
    damping = Math.max(damping * 0.1, LEAST_DAMPING);
    if (isLast) break;
    equations.reset();
    evaluate(state, equations);
  }
  return { state, cost };
}

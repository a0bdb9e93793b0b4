/** Points found one by one, cameras held. */
import type { PreparedBundle } from './bundle-model.js';
import type { BundleEquations } from './bundle-equations.js';
import { addPointToEquations, createBundleEquations, TRIANGLE } from './bundle-equations.js';
import { costOfRange } from './bundle-residuals.js';
import type { SchurWork } from './bundle-schur.js';
import { createSchurWork, factorPoint, solveLower, solveUpper } from './bundle-schur.js';
import type { BundleState } from './bundle-state.js';

/** What ends a point's search. */
export interface PointSearchLimits {
  readonly maxIterations: number;
  readonly costTolerance: number;
}

const FIRST_DAMPING = 1e-4;
const LEAST_DAMPING = 1e-9;
const MOST_DAMPING = 1e8;

interface PointSearch extends PointSearchLimits {
  readonly prepared: PreparedBundle;
  readonly equations: BundleEquations;
  readonly work: SchurWork;
  readonly state: BundleState;
}

/** Levenberg–Marquardt on the q-th point; its position in the state is changed. @returns its cost and the steps tried. */
function adjustPoint(search: PointSearch, q: number): { cost: number; steps: number } {
  const { prepared, equations, work, state, maxIterations, costTolerance } = search;
  const { model } = prepared;
  const { points, observationStarts } = model.observations;
  const point = points[q]!;
  const range = [observationStarts[q]!, observationStarts[q + 1]!] as const;
  const position = state.positions.subarray(3 * point, 3 * point + 3);
  const before = position.slice();
  const { pointGradients, pointBlocks } = equations;
  const delta = new Float64Array(3);
  let cost = costOfRange(model, state, point, range, equations.terms);
  let damping = FIRST_DAMPING;
  let isFresh = false;
  let steps = 0;
  for (; steps < maxIterations && cost > 0 && damping < MOST_DAMPING; steps++) {
    if (!isFresh) {
      pointGradients.fill(0, 3 * q, 3 * q + 3);
      pointBlocks.fill(0, TRIANGLE * q, TRIANGLE * (q + 1));
      addPointToEquations(model, state, q, equations);
    }
    if (!factorPoint(pointBlocks, q, damping, work)) break;
    for (let k = 0; k < 3; k++) delta[k] = -pointGradients[3 * q + k]!;
    solveLower(work.factors, TRIANGLE * q, delta, 0);
    solveUpper(work.factors, TRIANGLE * q, delta, 0);
    before.set(position);
    for (let k = 0; k < 3; k++) position[k] = position[k]! + delta[k]!;
    const next = costOfRange(model, state, point, range, equations.terms);
    isFresh = !(next < cost);
    if (isFresh) {
      position.set(before);
      damping *= 10;
      continue;
    }
    const isSettled = cost - next < costTolerance * cost;
    cost = next;
    damping = Math.max(damping * 0.1, LEAST_DAMPING);
    if (isSettled) break;
  }
  return { cost, steps };
}

/**
 * Minimises each point's cost by itself: no point waits for another's damping, unlike in a common search.
 *
 * @param state its positions are changed; a point never ends at a higher cost than it began with.
 * @returns the sum of the costs, and the most steps that a point took.
 */
export function adjustPoints(
  prepared: PreparedBundle,
  state: BundleState,
  limits: PointSearchLimits,
): { cost: number; iterations: number } {
  const { model } = prepared;
  const search = { ...limits, prepared, equations: createBundleEquations(model), work: createSchurWork(model), state };
  let [cost, iterations] = [0, 0];
  for (let q = 0; q < model.observations.points.length; q++) {
    const found = adjustPoint(search, q);
    cost += found.cost;
    iterations = Math.max(iterations, found.steps);
  }
  return { cost, iterations };
}

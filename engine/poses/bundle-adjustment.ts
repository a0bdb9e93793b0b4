/** Bundle adjustment: cameras, lenses and points that agree best with where photos see the points. */
import type { SlicedWork, StageContext } from '../scene/stage.js';
import { runAtOnce, runInSlices } from '../scene/stage.js';
import { adjustPoints } from './adjust-points.js';
import { createBundleEquations, fillBundleEquations, gatherCameraSystem } from './bundle-equations.js';
import type { PreparedBundle } from './bundle-model.js';
import { bundleCost, prepareBundle, summariseErrors } from './bundle-model.js';
import { sortFiniteObservations } from './bundle-observations.js';
import type { BundleOptions, BundleProblem, BundleResult, BundleStop } from './bundle-problem.js';
import { createObservationTerms, evaluateObservation } from './bundle-residuals.js';
import { createSchurWork, solveBundleStep } from './bundle-schur.js';
import type { BundleState } from './bundle-state.js';
import { applyBundleStep, cameraOfPhoto, copyBundleState, lensOfState } from './bundle-state.js';

const FIRST_DAMPING = 1e-4;
const LEAST_DAMPING = 1e-12;
const MOST_DAMPING = 1e12;
/** Squared errors of 1e-20 px² are rounding. */
const NO_COST = 0.5e-20;
const DEFAULT_ITERATIONS = 50;
const DEFAULT_TOLERANCE = 1e-8;
/** Below this part of the promised gain a step is too cautious for its small gain to mean that the end is reached. */
const TRUSTED_GAIN = 0.25;
/** A focal length that moved by more has left the lens that the photo tells of. */
const MOST_ZOOM = 5;

interface Search {
  readonly state: BundleState;
  readonly costs: number[];
  readonly iterations: number;
  readonly stop: BundleStop;
}

/** Levenberg–Marquardt with Nielsen's choice of the damping (Madsen, Nielsen and Tingleff 2004, algorithm 3.16). */
function* searchTogether(prepared: PreparedBundle, limits: Limits): SlicedWork<Search> {
  const { model, priors } = prepared;
  const { columns, observations } = model;
  const [equations, work, terms] = [createBundleEquations(model), createSchurWork(model), createObservationTerms()];
  const system = {
    matrix: new Float64Array(columns.count * columns.count),
    gradient: new Float64Array(columns.count),
  };
  const step = { columns: new Float64Array(columns.count), points: new Float64Array(3 * observations.points.length) };
  let state = prepared.start;
  let trial = copyBundleState(state);
  let cost = bundleCost(prepared, state, terms);
  const costs = [cost];
  let [damping, growth, isFresh] = [FIRST_DAMPING, 2, false];
  let stop: BundleStop = 'iteration-limit';
  let iterations = 0;
  for (; iterations < limits.maxIterations; iterations++) {
    if (cost <= NO_COST * observations.count || damping > MOST_DAMPING) {
      stop = damping > MOST_DAMPING ? 'stuck' : 'converged';
      break;
    }
    if (!isFresh) {
      fillBundleEquations(model, state, equations);
      gatherCameraSystem(model, equations, state, priors, system);
    }
    const promised = solveBundleStep(model, equations, system, damping, work, step);
    yield;
    let next = NaN;
    if (promised !== null) {
      applyBundleStep(state, columns, observations, step, trial);
      next = bundleCost(prepared, trial, terms);
    }
    isFresh = !(next < cost);
    if (isFresh) {
      damping *= growth;
      growth *= 2;
      // Nothing left to gain but rounding.
      if (promised === null || promised > 1e-14 * cost) continue;
      stop = 'converged';
      break;
    }
    const gain = (cost - next) / promised!;
    const isSettled = cost - next < limits.costTolerance * cost && gain > TRUSTED_GAIN;
    [state, trial] = [trial, state];
    cost = next;
    costs.push(cost);
    damping = Math.max(LEAST_DAMPING, damping * Math.max(1 / 3, 1 - (2 * gain - 1) ** 3));
    growth = 2;
    if (!isSettled) continue;
    stop = 'converged';
    iterations++;
    break;
  }
  return { state, costs, iterations, stop };
}

interface Limits {
  readonly maxIterations: number;
  readonly costTolerance: number;
}

function searchPoints(prepared: PreparedBundle, limits: Limits): Search {
  const state = copyBundleState(prepared.start);
  const before = bundleCost(prepared, state, createObservationTerms());
  const { cost, iterations } = adjustPoints(prepared, state, limits);
  const stop = iterations < limits.maxIterations ? 'converged' : 'iteration-limit';
  return { state, costs: cost < before ? [before, cost] : [before], iterations, stop };
}

function errorsOfAll(problem: BundleProblem, prepared: PreparedBundle, state: BundleState): Float64Array {
  const errors = new Float64Array(problem.observations.photos.length).fill(NaN);
  const observations = sortFiniteObservations(problem);
  const model = { ...prepared.model, observations };
  const terms = createObservationTerms();
  observations.points.forEach((point, q) => {
    for (let i = observations.observationStarts[q]!; i < observations.observationStarts[q + 1]!; i++) {
      const isShown = evaluateObservation(model, state, i, point, terms, false);
      errors[observations.sources[i]!] = isShown ? terms.residuals[0]! ** 2 + terms.residuals[1]! ** 2 : Infinity;
    }
  });
  return errors;
}

function isLost(problem: BundleProblem, { rmsPx, behindCount }: Errors, usedCount: number, search: Search): boolean {
  const { state, costs } = search;
  const zoomed = problem.lenses.some(({ intrinsics }, lens) => {
    const zoom = Math.abs(Math.log(state.lenses[6 * lens]! / intrinsics.fx));
    return zoom > Math.log(MOST_ZOOM);
  });
  return zoomed || !Number.isFinite(rmsPx + costs[costs.length - 1]!) || 2 * behindCount > usedCount;
}

type Errors = ReturnType<typeof summariseErrors>;

function finishBundle(problem: BundleProblem, prepared: PreparedBundle, search: Search): BundleResult {
  const { columns, observations } = prepared.model;
  const { state, costs, iterations, stop } = search;
  const errors = summariseErrors(prepared, state);
  const isPoseFree = (photo: number): boolean =>
    columns.globals.subarray(photo * columns.width, photo * columns.width + 6).some((column) => column >= 0);
  return {
    lenses: problem.lenses.map((lens, i) => (columns.lensColumns[i]! < 0 ? lens : lensOfState(state, i, lens))),
    camerasFromWorld: problem.photos.map(({ cameraFromWorld }, i) =>
      isPoseFree(i) ? cameraOfPhoto(state, i) : cameraFromWorld,
    ),
    positions: state.positions,
    logScales: state.logScales,
    squaredErrorsPx: errorsOfAll(problem, prepared, state),
    ...errors,
    usedCount: observations.count,
    costs,
    iterations,
    stop,
    diverged: isLost(problem, errors, observations.count, search),
  };
}

function* adjustWork(problem: BundleProblem, options: BundleOptions): SlicedWork<BundleResult> {
  const prepared = prepareBundle(problem, options);
  const { columns, observations } = prepared.model;
  const limits = {
    maxIterations: options.maxIterations ?? DEFAULT_ITERATIONS,
    costTolerance: options.costTolerance ?? DEFAULT_TOLERANCE,
  };
  if (observations.count === 0 || (columns.count === 0 && !columns.arePointsFree)) {
    const cost = bundleCost(prepared, prepared.start, createObservationTerms());
    return finishBundle(problem, prepared, { state: prepared.start, costs: [cost], iterations: 0, stop: 'empty' });
  }
  const search = columns.count === 0 ? searchPoints(prepared, limits) : yield* searchTogether(prepared, limits);
  return finishBundle(problem, prepared, search);
}

/**
 * Minimises
 *
 * `Σ w_ij ρ(|π(lens_i, R_i (X_j − C_i)) − x_ij|²) + depthWeight Σ ρ(((log z_ij − log D_ij − s_i) / σ_ij)²) + ½ Σ priors`
 *
 * over cameras, points, lenses and log scales, as far as the options free them: Levenberg–Marquardt on analytic derivatives, points
 * eliminated by the Schur complement. ρ is Huber's loss, by iterated weights. For some 60 photos and 20,000 points at most: the reduced
 * system is dense.
 *
 * Gauge (`free: 'all'`): the first photo that sees anything, or the constant photos, stay where they are; unless two constant photos stand
 * apart or the depths are metric, one world coordinate of the centre of the camera farthest from it (the largest of their baseline) stays,
 * and with it the scale.
 *
 * What is not finite (pixels, positions, cameras, lenses), and what nothing determines, is left out and stays as given; the rest is adjusted.
 *
 * @returns a state that costs no more than the start; `diverged` says when it is useless all the same.
 * @throws ShapeError for lists that do not fit each other or options out of range.
 * Source: Triggs et al. 2000, "Bundle adjustment: a modern synthesis"; Lourakis and Argyros 2009, "SBA"; Madsen et al. 2004 for the damping.
 */
export function adjustBundle(problem: BundleProblem, options: BundleOptions = {}): BundleResult {
  return runAtOnce(adjustWork(problem, options));
}

/**
 * {@link adjustBundle} in slices, between which the host gets its turn.
 *
 * @throws the signal's reason when it was aborted, and what `adjustBundle` throws.
 */
export async function adjustBundleInSlices(
  problem: BundleProblem,
  options: BundleOptions,
  context: StageContext,
): Promise<BundleResult> {
  context.signal?.throwIfAborted();
  return runInSlices(adjustWork(problem, options), context);
}

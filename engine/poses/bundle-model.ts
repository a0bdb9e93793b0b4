/** The parts of a bundle's model put together, and its cost. */
import { ShapeError } from '../scene/errors.js';
import { layOutColumns } from './bundle-columns.js';
import type { LensPriorTerm } from './bundle-lens-priors.js';
import { lensPriorCost, listLensPriors } from './bundle-lens-priors.js';
import { sortObservations } from './bundle-observations.js';
import type { BundleOptions, BundleProblem } from './bundle-problem.js';
import type { BundleModel, ObservationTerms } from './bundle-residuals.js';
import { costOfRange, createObservationTerms, evaluateObservation } from './bundle-residuals.js';
import type { BundleState } from './bundle-state.js';
import { createBundleState } from './bundle-state.js';
import { listTies } from './bundle-ties.js';

/** A checked problem, ready to be worked on. */
export interface PreparedBundle {
  readonly model: BundleModel;
  readonly priors: readonly LensPriorTerm[];
  readonly start: BundleState;
}

function threshold(value: number | undefined, name: string): number {
  const chosen = value ?? 1;
  if (!(chosen > 0)) throw new ShapeError(`${name} is ${chosen}, not above 0`);
  return chosen;
}

/** `log z − log D` of each photo's observations, their median written into the state's log scales. */
function guessLogScales({ observations, columns }: BundleModel, state: BundleState): void {
  const differences = columns.lensOfPhoto.length === 0 ? [] : Array.from(columns.lensOfPhoto, () => [] as number[]);
  observations.points.forEach((point, q) => {
    for (let i = observations.observationStarts[q]!; i < observations.observationStarts[q + 1]!; i++) {
      if (observations.inverseSigmas[i] === 0) continue;
      const photo = observations.photos[i]!;
      const [r, c] = [9 * photo + 6, 3 * photo];
      let depth = 0;
      for (let k = 0; k < 3; k++)
        depth += state.rotations[r + k]! * (state.positions[3 * point + k]! - state.centres[c + k]!);
      if (depth > 0) differences[photo]!.push(Math.log(depth) - observations.logDepths[i]!);
    }
  });
  differences.forEach((list, photo) => {
    if (list.length > 0) state.logScales[photo] = list.sort((a, b) => a - b)[list.length >> 1]!;
  });
}

/**
 * Checks a problem and lays it out.
 *
 * @throws ShapeError for lists that do not fit each other, and for thresholds that are not above 0.
 */
export function prepareBundle(problem: BundleProblem, options: BundleOptions): PreparedBundle {
  const observations = sortObservations(problem, options.free);
  const columns = layOutColumns(problem, observations, options);
  const model: BundleModel = {
    observations,
    columns,
    hiddenSquaredPx: Float64Array.from(problem.lenses, ({ intrinsics: { width, height, fx } }) =>
      Math.max(width * width + height * height, fx * fx, 1),
    ),
    huberPx: threshold(options.huberPx, 'huberPx'),
    huberSigmas: threshold(options.huberSigmas, 'huberSigmas'),
    depthWeight: threshold(options.depthWeight, 'depthWeight'),
    ties: listTies(problem.ties, problem.positions.length / 3, threshold(options.huberTieSigmas, 'huberTieSigmas')),
  };
  const start = createBundleState(problem);
  if (problem.logScales === undefined && options.areLogScalesFree !== false) guessLogScales(model, start);
  return { model, priors: listLensPriors(problem, options.lensPriors ?? [], columns), start };
}

/** What is minimised: losses of all observations that count, and the lenses' priors. */
export function bundleCost({ model, priors }: PreparedBundle, state: BundleState, terms: ObservationTerms): number {
  const { points, observationStarts } = model.observations;
  let cost = lensPriorCost(state, priors);
  for (let q = 0; q < points.length; q++)
    cost += costOfRange(model, state, points[q]!, [observationStarts[q]!, observationStarts[q + 1]!], terms);
  return cost;
}

/** Errors of what counted. */
export interface BundleErrors {
  readonly rmsPx: number;
  readonly behindCount: number;
}

/** Root mean square and number behind the camera, see {@link BundleResult}. */
export function summariseErrors({ model }: PreparedBundle, state: BundleState): BundleErrors {
  const { observations } = model;
  const terms = createObservationTerms();
  let [sum, behindCount] = [0, 0];
  observations.points.forEach((point, q) => {
    for (let i = observations.observationStarts[q]!; i < observations.observationStarts[q + 1]!; i++) {
      if (evaluateObservation(model, state, i, point, terms, false))
        sum += terms.residuals[0]! ** 2 + terms.residuals[1]! ** 2;
      else behindCount++;
    }
  });
  const shown = observations.count - behindCount;
  return { rmsPx: shown > 0 ? Math.sqrt(sum / shown) : 0, behindCount };
}

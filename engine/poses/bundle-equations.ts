/** The normal equations of a bundle, with the points' blocks kept apart. */
import { huberWeight } from './bundle-loss.js';
import type { BundleState } from './bundle-state.js';
import { addTie } from './bundle-ties.js';
import type { LensPriorTerm } from './bundle-lens-priors.js';
import { lensPriorResidual } from './bundle-lens-priors.js';
import type { BundleModel, ObservationTerms } from './bundle-residuals.js';
import { createObservationTerms, evaluateObservation, ROW } from './bundle-residuals.js';

/** Numbers of a symmetric 3×3 block's lower triangle, by rows: 00, 10, 11, 20, 21, 22. */
export const TRIANGLE = 6;

/**
 * `[U W; Wᵀ V] δ = −g` in parts: U is held as one block a photo (its pose and the lens it shares), V as one a point, W as one a sighting.
 * Lower triangles alone are written.
 */
export interface BundleEquations {
  /** [F,width,width] */
  readonly cameraBlocks: Float64Array;
  /** [F,width] */
  readonly cameraGradients: Float64Array;
  /** [Q,6] */
  readonly pointBlocks: Float64Array;
  /** [Q,3] */
  readonly pointGradients: Float64Array;
  /** [S,width,3] */
  readonly crossBlocks: Float64Array;
  readonly terms: ObservationTerms;
}

/** Zeroed equations of the size that the model needs; reuse them from step to step. */
export function createBundleEquations({ columns, observations }: BundleModel): BundleEquations {
  const { width, lensOfPhoto, arePointsFree, count } = columns;
  const pointCount = arePointsFree ? observations.points.length : 0;
  return {
    cameraBlocks: new Float64Array(lensOfPhoto.length * width * width),
    cameraGradients: new Float64Array(lensOfPhoto.length * width),
    pointBlocks: new Float64Array(pointCount * TRIANGLE),
    pointGradients: new Float64Array(pointCount * 3),
    crossBlocks: new Float64Array(arePointsFree && count > 0 ? observations.slotPhotos.length * width * 3 : 0),
    terms: createObservationTerms(),
  };
}

/** Adds rows `first` … `last` of the terms to a photo's block and gradient. */
function addToCamera(equations: BundleEquations, photo: number, width: number, weights: Float64Array): void {
  const { cameraBlocks, cameraGradients, terms } = equations;
  const { residuals, jacobian } = terms;
  const block = photo * width * width;
  const hasDepth = weights[2]! > 0;
  for (let a = 0; a < width; a++) {
    const u = weights[0]! * jacobian[a]!;
    const v = weights[1]! * jacobian[ROW + a]!;
    const d = hasDepth ? weights[2]! * jacobian[2 * ROW + a]! : 0;
    const gradient = photo * width + a;
    cameraGradients[gradient] = cameraGradients[gradient]! + u * residuals[0]! + v * residuals[1]! + d * residuals[2]!;
    const row = block + a * width;
    if (hasDepth)
      for (let b = 0; b <= a; b++)
        cameraBlocks[row + b] =
          cameraBlocks[row + b]! + u * jacobian[b]! + v * jacobian[ROW + b]! + d * jacobian[2 * ROW + b]!;
    else
      for (let b = 0; b <= a; b++)
        cameraBlocks[row + b] = cameraBlocks[row + b]! + u * jacobian[b]! + v * jacobian[ROW + b]!;
  }
}

/** Adds a row to a point's block and gradient: its derivatives are the negatives of those by the camera's centre. */
function addToPoint(equations: BundleEquations, q: number, row: number, weight: number): void {
  const { pointBlocks, pointGradients, terms } = equations;
  const { residuals, jacobian } = terms;
  const x = -jacobian[row * ROW + 3]!;
  const y = -jacobian[row * ROW + 4]!;
  const z = -jacobian[row * ROW + 5]!;
  const scaled = weight * residuals[row]!;
  const g = 3 * q;
  const v = TRIANGLE * q;
  pointGradients[g] = pointGradients[g]! + scaled * x;
  pointGradients[g + 1] = pointGradients[g + 1]! + scaled * y;
  pointGradients[g + 2] = pointGradients[g + 2]! + scaled * z;
  pointBlocks[v] = pointBlocks[v]! + weight * x * x;
  pointBlocks[v + 1] = pointBlocks[v + 1]! + weight * y * x;
  pointBlocks[v + 2] = pointBlocks[v + 2]! + weight * y * y;
  pointBlocks[v + 3] = pointBlocks[v + 3]! + weight * z * x;
  pointBlocks[v + 4] = pointBlocks[v + 4]! + weight * z * y;
  pointBlocks[v + 5] = pointBlocks[v + 5]! + weight * z * z;
}

function addToCross(equations: BundleEquations, slot: number, width: number, row: number, weight: number): void {
  const { crossBlocks, terms } = equations;
  const { jacobian } = terms;
  const from = row * ROW;
  const x = -weight * jacobian[from + 3]!;
  const y = -weight * jacobian[from + 4]!;
  const z = -weight * jacobian[from + 5]!;
  let at = slot * width * 3;
  for (let a = 0; a < width; a++) {
    const j = jacobian[from + a]!;
    crossBlocks[at] = crossBlocks[at]! + j * x;
    crossBlocks[at + 1] = crossBlocks[at + 1]! + j * y;
    crossBlocks[at + 2] = crossBlocks[at + 2]! + j * z;
    at += 3;
  }
}

const rowWeights = new Float64Array(3);

/**
 * Adds the observations of the q-th point that counts to the equations: `w huber' jᵀ j` and `w huber' j r` of each residual, as iterated
 * least squares has it (Huber's weight, no second-order term). What its photo cannot show adds nothing.
 */
export function addPointToEquations(
  model: BundleModel,
  state: BundleState,
  q: number,
  equations: BundleEquations,
): void {
  const { observations, columns, huberPx, huberSigmas, depthWeight } = model;
  const { width, isPhotoFree, arePointsFree } = columns;
  const { terms } = equations;
  const { residuals } = terms;
  const point = observations.points[q]!;
  if (model.ties !== null && arePointsFree)
    addTie(model.ties, state.positions, point, {
      blocks: equations.pointBlocks,
      gradients: equations.pointGradients,
      q,
    });
  const end = observations.observationStarts[q + 1]!;
  for (let i = observations.observationStarts[q]!; i < end; i++) {
    if (!evaluateObservation(model, state, i, point, terms, true)) continue;
    const squared = residuals[0]! * residuals[0]! + residuals[1]! * residuals[1]!;
    const weight = observations.weights[i]! * huberWeight(squared, huberPx);
    const hasDepth = observations.inverseSigmas[i]! > 0;
    rowWeights[0] = weight;
    rowWeights[1] = weight;
    rowWeights[2] = hasDepth ? depthWeight * huberWeight(residuals[2]! * residuals[2]!, huberSigmas) : 0;
    const isFree = isPhotoFree[observations.photos[i]!] === 1;
    if (isFree) addToCamera(equations, observations.photos[i]!, width, rowWeights);
    if (!arePointsFree) continue;
    for (let row = 0; row < (hasDepth ? 3 : 2); row++) {
      addToPoint(equations, q, row, rowWeights[row]!);
      if (isFree) addToCross(equations, observations.slots[i]!, width, row, rowWeights[row]!);
    }
  }
}

/** Fills the equations anew at a state. */
export function fillBundleEquations(model: BundleModel, state: BundleState, equations: BundleEquations): void {
  equations.cameraBlocks.fill(0);
  equations.cameraGradients.fill(0);
  equations.pointBlocks.fill(0);
  equations.pointGradients.fill(0);
  equations.crossBlocks.fill(0);
  // Local columns that one residual does not depend on are never written: the log scale of a pixel, the lens of a depth.
  equations.terms.jacobian.fill(0);
  for (let q = 0; q < model.observations.points.length; q++) addPointToEquations(model, state, q, equations);
}

/** The cameras' part U with its gradient, the photos' blocks and the priors gathered by global column. */
export interface CameraSystem {
  /** [count,count], lower triangle. */
  readonly matrix: Float64Array;
  /** [count] */
  readonly gradient: Float64Array;
}

/** Gathers the cameras' part of the equations into `system`. */
export function gatherCameraSystem(
  { columns }: BundleModel,
  equations: BundleEquations,
  state: BundleState,
  priors: readonly LensPriorTerm[],
  system: CameraSystem,
): void {
  const { globals, width, count } = columns;
  const { matrix, gradient } = system;
  matrix.fill(0);
  gradient.fill(0);
  for (let photo = 0; photo < columns.lensOfPhoto.length; photo++) {
    for (let a = 0; a < width; a++) {
      const row = globals[photo * width + a]!;
      if (row < 0) continue;
      gradient[row] = gradient[row]! + equations.cameraGradients[photo * width + a]!;
      for (let b = 0; b <= a; b++) {
        const column = globals[photo * width + b]!;
        const at = row * count + column;
        // Local order is global order: columns of lenses come last in both.
        if (column >= 0) matrix[at] = matrix[at]! + equations.cameraBlocks[(photo * width + a) * width + b]!;
      }
    }
  }
  for (const prior of priors) {
    const at = prior.column * (count + 1);
    matrix[at] = matrix[at]! + prior.inverseSigma ** 2;
    gradient[prior.column] = gradient[prior.column]! + lensPriorResidual(state, prior) * prior.inverseSigma;
  }
}

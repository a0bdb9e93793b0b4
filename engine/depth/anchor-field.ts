/** A field over the picture that meets sparse anchors: a stiff one that all of them hold, and on it what the precise ones know better. */
import { median } from '../math/median.js';
import type { AnchorGrid } from './rasterise-anchors.js';
import type { EdgeWeights, ScreenedPoissonProblem } from './screened-poisson-problem.js';
import { coarsenProblem, upsampleField } from './screened-poisson-pyramid.js';
import { solveScreenedPoisson } from './solve-screened-poisson.js';

export interface FieldProblem {
  readonly grid: AnchorGrid;
  /** [anchors] what the field should be at each anchor. */
  readonly targets: Float64Array;
  readonly edges: EdgeWeights;
}

export interface AnchorField {
  /** [H, W] */
  readonly field: Float32Array;
  /** [anchors] 0..1: how much each was believed beside its neighbours. */
  readonly belief: Float64Array;
}

/** Of the stiff field: a radar of σ 10 % is averaged over its neighbours, a scanner is followed already. */
const STIFF = 0.01;
/** Of the detail: anchors are met nearly exactly, and between them the photo's edges decide. */
const LOOSE = 0.001;
/** An anchor of this sigma has weight 1. */
const UNIT_SIGMA = 0.01;
/** Away from precise anchors the detail fades into the stiff field over about this share of the diagonal. */
const FADE_SHARE = 0.05;
/** The stiff field is solved with at most so many pixels. */
const COARSE_PIXELS = 60_000;
/** And the detail with so many: photos halved once or twice were measured to lose nothing, and take a quarter of the time. */
const DETAIL_PIXELS = 600_000;
/** Misfits beyond so many robust standard deviations count less (Cauchy). */
const OUTLIER = 3;
/** Relative to targets, which are about 1. */
const TOLERANCE = 1e-3;

/** Weight per pixel, target per pixel. */
function spread(
  problem: FieldProblem,
  weightOf: (k: number) => number,
  targetOf: (k: number) => number,
): Pick<ScreenedPoissonProblem, 'width' | 'height' | 'weights' | 'targets' | 'edges'> {
  const { grid, edges } = problem;
  const { width, height } = grid;
  const weights = new Float32Array(width * height);
  const targets = new Float32Array(width * height);
  grid.pixels.forEach((pixel, k) => {
    weights[pixel] = weightOf(k);
    targets[pixel] = targetOf(k);
  });
  return { width, height, weights, targets, edges };
}

/** Solves the problem halved until it is small enough, and brings the field back. */
function solveCoarsely(problem: ScreenedPoissonProblem, mostPixels = COARSE_PIXELS): Float32Array {
  const { width, height } = problem;
  if (width * height <= mostPixels) return solveScreenedPoisson(problem, { tolerance: TOLERANCE }).field;
  const coarse = coarsenProblem(problem);
  return upsampleField(solveCoarsely(coarse, mostPixels), coarse.width, coarse.height, width, height);
}

/** Cauchy's weights of anchors that contradict their surroundings, each judged by what its own σ lets expect. */
function judgeAnchors({ grid, targets }: FieldProblem, field: Float32Array): Float64Array {
  const { inverseDepth, usualInverseDepth, sigma, pixels } = grid;
  const misfit = targets.map((target, k) => {
    const expected = ((sigma[k] as number) * (inverseDepth[k] as number)) / usualInverseDepth;
    return Math.abs(target - (field[pixels[k] as number] as number)) / expected;
  });
  const usual = Math.max(1, 1.4826 * (median(misfit) || 0));
  return misfit.map((value) => 1 / (1 + (value / (OUTLIER * usual)) ** 2));
}

/**
 * The stiff field s minimises `Σ_a w_a b_a (s_a − t_a)² + λ Σ_edges c_pq (s_p − s_q)²` with w = (0.01 / σ)², λ = 0.01 and belief b found in a
 * first round; solved at reduced size. The detail e on it minimises the same with λ = 0.001 over the anchors of precise sensors and their misfits
 * `t − s`, and a pull to 0 so weak that it acts where no such anchor is within about 5 % of the diagonal: there the stiff field holds.
 *
 * @param problem at least one anchor; targets about 1 in size and finite.
 * @returns the field s + e. O(pixels).
 */
export function solveAnchorField(problem: FieldProblem): AnchorField {
  const { grid, targets } = problem;
  const { width, height, sigma } = grid;
  const weightOf = (k: number): number => (UNIT_SIGMA / (sigma[k] as number)) ** 2;
  const targetOf = (k: number): number => targets[k] as number;
  const first = solveCoarsely({ ...spread(problem, weightOf, targetOf), smoothness: STIFF });
  const belief = judgeAnchors(problem, first);
  const believed = (k: number): number => weightOf(k) * (belief[k] as number);
  const stiff = solveCoarsely({ ...spread(problem, believed, targetOf), smoothness: STIFF });

  // A radar's anchors shape the stiff field alone: met exactly, their noise would become relief.
  const detail = spread(
    problem,
    (k) => (grid.isPrecise[k] === 1 ? weightOf(k) : 0),
    (k) => (targets[k] as number) - (stiff[grid.pixels[k] as number] as number),
  );
  if (!detail.weights.some((weight) => weight > 0)) return { field: stiff, belief };
  const fadePx = FADE_SHARE * Math.hypot(width, height);
  const pull = LOOSE / fadePx ** 2;
  for (let i = 0; i < detail.weights.length; i++) detail.weights[i] = Math.max(pull, detail.weights[i] as number);
  const field = solveCoarsely({ ...detail, smoothness: LOOSE }, DETAIL_PIXELS);
  return { field: field.map((value, i) => value + (stiff[i] as number)), belief };
}

/** Finds a model in data of which many do not belong to it. */
import type { RandomSource } from './random.js';
import { createRandom } from './random.js';

/** What a model is made from and measured with. Data are known by their indices, 0 … count − 1. */
export interface RobustProblem<Model> {
  readonly count: number;
  /** How many data determine a model. */
  readonly sampleSize: number;
  /** The largest squared residual of a datum that belongs to a model. */
  readonly maxSquaredResidual: number;
  /** All models through a sample; none for a degenerate one. */
  readonly fit: (sample: Uint32Array) => readonly Model[];
  /** Writes squared residuals to out[from … to − 1]. NaN and infinity never belong. */
  readonly writeResiduals: (model: Model, range: readonly [from: number, to: number], out: Float64Array) => void;
  /** A better model for the data that belong to this one; null when there is none. */
  readonly refine?: (model: Model, inliers: Uint32Array) => Model | null;
}

export interface RobustSearchOptions {
  readonly seed: number;
  /** The wanted probability of having drawn one sample without outliers; 0.999 when left out. */
  readonly confidence?: number;
  /** 20 when left out. */
  readonly minIterations?: number;
  /** 2000 when left out. */
  readonly maxIterations?: number;
  /** Second looks among the data that belong to the best model, for problems with several local minima; 30 when left out. */
  readonly innerSamples?: number;
  readonly signal?: AbortSignal;
}

export interface RobustResult<Model> {
  readonly model: Model;
  /** Ascending. */
  readonly inliers: Uint32Array;
  /** MSAC's: `Σ min(r² / maxSquaredResidual, 1)`; `count` is the worst. */
  readonly cost: number;
  readonly iterations: number;
}

/** Of having drawn a sample without outliers. */
export const DEFAULT_CONFIDENCE = 0.999;
/** Residuals are summed in pieces, and a model is given up as soon as it costs more than the best. */
const PIECE = 128;
/** A refinement of more data than this says no more about which model is right. */
const MAX_REFINED = 150;
const MAX_REFINEMENTS = 4;
const ABORT_EVERY = 64;
/** So much more than the best may a model of a minimal sample cost before it is refined. */
const INNER_BOUND = 5;
/** Costs within this factor are taken for those of one minimum; so many of a row of inner samples that lead there end the row. */
const SAME_MINIMUM = 1.01;
const ENOUGH_RETURNS = 5;

class Scorer<Model> {
  private readonly residuals: Float64Array;

  constructor(private readonly problem: RobustProblem<Model>) {
    this.residuals = new Float64Array(problem.count);
  }

  /** The cost, or Infinity as soon as it reaches `bound`. */
  score(model: Model, bound: number): number {
    const { count, maxSquaredResidual, writeResiduals } = this.problem;
    const inverse = 1 / maxSquaredResidual;
    let cost = 0;
    for (let from = 0; from < count; from += PIECE) {
      const to = Math.min(from + PIECE, count);
      writeResiduals(model, [from, to], this.residuals);
      for (let i = from; i < to; i++) {
        const share = this.residuals[i]! * inverse;
        cost += share < 1 ? share : 1;
      }
      if (cost >= bound) return Infinity;
    }
    return cost;
  }

  inliers(model: Model): Uint32Array {
    const { count, maxSquaredResidual, writeResiduals } = this.problem;
    writeResiduals(model, [0, count], this.residuals);
    const inliers = new Uint32Array(count);
    let found = 0;
    for (let i = 0; i < count; i++) if (this.residuals[i]! <= maxSquaredResidual) inliers[found++] = i;
    return inliers.slice(0, found);
  }
}

/** Indices of the data that belong to a model, ascending. */
export function findInliers<Model>(problem: RobustProblem<Model>, model: Model): Uint32Array {
  return new Scorer(problem).inliers(model);
}

/** Distinct indices; by rejection, since samples are far smaller than the data. */
function drawSample(sample: Uint32Array, count: number, random: RandomSource): void {
  for (let i = 0; i < sample.length;) {
    const drawn = Math.floor(random.next() * count);
    if (sample.subarray(0, i).includes(drawn)) continue;
    sample[i++] = drawn;
  }
}

/**
 * So many samples hold one without outliers with the wanted probability: `log(1 − confidence) / log(1 − inlierShare^sampleSize)`. 0 for a
 * share of 1, Infinity for 0. Source: Fischler and Bolles 1981.
 */
export function iterationsNeeded(inlierShare: number, sampleSize: number, confidence: number): number {
  const clean = inlierShare ** sampleSize;
  if (clean >= 1) return 0;
  return clean <= 0 ? Infinity : Math.log(1 - confidence) / Math.log1p(-clean);
}

/** Every so-many-th of indices, at most `limit`. */
export function thin(indices: Uint32Array, limit: number): Uint32Array {
  if (indices.length <= limit) return indices;
  return Uint32Array.from({ length: limit }, (_, i) => indices[Math.floor((i * indices.length) / limit)]!);
}

/** A model and what it costs. */
interface Scored<Model> {
  readonly model: Model;
  readonly cost: number;
}

/** Refines a model as long as that lowers its cost. */
function optimise<Model>(problem: RobustProblem<Model>, scorer: Scorer<Model>, start: Scored<Model>): Scored<Model> {
  let best = start;
  for (let round = 0; round < MAX_REFINEMENTS && problem.refine !== undefined; round++) {
    const inliers = scorer.inliers(best.model);
    if (inliers.length <= problem.sampleSize) break;
    const model = problem.refine(best.model, thin(inliers, MAX_REFINED));
    if (model === null) break;
    const cost = scorer.score(model, best.cost);
    if (!(cost < best.cost)) break;
    const isSettled = cost > 0.999 * best.cost;
    best = { model, cost };
    if (isSettled) break;
  }
  return best;
}

/** The best of a sample's models if it costs less than `bound`. */
function tryModels<Model>(models: readonly Model[], scorer: Scorer<Model>, bound: number): Scored<Model> | null {
  let best: Scored<Model> | null = null;
  for (const model of models) {
    const cost = scorer.score(model, best?.cost ?? bound);
    if (cost < (best?.cost ?? bound)) best = { model, cost };
  }
  return best;
}

/**
 * Other models through samples of the data that belong to the best one, each refined: where noise makes several local minima, the first that
 * was found need not be the lowest. Ends early when one sample after the other leads to the best again.
 */
function searchAmongInliers<Model>(
  problem: RobustProblem<Model>,
  scorer: Scorer<Model>,
  start: Scored<Model>,
  innerSamples: number,
  random: RandomSource,
): Scored<Model> {
  const { sampleSize } = problem;
  const sample = new Uint32Array(sampleSize);
  let best = start;
  let inliers = scorer.inliers(best.model);
  let returns = 0;
  for (let i = 0; i < innerSamples && problem.refine !== undefined && inliers.length > 2 * sampleSize; i++) {
    drawSample(sample, inliers.length, random);
    const found = tryModels(problem.fit(sample.map((k) => inliers[k]!)), scorer, INNER_BOUND * best.cost);
    if (found === null) continue;
    const refined = optimise(problem, scorer, found);
    returns = refined.cost < best.cost / SAME_MINIMUM ? 0 : returns + (refined.cost < best.cost * SAME_MINIMUM ? 1 : 0);
    if (refined.cost < best.cost) {
      best = refined;
      inliers = scorer.inliers(best.model);
    }
    if (returns >= ENOUGH_RETURNS) break;
  }
  return best;
}

/**
 * RANSAC with MSAC's score and local optimisation: draws random samples, scores every model through them, and refines each model that beats
 * all before it on the data that belong to it. Stops when a sample without outliers was drawn with the wanted probability, given the largest
 * share of data that has belonged to a model so far. The same seed gives the same result on every machine.
 *
 * @returns the model of least cost; null for fewer data than a sample, or when no sample gave a model.
 * @throws the signal's reason when it was aborted.
 * Source: Fischler and Bolles 1981; Torr and Zisserman 2000, "MLESAC" (section 4, MSAC); Chum, Matas and Kittler 2003, "Locally optimized
 * RANSAC".
 */
export function robustSearch<Model>(
  problem: RobustProblem<Model>,
  options: RobustSearchOptions,
): RobustResult<Model> | null {
  const { count, sampleSize } = problem;
  if (count < sampleSize) return null;
  const {
    confidence = DEFAULT_CONFIDENCE,
    minIterations = 20,
    maxIterations = 2000,
    innerSamples = 30,
    signal,
  } = options;
  const random = createRandom(options.seed);
  const scorer = new Scorer(problem);
  const sample = new Uint32Array(sampleSize);
  let best = null as Scored<Model> | null;
  let needed = maxIterations;
  let iteration = 0;
  for (; iteration < Math.max(minIterations, Math.min(needed, maxIterations)); iteration++) {
    if (iteration % ABORT_EVERY === 0) signal?.throwIfAborted();
    drawSample(sample, count, random);
    const found = tryModels(problem.fit(sample), scorer, best?.cost ?? Infinity);
    if (found === null) continue;
    best = optimise(problem, scorer, found);
    needed = iterationsNeeded(scorer.inliers(best.model).length / count, sampleSize, confidence);
  }
  if (best === null) return null;
  best = searchAmongInliers(problem, scorer, best, innerSamples, random);
  return { ...best, inliers: scorer.inliers(best.model), iterations: iteration };
}

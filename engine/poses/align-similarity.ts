/** The similarity that brings one set of points, or of cameras, onto another: scale, turn and shift. */
import type { Mat3, RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, multiplyMatVec, transposeMat } from '../math/rigid-transform.js';
import { cameraCentre } from '../math/conventions.js';
import { createRandom } from '../math/random.js';
import { ShapeError } from '../scene/errors.js';
import { medianRotation } from './average-rotations.js';
import { composeSingular, decomposeSingular, nearestRotation } from '../math/dense-algebra.js';
import { median } from '../math/median.js';

/** `pointInTarget = scale rotation pointInSource + translation`. Named target-from-source where it is held. */
export interface Similarity {
  readonly scale: number;
  readonly rotation: Mat3;
  readonly translation: Vec3;
}

/** Applies a similarity to a point. */
export function transformBySimilarity({ scale, rotation, translation }: Similarity, point: Readonly<Vec3>): Vec3 {
  const turned = multiplyMatVec(rotation, point);
  return turned.map((v, k) => scale * v + translation[k]!) as Vec3;
}

/**
 * A camera of the source in the target's world: `R ← R Rsᵀ`, its centre carried along. The photo that it takes of the carried points is the
 * same.
 */
export function moveCamera(targetFromSource: Similarity, cameraFromSource: RigidTransform): RigidTransform {
  const rotation = multiplyMat(cameraFromSource.rotation, transposeMat(targetFromSource.rotation));
  const centre = transformBySimilarity(targetFromSource, cameraCentre(cameraFromSource));
  return { rotation, translation: multiplyMatVec(rotation, centre).map((v) => -v) as Vec3 };
}

/** Least part of the spread along a set's longest axis that its second axis must have to tell a turn about the first. */
const LEAST_WIDTH = 0.02;

interface Moments {
  readonly sourceMean: Vec3;
  readonly targetMean: Vec3;
  /** Mean of `(target − mean) (source − mean)ᵀ`. */
  readonly correlation: Mat3;
  readonly sourceVariance: number;
  readonly targetVariance: number;
}

function pick(list: ArrayLike<number>, index: number): Vec3 {
  return [list[3 * index]!, list[3 * index + 1]!, list[3 * index + 2]!];
}

function momentsOf(source: ArrayLike<number>, target: ArrayLike<number>, subset: readonly number[]): Moments {
  const mean = (list: ArrayLike<number>): Vec3 =>
    [0, 1, 2].map((k) => subset.reduce((sum, i) => sum + list[3 * i + k]!, 0) / subset.length) as Vec3;
  const [sourceMean, targetMean] = [mean(source), mean(target)];
  const correlation: Mat3 = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let [sourceVariance, targetVariance] = [0, 0];
  for (const i of subset) {
    const x = pick(source, i).map((v, k) => v - sourceMean[k]!);
    const y = pick(target, i).map((v, k) => v - targetMean[k]!);
    for (let k = 0; k < 9; k++) correlation[k] = correlation[k]! + (y[Math.floor(k / 3)]! * x[k % 3]!) / subset.length;
    for (let k = 0; k < 3; k++) {
      sourceVariance += x[k]! ** 2 / subset.length;
      targetVariance += y[k]! ** 2 / subset.length;
    }
  }
  return { sourceMean, targetMean, correlation, sourceVariance, targetVariance };
}

/** Scale and shift for a known turn, by least squares: `c = tr(Rᵀ Σ) / σ²` (Umeyama 1991, equations 42 and 41). */
function completeTurn(moments: Moments, rotation: Mat3): Similarity {
  const { correlation, sourceMean, targetMean, sourceVariance, targetVariance } = moments;
  const along = rotation.reduce((sum, v, k) => sum + v * correlation[k]!, 0) / sourceVariance;
  // Turned centres that run against each other have no scale above 0; their sizes still do. A single place has none: 1.
  const scale =
    along > 0 ? along : sourceVariance > 0 && targetVariance > 0 ? Math.sqrt(targetVariance / sourceVariance) : 1;
  const shift = multiplyMatVec(rotation, sourceMean);
  return { scale, rotation, translation: targetMean.map((v, k) => v - scale * shift[k]!) as Vec3 };
}

function fitSubset(source: ArrayLike<number>, target: ArrayLike<number>, subset: readonly number[]): Similarity | null {
  if (subset.length < 3) return null;
  const moments = momentsOf(source, target, subset);
  if (!moments.correlation.every(Number.isFinite)) return null;
  const svd = decomposeSingular(moments.correlation);
  const rotation = nearestRotation(moments.correlation);
  if (!(svd.values[1] > LEAST_WIDTH ** 2 * svd.values[0])) return null;
  // A mirror image whose two lesser spreads are alike has no nearest rotation.
  const product = composeSingular(svd, [1, 1, 1]);
  const isMirrored = product.reduce((sum, v, k) => sum + v * rotation[k]!, 0) < 2;
  if (isMirrored && !(svd.values[1] - svd.values[2] > 1e-12 * svd.values[0])) return null;
  return completeTurn(moments, rotation);
}

function squaredErrors(similarity: Similarity, source: ArrayLike<number>, target: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: source.length / 3 }, (_, i) => {
    const moved = transformBySimilarity(similarity, pick(source, i));
    return moved.reduce((sum, v, k) => sum + (v - target[3 * i + k]!) ** 2, 0);
  });
}

function usableIndices(source: ArrayLike<number>, target: ArrayLike<number>): number[] {
  if (source.length !== target.length || source.length % 3 !== 0)
    throw new ShapeError(`${source.length} source and ${target.length} target coordinates, not three for each pair`);
  return Array.from({ length: source.length / 3 }, (_, i) => i).filter((i) =>
    [...pick(source, i), ...pick(target, i)].every(Number.isFinite),
  );
}

function best(errors: Float64Array, usable: readonly number[], count: number): number[] {
  return [...usable].sort((a, b) => errors[a]! - errors[b]!).slice(0, count);
}

/** How many pairs a share of them is; three at least, as a fit needs. */
function countKept(keptShare: number, usable: number): number {
  if (!(keptShare > 0 && keptShare <= 1)) throw new ShapeError(`the kept share is ${keptShare}, not in (0, 1]`);
  return Math.min(usable, Math.max(3, Math.ceil(keptShare * usable)));
}

export interface SimilarityFit {
  readonly targetFromSource: Similarity;
  /** [K] indices of the pairs that the fit rests on, ascending. */
  readonly kept: readonly number[];
}

/** Samples, steps for each, and how many of the best go on: Rousseeuw and Van Driessen's numbers, with fewer samples for three pairs. */
const MAX_SAMPLES = 300;
const FIRST_CONCENTRATIONS = 2;
const MAX_CONCENTRATIONS = 30;
const FINALISTS = 10;

/** Refits to the best pairs until these stay the same ("C-steps"). */
function concentrate(
  source: ArrayLike<number>,
  target: ArrayLike<number>,
  usable: readonly number[],
  start: { readonly fit: Similarity; readonly count: number },
  maxSteps: number,
): { fit: Similarity; kept: number[]; cost: number } {
  let { fit } = start;
  let [kept, cost]: [number[], number] = [[], Infinity];
  for (let i = 0; i < maxSteps; i++) {
    const errors = squaredErrors(fit, source, target);
    const next = best(errors, usable, start.count);
    const nextCost = next.reduce((sum, k) => sum + errors[k]!, 0);
    if (!(nextCost < cost)) break;
    [kept, cost] = [next, nextCost];
    const refit = fitSubset(source, target, kept);
    if (refit === null) break;
    fit = refit;
  }
  return { fit, kept: kept.sort((a, b) => a - b), cost };
}

/**
 * The similarity with the least `Σ |y − (c R x + t)|²` over pairs of points; R never mirrors.
 *
 * @param source [N,3] x. @param target [N,3] y. Pairs with NaN are left out.
 * @param keptShare 1: all pairs. Below, the least trimmed squares: of that share of the pairs, the fit and the choice that are best together,
 * by samples of three pairs and concentration steps; wild pairs that are no more than the rest do not matter.
 * @returns null when the turn is not determined: fewer than three pairs, points on one line (spread across it under 2 % of that along it),
 * in one place, or a mirror image of a symmetric set.
 * @throws ShapeError for lists of different lengths and for a share outside (0, 1].
 * Source: Umeyama 1991, "Least-squares estimation of transformation parameters between two point patterns", equations 39 to 43; Rousseeuw and
 * Van Driessen 2006, "Computing LTS regression for large data sets", section 3.
 */
export function fitSimilarity(
  source: ArrayLike<number>,
  target: ArrayLike<number>,
  keptShare = 1,
): SimilarityFit | null {
  const usable = usableIndices(source, target);
  const count = countKept(keptShare, usable.length);
  const all = fitSubset(source, target, usable);
  if (count === usable.length) return all === null ? null : { targetFromSource: all, kept: usable };
  const random = createRandom(usable.length);
  const starts = all === null ? [] : [all];
  for (let i = 0; i < MAX_SAMPLES; i++) {
    const sample = new Set<number>();
    while (sample.size < 3) sample.add(usable[Math.floor(random.next() * usable.length)]!);
    const fit = fitSubset(source, target, [...sample]);
    if (fit !== null) starts.push(fit);
  }
  const refine = (fit: Similarity, steps: number) => concentrate(source, target, usable, { fit, count }, steps);
  const [least] = starts
    .map((start) => refine(start, FIRST_CONCENTRATIONS))
    .sort((a, b) => a.cost - b.cost)
    .slice(0, FINALISTS)
    .map(({ fit }) => refine(fit, MAX_CONCENTRATIONS))
    .sort((a, b) => a.cost - b.cost);
  return least === undefined ? null : { targetFromSource: least.fit, kept: least.kept };
}

export interface CameraAlignment extends SimilarityFit {
  /** What told the turn; 'cameras': their centres do not, being two or on one line. */
  readonly turnFrom: 'centres' | 'cameras';
  /** False when the centres are in one place, in either world: the scale is then 1. */
  readonly isScaleKnown: boolean;
}

/** Turn from the cameras' own; scale by the median of ratios of distances, shift by the median; then least squares of the pairs kept. */
function alignByTurns(
  source: Float64Array,
  target: Float64Array,
  turns: readonly Mat3[],
  usable: readonly number[],
  count: number,
): CameraAlignment | null {
  const rotation = medianRotation(usable.map((i) => turns[i]!));
  if (rotation === null) return null;
  const length = (list: Float64Array, i: number, j: number): number =>
    Math.hypot(...pick(list, i).map((v, k) => v - list[3 * j + k]!));
  const pairs = usable.flatMap((i) =>
    usable.filter((j) => j > i).map((j) => [length(source, i, j), length(target, i, j)]),
  );
  const ratio = median(pairs.filter(([a, b]) => a! > 0 && b! > 0).map(([a, b]) => b! / a!));
  const isScaleKnown = Number.isFinite(ratio);
  const scale = isScaleKnown ? ratio : 1;
  const offsets = usable.map((i) =>
    multiplyMatVec(rotation, pick(source, i)).map((v, k) => target[3 * i + k]! - scale * v),
  );
  const translation = [0, 1, 2].map((k) => median(offsets.map((offset) => offset[k]!))) as Vec3;
  const start: Similarity = { scale, rotation, translation };
  const kept = best(squaredErrors(start, source, target), usable, count).sort((a, b) => a - b);
  const moments = momentsOf(source, target, kept);
  const targetFromSource = isScaleKnown ? completeTurn(moments, rotation) : start;
  return { targetFromSource, kept, turnFrom: 'cameras', isScaleKnown };
}

/**
 * The similarity between the worlds of two reconstructions of the same cameras. From the centres by {@link fitSimilarity} where they tell the
 * turn; where they do not (one or two cameras, centres on one line or in one place), the turn is the median of what each camera says,
 * `R_targetᵀ R_source`, and the centres give scale and shift.
 *
 * @param source, target cameraFromWorld of the same photos, in the same order; null or NaN: not placed, left out.
 * @param keptShare see {@link fitSimilarity}; 1 keeps all.
 * @returns null when no camera is in both.
 * @throws ShapeError for lists of different lengths and for a share outside (0, 1].
 * Source: Umeyama 1991; Hartley, Aftab and Trumpf 2011 for the median of rotations.
 */
export function alignCameras(
  source: readonly (RigidTransform | null)[],
  target: readonly (RigidTransform | null)[],
  keptShare = 1,
): CameraAlignment | null {
  if (source.length !== target.length) throw new ShapeError(`${source.length} cameras, ${target.length} references`);
  const centres = (cameras: readonly (RigidTransform | null)[]): Float64Array =>
    Float64Array.from(cameras.flatMap((camera) => (camera === null ? [NaN, NaN, NaN] : cameraCentre(camera))));
  const [from, to] = [centres(source), centres(target)];
  const usable = usableIndices(from, to);
  const fit = fitSimilarity(from, to, keptShare);
  if (fit !== null) return { ...fit, turnFrom: 'centres', isScaleKnown: true };
  const turns = source.map((camera, i) => {
    const other = target[i];
    if (camera === null || other === null || other === undefined) return Array<number>(9).fill(NaN) as Mat3;
    return multiplyMat(transposeMat(other.rotation), camera.rotation);
  });
  return alignByTurns(from, to, turns, usable, countKept(keptShare, usable.length));
}

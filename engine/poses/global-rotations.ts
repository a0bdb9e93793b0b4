/** Cameras' rotations from relative rotations of pairs, all at once. */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../math/rigid-transform.js';
import { vectorOfRotation } from './average-rotations.js';
import { nearestRotation, solvePositiveDefinite } from '../math/dense-algebra.js';
import type { RelativeRotation } from './rotation-triplets.js';
import { checkRotationPairs } from './rotation-triplets.js';
import { rotationOfVector } from '../math/rotation-vector.js';

export interface GlobalRotations {
  /** [photos] rotation of cameraFromWorld; the first photo of every component has the identity. null: in no pair. */
  readonly rotations: readonly (Mat3 | null)[];
  /** [photos] which photos hang together, by number; −1: in no pair. Between components nothing is known. */
  readonly components: Int32Array;
  /** [pairs] angle between what the pair says and what was found; NaN for a pair of NaN. */
  readonly residualsRad: Float64Array;
}

/** Rounds of least absolute deviations, then of the loss that wild pairs hardly touch. */
const L1_ROUNDS = 30;
const REDESCENDING_ROUNDS = 50;
/** Residuals count as no less than this, or a pair that fits would hold all the others. */
const LEAST_RESIDUAL_RAD = 1e-5;
/** Scale of the second loss: 5° (Chatterjee and Govindu 2018, section 6). */
const LOSS_SCALE_RAD = (5 * Math.PI) / 180;
const SETTLED_RAD = 1e-10;

interface Graph {
  readonly pairs: readonly RelativeRotation[];
  readonly weights: Float64Array;
  readonly rotations: (Mat3 | null)[];
  readonly components: Int32Array;
  /** [photos] 1: first of its component, held. */
  readonly isHeld: Uint8Array;
}

function isUsable({ secondFromFirst, weight = 1 }: RelativeRotation): boolean {
  return secondFromFirst.every(Number.isFinite) && weight > 0 && weight < Infinity;
}

/** Rotations along a spanning tree of the heaviest pairs (Prim), one tree a component. */
function growTrees(pairs: readonly RelativeRotation[], photoCount: number): Graph {
  const usable = pairs.map((pair, index) => ({ ...pair, index })).filter(isUsable);
  const touching = Array.from({ length: photoCount }, () => [] as typeof usable);
  for (const pair of usable) {
    touching[pair.first]!.push(pair);
    touching[pair.second]!.push(pair);
  }
  const rotations: (Mat3 | null)[] = Array.from({ length: photoCount }, () => null);
  const components = new Int32Array(photoCount).fill(-1);
  const isHeld = new Uint8Array(photoCount);
  let component = 0;
  for (let start = 0; start < photoCount; start++) {
    if (rotations[start] !== null || touching[start]!.length === 0) continue;
    rotations[start] = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    components[start] = component;
    isHeld[start] = 1;
    let border = [...touching[start]!];
    while (border.length > 0) {
      const next = border.reduce((best, pair) => ((pair.weight ?? 1) > (best.weight ?? 1) ? pair : best));
      const isForward = rotations[next.second] === null;
      const added = isForward ? next.second : next.first;
      const turn = isForward ? next.secondFromFirst : transposeMat(next.secondFromFirst);
      rotations[added] = multiplyMat(turn, rotations[isForward ? next.first : next.second]!);
      components[added] = component;
      border = [...border, ...touching[added]!].filter(
        ({ first, second }) => rotations[first] === null || rotations[second] === null,
      );
    }
    component++;
  }
  const weights = Float64Array.from(pairs, (pair) => (isUsable(pair) ? (pair.weight ?? 1) : 0));
  return { pairs, weights, rotations, components, isHeld };
}

/** `log(R_secondᵀ R_pair R_first)` of each pair: what `ω_second − ω_first` should be; NaN where a rotation is missing. */
function residualVectors({ pairs, weights, rotations }: Graph): Vec3[] {
  return pairs.map(({ first, second, secondFromFirst }, i) => {
    const [a, b] = [rotations[first], rotations[second]];
    if (weights[i] === 0 || !a || !b) return [NaN, NaN, NaN];
    return vectorOfRotation(multiplyMat(transposeMat(b), multiplyMat(secondFromFirst, a)));
  });
}

/** One weighted least-squares step `R ← R exp(ω)`; returns the largest turn, or NaN when the equations have no solution. */
function stepRotations(graph: Graph, vectors: readonly Vec3[], weights: Float64Array): number {
  const { pairs, rotations, isHeld } = graph;
  const columns = rotations.map(() => -1);
  let count = 0;
  rotations.forEach((rotation, photo) => {
    if (rotation !== null && isHeld[photo] === 0) columns[photo] = count++;
  });
  const laplacian = new Float64Array(count * count);
  const rights = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  const add = (row: number, column: number, value: number): void => {
    if (row >= 0 && column >= 0) laplacian[row * count + column] = laplacian[row * count + column]! + value;
  };
  pairs.forEach(({ first, second }, i) => {
    const weight = weights[i]!;
    if (!(weight > 0)) return;
    const [a, b] = [columns[first]!, columns[second]!];
    add(a, a, weight);
    add(b, b, weight);
    add(Math.max(a, b), Math.min(a, b), -weight);
    rights.forEach((right, k) => {
      if (a >= 0) right[a] = right[a]! - weight * vectors[i]![k]!;
      if (b >= 0) right[b] = right[b]! + weight * vectors[i]![k]!;
    });
  });
  for (const right of rights) if (!solvePositiveDefinite(laplacian.slice(), right, count)) return NaN;
  let largest = 0;
  columns.forEach((column, photo) => {
    if (column < 0) return;
    const turn = rights.map((right) => right[column]!) as Vec3;
    largest = Math.max(largest, Math.hypot(...turn));
    rotations[photo] = multiplyMat(rotations[photo]!, rotationOfVector(turn));
  });
  return largest;
}

function iterate(graph: Graph, rounds: number, lossWeight: (residualRad: number) => number): void {
  for (let i = 0; i < rounds; i++) {
    const vectors = residualVectors(graph);
    const weights = Float64Array.from(vectors, (v, k) => {
      const residual = Math.hypot(...v);
      return Number.isNaN(residual) ? 0 : graph.weights[k]! * lossWeight(residual);
    });
    const turned = stepRotations(graph, vectors, weights);
    if (!(turned > SETTLED_RAD)) break;
  }
}

/**
 * Robust averaging of rotations: the R with the least `Σ w ρ(angle(R_secondᵀ R_pair R_first))` over the pairs. From a spanning tree of the
 * heaviest pairs, first with ρ the angle itself (L1, by iterated weights 1 / angle), then with Geman and McClure's
 * `ρ = θ² / (θ² + σ²)`, σ = 5°, which forgets wild pairs.
 *
 * @param pairs of photos 0 … photoCount − 1. Those with NaN or without weight are left out.
 * @throws ShapeError for pairs out of range or there twice.
 * Source: Chatterjee and Govindu 2013, "Efficient and robust large-scale rotation averaging", ICCV, algorithms 1 and 2, and 2018, "Robust
 * relative rotation averaging", PAMI; the L1 step here is by iterated weights too.
 */
export function averageGlobalRotations(pairs: readonly RelativeRotation[], photoCount: number): GlobalRotations {
  checkRotationPairs(pairs, photoCount);
  const graph = growTrees(pairs, photoCount);
  iterate(graph, L1_ROUNDS, (residual) => 1 / Math.max(residual, LEAST_RESIDUAL_RAD));
  const squaredScale = LOSS_SCALE_RAD ** 2;
  iterate(graph, REDESCENDING_ROUNDS, (residual) => (squaredScale / (residual * residual + squaredScale)) ** 2);
  return {
    rotations: graph.rotations.map((rotation) => (rotation === null ? null : nearestRotation(rotation))),
    components: graph.components,
    residualsRad: Float64Array.from(residualVectors(graph), (v) => Math.hypot(...v)),
  };
}

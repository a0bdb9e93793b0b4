/** Decides, by triangles of photos, between the two motions that a plane leaves for a pair. */
import type { Mat3 } from '../math/rigid-transform.js';
import { cycleError, findTriangles } from './rotation-triplets.js';
import type { CheckedPair } from './verify-pairs.js';

/** Turns that agree around a triangle to within this are worth something; the better they agree, the more. */
const AGREEING_RAD = (5 * Math.PI) / 180;
const ROUNDS = 6;
/** What a pair without any triangle rests on; keeps shares defined. */
const LEAST_SUPPORT = 1;
/** From this share of the support on, a motion is believed. */
const BELIEVED = 0.75;

/** A pair's motions, the one that its own matches prefer first, and how far each is believed; the shares sum to 1. */
interface Candidates {
  readonly turns: readonly Mat3[];
  beliefs: number[];
  readonly weight: number;
}

interface Triangle {
  /** Indices of the pairs (a, b), (b, c), (a, c) of photos a < b < c. */
  readonly pairs: readonly [number, number, number];
  /** How well each choice of motions agrees, 0..1, by `(ab · 2 + bc) · 2 + ac`. */
  readonly agreement: readonly number[];
}

function candidatesOf({ indices, geometry }: CheckedPair): Candidates {
  const { camera2FromCamera1, twin } = geometry;
  const motions = [camera2FromCamera1, twin?.camera2FromCamera1 ?? null].filter((motion) => motion !== null);
  return {
    turns: motions.map(({ rotation }) => rotation),
    beliefs: motions.map(() => 1 / motions.length),
    weight: indices.length / 2,
  };
}

function measureTriangle(sides: readonly [Candidates, Candidates, Candidates]): number[] {
  return Array.from({ length: 8 }, (_, choice) => {
    const turns = sides.map(({ turns: of }, side) => of[(choice >> (2 - side)) & 1]);
    if (turns.some((turn) => turn === undefined)) return 0;
    const [ab, bc, ac] = turns as [Mat3, Mat3, Mat3];
    return Math.max(0, 1 - cycleError(ab, bc, ac) / AGREEING_RAD);
  });
}

/** Those triangles in which some choice of motions agrees. */
function measureTriangles(
  pairs: readonly CheckedPair[],
  candidates: readonly Candidates[],
  photoCount: number,
): Triangle[] {
  return findTriangles(pairs, photoCount).flatMap((sides) => {
    const [ab, bc, ac] = sides;
    const agreement = measureTriangle([candidates[ab]!, candidates[bc]!, candidates[ac]!]);
    return agreement.some((value) => value > 0) ? [{ pairs: sides, agreement }] : [];
  });
}

/** What the triangles say for each motion of each pair, given how far the motions of the other sides are believed. */
function gatherSupport(triangles: readonly Triangle[], candidates: readonly Candidates[]): number[][] {
  const support = candidates.map(({ turns }) => turns.map(() => 0));
  for (const { pairs, agreement } of triangles) {
    const best = pairs.map(() => [0, 0]);
    agreement.forEach((value, choice) => {
      if (value === 0) return;
      pairs.forEach((_, side) => {
        const mine = (choice >> (2 - side)) & 1;
        const believed = pairs.reduce((product, pair, other) => {
          return other === side ? product : product * candidates[pair]!.beliefs[(choice >> (2 - other)) & 1]!;
        }, value);
        best[side]![mine] = Math.max(best[side]![mine]!, believed);
      });
    });
    pairs.forEach((pair, side) => {
      const others = pairs.filter((_, other) => other !== side).map((other) => candidates[other]!.weight);
      support[pair]!.forEach((_, motion) => {
        support[pair]![motion] = support[pair]![motion]! + Math.min(...others) * best[side]![motion]!;
      });
    });
  }
  return support;
}

/** The pair with its twin in its place, or without one. */
function decide(pair: CheckedPair, isTwin: boolean): CheckedPair {
  const { geometry, twinIndices } = pair;
  if (geometry.twin === null || !isTwin) return { ...pair, geometry: { ...geometry, twin: null } };
  return { ...pair, indices: twinIndices, geometry: { ...geometry, ...geometry.twin, twin: null } };
}

/**
 * Chooses between the two motions of pairs whose matches lie in a plane: around a triangle of photos the right turns agree, wrong ones hardly
 * ever. Every motion is supported by the triangles in which it agrees with motions that are believed themselves, a few rounds long.
 *
 * @returns the pairs in their order. Those that are decided have no twin any more, and the matches of the chosen motion; others are as they were.
 * Source: the cycles of Zach, Klopschitz and Pollefeys 2010, "Disambiguating visual relations using loop constraints", CVPR; messages of beliefs
 * as there, with two states a pair.
 */
export function resolveTwins(pairs: readonly CheckedPair[], photoCount: number): CheckedPair[] {
  const candidates = pairs.map(candidatesOf);
  const triangles = measureTriangles(pairs, candidates, photoCount);
  for (let round = 0; round < ROUNDS; round++) {
    const support = gatherSupport(triangles, candidates);
    candidates.forEach((candidate, i) => {
      const sum = support[i]!.reduce((total, value) => total + value + LEAST_SUPPORT, 0);
      candidate.beliefs = support[i]!.map((value) => (value + LEAST_SUPPORT) / sum);
    });
  }
  return pairs.map((pair, i) => {
    const { beliefs } = candidates[i]!;
    if (beliefs.length < 2) return pair;
    const chosen = beliefs[1]! > beliefs[0]! ? 1 : 0;
    return beliefs[chosen]! < BELIEVED ? pair : decide(pair, chosen === 1);
  });
}

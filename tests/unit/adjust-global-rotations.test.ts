import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import { averageGlobalRotations } from '../../engine/poses/global-rotations.js';
import type { RelativeRotation } from '../../engine/poses/rotation-triplets.js';
import { findRotationTriplets, flagInconsistentPairs } from '../../engine/poses/rotation-triplets.js';
import { ShapeError } from '../../engine/scene/errors.js';
import { gauss, turnAbout } from '../fixtures/synthetic-bundle.js';

const DEGREE = Math.PI / 180;

function angleOf(rotation: Mat3): number {
  return Math.acos(Math.max(-1, Math.min(1, (rotation[0] + rotation[4] + rotation[8] - 1) / 2)));
}

function between(a: Mat3, b: Mat3): number {
  return angleOf(multiplyMat(b, transposeMat(a)));
}

function truthOf(count: number): Mat3[] {
  const random = createRandom(8);
  return Array.from({ length: count }, (_, i) =>
    turnAbout([gauss(random), gauss(random), gauss(random)], i === 0 ? 0 : 3 * random.next()),
  );
}

/** Every pair of `truth`, or those that `includes` says, with a turn of normal size on top. */
function pairsOf(truth: readonly Mat3[], noiseRad: number, includes = (_i: number, _j: number): boolean => true) {
  const random = createRandom(3);
  const pairs: RelativeRotation[] = [];
  truth.forEach((a, first) => {
    truth.forEach((b, second) => {
      if (first >= second || !includes(first, second)) return;
      const v = [gauss(random), gauss(random), gauss(random)].map((x) => noiseRad * x) as Vec3;
      const noise = noiseRad > 0 ? turnAbout(v, Math.hypot(...v)) : turnAbout([1, 0, 0], 0);
      pairs.push({ first, second, secondFromFirst: multiplyMat(noise, multiplyMat(b, transposeMat(a))) });
    });
  });
  return pairs;
}

/** The pair turned on by an angle about some axis. */
function spoil(pairs: RelativeRotation[], first: number, second: number, angleRad: number): number {
  const index = pairs.findIndex((pair) => pair.first === first && pair.second === second);
  const pair = pairs[index]!;
  pairs[index] = { ...pair, secondFromFirst: multiplyMat(turnAbout([0.3, 1, -0.2], angleRad), pair.secondFromFirst) };
  return index;
}

describe('triplets of rotations', () => {
  it('have no error where they agree, and the wrong side’s where they do not', () => {
    const pairs = pairsOf(truthOf(4), 0);
    expect(findRotationTriplets(pairs, 4).map(({ errorRad }) => errorRad < 1e-7)).toEqual([true, true, true, true]);
    const wrong = spoil(pairs, 1, 3, 0.5);
    for (const { pairs: sides, errorRad } of findRotationTriplets(pairs, 4))
      expect(errorRad).toBeCloseTo(sides.includes(wrong) ? 0.5 : 0, 6);
  });

  it('are the triangles of the graph', () => {
    // A square with one diagonal: two triangles.
    const square = pairsOf(truthOf(4), 0, (i, j) => !(i === 1 && j === 3));
    expect(findRotationTriplets(square, 4)).toHaveLength(2);
    expect(findRotationTriplets([], 0)).toEqual([]);
    expect(findRotationTriplets(pairsOf(truthOf(7), 0), 7)).toHaveLength(35);
  });

  it('flag the pairs that most of their triplets speak against, and no other', () => {
    const pairs = pairsOf(truthOf(8), 0.5 * DEGREE);
    // Three at one photo: most of what its good pairs meet is bad, too, until these are gone.
    const wrong = [spoil(pairs, 0, 2, 1), spoil(pairs, 0, 3, 0.6), spoil(pairs, 0, 5, -1.2), spoil(pairs, 4, 7, 0.4)];
    const { isFlagged, tripletCounts, medianErrorsRad } = flagInconsistentPairs(pairs, 8);
    expect([...isFlagged.keys()].filter((i) => isFlagged[i] === 1)).toEqual([...wrong].sort((a, b) => a - b));
    expect([...tripletCounts].every((count) => count === 6)).toBe(true);
    expect(medianErrorsRad[wrong[3]!]).toBeGreaterThan(0.3);
  });

  it('do not judge a pair by a single triangle, but the least weight goes first among equals', () => {
    const three = pairsOf(truthOf(3), 0);
    spoil(three, 0, 1, 1);
    expect([...flagInconsistentPairs(three, 3).isFlagged]).toEqual([0, 0, 0]);
    const weighed = three.map((pair, i) => ({ ...pair, weight: [5, 100, 100][i]! }));
    expect([...flagInconsistentPairs(weighed, 3, { minTriplets: 1 }).isFlagged]).toEqual([1, 0, 0]);
  });

  it('with NaN disagree', () => {
    const pairs = pairsOf(truthOf(5), 0);
    pairs[3] = { ...pairs[3]!, secondFromFirst: [NaN, 0, 0, 0, 1, 0, 0, 0, 1] };
    const flagged = flagInconsistentPairs(pairs, 5).isFlagged;
    expect([...flagged.keys()].filter((i) => flagged[i] === 1)).toEqual([3]);
  });

  it('refuse pairs that cannot be', () => {
    const [pair] = pairsOf(truthOf(2), 0);
    for (const bad of [
      [{ ...pair!, first: 1 }],
      [{ ...pair!, second: 2 }],
      [pair!, pair!],
      [{ ...pair!, first: -1 }],
    ]) {
      expect(() => findRotationTriplets(bad, 2)).toThrow(ShapeError);
      expect(() => averageGlobalRotations(bad, 2)).toThrow(ShapeError);
    }
  });
});

describe('global rotations', () => {
  it('are found exactly from exact pairs, the first being the identity', () => {
    const truth = truthOf(9);
    const { rotations, components, residualsRad } = averageGlobalRotations(pairsOf(truth, 0), 9);
    rotations.forEach((rotation, i) => expect(between(rotation!, truth[i]!)).toBeLessThan(1e-6));
    expect([...components]).toEqual(Array(9).fill(0));
    for (const residual of residualsRad) expect(residual).toBeLessThan(1e-7);
  });

  it('are more precise than the pairs', () => {
    const truth = truthOf(20);
    const noise = 1 * DEGREE;
    const { rotations } = averageGlobalRotations(pairsOf(truth, noise), 20);
    // Relative to photo 0, whose own error is shared: on a complete graph of n least squares leaves σ √(2 / n) per axis and pair of photos,
    // times √3 axes: 0.55° for n = 20. The robust losses cost some efficiency.
    const errors = rotations.slice(1).map((rotation, i) => between(rotation!, truth[i + 1]!));
    const rms = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    expect(rms).toBeLessThan(1.3 * noise * Math.sqrt(6 / 20));
  });

  it('withstand a quarter of wild pairs, also where the spanning tree begins with one', () => {
    const truth = truthOf(16);
    const random = createRandom(12);
    const isWild: boolean[] = [];
    const pairs = pairsOf(truth, 0.5 * DEGREE).map((pair) => {
      isWild.push(random.next() < 0.25);
      if (isWild.at(-1) !== true) return { ...pair, weight: 50 };
      const axis: Vec3 = [gauss(random), gauss(random), gauss(random)];
      return { ...pair, weight: 60, secondFromFirst: turnAbout(axis, 0.5 + 2.5 * random.next()) };
    });
    const { rotations, residualsRad } = averageGlobalRotations(pairs, 16);
    rotations.forEach((rotation, i) => expect(between(rotation!, truth[i]!)).toBeLessThan(1.5 * DEGREE));
    residualsRad.forEach((residual, i) => {
      if (isWild[i] !== true) expect(residual).toBeLessThan(4 * DEGREE);
    });
    expect(isWild.filter((wild) => wild).length).toBeGreaterThan(20);
  });

  it('of a chain are its products, and of parts their own', () => {
    const truth = truthOf(6);
    const chain = pairsOf(truth, 0, (i, j) => j === i + 1 && i !== 2);
    const { rotations, components } = averageGlobalRotations(chain, 7);
    expect([...components]).toEqual([0, 0, 0, 1, 1, 1, -1]);
    expect(rotations[6]).toBeNull();
    expect(between(rotations[2]!, truth[2]!)).toBeLessThan(1e-6);
    expect(rotations[3]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    const fourthToSixth = multiplyMat(truth[5]!, transposeMat(truth[3]!));
    expect(between(rotations[5]!, fourthToSixth)).toBeLessThan(1e-6);
  });

  it('leave NaN out, and have nothing to say of nothing', () => {
    const truth = truthOf(5);
    const pairs = pairsOf(truth, 0);
    pairs[0] = { ...pairs[0]!, secondFromFirst: [NaN, 0, 0, 0, 1, 0, 0, 0, 1] };
    pairs[1] = { ...pairs[1]!, weight: 0 };
    const { rotations, residualsRad } = averageGlobalRotations(pairs, 5);
    rotations.forEach((rotation, i) => expect(between(rotation!, truth[i]!)).toBeLessThan(1e-6));
    expect(residualsRad[0]).toBeNaN();
    expect(averageGlobalRotations([], 0).rotations).toEqual([]);
    expect(averageGlobalRotations([], 2).rotations).toEqual([null, null]);
  });
});

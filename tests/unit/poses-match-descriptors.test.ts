import { describe, expect, it } from 'vitest';
import { openDistances, openPairDistance } from '../../engine/poses/descriptor-distances.js';
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import type { Descriptors, ImageFeatures } from '../../engine/scene/image-features.js';
import { ShapeError } from '../../engine/scene/errors.js';
import { createRandom } from '../../engine/math/random.js';
import { randomBytes, randomUnits } from '../fixtures/random-descriptors.js';

const SIZE = { width: 400, height: 300 };

function featuresOf(points: readonly number[], descriptors: Descriptors, detector = 'made-up'): ImageFeatures {
  const scores = new Float32Array(points.length / 2).fill(1);
  return { detector, ...SIZE, points: Float32Array.from(points), scores, descriptors };
}

function randomPoints(count: number, seed: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: 2 * count }, (_, k) => random.next() * (k % 2 === 0 ? SIZE.width : SIZE.height));
}

/** Copies with noise: some bits flipped, or numbers moved, in another order. */
function disturbed(descriptors: Descriptors, order: readonly number[], amount: number, seed: number): Descriptors {
  const random = createRandom(seed);
  if (descriptors.kind === 'binary') {
    const { bytesEach, data } = descriptors;
    const copy = Uint8Array.from(order.flatMap((i) => [...data.subarray(i * bytesEach, (i + 1) * bytesEach)]));
    for (let bit = 0; bit < copy.length * 8; bit++) if (random.next() < amount) copy[bit >> 3]! ^= 1 << (bit & 7);
    return { kind: 'binary', bytesEach, data: copy };
  }
  const { length, data } = descriptors;
  const copy = Float32Array.from(order.flatMap((i) => [...data.subarray(i * length, (i + 1) * length)]));
  copy.forEach((value, k) => (copy[k] = value + amount * (random.next() - 0.5)));
  for (let i = 0; i < order.length; i++) {
    const row = copy.subarray(i * length, (i + 1) * length);
    const norm = Math.hypot(...row);
    row.forEach((value, k) => (row[k] = value / norm));
  }
  return { kind: 'float', length, data: copy };
}

function slowDistance(a: Descriptors, i: number, b: Descriptors, j: number): number {
  if (a.kind === 'binary' && b.kind === 'binary') {
    let bits = 0;
    for (let bit = 0; bit < a.bytesEach * 8; bit++) {
      const x = (a.data[i * a.bytesEach + (bit >> 3)]! >> (bit & 7)) & 1;
      const y = (b.data[j * b.bytesEach + (bit >> 3)]! >> (bit & 7)) & 1;
      if (x !== y) bits++;
    }
    return bits;
  }
  if (a.kind !== 'float' || b.kind !== 'float') throw new Error('different kinds');
  let dot = 0;
  for (let k = 0; k < a.length; k++) dot += a.data[i * a.length + k]! * b.data[j * b.length + k]!;
  return Math.sqrt(Math.max(0, 2 - 2 * dot));
}

/** The definition, word by word, with a whole table of distances. */
function matchSlowly(first: ImageFeatures, second: ImageFeatures, maxRatio: number, maxDistance: number): number[][] {
  const [n, m] = [first.points.length / 2, second.points.length / 2];
  const unrelated = first.descriptors.kind === 'binary' ? first.descriptors.bytesEach * 4 : Math.SQRT2;
  const table = Array.from({ length: n }, (_, i) =>
    Array.from({ length: m }, (_, j) => slowDistance(first.descriptors, i, second.descriptors, j)),
  );
  const apart = (f: ImageFeatures, a: number, b: number): number =>
    Math.hypot(f.points[2 * a]! - f.points[2 * b]!, f.points[2 * a + 1]! - f.points[2 * b + 1]!);
  const matches: number[][] = [];
  for (let i = 0; i < n; i++) {
    const row = table[i]!;
    const j = row.indexOf(Math.min(...row));
    const column = table.map((values) => values[j]!);
    if (column.indexOf(Math.min(...column)) !== i || row[j]! > maxDistance * unrelated) continue;
    const rivals = [
      ...row.filter((_, k) => k !== j && apart(second, j, k) >= 4),
      ...column.filter((_, k) => k !== i && apart(first, i, k) >= 4),
      unrelated,
    ];
    const ratio = row[j] === 0 ? 0 : row[j]! / Math.min(...rivals);
    if (ratio <= maxRatio) matches.push([i, j, 1 - ratio]);
  }
  return matches;
}

function pairsOf(indices: Uint32Array): number[][] {
  return Array.from({ length: indices.length / 2 }, (_, k) => [indices[2 * k]!, indices[2 * k + 1]!]);
}

const KINDS = [
  ['AKAZE’s 61 bytes', (n: number, seed: number) => randomBytes(n, 61, seed), 0.2],
  ['32 bytes', (n: number, seed: number) => randomBytes(n, 32, seed), 0.2],
  ['90 bytes, more than one piece', (n: number, seed: number) => randomBytes(n, 90, seed), 0.2],
  ['64 numbers', (n: number, seed: number) => randomUnits(n, 64, seed), 0.25],
  ['an odd 7 numbers', (n: number, seed: number) => randomUnits(n, 7, seed), 0.25],
] as const;

describe.each(KINDS)('%s', (_, make, noise) => {
  it('have the distances of the definition, whatever rows are asked for', () => {
    const [a, b] = [make(11, 1), make(7, 2)];
    const rows = openDistances(a, b);
    const pair = openPairDistance(a, b);
    expect([rows.firstCount, rows.secondCount]).toEqual([11, 7]);
    for (const [start, count] of [
      [0, 11],
      [3, 1],
      [5, 6],
      [9, 2],
    ] as const) {
      const out = new Float32Array(count * 7);
      rows.fill(start, count, out);
      for (let r = 0; r < count; r++) {
        for (let j = 0; j < 7; j++) {
          const expected = slowDistance(a, start + r, b, j);
          expect(rows.distanceOf(out[r * 7 + j]!)).toBeCloseTo(expected, 5);
          expect(pair(start + r, j)).toBeCloseTo(expected, 5);
        }
      }
    }
    expect(rows.distanceOf(rows.writtenOf(0.7))).toBeCloseTo(0.7, 6);
  });

  it('are matched as by the definition, duplicates at one place included', () => {
    const n = 90;
    // Every third keypoint is found again a pixel beside, with nearly the same descriptor; a few lie there six-fold.
    const source = [
      ...Array.from({ length: n }, (_, i) => i),
      ...Array.from({ length: n / 3 }, (_, i) => 3 * i),
      ...[5, 5, 5, 5, 5, 8, 8, 8, 8, 8],
    ];
    const points = randomPoints(n, 5);
    const placed = source.flatMap((i, k) => [points[2 * i]! + (k < n ? 0 : 1), points[2 * i + 1]!]);
    const base = make(n, 3);
    const first = featuresOf(placed, disturbed(base, source, noise / 4, 11));
    const shuffled = [...source.keys()].reverse();
    const second = featuresOf(
      shuffled.flatMap((k) => [placed[2 * k]! + 20, placed[2 * k + 1]! - 10]),
      disturbed(
        base,
        shuffled.map((k) => source[k]!),
        noise,
        12,
      ),
    );
    for (const maxRatio of [0.7, 0.9, 1]) {
      const found = matchDescriptors(first, second, { maxRatio, maxDistance: 0.8, samePlacePx: 4 });
      const expected = matchSlowly(first, second, maxRatio, 0.8);
      expect(pairsOf(found.indices)).toEqual(expected.map(([i, j]) => [i, j]));
      expected.forEach(([, , score], k) => expect(found.scores[k]).toBeCloseTo(score!, 5));
    }
    // Without the rule about places the duplicates would be each other's rivals, and gone.
    const strict = matchDescriptors(first, second, { maxRatio: 0.7, maxDistance: 0.8, samePlacePx: 0 });
    const lenient = matchDescriptors(first, second, { maxRatio: 0.7, maxDistance: 0.8 });
    expect(strict.scores.length).toBeLessThan(lenient.scores.length);
  });

  it('copes with nothing to match', () => {
    const [none, some] = [featuresOf([], make(0, 1)), featuresOf(randomPoints(3, 1), make(3, 1))];
    for (const [a, b] of [
      [none, none],
      [none, some],
      [some, none],
    ] as const) {
      expect(matchDescriptors(a, b).indices).toHaveLength(0);
    }
    const alone = matchDescriptors(some, some);
    expect(pairsOf(alone.indices)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect([...alone.scores].every((score) => score > 0.99)).toBe(true);
  });
});

describe('matching', () => {
  it('finds known partners among others, and no wrong ones', () => {
    const [known, strangers] = [randomBytes(50, 61, 1), randomBytes(50, 61, 2)];
    if (known.kind !== 'binary' || strangers.kind !== 'binary') throw new Error('binary');
    const data = new Uint8Array([...known.data, ...strangers.data]);
    const first = featuresOf(randomPoints(100, 3), { kind: 'binary', bytesEach: 61, data });
    const second = featuresOf(randomPoints(50, 4), disturbed(known, [...Array(50).keys()].reverse(), 0.15, 5));
    expect(pairsOf(matchDescriptors(first, second).indices)).toEqual(Array.from({ length: 50 }, (_, i) => [i, 49 - i]));
  });

  it('leaves a descriptor with NaN unmatched', () => {
    const descriptors = randomUnits(6, 8, 1);
    const features = featuresOf(randomPoints(6, 1), descriptors);
    const broken = { ...descriptors, data: descriptors.data.slice() } as Descriptors & { data: Float32Array };
    broken.data[8 * 2 + 3] = NaN;
    const found = pairsOf(matchDescriptors(features, featuresOf([...features.points], broken)).indices);
    expect(found.map(([i]) => i)).toEqual([0, 1, 3, 4, 5]);
  });

  it('refuses what does not belong together', () => {
    const bytes = featuresOf(randomPoints(3, 1), randomBytes(3, 61, 1));
    const numbers = featuresOf(randomPoints(3, 1), randomUnits(3, 64, 1));
    const other = featuresOf(randomPoints(3, 1), randomBytes(3, 61, 1), 'another');
    const shorter = featuresOf(randomPoints(3, 1), randomBytes(3, 32, 1));
    const fewer = featuresOf(randomPoints(2, 1), randomBytes(3, 61, 1));
    const cut: Descriptors = { kind: 'binary', bytesEach: 61, data: new Uint8Array(62) };
    for (const wrong of [numbers, other, shorter, fewer, featuresOf([1, 1], cut)])
      expect(() => matchDescriptors(bytes, wrong)).toThrow(ShapeError);
    expect(() => openPairDistance(bytes.descriptors, numbers.descriptors)).toThrow(ShapeError);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeDepth, DepthOrigin } from '../../engine/depth/fill-depth.js';
import { measureDistanceToSet } from '../../engine/depth/measure-distance.js';
import type { DepthMap } from '../../engine/scene/depth-map.js';

/** A map whose non-zero entries are confirmed; negative entries are unconfirmed depths of that size. */
function mapOf(rows: number[][]): DepthMap {
  const flat = rows.flat();
  return {
    width: rows[0]!.length,
    height: rows.length,
    depth: Float32Array.from(flat, Math.abs),
    confidence: Float32Array.from(flat, (z) => (z > 0 ? 1 : 0)),
  };
}

/** The definition, ray by ray: independent of the scans, O(pixels × side). */
function fillByWalking(depth: Float32Array, width: number, height: number): Float32Array {
  const filled = depth.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (depth[y * width + x]! > 0) continue;
      const hits: number[] = [];
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
        [1, 1],
        [-1, -1],
        [1, -1],
        [-1, 1],
      ] as const) {
        let [u, v] = [x + dx, y + dy];
        while (u >= 0 && v >= 0 && u < width && v < height) {
          if (depth[v * width + u]! > 0) {
            hits.push(depth[v * width + u]!);
            break;
          }
          u += dx;
          v += dy;
        }
      }
      hits.sort((a, b) => b - a);
      filled[y * width + x] = hits[1] ?? hits[0] ?? 0;
    }
  }
  return filled;
}

describe('completing a depth map', () => {
  it('gives an occluded pixel the second-farthest of what it sees, by hand', () => {
    const map = mapOf([
      [1, 0, 5],
      [2, -9, 9],
      [3, 4, 7],
    ]);
    const done = completeDepth(map);
    // The centre sees 1 2 3 4 5 7 9 (nothing above within the picture): second-farthest is 7; its own unconfirmed 9 does not count.
    expect(done.depth[4]).toBe(7);
    // The top middle pixel sees left 1, right 5, down-left 2, down-right 9, down (through the unconfirmed centre) 4.
    expect(done.depth[1]).toBe(5);
    expect([...done.confidence]).toEqual([1, 0, 1, 1, 0, 1, 1, 1, 1]);
    expect(done.origin[4]).toBe(DepthOrigin.filled);
    expect(done.origin[8]).toBe(DepthOrigin.confirmed);
  });

  it('puts the strip beside a foreground object on the background, not in between', () => {
    // Background 10, object 2 in columns 6..9, columns 4 and 5 occluded for the other photo.
    const rows = Array.from({ length: 12 }, () => [10, 10, 10, 10, -3, -3, 2, 2, 2, 2, 10, 10]);
    const done = completeDepth(mapOf(rows));
    for (let y = 0; y < 12; y++) expect([...done.depth.subarray(y * 12 + 4, y * 12 + 6)]).toEqual([10, 10]);
  });

  it('agrees with walking each ray, for random maps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.integer({ min: -3, max: 4 })),
        (width, height, stream) => {
          const flat = Array.from({ length: width * height }, () => Math.max(0, stream.next().value as number));
          if (!flat.some((z) => z > 0)) return;
          const depth = Float32Array.from(flat);
          const confidence = Float32Array.from(flat, (z) => (z > 0 ? 1 : 0));
          const expected = fillByWalking(fillByWalking(depth, width, height), width, height);
          expect(completeDepth({ width, height, depth, confidence }).depth).toEqual(expected);
          expect(expected.every((z) => z > 0)).toBe(true);
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });

  it('reaches pixels that no ray of the first round reaches', () => {
    const depth = new Float32Array(25 * 25);
    depth[2 * 25 + 3] = 4;
    const done = completeDepth({
      width: 25,
      height: 25,
      depth,
      confidence: Float32Array.from(depth, (z) => (z ? 1 : 0)),
    });
    expect(done.depth.every((z) => z === 4)).toBe(true);
  });

  it('does not read masked pixels or broken depths, but fills them', () => {
    const map = mapOf([[2, 50, 3, 8, 8]]);
    const broken = { ...map, depth: Float32Array.from([2, 50, 3, NaN, Infinity]) };
    const done = completeDepth(broken, { mask: Uint8Array.from([1, 0, 1, 1, 1]) });
    expect([...done.depth]).toEqual([2, 2, 3, 3, 3]);
    expect([...done.confidence]).toEqual([1, 0, 1, 0, 0]);
  });

  it('falls back to unconfirmed depths, then the network, then the given depth, and else refuses', () => {
    const nothing = mapOf([[0, 0, 0]]);
    expect([...completeDepth(mapOf([[-3, 0, -4]])).depth]).toEqual([3, 3, 4]);
    const network = { depth: Float32Array.from([0, 6, 0]), trust: 0.2 };
    expect([...completeDepth(nothing, { network }).depth]).toEqual([6, 6, 6]);
    expect([...completeDepth(nothing, { fallbackDepth: 5 }).depth]).toEqual([5, 5, 5]);
    expect(() => completeDepth(nothing)).toThrow(/fallback/);
    expect(() => completeDepth({ ...nothing, depth: new Float32Array(2) })).toThrow(/depth holds 2/);
  });

  it('blends a trusted network in where it is the same surface, and never floats between two', () => {
    const width = 64;
    const depth = new Float32Array(width);
    const confidence = new Float32Array(width);
    depth[0] = 10;
    confidence[0] = 1;
    const map = { width, height: 1, depth, confidence };
    const near = completeDepth(map, { network: { depth: new Float32Array(width).fill(10.5), trust: 1 } });
    expect(near.depth[0]).toBe(10);
    // d = 20 px, d0 = max(1, 0.01 · |(64, 1)|) = 1: w = 20 / 21, z = 10 · 1.05^w.
    expect(near.depth[20]).toBeCloseTo(10 * 1.05 ** (20 / 21), 4);
    const far = completeDepth(map, { network: { depth: new Float32Array(width).fill(15), trust: 0.8 } });
    // Another surface: w = 0.8 d / (d + 1) > 0.5 from d = 2 on (0.533), so 10 before and 15 from there.
    expect([...far.depth.subarray(0, 4)]).toEqual([10, 10, 15, 15]);
    expect(far.origin[3]).toBe(DepthOrigin.network);
    const untrusted = completeDepth(map, { network: { depth: new Float32Array(width).fill(15), trust: 0 } });
    expect(untrusted.depth.every((z) => z === 10)).toBe(true);
  });
});

describe('distance to a set of pixels', () => {
  it('is within 8 % of the Euclidean distance, exact along rows, columns and diagonals', () => {
    const distance = measureDistanceToSet(31, 21, (i) => i === 10 * 31 + 15);
    for (let y = 0; y < 21; y++) {
      for (let x = 0; x < 31; x++) {
        const exact = Math.hypot(x - 15, y - 10);
        expect(distance[y * 31 + x]!).toBeGreaterThanOrEqual(exact - 1e-4);
        expect(distance[y * 31 + x]!).toBeLessThanOrEqual(exact * 1.083 + 1e-4);
      }
    }
    expect(distance[10 * 31]).toBe(15);
    expect(measureDistanceToSet(3, 1, () => false)[1]).toBe(Infinity);
  });
});

/** The WASM comparison of descriptors against the plain one: another way to count the same bits and to sum the same products. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NearestCandidates } from '../../engine/poses/nearest-descriptors.js';
import { compareDescriptors } from '../../engine/poses/nearest-descriptors.js';
import { createWasmComparison } from '../../engine/poses/wasm/wasm-descriptors.js';
import type { WasmRuntime } from '../../engine/wasm/wasm-runtime.js';
import { startWasmRuntime } from '../../host/wasm-runtime.js';
import { randomBytes, randomUnits } from '../fixtures/random-descriptors.js';

let runtime: WasmRuntime;
beforeAll(async () => {
  runtime = await startWasmRuntime({ threads: 3 });
});
afterAll(async () => runtime.dispose());

const sides = (nearest: ReturnType<typeof compareDescriptors>): NearestCandidates[] => [nearest.rows, nearest.columns];

describe('comparing descriptors', () => {
  // 61: AKAZE's. Numbers that are no multiples of the eight columns, 16 rows and 256 rows that the kernel takes at once.
  it.each([
    [300, 517, 61],
    [1, 9, 61],
    [17, 3, 32],
    [40, 40, 480],
    [0, 5, 61],
    [5, 0, 61],
  ])('counts the same bits: %d with %d of %d bytes', (first, second, bytes) => {
    const [a, b] = [randomBytes(first, bytes, 1), randomBytes(second, bytes, 2)];
    const [plain, core] = [sides(compareDescriptors(a, b)), sides(createWasmComparison(runtime)(a, b))];
    plain.forEach((expected, side) => {
      expect(core[side]!.indices).toEqual(expected.indices);
      expect(core[side]!.distances).toEqual(expected.distances);
      expect(core[side]!.limits).toEqual(expected.limits);
    });
  });

  it.each([
    [300, 517, 64],
    [9, 2, 64],
    [33, 70, 10],
  ])('finds the same vectors: %d with %d of %d numbers', (first, second, length) => {
    const [a, b] = [randomUnits(first, length, 3), randomUnits(second, length, 4)];
    const [plain, core] = [sides(compareDescriptors(a, b)), sides(createWasmComparison(runtime)(a, b))];
    plain.forEach((expected, side) => {
      const actual = core[side]!;
      let differing = 0;
      expected.distances.forEach((distance, k) => {
        if (Number.isFinite(distance)) expect(Math.abs(actual.distances[k]! - distance)).toBeLessThan(2e-6);
        else expect(actual.distances[k]).toBe(distance);
        if (actual.indices[k] !== expected.indices[k]) differing++;
      });
      // Two candidates may change places where they are equally far in float32.
      expect(differing).toBeLessThan(expected.distances.length * 0.002 + 1);
    });
  });

  it('leaves out a vector that is not a number, on either side', () => {
    const [a, b] = [randomUnits(20, 64, 5), randomUnits(20, 64, 6)];
    a.data[3 * 64 + 7] = NaN;
    b.data[11 * 64] = NaN;
    const { rows, columns } = createWasmComparison(runtime)(a, b);
    expect(rows.best(3)).toBe(-1);
    expect(columns.best(11)).toBe(-1);
    expect([...rows.indices]).not.toContain(11);
    expect([...columns.indices]).not.toContain(3);
  });

  it('compares what it has no kernel for all the same', () => {
    const [a, b] = [randomBytes(4, 500, 7), randomBytes(6, 500, 8)];
    expect(createWasmComparison(runtime)(a, b).rows.indices).toEqual(compareDescriptors(a, b).rows.indices);
    expect(() => createWasmComparison(runtime)(a, randomBytes(6, 61, 8))).toThrow('lengths');
  });
});

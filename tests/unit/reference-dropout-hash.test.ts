import { describe, expect, it } from 'vitest';
import { mixBits, survivesDropout } from '../../engine/splatting/dropout-hash.js';

/** lowbias32 again, in integers of any size. */
function mixBitsByDefinition(value: bigint): bigint {
  const mask = 0xffffffffn;
  let x = value & mask;
  x ^= x >> 16n;
  x = (x * 0x7feb352dn) & mask;
  x ^= x >> 15n;
  x = (x * 0x846ca68bn) & mask;
  return x ^ (x >> 16n);
}

describe('dropout hash', () => {
  it('is lowbias32 on unsigned 32-bit integers', () => {
    for (const value of [0, 1, 2, 255, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 123456789]) {
      expect(BigInt(mixBits(value))).toBe(mixBitsByDefinition(BigInt(value)));
    }
    expect(mixBits(-1)).toBe(mixBits(0xffffffff));
  });

  it('combines seed and index as the contract says', () => {
    for (const [seed, index] of [
      [1, 0],
      [12345, 678],
      [-7, 99999],
    ] as const) {
      const product = (BigInt(seed) * 0x9e3779b9n) & 0xffffffffn;
      const share = Number(mixBitsByDefinition(product ^ BigInt(index)) >> 8n) / 2 ** 24;
      expect(survivesDropout(seed, index, share)).toBe(true);
      expect(survivesDropout(seed, index, share + 2 ** -24)).toBe(false);
    }
  });

  it('leaves out the stated share, differently for each seed, and nothing at 0', () => {
    const drawn = (seed: number, p: number): number[] =>
      Array.from({ length: 20000 }, (_, i) => (survivesDropout(seed, i, p) ? 1 : 0));
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    // σ of a binomial share of 20000 is at most 0.0036.
    expect(sum(drawn(1, 0.2)) / 20000).toBeCloseTo(0.8, 1);
    expect(Math.abs(sum(drawn(2, 0.5)) / 20000 - 0.5)).toBeLessThan(0.015);
    expect(sum(drawn(3, 0))).toBe(20000);
    const [first, second] = [drawn(4, 0.5), drawn(5, 0.5)];
    const same = sum(first.map((value, i) => (value === second[i] ? 1 : 0)));
    expect(Math.abs(same / 20000 - 0.5)).toBeLessThan(0.015);
  });
});

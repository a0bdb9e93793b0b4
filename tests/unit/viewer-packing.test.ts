import { describe, expect, it } from 'vitest';
import { createSplats } from '../../engine/scene/splats.js';
import {
  allocatePacked,
  copyPacked,
  halfOf,
  packChunk,
  paddedCount,
  rotationWord,
  shWord,
  sliceSplats,
} from '../../renderer/viewer/splat-packing.js';

/** IEEE 754 binary16, taken apart by the standard's definition. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15));
}

/** The decoder of Spark's shader (decodeQuatOctXy1010R12), in other words. */
function turnOfWord(word: number): { axis: number[]; angle: number } {
  const u = ((word & 1023) / 1023) * 2 - 1;
  const v = (((word >>> 10) & 1023) / 1023) * 2 - 1;
  const axis = [u, v, 1 - Math.abs(u) - Math.abs(v)] as [number, number, number];
  const fold = Math.max(0, -axis[2]);
  axis[0] += axis[0] >= 0 ? -fold : fold;
  axis[1] += axis[1] >= 0 ? -fold : fold;
  const norm = Math.hypot(...axis);
  return { axis: axis.map((value) => value / norm), angle: ((word >>> 20) / 4095) * Math.PI };
}

function valuesOfShWord(word: number): number[] {
  const factor = 2 ** (((word >>> 27) & 31) - 15) / 255;
  return [0, 1, 2].map((i) => ((word >>> (8 * i)) & 255) * factor * ((word >>> (24 + i)) & 1 ? -1 : 1));
}

describe('numbers of the packed layout', () => {
  it.each([0, 1, -2, 0.333333, 65504, 6.1e-5, 5.96e-8, -1234.5])('rounds %d to half precision', (value) => {
    const error = Math.abs(fromHalf(halfOf(value)) - value);
    expect(error).toBeLessThanOrEqual(Math.max(2 ** -25, Math.abs(value) * 2 ** -11));
  });

  it('keeps what no half can hold finite', () => {
    expect(fromHalf(halfOf(1e9))).toBe(65504);
    expect(fromHalf(halfOf(Number.NEGATIVE_INFINITY))).toBe(-65504);
    expect(halfOf(Number.NaN)).toBe(0);
  });

  it.each([
    [0.5, 0.5, 0.5, 0.5],
    [0.9, -0.1, 0.3, -0.3],
    [-0.2, 0.4, -0.8, -0.4],
    [0, 0, 0, 1],
    [0.1, 0, 0, -0.99],
  ])('keeps the rotation %d %d %d %d to a third of a degree', (w, x, y, z) => {
    const norm = Math.hypot(w, x, y, z);
    const { axis, angle } = turnOfWord(rotationWord(w, x, y, z));
    const s = Math.sin(angle / 2);
    const cosine =
      Math.abs(w * Math.cos(angle / 2) + (x * (axis[0] ?? 0) + y * (axis[1] ?? 0) + z * (axis[2] ?? 0)) * s) / norm;
    // Half a step of the axis's map is 1/1023, stretched by at most √6, and a turn moves by at most twice that.
    expect(2 * Math.acos(Math.min(1, cosine))).toBeLessThan(0.005);
  });

  it.each([
    [0.3, -0.02, 0.11],
    [1.9, -0.5, 0],
    [-0.001, 0.0004, 0.002],
    [1, 1, -1],
  ])('keeps harmonics %d %d %d to a 255th of the largest, without clipping it', (r, g, b) => {
    const largest = Math.max(Math.abs(r), Math.abs(g), Math.abs(b));
    const values = valuesOfShWord(shWord(r, g, b));
    [r, g, b].forEach((value, i) => expect(Math.abs((values[i] as number) - value)).toBeLessThanOrEqual(largest / 255));
  });
});

describe('packing a scene', () => {
  const splats = createSplats(3, 3);
  for (let i = 0; i < 3; i++) {
    splats.means.set([i + 0.1, -1e4 - i, 3], i * 3);
    splats.logScales.set([-3, -4, -5 - i], i * 3);
    splats.rawOpacities[i] = i - 1;
    for (let k = 0; k < 48; k++) splats.shCoeffs[i * 48 + k] = (k % 7) * 0.1 - 0.3 + i * 0.01;
  }

  it('keeps centres exactly and the rest where the shader looks for it', () => {
    const { a, b, sh } = packChunk(splats);
    const centres = new Float32Array(a.buffer);
    expect([...centres.subarray(4, 7)]).toEqual([...splats.means.subarray(3, 6)]);
    expect(fromHalf((a[7] as number) & 0xffff)).toBeCloseTo(0.5, 3);
    expect(fromHalf((b[4] as number) & 0xffff)).toBeCloseTo(0.5 + 0.2820948 * (splats.shCoeffs[48] as number), 3);
    expect(fromHalf((b[6] as number) >>> 16)).toBeCloseTo(-6, 2);
    expect(sh).toHaveLength(4);
    // Coefficient 9, the first of degree 3, opens the third texture.
    const first = valuesOfShWord(sh[2]?.[4] as number);
    expect(first[0]).toBeCloseTo(splats.shCoeffs[48 + 27] as number, 2);
    // Coefficient 4, the first of degree 2, is the last word of the first.
    expect(valuesOfShWord(sh[0]?.[7] as number)[1]).toBeCloseTo(splats.shCoeffs[48 + 13] as number, 2);
  });

  it('gives the same in pieces as at once', () => {
    const whole = allocatePacked(3, 3);
    copyPacked(packChunk(sliceSplats(splats, 0, 2)), whole, 0);
    copyPacked(packChunk(sliceSplats(splats, 2, 1)), whole, 2);
    expect(whole).toEqual(packChunk(splats));
  });

  it('makes a Gaussian that is nowhere transparent', () => {
    const broken = createSplats(1, 0);
    broken.means.set([Number.NaN, 0, 1]);
    broken.rawOpacities[0] = 5;
    const { a } = packChunk(broken);
    expect([...a.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  });

  it('pads to whole rows, and to whole layers where there are several', () => {
    expect(paddedCount(0)).toBe(2048);
    expect(paddedCount(2049)).toBe(4096);
    expect(paddedCount(2048 * 2048 + 1)).toBe(2 * 2048 * 2048);
  });
});

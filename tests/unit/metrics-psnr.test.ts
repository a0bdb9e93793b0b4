import { describe, expect, it } from 'vitest';
import { computeMse, computePsnr } from '../../engine/metrics/psnr.js';
import { ShapeError } from '../../engine/scene/errors.js';

describe('PSNR', () => {
  it('is 20 dB for a constant difference of 0.1, whatever the images hold', () => {
    const image = Float64Array.from({ length: 30 }, (_, i) => i / 100);
    expect(
      computePsnr(
        image,
        image.map((value) => value + 0.1),
      ),
    ).toBeCloseTo(20, 10);
  });

  it('averages squared errors over pixels and channels before the logarithm', () => {
    // Errors 1 and 0.5 in two of six numbers: MSE = 1.25 / 6.
    expect(computeMse([1, 0, 0, 0, 0.5, 0], [0, 0, 0, 0, 0, 0], null)).toBeCloseTo(1.25 / 6, 15);
    expect(computePsnr([1, 0, 0, 0, 0.5, 0], [0, 0, 0, 0, 0, 0])).toBeCloseTo(10 * Math.log10(4.8), 12);
  });

  it('is symmetric, and Infinity for equal images', () => {
    expect(computePsnr([0.1, 0.2, 0.3], [0.4, 0.1, 0.9])).toBe(computePsnr([0.4, 0.1, 0.9], [0.1, 0.2, 0.3]));
    expect(computePsnr([0.1, 0.2, 0.3], [0.1, 0.2, 0.3])).toBe(Infinity);
  });

  it('counts only pixels inside of the mask, and does not look at the others', () => {
    const image = [0.1, 0.1, 0.1, NaN, 5, 9, 0, 0, 0];
    const other = [0, 0, 0, 0, 0, 0, 0, 0, 0];
    expect(computeMse(image, other, Uint8Array.of(1, 0, 1))).toBeCloseTo(0.005, 15);
    expect(computePsnr(image, other, Uint8Array.of(255, 0, 0))).toBeCloseTo(20, 12);
    expect(computePsnr(image, other, null)).toBeNaN();
    expect(computePsnr(image, other, Uint8Array.of(0, 0, 0))).toBeNaN();
  });

  it('refuses what does not fit', () => {
    expect(() => computePsnr([1, 2, 3], [1, 2])).toThrow(ShapeError);
    expect(() => computePsnr([1, 2], [1, 2])).toThrow(ShapeError);
    expect(() => computePsnr([1, 2, 3], [1, 2, 3], [1, 1])).toThrow(ShapeError);
  });
});

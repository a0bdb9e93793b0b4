import { describe, expect, it } from 'vitest';
import { computeSsim } from '../../engine/metrics/ssim.js';
import { ShapeError } from '../../engine/scene/errors.js';
import { createNoise } from '../fixtures/random-splats.js';

/**
 * Another way to the same number: a full two-dimensional window at every pixel, central moments Σ w (x − μx)(y − μy) instead of
 * E[xy] − μx μy, with the outside written out as pixels of value 0.
 */
function ssimByDefinition(
  x: Float32Array,
  y: Float32Array,
  width: number,
  height: number,
  mask: Uint8Array | null,
): number {
  const at = (image: Float32Array, u: number, v: number, c: number): number => {
    if (u < 0 || v < 0 || u >= width || v >= height || mask?.[v * width + u] === 0) return 0;
    return image[(v * width + u) * 3 + c] as number;
  };
  const offsets: [number, number, number][] = [];
  for (let dv = -5; dv <= 5; dv++) {
    for (let du = -5; du <= 5; du++) offsets.push([du, dv, Math.exp(-(du * du + dv * dv) / 4.5)]);
  }
  const total = offsets.reduce((sum, [, , weight]) => sum + weight, 0);
  const values: number[] = [];
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      if (mask?.[v * width + u] === 0) continue;
      for (let c = 0; c < 3; c++) {
        const mean = (f: (du: number, dv: number) => number): number =>
          offsets.reduce((sum, [du, dv, weight]) => sum + (weight / total) * f(du, dv), 0);
        const mx = mean((du, dv) => at(x, u + du, v + dv, c));
        const my = mean((du, dv) => at(y, u + du, v + dv, c));
        const sxx = mean((du, dv) => (at(x, u + du, v + dv, c) - mx) ** 2);
        const syy = mean((du, dv) => (at(y, u + du, v + dv, c) - my) ** 2);
        const sxy = mean((du, dv) => (at(x, u + du, v + dv, c) - mx) * (at(y, u + du, v + dv, c) - my));
        values.push(((2 * mx * my + 1e-4) * (2 * sxy + 9e-4)) / ((mx * mx + my * my + 1e-4) * (sxx + syy + 9e-4)));
      }
    }
  }
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const [WIDTH, HEIGHT] = [17, 13];
const noise = createNoise(WIDTH * HEIGHT * 3, 5, 0, 1);
const blurredNoise = noise.map((value, i) => 0.5 * value + 0.3 * (noise[(i + 3) % noise.length] as number) + 0.1);
const mask = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, p) => (p % WIDTH > 10 || p % 7 === 0 ? 0 : 1));

describe('SSIM', () => {
  it('agrees with a brute-force implementation, without and with a mask', () => {
    const plain = ssimByDefinition(noise, blurredNoise, WIDTH, HEIGHT, null);
    expect(plain).toBeGreaterThan(0.3);
    expect(plain).toBeLessThan(0.95);
    expect(computeSsim(noise, blurredNoise, WIDTH, HEIGHT)).toBeCloseTo(plain, 12);
    const masked = ssimByDefinition(noise, blurredNoise, WIDTH, HEIGHT, mask);
    expect(Math.abs(masked - plain)).toBeGreaterThan(1e-3);
    expect(computeSsim(noise, blurredNoise, WIDTH, HEIGHT, mask)).toBeCloseTo(masked, 12);
  });

  it('follows its formula where it can be worked out by hand: one pixel', () => {
    // The window's middle weight is w; everything else in it is 0: μ = w x, E[x²] = w x².
    const side = [1, 2, 3, 4, 5].reduce((sum, k) => sum + 2 * Math.exp(-(k * k) / 4.5), 1);
    const w = 1 / side ** 2;
    const [x, y] = [0.8, 0.5];
    const covariance = w * x * y - w * w * x * y;
    const variances = w * (x * x + y * y) - w * w * (x * x + y * y);
    const expected =
      ((2 * w * w * x * y + 1e-4) * (2 * covariance + 9e-4)) / ((w * w * (x * x + y * y) + 1e-4) * (variances + 9e-4));
    expect(computeSsim([x, x, x], [y, y, y], 1, 1)).toBeCloseTo(expected, 12);
  });

  it('is 1 for equal images, symmetric, and negative for a negative', () => {
    expect(computeSsim(noise, noise, WIDTH, HEIGHT)).toBeCloseTo(1, 14);
    expect(computeSsim(noise, blurredNoise, WIDTH, HEIGHT)).toBeCloseTo(
      computeSsim(blurredNoise, noise, WIDTH, HEIGHT),
      14,
    );
    const negative = noise.map((value) => 1 - value);
    expect(computeSsim(noise, negative, WIDTH, HEIGHT)).toBeLessThan(0);
  });

  it('does not see what masked pixels hold', () => {
    const vandalised = noise.map((value, i) => (mask[Math.floor(i / 3)] === 0 ? NaN : value));
    expect(computeSsim(vandalised, blurredNoise, WIDTH, HEIGHT, mask)).toBe(
      computeSsim(noise, blurredNoise, WIDTH, HEIGHT, mask),
    );
    expect(computeSsim(vandalised, blurredNoise, WIDTH, HEIGHT)).toBeNaN();
    expect(computeSsim(noise, noise, WIDTH, HEIGHT, new Uint8Array(WIDTH * HEIGHT))).toBeNaN();
  });

  it('notices a shift by one pixel and a transposed width', () => {
    const shifted = noise.map((_, i) => noise[(i + 3) % noise.length] as number);
    expect(computeSsim(noise, shifted, WIDTH, HEIGHT)).toBeLessThan(0.3);
    expect(computeSsim(noise, blurredNoise, HEIGHT, WIDTH)).not.toBeCloseTo(
      computeSsim(noise, blurredNoise, WIDTH, HEIGHT),
      6,
    );
  });

  it('refuses what does not fit', () => {
    expect(() => computeSsim(noise, noise, WIDTH, HEIGHT + 1)).toThrow(ShapeError);
    expect(() => computeSsim(noise, noise.subarray(3), WIDTH, HEIGHT)).toThrow(ShapeError);
    expect(() => computeSsim(noise, noise, WIDTH, HEIGHT, new Uint8Array(3))).toThrow(ShapeError);
  });
});

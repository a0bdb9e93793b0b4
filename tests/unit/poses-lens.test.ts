import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RadialLens } from '../../engine/poses/contract.js';
import {
  distortNormalised,
  meanFocalPx,
  normalisePoints,
  projectThroughLens,
  undistortNormalised,
} from '../../engine/poses/lens.js';
import { ShapeError } from '../../engine/scene/errors.js';
import { drawUniform, phoneLens } from '../fixtures/synthetic-cameras.js';

describe('the radial lens', () => {
  it('moves a point by its polynomial, worked by hand', () => {
    // r² = 0.25: 1 − 0.1 · 0.25 + 0.2 · 0.0625 = 0.9875.
    expect(distortNormalised({ k1: -0.1, k2: 0.2 }, 0.3, 0.4)).toEqual([0.3 * 0.9875, 0.4 * 0.9875]);
  });

  it('projects to pixels, worked by hand, and never what is behind', () => {
    const lens = phoneLens(-0.1, 0);
    // (1, 0, 2) is at x = 0.5, which the lens moves to 0.4875: 400 · 0.4875 + 252 = 447.
    const [u, v] = projectThroughLens(lens, [1, 0, 2])!;
    expect(u).toBeCloseTo(447, 12);
    expect(v).toBe(189);
    expect(projectThroughLens(lens, [1, 0, -2])).toBeNull();
    expect(projectThroughLens(lens, [1, 0, 0])).toBeNull();
    expect(projectThroughLens(lens, [NaN, 0, 1])).toBeNull();
  });

  it('is undone within rounding, for barrel, pincushion and mixed lenses', () => {
    const random = createRandom(7);
    for (let i = 0; i < 500; i++) {
      const lens = { k1: drawUniform(random, -0.3, 0.3), k2: drawUniform(random, -0.1, 0.1) };
      const [x, y] = [drawUniform(random, -0.7, 0.7), drawUniform(random, -0.5, 0.5)];
      const distorted = distortNormalised(lens, x, y);
      if (distorted === null) continue;
      const [back, backY] = undistortNormalised(lens, ...distorted)!;
      // Near the turning radius the inverse loses half of the digits.
      const slope = 1 + (x * x + y * y) * (3 * lens.k1 + 5 * lens.k2 * (x * x + y * y));
      expect(Math.hypot(back - x, backY - y)).toBeLessThan(1e-13 / slope ** 2 + 1e-13);
    }
  });

  it('turns back at the radius where its slope is zero, and reports what lies beyond', () => {
    // 1 + 3 k1 r² = 0 at r = 1 for k1 = −1/3; there r' = 2/3.
    const lens = { k1: -1 / 3, k2: 0 };
    expect(distortNormalised(lens, 0.999, 0)).not.toBeNull();
    expect(distortNormalised(lens, 1.001, 0)).toBeNull();
    expect(undistortNormalised(lens, 0, 2 / 3 - 1e-9)![1]).toBeCloseTo(1, 3);
    expect(undistortNormalised(lens, 0, 2 / 3 + 1e-9)).toBeNull();
    // k2 alone: 1 + 5 k2 r⁴ = 0 at r = 1 for k2 = −1/5; there r' = 4/5.
    expect(undistortNormalised({ k1: 0, k2: -0.2 }, 0.81, 0)).toBeNull();
    expect(undistortNormalised({ k1: 0, k2: -0.2 }, 0.79, 0)).not.toBeNull();
    // A growing k1 with a shrinking k2 turns back too: 1 + 0.6 r² − 0.5 r⁴ = 0 at r² = 0.6 + √2.36 = 2.136.
    expect(distortNormalised({ k1: 0.2, k2: -0.1 }, Math.sqrt(2.13), 0)).not.toBeNull();
    expect(distortNormalised({ k1: 0.2, k2: -0.1 }, Math.sqrt(2.14), 0)).toBeNull();
  });

  it('leaves the axis where it is', () => {
    expect(undistortNormalised({ k1: -0.2, k2: 0.1 }, 0, 0)).toEqual([0, 0]);
  });

  it('turns pixels into the plane z = 1 and back, off-centre and with unequal focal lengths', () => {
    const lens: RadialLens = {
      intrinsics: { fx: 410, fy: 380, cx: 230, cy: 200, width: 504, height: 378 },
      k1: -0.08,
      k2: 0.01,
    };
    const pixels = Float64Array.of(0, 0, 504, 378, 17.5, 301.25, 230, 200);
    const normalised = normalisePoints(lens, pixels);
    for (let i = 0; i < pixels.length; i += 2) {
      const [u, v] = projectThroughLens(lens, [normalised[i]!, normalised[i + 1]!, 1])!;
      expect(u).toBeCloseTo(pixels[i]!, 9);
      expect(v).toBeCloseTo(pixels[i + 1]!, 9);
    }
    expect(meanFocalPx(lens)).toBeCloseTo(Math.sqrt(410 * 380), 12);
  });

  it('gives NaN for a pixel that the lens cannot show, and refuses half a point', () => {
    const lens = phoneLens(-1, 0);
    // The slope is zero at r = 1/√3; there r' = 2/(3√3) = 0.385, which is 154 pixels from the centre.
    const normalised = normalisePoints(lens, Float32Array.of(252 + 153, 189, 252 + 155, 189, NaN, 0));
    expect(Number.isFinite(normalised[0])).toBe(true);
    expect([...normalised.subarray(2)]).toEqual([NaN, NaN, NaN, NaN]);
    expect(() => normalisePoints(lens, Float32Array.of(1, 2, 3))).toThrow(ShapeError);
  });
});

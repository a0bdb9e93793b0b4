/** Lengths with their uncertainty, against values by hand. */
import { describe, expect, it } from 'vitest';
import { createSplats } from '../../engine/scene/splats.js';
import { depthProfile, thicknessAlong } from '../../renderer/viewer/depth-profile.js';
import type { PickedPoint } from '../../renderer/viewer/tools/measure-distance.js';
import { decimalsOf, measureDistance } from '../../renderer/viewer/tools/measure-distance.js';
import { pickMeasured } from '../../renderer/viewer/splat-picking.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';

const layer = (depth: number, alpha: number, thickness = 0) => ({ depth, alpha, thickness });

describe('depth along a ray', () => {
  it('of one opaque layer is its own, with its thickness and no spread', () => {
    expect(depthProfile([layer(3, 0.9, 0.02)])).toEqual({ depth: 3, spread: 0, thickness: 0.02 });
  });

  it('is where half of the light is used up; quantiles are of what is used up in all', () => {
    // Weights 0.4, 0.3, 0.15, of 0.85 in all: 16 % (0.136) lies in the first, 84 % (0.714) in the third.
    const layers = [layer(4, 0.5, 0.3), layer(2, 0.4, 0.1), layer(3, 0.5, 0.2)];
    const { depth, spread, thickness } = depthProfile(layers) ?? { depth: 0, spread: 0, thickness: 0 };
    expect([depth, spread]).toEqual([3, 1]);
    expect(thickness).toBeCloseTo(Math.sqrt((0.4 * 0.01 + 0.3 * 0.04 + 0.15 * 0.09) / 0.85), 12);
  });

  it('is not drawn off by a little that shines through from far behind', () => {
    const faint = depthProfile([layer(2, 0.95, 0.01), layer(500, 0.99, 10)]);
    expect(faint).toEqual({ depth: 2, spread: 0, thickness: 0.01 });
  });

  it('is not known where less than half of the light is used up', () => {
    expect(depthProfile([])).toBeNull();
    expect(depthProfile([layer(1, 0.3), layer(2, 0.2)])).toBeNull();
  });
});

describe('thickness of a Gaussian', () => {
  it('is its deviation along its axes, and follows 1/√(dᵀΣ⁻¹d) between them, however it is turned', () => {
    const splats = createSplats(1, 0);
    splats.logScales.set([Math.log(1), Math.log(2), Math.log(0.5)]);
    // A quarter turn about z: the scene's x is the Gaussian's own −y.
    splats.quats.set([Math.SQRT1_2, 0, 0, Math.SQRT1_2]);
    expect(thicknessAlong(splats, 0, [1, 0, 0])).toBeCloseTo(2, 6);
    expect(thicknessAlong(splats, 0, [0, 1, 0])).toBeCloseTo(1, 6);
    expect(thicknessAlong(splats, 0, [0, 0, 1])).toBeCloseTo(0.5, 6);
    const between: Vec3 = [Math.SQRT1_2, 0, Math.SQRT1_2];
    expect(thicknessAlong(splats, 0, between)).toBeCloseTo(1 / Math.sqrt(0.5 / 4 + 0.5 / 0.25), 6);
  });
});

describe('a picked point', () => {
  it('off the middle of the view is as deep as its layer, and its errors run along the slanted ray', () => {
    const splats = createSplats(1, 0);
    splats.means.set([3, 0, 4]);
    splats.logScales.fill(Math.log(0.1));
    splats.quats[0] = 1;
    splats.rawOpacities[0] = 6;
    const view = {
      pose: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1] as const, position: [0, 0, 0] as Vec3, fovYRad: 1 },
      camera: { fx: 400, fy: 400, cx: 400, cy: 300, width: 800, height: 600 },
    };
    const identity = [...view.pose.rotation] as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const picked = pickMeasured(splats, null, { ...view, pose: { ...view.pose, rotation: identity } }, 700, 300);
    expect(picked?.position.map((value) => Number(value.toFixed(6)))).toEqual([3, 0, 4]);
    expect(picked?.direction.map((value) => Number(value.toFixed(6)))).toEqual([0.6, 0, 0.8]);
    expect(picked?.thickness).toBeCloseTo(0.1, 6);
    // Half a pixel at a distance of 5 with a focal length of 400.
    expect(picked?.aside).toBeCloseTo((0.5 * 5) / 400, 9);
    expect(pickMeasured(splats, null, { ...view, pose: { ...view.pose, rotation: identity } }, 100, 300)).toBeNull();
  });
});

const point = (position: Vec3, direction: Vec3, errors: Partial<PickedPoint> = {}): PickedPoint => ({
  position,
  direction,
  spread: 0,
  thickness: 0,
  aside: 0,
  ...errors,
});

describe('a distance', () => {
  const ahead: Vec3 = [0, 0, 1];

  it('along the ray takes the errors of both ends in full, twice, added in squares', () => {
    const { distance, uncertainty, parts } = measureDistance(
      point([0, 0, 1], ahead, { spread: 0.03 }),
      point([0, 0, 6], ahead, { spread: 0.04 }),
      null,
    );
    expect(distance).toBe(5);
    expect(parts.spread).toBeCloseTo(2 * 0.05, 12);
    expect(uncertainty).toBeCloseTo(0.1, 12);
    expect(parts.scale).toBeNull();
  });

  it('across the ray hardly depends on depth: by p²/2d alone', () => {
    const { parts } = measureDistance(point([-1, 0, 5], ahead, { thickness: 0.1 }), point([1, 0, 5], ahead), null);
    expect(parts.thickness).toBeCloseTo(2 * (Math.hypot(2, 0.1) - 2), 12);
    expect(parts.thickness).toBeCloseTo(2 * (0.01 / 4), 5);
  });

  it('across the ray depends on half a pixel in full; along it not at all', () => {
    const aside = { aside: 0.01 };
    expect(measureDistance(point([-1, 0, 5], ahead, aside), point([1, 0, 5], ahead), null).parts.aside).toBeCloseTo(
      0.02,
      12,
    );
    expect(measureDistance(point([0, 0, 1], ahead, aside), point([0, 0, 2], ahead), null).parts.aside).toBeCloseTo(
      0,
      12,
    );
  });

  it('is as unsure as its scale, in proportion to its length', () => {
    const measured = measureDistance(point([0, 0, 1], ahead, { spread: 0.03 }), point([0, 0, 5], ahead), 0.01);
    expect(measured.parts.scale).toBeCloseTo(0.08, 12);
    expect(measured.uncertainty).toBeCloseTo(Math.hypot(0.06, 0.08), 12);
  });

  it('of two points in one place is no surer than they are', () => {
    const errors = { spread: 0.3, aside: 0.4 };
    const { distance, uncertainty } = measureDistance(point([1, 2, 3], ahead, errors), point([1, 2, 3], ahead), null);
    expect(distance).toBe(0);
    expect(uncertainty).toBeCloseTo(2 * 0.5, 12);
  });

  it('covers the truth 19 of 20 times where errors are normal, at a slant', () => {
    const directions: [Vec3, Vec3] = [
      [0.6, 0, 0.8],
      [-0.6, 0, 0.8],
    ];
    const sigma = 0.05;
    let state = 7;
    const uniform = (): number => ((state = (state * 1103515245 + 12345) % 2147483648) + 0.5) / 2147483648;
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    let covered = 0;
    const trials = 4000;
    for (let trial = 0; trial < trials; trial++) {
      const [a, b] = directions.map((direction, i) => {
        const error = sigma * normal();
        const truth: Vec3 = i === 0 ? [3, 0, 4] : [-3, 0, 4];
        return point(truth.map((value, axis) => value + error * direction[axis]!) as Vec3, direction, {
          spread: sigma,
        });
      }) as [PickedPoint, PickedPoint];
      const { distance, uncertainty } = measureDistance(a, b, null);
      if (Math.abs(distance - 6) <= uncertainty) covered++;
    }
    // Of 4,000 the share strays by 0.35 %: four times that around 95.4 %.
    expect(covered / trials).toBeGreaterThan(0.94);
    expect(covered / trials).toBeLessThan(0.97);
  });
});

describe('decimals', () => {
  it('end with the second digit of the uncertainty', () => {
    expect([0.0123, 0.123, 1.23, 12.3, 123, 0, NaN, Infinity, 1e-12].map(decimalsOf)).toEqual([
      3, 2, 1, 0, 0, 3, 3, 3, 6,
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { scaleOfCameras } from '../../engine/poses/scale-of-cameras.js';
import { normal } from '../fixtures/sensors/simulate-sensors.js';

const pair = (here: Vec3, there: Vec3) => ({ here, there });

describe('the scale between two worlds with the same cameras', () => {
  it('is the ratio of distances, of two cameras without a word on how sure it is', () => {
    expect(scaleOfCameras([pair([0, 0, 0], [5, 5, 5]), pair([3, 4, 0], [5, 5, 15])])).toEqual({
      scale: 2,
      uncertainty: null,
    });
  });

  it('is not there for one camera, for cameras in one place, and for places that are not finite', () => {
    expect(scaleOfCameras([pair([0, 0, 0], [1, 1, 1])])).toBeNull();
    expect(scaleOfCameras([pair([1, 1, 1], [0, 0, 0]), pair([1, 1, 1], [0, 0, 3])])).toBeNull();
    expect(scaleOfCameras([pair([NaN, 1, 1], [0, 0, 0]), pair([1, 1, 1], [0, 0, 3])])).toBeNull();
  });

  it('by hand: ratios 1.9, 2.0 and 2.1 have a deviation of 0.1 / 2, that is 1.4826 · 0.05 · 1.2533 / √2 of the scale', () => {
    // Three cameras on a line: 0, 1 and 2 here; the first stretch is 1.9 there, the second 2.1, both together 4.0.
    const told = scaleOfCameras([
      pair([0, 0, 0], [0, 0, 0]),
      pair([1, 0, 0], [1.9, 0, 0]),
      pair([2, 0, 0], [4, 0, 0]),
    ])!;
    expect(told.scale).toBeCloseTo(2, 12);
    expect(told.uncertainty).toBeCloseTo((1.4826 * 0.05 * Math.sqrt(Math.PI / 2)) / Math.SQRT2, 12);
  });

  it('of copies says nothing of how well they were measured', () => {
    const copies = [0, 1, 2, 3].map((i) => pair([i, i * i, 0], [2 * i, 2 * i * i, 0]));
    expect(scaleOfCameras(copies)).toEqual({ scale: 2, uncertainty: null });
  });

  it('errs by about what it says: over 300 draws of six cameras with errors of 1 % of their extent', () => {
    const random = createRandom(5);
    const errors: number[] = [];
    const claims: number[] = [];
    for (let draw = 0; draw < 300; draw++) {
      const cameras = Array.from({ length: 6 }, (): Vec3 => [normal(random), normal(random), normal(random)]);
      const told = scaleOfCameras(
        cameras.map((here) => pair(here, here.map((v) => 3 * v + 0.03 * normal(random)) as Vec3)),
      )!;
      errors.push(told.scale / 3 - 1);
      claims.push(told.uncertainty!);
    }
    const rms = (values: number[]): number => Math.hypot(...values) / Math.sqrt(values.length);
    expect(rms(errors) / rms(claims)).toBeGreaterThan(0.4);
    expect(rms(errors) / rms(claims)).toBeLessThan(1.3);
  });
});

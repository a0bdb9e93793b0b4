import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { Mat3, RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import type { Sighting } from '../../engine/poses/triangulate.js';
import { triangulateMidpoint, triangulateSightings } from '../../engine/poses/triangulate.js';
import { cloudOfPoints, drawNormal, lookAt, ringOfCameras } from '../fixtures/synthetic-cameras.js';

const IDENTITY: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];
/** One unit to the right. */
const SIDEWAYS: RigidTransform = { rotation: IDENTITY, translation: [-1, 0, 0] };

function sightingsOf(point: Vec3, cameras: readonly RigidTransform[], noise: () => number = () => 0): Sighting[] {
  return cameras.map((cameraFromWorld) => {
    const [x, y, z] = transformPoint(cameraFromWorld, point);
    return { cameraFromWorld, x: x / z + noise() / 400, y: y / z + noise() / 400, focalPx: 400 };
  });
}

describe('the point of two rays', () => {
  it('is where they meet, worked by hand', () => {
    // (0.5, 0, 2) from (0, 0, 0) and (1, 0, 0): slopes ± 0.25.
    const found = triangulateMidpoint(SIDEWAYS, [0.25, 0], [-0.25, 0])!;
    [0.5, 0, 2].forEach((value, k) => expect(found.pointInCamera1[k]).toBeCloseTo(value, 12));
    expect(found.depth1).toBeCloseTo(2, 12);
    expect(found.depth2).toBeCloseTo(2, 12);
    expect(found.angleRad).toBeCloseTo(2 * Math.atan(0.25), 12);
  });

  it('is half-way between rays that pass each other, worked by hand', () => {
    // The second camera stands 0.2 lower; its ray passes the first one's at depth 2, a distance of 0.2 away.
    const found = triangulateMidpoint({ rotation: IDENTITY, translation: [-1, -0.2, 0] }, [0, 0], [-0.5, 0])!;
    [0, 0.1, 2].forEach((value, k) => expect(found.pointInCamera1[k]).toBeCloseTo(value, 12));
  });

  it('has negative depths behind the cameras', () => {
    const found = triangulateMidpoint(SIDEWAYS, [-0.25, 0], [0.25, 0])!;
    expect(found.depth1).toBeCloseTo(-2, 12);
    expect(found.depth2).toBeCloseTo(-2, 12);
  });

  it('is none for parallel rays, without translation, and for NaN', () => {
    expect(triangulateMidpoint(SIDEWAYS, [0.1, 0.2], [0.1, 0.2])).toBeNull();
    expect(triangulateMidpoint({ rotation: IDENTITY, translation: [0, 0, 0] }, [0.1, 0], [0.2, 0])).toBeNull();
    expect(triangulateMidpoint(SIDEWAYS, [NaN, 0], [0.2, 0])).toBeNull();
  });
});

describe('the point of many sightings', () => {
  it('is exact for exact sightings, wherever the world has its origin', () => {
    const random = createRandom(2);
    for (const offset of [0, 1000]) {
      for (const point of cloudOfPoints(50, 1, random)) {
        const cameras = ringOfCameras(5, 4, 0.2).map(({ rotation, translation }): RigidTransform => ({
          rotation,
          translation: translation.map((t, k) => t - rotation[k * 3]! * offset) as Vec3,
        }));
        const shifted: Vec3 = [point[0] + offset, point[1], point[2]];
        const found = triangulateSightings(sightingsOf(shifted, cameras))!;
        found.position.forEach((value, k) => expect(Math.abs(value - shifted[k]!)).toBeLessThan(1e-8));
        expect(Math.max(...found.errorsPx)).toBeLessThan(1e-6);
        expect(found.isInFront).toBe(true);
      }
    }
  });

  it('has the largest angle between its rays, worked by hand', () => {
    const cameras = [lookAt([0, 0, -2], [0, 0, 0]), lookAt([0.1, 0, -2], [0, 0, 0]), lookAt([2, 0, 0], [0, 0, 0])];
    expect(triangulateSightings(sightingsOf([0, 0, 0], cameras))!.angleRad).toBeCloseTo(Math.PI / 2, 9);
  });

  it('is where the reprojection error is least: every neighbour is worse', () => {
    const random = createRandom(5);
    const cost = (sightings: readonly Sighting[], position: Vec3): number =>
      sightings.reduce((sum, { cameraFromWorld, x, y, focalPx }) => {
        const [px, py, pz] = transformPoint(cameraFromWorld, position);
        return sum + focalPx ** 2 * ((px / pz - x) ** 2 + (py / pz - y) ** 2);
      }, 0);
    for (const point of cloudOfPoints(30, 1, random)) {
      const sightings = sightingsOf(point, ringOfCameras(4, 4, 0.15), () => drawNormal(random));
      const { position, errorsPx } = triangulateSightings(sightings)!;
      const least = cost(sightings, position);
      expect(errorsPx.reduce((sum, error) => sum + error * error, 0)).toBeCloseTo(least, 9);
      for (const axis of [0, 1, 2])
        for (const step of [-1e-4, 1e-4]) {
          const neighbour = position.map((value, k) => (k === axis ? value + step : value)) as Vec3;
          expect(cost(sightings, neighbour)).toBeGreaterThan(least);
        }
    }
  });

  it('is near the truth with a pixel of noise', () => {
    const random = createRandom(6);
    const errors = cloudOfPoints(200, 1, random)
      .map((point) => {
        const found = triangulateSightings(sightingsOf(point, ringOfCameras(5, 4, 0.2), () => drawNormal(random)))!;
        return Math.hypot(...found.position.map((value, k) => value - point[k]!));
      })
      .sort((a, b) => a - b);
    // A pixel is 4 / 400 = 0.01 at the points; along the rays, whose angle is up to 0.8 rad, a few times as much.
    expect(errors[100]).toBeLessThan(0.02);
    expect(errors[199]).toBeLessThan(0.1);
  });

  it('tells when it lies behind a camera', () => {
    const [first, second] = ringOfCameras(2, 4, 0.5) as [RigidTransform, RigidTransform];
    // 8 behind the ring's first camera, on the line of sight; both rays are continued backwards.
    const behind: Vec3 = [0.2, 0.1, -12];
    const found = triangulateSightings(sightingsOf(behind, [first, second]))!;
    expect(found.isInFront).toBe(false);
    expect([...found.errorsPx]).toEqual([Infinity, Infinity]);
    found.position.forEach((value, k) => expect(value).toBeCloseTo(behind[k]!, 6));
  });

  it('is none for one sighting, one place, parallel rays and NaN', () => {
    const [first, second] = ringOfCameras(2, 4, 0.5) as [RigidTransform, RigidTransform];
    const sightings = sightingsOf([0.1, 0.2, 0], [first, second]);
    expect(triangulateSightings(sightings.slice(0, 1))).toBeNull();
    expect(triangulateSightings([sightings[0]!, sightings[0]!])).toBeNull();
    const parallel = [{ rotation: IDENTITY, translation: [0, 0, 0] as Vec3 }, SIDEWAYS].map((cameraFromWorld) => ({
      cameraFromWorld,
      x: 0.1,
      y: 0,
      focalPx: 400,
    }));
    expect(triangulateSightings(parallel)).toBeNull();
    expect(triangulateSightings([sightings[0]!, { ...sightings[1]!, x: NaN }])).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { estimateEgoMotion } from '../../engine/depth/radar-ego-motion.js';
import { radarRays } from '../../engine/depth/radar-returns.js';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { SAMPLE_SHOTS } from '../../scripts/sample-scene/cameras.js';
import { createSampleScene } from '../../scripts/sample-scene/scene.js';
import { depthViewRanges, sampleSceneRanges, viewpointOf } from '../fixtures/sensors/sample-scene-ranges.js';
import {
  directionOf,
  LIDAR_64,
  RADAR_4D,
  sensorLookingAt,
  simulateLidar,
  simulateRadar,
} from '../fixtures/sensors/simulate-sensors.js';
import { boxScene, STREET, STREET_GROUND } from '../fixtures/sensors/street-scene.js';

const HERE: RigidTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
const street = boxScene(STREET, STREET_GROUND);

describe('a simulated scene', () => {
  it('by hand: ground below, wall beside, box ahead, nothing above', () => {
    const slant = directionOf(0, -Math.PI / 6);
    // 0.5 m down at 30° is 1 m along the ray.
    expect(street.trace([0, 0, 0], slant)?.distance).toBeCloseTo(1, 9);
    expect(street.trace([0, 0, 0], [0, 1, 0])?.distance).toBeCloseTo(7, 9);
    expect(street.trace([0, 0, 0], [1, 0, 0])).toMatchObject({ distance: 16, velocity: [9, 0, 0] });
    expect(street.trace([0, 0, 0], [0, 0, 1])).toBeNull();
  });
});

describe('a simulated LiDAR', () => {
  const look = (seed: number) => simulateLidar(street, HERE, LIDAR_64, createRandom(seed));

  it('is the same for the same seed and another for another', () => {
    expect(look(1).points.positions).toEqual(look(1).points.positions);
    expect(look(2).points.positions).not.toEqual(look(1).points.positions);
  });

  it('has the asked noise, dropouts and rings, and points in mid-air only at edges', () => {
    const { points, trueRange, isMixed } = look(1);
    const errors = Float64Array.from(
      trueRange,
      (r, i) => Math.hypot(...points.positions.subarray(3 * i, 3 * i + 3)) - r,
    );
    const clean = errors.filter((_, i) => isMixed[i] === 0);
    const sigma = Math.sqrt(clean.reduce((sum, e) => sum + e * e, 0) / clean.length);
    // 10,000 samples: σ is known to 1 %.
    expect(sigma).toBeGreaterThan(0.019);
    expect(sigma).toBeLessThan(0.021);
    const mixedShare = isMixed.reduce((sum, m) => sum + m, 0) / isMixed.length;
    expect(mixedShare).toBeGreaterThan(0.001);
    expect(mixedShare).toBeLessThan(0.05);
    const rings = points.fields.get('ring')!;
    expect(Math.min(...rings)).toBe(0);
    const everything = simulateLidar(street, HERE, { ...LIDAR_64, dropout: 0 }, createRandom(1)).points.count;
    expect(points.count / everything).toBeCloseTo(0.95, 2);
  });
});

describe('a simulated 4D radar', () => {
  const radar = simulateRadar(street, HERE, { ...RADAR_4D, returns: 600 }, createRandom(5));

  it('measures the speed that geometry implies', () => {
    const speeds = radar.points.fields.get('radialSpeed')!;
    const errors: number[] = [];
    for (let i = 0; i < radar.points.count; i++) {
      if (radar.isMoving[i] === 1) continue;
      const p = radar.truePositions.subarray(3 * i, 3 * i + 3);
      errors.push(speeds[i]! + (6 * p[0]!) / Math.hypot(...p));
    }
    const sigma = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    expect(sigma).toBeCloseTo(0.05, 2);
  });

  it('has ghosts behind what is there, as many as asked for', () => {
    const ratios = Array.from(radar.isGhost, (_, i) => {
      const seen = Math.hypot(...radar.points.positions.subarray(3 * i, 3 * i + 3));
      return seen / Math.hypot(...radar.truePositions.subarray(3 * i, 3 * i + 3));
    });
    expect(ratios.every((ratio, i) => (radar.isGhost[i] === 1 ? ratio > 1.1 : ratio < 1.15))).toBe(true);
    expect(radar.isGhost.reduce((sum, g) => sum + g, 0) / radar.points.count).toBeCloseTo(0.1, 1);
  });

  it('tells its own velocity', () => {
    const { directions } = radarRays(radar.points);
    const radialSpeed = Float64Array.from(radar.points.fields.get('radialSpeed')!);
    const found = estimateEgoMotion({ directions, radialSpeed });
    if (found.kind !== 'found') throw new Error(found.reason);
    found.velocity.forEach((v, k) => {
      const sigma = Math.sqrt(found.covariance[4 * k]!);
      expect(Math.abs(v - RADAR_4D.sensorVelocity[k]!)).toBeLessThan(Math.max(0.05, 4 * sigma));
    });
  });
});

describe('sensors in the sample scene', () => {
  const ranges = sampleSceneRanges(createSampleScene());
  const { camera } = SAMPLE_SHOTS[3]!;
  const { eye, forward } = viewpointOf(camera);
  const worldFromSensor = sensorLookingAt(eye, eye.map((v, k) => v + forward[k]!) as Vec3, [0, 0, 1]);

  it('put points on its surfaces, in front of the photographer', () => {
    const options = { ...LIDAR_64, rings: 16, elevationDeg: [-25, 15] as const, azimuthStepDeg: 2, dropout: 0 };
    const { points, trueRange } = simulateLidar(ranges, worldFromSensor, options, createRandom(1));
    expect(points.count).toBeGreaterThan(300);
    for (let i = 0; i < points.count; i += 17) {
      const p = Array.from(points.positions.subarray(3 * i, 3 * i + 3)) as Vec3;
      const world = transformPoint(worldFromSensor, p);
      const direction = world.map((v, k) => (v - eye[k]!) / Math.hypot(...p)) as Vec3;
      expect(ranges.trace(eye, direction)!.distance).toBeCloseTo(trueRange[i]!, 1);
    }
  });

  it('are the same to 2 % where the scene is known by depth maps only', () => {
    const small = { fx: 141.5, fy: 141.5, cx: 80.6, cy: 59.2, width: 160, height: 120 };
    const view = { intrinsics: small, cameraFromWorld: camera.cameraFromWorld };
    const depth = new Float32Array(160 * 120);
    const r = camera.cameraFromWorld.rotation;
    for (let i = 0; i < depth.length; i++) {
      const x = ((i % 160) + 0.5 - small.cx) / small.fx;
      const y = (Math.floor(i / 160) + 0.5 - small.cy) / small.fy;
      const length = Math.hypot(x, y, 1);
      const direction = [0, 1, 2].map((k) => (r[k]! * x + r[3 + k]! * y + r[6 + k]!) / length) as Vec3;
      depth[i] = (ranges.trace(eye, direction)?.distance ?? 0) / length;
    }
    const mapped = depthViewRanges([{ camera: view, depth }], 0.3, 60);
    const errors: number[] = [];
    for (let k = 0; k < 60; k++) {
      const direction = forward.map((v, j) => v + 0.35 * Math.sin(3 * k + 2 * j)) as Vec3;
      const d = direction.map((v) => v / Math.hypot(...direction)) as Vec3;
      const [one, other] = [ranges.trace(eye, d), mapped.trace(eye, d)];
      if (one && other) errors.push(Math.abs(other.distance / one.distance - 1));
    }
    errors.sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(20);
    expect(errors[errors.length >> 1]).toBeLessThan(0.02);
  });
});

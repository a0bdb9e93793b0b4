import { describe, expect, it } from 'vitest';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { View } from '../../engine/scene/view.js';
import { cloudsInScene } from '../../host/sensors/fuse-cloud.js';
import type { RunSensors } from '../../host/sensors/sense-views.js';

/** A camera at (10, 0, 0) that looks along +z, 4 × 4 pixels, focal length 4; its left half is red, its right half blue. */
const VIEW: View = {
  name: 'a.jpg',
  camera: {
    intrinsics: { fx: 4, fy: 4, cx: 2, cy: 2, width: 4, height: 4 },
    cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [-10, 0, 0] },
  },
  image: {
    width: 4,
    height: 4,
    data: Float32Array.from({ length: 48 }, (_, i) => {
      const isLeft = Math.floor(i / 3) % 4 < 2;
      return i % 3 === (isLeft ? 0 : 2) ? 1 : 0;
    }),
  },
  mask: null,
};

function sensorsOf(positions: readonly number[]): RunSensors {
  const lidar = {
    count: positions.length / 3,
    origin: [0, 0, 1] as const,
    positions: Float32Array.from(positions),
    colors: null,
    fields: new Map([['intensity', Float32Array.from(positions.filter((_, i) => i % 3 === 0))]]),
    frame: { unit: 'metre', upAxis: 'z', crs: null } as const,
  };
  return {
    sensors: { lidar, radar: null, rig: { lidar: [], radar: [], warnings: [] }, unit: 'metre' },
    // The sensor sits in the camera: a quarter turn about z apart, x to the camera's y.
    cameraFromSensor: () => ({ rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [0, 0, 0] }),
    lossWeight: 0,
    holdOutEvery: 0,
  };
}

describe('a fused cloud', () => {
  it('has the points in the scene, in the colours of the photos that see them', () => {
    // In the sensor (with its origin): (0, ±0.5, 4), so in the camera (∓0.5, 0, 4); and one behind.
    const [cloud] = cloudsInScene([VIEW], sensorsOf([0, 0.5, 3, 0, -0.5, 3, 0, 0, -9])) as [SensorPoints];
    const world = Array.from(cloud.positions, (value, i) => cloud.origin[i % 3]! + value);
    [9.5, 0, 4, 10.5, 0, 4, 10, 0, -8].forEach((value, i) => expect(world[i]).toBeCloseTo(value, 5));
    expect([...cloud.colors!]).toEqual([255, 0, 0, 0, 0, 255, 128, 128, 128]);
    expect([...cloud.fields.get('sensor')!]).toEqual([0, 0, 0]);
    expect(cloud.frame.unit).toBe('metre');
  });

  it('is none where no photo says where the sensor is', () => {
    expect(cloudsInScene([VIEW], { ...sensorsOf([0, 0, 3]), cameraFromSensor: () => null })).toEqual([]);
  });
});

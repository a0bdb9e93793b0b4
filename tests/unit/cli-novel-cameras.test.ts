import { describe, expect, it } from 'vitest';
import { placeAround, placeBetween } from '../../cli/novel-cameras.js';
import { cameraCentre } from '../../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { determinant, multiplyMatVec, transformPoint } from '../../engine/math/rigid-transform.js';
import type { Camera } from '../../engine/scene/camera.js';

const intrinsics = { fx: 100, fy: 100, cx: 50, cy: 40, width: 100, height: 80 };

/** A camera at `centre`, turned by `yaw` to the right (around its y axis, which points down). */
function cameraAt(centre: Vec3, yaw: number): Camera {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const rotation: Mat3 = [c, 0, -s, 0, 1, 0, s, 0, c];
  const t = multiplyMatVec(rotation, centre);
  return { intrinsics, cameraFromWorld: { rotation, translation: [-t[0], -t[1], -t[2]] } };
}

describe('cameras that nobody stood at', () => {
  it('between two: half-way in place and direction', () => {
    const camera = placeBetween(cameraAt([0, 0, 0], 0.2), cameraAt([2, 0, 4], 0.6));
    const expected = cameraAt([1, 0, 2], 0.4);
    camera.cameraFromWorld.rotation.forEach((value, i) =>
      expect(value).toBeCloseTo(expected.cameraFromWorld.rotation[i]!, 12),
    );
    cameraCentre(camera.cameraFromWorld).forEach((value, i) => expect(value).toBeCloseTo([1, 0, 2][i]!, 12));
  });

  it('around: on a circle, upright, looking at what all look at', () => {
    // Three cameras that all look at (0, 0, 10).
    const cameras = [-1, 0, 1].map((x) => cameraAt([x, 0, 0], Math.atan2(-x, 10)));
    const [right, below, left] = [0, 0.25, 0.5].map((turn) => placeAround(cameras, 0.5, turn)) as [
      Camera,
      Camera,
      Camera,
    ];
    expect(cameraCentre(right.cameraFromWorld)[0]).toBeCloseTo(0.5, 6);
    expect(cameraCentre(below.cameraFromWorld)[1]).toBeCloseTo(0.5, 6);
    expect(cameraCentre(left.cameraFromWorld)[0]).toBeCloseTo(-0.5, 6);
    for (const camera of [right, below, left]) {
      expect(determinant(camera.cameraFromWorld.rotation)).toBeCloseTo(1, 9);
      const focus = transformPoint(camera.cameraFromWorld, [0, 0, 10]);
      expect(Math.hypot(focus[0], focus[1]) / focus[2]).toBeLessThan(0.01);
      expect(camera.cameraFromWorld.rotation[4]).toBeGreaterThan(0.9);
    }
  });

  it('copes with parallel cameras', () => {
    const parallel = [0, 1, 2].map((x) => cameraAt([x, 0, 0], 0));
    for (const turn of [0, 0.25])
      expect(placeAround(parallel, 1, turn).cameraFromWorld.rotation.every(Number.isFinite)).toBe(true);
  });
});

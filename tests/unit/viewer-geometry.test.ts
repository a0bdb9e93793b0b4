import { describe, expect, it } from 'vitest';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { quaternionOf, rotationAbout } from '../../renderer/viewer/vector-math.js';
import {
  intrinsicsInLetterbox,
  intrinsicsOfTile,
  letterbox,
  lookAt,
  mixPoses,
  poseOfPhoto,
  projectionMatrix,
  projectPoint,
  rayThrough,
  worldMatrix,
} from '../../renderer/viewer/view-geometry.js';
import type { ViewPose } from '../../renderer/viewer/viewer-contract.js';

const IDENTITY: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** Column-major 4×4 times a point, as WebGL does it. */
function transform(m: readonly number[], p: readonly number[]): number[] {
  return [0, 1, 2, 3].map((row) => p.reduce((sum, value, column) => sum + (m[column * 4 + row] as number) * value, 0));
}

/** Inverse of a rigid column-major matrix. */
function invertRigidMatrix(m: readonly number[], p: Vec3): Vec3 {
  const offset = p.map((value, i) => value - (m[12 + i] as number));
  return [0, 1, 2].map((column) =>
    offset.reduce((sum, value, row) => sum + (m[column * 4 + row] as number) * value, 0),
  ) as Vec3;
}

describe('from the engine’s cameras to WebGL’s', () => {
  const photo = { fx: 566, fy: 560, cx: 322.5, cy: 236.75, width: 640, height: 480 };

  it('puts a pixel of an off-centre pinhole where ndc = 2u/W − 1, 1 − 2v/H', () => {
    // A camera turned by 90° about y: it looks along the world's −x (z of the camera), its x axis is the world's z.
    const rotation: Mat3 = [0, 0, 1, 0, 1, 0, -1, 0, 0];
    const translation: Vec3 = [0.3, -0.2, 2];
    const pose = poseOfPhoto({ ...photo, rotation, translation });
    const world: Vec3 = [-1.5, 0.4, 0.1];
    // By hand: p = R world + t = [0.1 + 0.3, 0.4 − 0.2, 1.5 + 2].
    const [x, y, z] = [0.4, 0.2, 3.5];
    const u = (566 * x) / z + 322.5;
    const v = (560 * y) / z + 236.75;
    const inGl = invertRigidMatrix(worldMatrix(pose), world);
    expect(inGl[0]).toBeCloseTo(x);
    expect(inGl[1]).toBeCloseTo(-y);
    expect(inGl[2]).toBeCloseTo(-z);
    const clip = transform(projectionMatrix(photo, 0.1, 100), [...inGl, 1]) as [number, number, number, number];
    expect(clip[0] / clip[3]).toBeCloseTo((2 * u) / 640 - 1);
    expect(clip[1] / clip[3]).toBeCloseTo(1 - (2 * v) / 480);
    expect(projectPoint(pose, photo, world)).toEqual({
      x: expect.closeTo(u) as number,
      y: expect.closeTo(v) as number,
      depth: expect.closeTo(3.5) as number,
    });
  });

  it('has depth −1 at the near plane and 1 at the far one', () => {
    const near = transform(projectionMatrix(photo, 0.5, 20), [0, 0, -0.5, 1]) as [number, number, number, number];
    const far = transform(projectionMatrix(photo, 0.5, 20), [0, 0, -20, 1]) as [number, number, number, number];
    expect(near[2] / near[3]).toBeCloseTo(-1);
    expect(far[2] / far[3]).toBeCloseTo(1);
  });

  it('letterboxes a photo: bars left and right of a 4:3 photo on a 16:9 canvas', () => {
    expect(letterbox(640, 480, 1600, 900)).toEqual({ left: 200, top: 0, width: 1200, height: 900 });
    const camera = intrinsicsInLetterbox(photo, 1600, 900);
    expect(camera).toMatchObject({ fx: 566 * 1.875, fy: 560 * 1.875, width: 1600, height: 900 });
    expect(camera.cx).toBeCloseTo(322.5 * 1.875 + 200);
    expect(camera.cy).toBeCloseTo(236.75 * 1.875);
  });

  it('cuts a tile out without moving what is in it', () => {
    const tile = intrinsicsOfTile(photo, { left: 100, top: 50, width: 200, height: 100 });
    const pose: ViewPose = { rotation: IDENTITY, position: [0, 0, 0], fovYRad: 1 };
    const whole = projectPoint(pose, photo, [0.2, -0.1, 2]);
    const part = projectPoint(pose, tile, [0.2, -0.1, 2]);
    expect((part?.x ?? 0) + 100).toBeCloseTo(whole?.x ?? Number.NaN);
    expect((part?.y ?? 0) + 50).toBeCloseTo(whole?.y ?? Number.NaN);
  });

  it('sends a ray through the pixel that a point is seen at', () => {
    const pose: ViewPose = { rotation: rotationAbout([0, 1, 0], 0.7), position: [1, 2, 3], fovYRad: 1 };
    const point: Vec3 = [3, 2.5, 6];
    const seen = projectPoint(pose, photo, point);
    const ray = rayThrough(pose, photo, seen?.x ?? 0, seen?.y ?? 0);
    const towards = point.map((value, i) => value - (pose.position[i] as number));
    const norm = Math.hypot(...towards);
    ray.forEach((value, i) => expect(value).toBeCloseTo((towards[i] as number) / norm));
  });

  it('looks at its target with up upwards', () => {
    const rotation = lookAt([0, -5, 0], [0, -5, 8], [0, -1, 0]);
    expect(rotation.map((value) => Math.round(value * 1e9) / 1e9 + 0)).toEqual(IDENTITY);
  });

  it('turns the short way between two poses', () => {
    const from: ViewPose = { rotation: IDENTITY, position: [0, 0, 0], fovYRad: 1 };
    const to: ViewPose = { rotation: rotationAbout([0, 1, 0], -1.2), position: [2, 0, 4], fovYRad: 0.5 };
    const half = mixPoses(from, to, 0.5);
    rotationAbout([0, 1, 0], -0.6).forEach((value, i) => expect(half.rotation[i]).toBeCloseTo(value));
    expect(half.position).toEqual([1, 0, 2]);
    expect(half.fovYRad).toBeCloseTo(0.75);
  });

  it.each([
    [[1, 0, 0], 3.1],
    [[0, 1, 0], 3.1],
    [[0, 0, 1], 3.1],
    [[0.6, 0, 0.8], 1.3],
  ] as const)('takes the quaternion out of a turn about %s by %d', (axis, angle) => {
    const [w, x, y, z] = quaternionOf(rotationAbout([...axis], angle));
    const sign = Math.sign(w) || 1;
    expect(w * sign).toBeCloseTo(Math.cos(angle / 2));
    [x, y, z].forEach((value, i) => expect(value * sign).toBeCloseTo((axis[i] as number) * Math.sin(angle / 2)));
  });
});

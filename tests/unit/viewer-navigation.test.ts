import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { CameraRig } from '../../renderer/viewer/camera-rig.js';
import { stepOf } from '../../renderer/viewer/canvas-input.js';
import { dolly, keepWithin, pan, turn } from '../../renderer/viewer/navigation.js';
import { columnOf, distance, dot } from '../../renderer/viewer/vector-math.js';
import { intrinsicsOfFov, lookAt, projectPoint, rayThrough } from '../../renderer/viewer/view-geometry.js';
import type { ViewerPhoto, ViewPose } from '../../renderer/viewer/viewer-contract.js';

const UP: Vec3 = [0, -1, 0];
const pose: ViewPose = { rotation: lookAt([0, 0, -4], [0, 0, 0], UP), position: [0, 0, -4], fovYRad: 1 };
const camera = intrinsicsOfFov(1, 800, 600);
const surroundings = { up: UP, pivot: [0, 0, 0] as Vec3, centre: [0, 0, 0] as Vec3, radius: 2 };
const photo: ViewerPhoto = {
  id: 'a',
  name: 'a.jpg',
  camera: {
    fx: 500,
    fy: 500,
    cx: 330,
    cy: 230,
    width: 640,
    height: 480,
    rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    translation: [0, 0, 4],
  },
  thumbnailUrl: null,
  pictureUrl: null,
  isHeldOut: false,
};

describe('turning', () => {
  it('orbits at the same distance, looking at the pivot', () => {
    const turned = turn(pose, [0, 0, 0], UP, 0.4, 0.3);
    expect(distance(turned.position, [0, 0, 0])).toBeCloseTo(4);
    const seen = projectPoint(turned, camera, [0, 0, 0]);
    expect(seen?.x).toBeCloseTo(400);
    expect(seen?.y).toBeCloseTo(300);
  });

  it('yaws to the left by a positive angle and pitches up by one', () => {
    const left = columnOf(turn(pose, pose.position, UP, 0.2, 0).rotation, 2);
    expect(left[0]).toBeCloseTo(-Math.sin(0.2));
    const up = columnOf(turn(pose, pose.position, UP, 0, 0.2).rotation, 2);
    expect(up[1]).toBeCloseTo(-Math.sin(0.2));
  });

  it('stops short of the pole and keeps the horizon level', () => {
    let turned = pose;
    for (let i = 0; i < 50; i++) turned = turn(turned, [0, 0, 0], UP, 0.1, -0.2);
    const elevation = Math.asin(dot(columnOf(turned.rotation, 2), UP));
    expect(elevation).toBeGreaterThan(-Math.PI / 2 + 0.02);
    expect(dot(columnOf(turned.rotation, 0), UP)).toBeCloseTo(0, 5);
  });
});

describe('moving', () => {
  it('pans so that the point at the pivot follows the pointer', () => {
    const perPx = 4 / camera.fy;
    const moved = pan(pose, perPx, 30, -20);
    const seen = projectPoint(moved, camera, [0, 0, 0]);
    expect(seen?.x).toBeCloseTo(430);
    expect(seen?.y).toBeCloseTo(280);
  });

  it('goes towards the pointer: what lies under it stays there', () => {
    const ray = rayThrough(pose, camera, 600, 200);
    const nearer = dolly(pose, surroundings, ray, 0.7);
    const point = ray.map((value, i) => (pose.position[i] as number) + value * 5) as Vec3;
    const seen = projectPoint(nearer, camera, point);
    expect(seen?.x).toBeCloseTo(600);
    expect(seen?.y).toBeCloseTo(200);
    expect(distance(nearer.position, pose.position)).toBeCloseTo(4 * 0.3);
  });

  it('comes back from beyond all bounds, and from nowhere', () => {
    expect(distance(keepWithin({ ...pose, position: [1e9, 0, 0] }, surroundings).position, [0, 0, 0])).toBeCloseTo(80);
    expect(keepWithin({ ...pose, position: [Number.NaN, 0, 0] }, surroundings).position).toEqual([0, 0, 0]);
  });
});

describe('the camera over time', () => {
  const makeRig = (): CameraRig => {
    const rig = new CameraRig();
    rig.resize(800, 600);
    rig.bounds = { centre: [0, 0, 0], radius: 2 };
    rig.pivot = [0, 0, 0];
    rig.setPose(pose, false);
    return rig;
  };

  it('stands in a photo with its principal point, and leaves it without a jump in size', () => {
    const rig = makeRig();
    rig.standIn(photo, false);
    expect(rig.photo?.id).toBe('a');
    expect(rig.intrinsics()).toMatchObject({ fx: 625, cx: 330 * 1.25, cy: 230 * 1.25 });
    rig.nudge({ yawRad: 0.01 });
    expect(rig.photo).toBeNull();
    expect(rig.intrinsics().fy).toBeCloseTo(625);
  });

  it('glides to a pose, and with reduced motion is there at once', () => {
    const rig = makeRig();
    const target: ViewPose = { ...pose, position: [0, 0, -2] };
    rig.setPose(target, true);
    rig.advance(1000);
    rig.advance(1175);
    expect(rig.pose.position[2]).toBeCloseTo(-3);
    rig.advance(2000);
    expect(rig.pose).toEqual(target);
    rig.reducedMotion = true;
    rig.setPose(pose, true);
    expect(rig.pose).toEqual(pose);
    expect(rig.isMoving).toBe(false);
  });

  it('goes on a little after a flick and never with reduced motion', () => {
    const rig = makeRig();
    rig.drag('orbit', 20, 0, 10);
    rig.release(5);
    const before = rig.pose;
    rig.advance(0);
    rig.advance(16);
    expect(distance(rig.pose.position, before.position)).toBeGreaterThan(0.01);
    rig.reducedMotion = true;
    rig.drag('orbit', 20, 0, 10);
    rig.release(5);
    expect(rig.isMoving).toBe(false);
  });

  it('stays under a hand that holds still', () => {
    const rig = makeRig();
    rig.drag('orbit', 20, 0, 10);
    const held = rig.pose;
    for (const t of [0, 16, 32, 400]) rig.advance(t);
    expect(rig.pose).toBe(held);
    expect(rig.isMoving).toBe(false);
  });

  it('does not glide when the pointer rested before it let go', () => {
    const rig = makeRig();
    rig.drag('pan', 20, 0, 10);
    rig.release(200);
    expect(rig.isMoving).toBe(false);
  });

  it('flies as long as a key is held: half a radius a second, four times that with Shift', () => {
    const rig = makeRig();
    rig.thrust = { right: 0, up: 0, forward: 1, isFast: false };
    rig.advance(0);
    for (let t = 1; t <= 10; t++) rig.advance(t * 50);
    expect(rig.pose.position[2]).toBeCloseTo(-4 + 0.5);
    rig.thrust = { right: 0, up: 0, forward: 0, isFast: false };
    expect(rig.isMoving).toBe(false);
  });

  it('frames a ball so that it fits', () => {
    const rig = makeRig();
    rig.frameAll(false);
    const depth = -rig.pose.position[2];
    expect(Math.asin(2 / depth)).toBeLessThan(0.5);
    expect(Math.asin(2 / depth)).toBeGreaterThan(0.4);
  });

  it('levels a rolled camera', () => {
    const rig = makeRig();
    rig.reducedMotion = true;
    rig.nudge({ rollRad: 0.4 });
    expect(Math.abs(dot(columnOf(rig.pose.rotation, 0), UP))).toBeGreaterThan(0.3);
    rig.level();
    expect(dot(columnOf(rig.pose.rotation, 0), UP)).toBeCloseTo(0);
  });
});

describe('keys on the canvas', () => {
  it('turns with the arrows, moves with Shift, zooms with plus and minus', () => {
    expect(stepOf('ArrowLeft', false)?.yawRad).toBeGreaterThan(0);
    expect(stepOf('ArrowLeft', true)?.right).toBeLessThan(0);
    expect(stepOf('+', false)?.zoom).toBeGreaterThan(0);
    expect(stepOf('-', false)?.zoom).toBeLessThan(0);
    expect(stepOf('x', false)).toBeNull();
  });
});

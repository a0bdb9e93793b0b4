import { describe, expect, it } from 'vitest';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import type { CameraPath, PathKeyframe } from '../../renderer/viewer/path/camera-path.js';
import { EMPTY_PATH } from '../../renderer/viewer/path/camera-path.js';
import { createPathSampler } from '../../renderer/viewer/path/path-sampler.js';
import { quaternionOfRotation, rotationAbout } from '../../renderer/viewer/path/quaternion.js';
import type { ViewPose } from '../../renderer/viewer/viewer-contract.js';

function key(timeMs: number, position: Vec3, rotation: Mat3, fovYRad = 1): PathKeyframe {
  return { id: `k${timeMs}`, timeMs, pose: { position, rotation, fovYRad }, photoId: null };
}

/** Cameras on a bent, uneven way, turned about changing axes. */
const BENT: readonly PathKeyframe[] = [
  key(0, [0, 0, 0], rotationAbout([0, 1, 0], 0)),
  key(700, [1, 0.2, 0], rotationAbout([0, 1, 0], 0.6), 0.8),
  key(2900, [1.5, 1, 0.4], rotationAbout([0.6, 0.8, 0], 1.1), 1.2),
  key(3500, [4, 1.2, 2], rotationAbout([0, 0.8, 0.6], 2.2), 0.5),
  key(6000, [4.2, -1, 2.2], rotationAbout([1, 0, 0], -0.4)),
];

function ring(count: number, lapMs: number): CameraPath {
  const keyframes = Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return key((lapMs * i) / count, [Math.cos(angle), 0, Math.sin(angle)], rotationAbout([0, 1, 0], -angle));
  });
  return { ...EMPTY_PATH, isLoop: true, isConstantSpeed: false, durationMs: lapMs, keyframes };
}

function path(over: Partial<CameraPath>): CameraPath {
  return { ...EMPTY_PATH, durationMs: 6000, keyframes: BENT, ...over };
}

function angleOf(rotation: Mat3): number {
  return Math.acos(Math.min(1, Math.max(-1, (rotation[0] + rotation[4] + rotation[8] - 1) / 2)));
}

function turn(from: ViewPose, to: ViewPose): number {
  return angleOf(multiplyMat(to.rotation, transposeMat(from.rotation)));
}

function vector(from: ViewPose, to: ViewPose, dt: number): Vec3 {
  return to.position.map((value, i) => (value - (from.position[i] as number)) / dt) as Vec3;
}

/** Axis times angle of the small turn from one to the other, per millisecond. */
function angularVelocity(from: ViewPose, to: ViewPose, dt: number): Vec3 {
  const r = multiplyMat(to.rotation, transposeMat(from.rotation));
  return [(r[7] - r[5]) / (2 * dt), (r[2] - r[6]) / (2 * dt), (r[3] - r[1]) / (2 * dt)];
}

function difference(a: Vec3, b: Vec3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function sampleAt(sampled: CameraPath): (timeMs: number) => ViewPose {
  const sampler = createPathSampler(sampled);
  return (timeMs) => sampler.poseAt(timeMs) as ViewPose;
}

describe.each([
  ['keyed', false],
  ['constant speed', true],
])('a path with %s timing', (_, isConstantSpeed) => {
  const sampled = path({ isConstantSpeed });
  const at = sampleAt(sampled);
  const times = createPathSampler(sampled).keyTimesMs;

  it('passes through every key, with its rotation and angle of view', () => {
    times.forEach((time, i) => {
      const expected = BENT[i]!.pose;
      expect(difference(at(time).position, expected.position)).toBeLessThan(1e-6);
      expect(turn(at(time), expected)).toBeLessThan(1e-5);
      expect(at(time).fovYRad).toBeCloseTo(expected.fovYRad, 6);
    });
  });

  it('keeps its velocity, and the velocity of its turning, through each inner key', () => {
    const dt = 0.5;
    for (const time of times.slice(1, -1)) {
      const [before, here, after] = [at(time - dt), at(time), at(time + dt)];
      const speed = Math.hypot(...vector(before, here, dt));
      expect(difference(vector(before, here, dt), vector(here, after, dt))).toBeLessThan(0.02 * speed);
      const spin = Math.hypot(...angularVelocity(before, here, dt));
      expect(difference(angularVelocity(before, here, dt), angularVelocity(here, after, dt))).toBeLessThan(0.02 * spin);
      // It never halts at a key.
      expect(speed).toBeGreaterThan(1e-5);
    }
  });

  it('holds its ends outside of them', () => {
    expect(at(-100).position).toEqual(at(0).position);
    expect(at(9000).position).toEqual(at(6000).position);
  });
});

describe('constant speed', () => {
  it('goes the same way in the same time everywhere', () => {
    const at = sampleAt(path({ isConstantSpeed: true }));
    const speeds = Array.from({ length: 300 }, (_, i) => Math.hypot(...vector(at(i * 20), at(i * 20 + 1), 1)));
    const mean = speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
    for (const speed of speeds) expect(Math.abs(speed / mean - 1)).toBeLessThan(0.01);
  });

  it('does not where keys say when', () => {
    const at = sampleAt(path({ isConstantSpeed: false }));
    const slow = Math.hypot(...vector(at(1500), at(1501), 1));
    const fast = Math.hypot(...vector(at(3200), at(3201), 1));
    expect(fast).toBeGreaterThan(3 * slow);
  });

  it('gives a turn on the spot its time', () => {
    const keyframes = [
      key(0, [0, 0, 0], rotationAbout([0, 1, 0], 0)),
      key(1000, [0, 0, 0], rotationAbout([0, 1, 0], 1)),
      key(2000, [1, 0, 0], rotationAbout([0, 1, 0], 1)),
    ];
    const { keyTimesMs } = createPathSampler(path({ keyframes, isConstantSpeed: true, durationMs: 2000 }));
    expect(keyTimesMs[1]).toBeGreaterThan(300);
    expect(keyTimesMs[1]).toBeLessThan(1700);
  });
});

describe('a loop', () => {
  it.each([true, false])('has no seam (constant speed %s), also after a full turn of the camera', (isConstantSpeed) => {
    const lap = 8000;
    const at = sampleAt({ ...ring(8, lap), isConstantSpeed });
    const dt = 0.5;
    expect(difference(at(lap - 1e-6).position, at(0).position)).toBeLessThan(1e-6);
    const [before, here, after] = [at(lap - dt), at(lap), at(lap + dt)];
    const speed = Math.hypot(...vector(before, here, dt));
    expect(difference(vector(before, here, dt), vector(here, after, dt))).toBeLessThan(0.01 * speed);
    const spin = Math.hypot(...angularVelocity(before, here, dt));
    expect(difference(angularVelocity(before, here, dt), angularVelocity(here, after, dt))).toBeLessThan(0.01 * spin);
  });

  it('through eight places of a circle is nearly that circle', () => {
    const at = sampleAt(ring(8, 8000));
    for (let time = 0; time < 8000; time += 50) {
      const pose = at(time);
      expect(Math.abs(Math.hypot(...pose.position) - 1)).toBeLessThan(0.01);
      const angle = Math.atan2(pose.position[2], pose.position[0]);
      expect(angleOf(multiplyMat(pose.rotation, rotationAbout([0, 1, 0], angle)))).toBeLessThan(0.01);
    }
  });

  it('of two keys goes there and back', () => {
    const keyframes = [
      key(0, [0, 0, 0], rotationAbout([0, 1, 0], 0)),
      key(1000, [2, 0, 0], rotationAbout([0, 1, 0], 1)),
    ];
    const at = sampleAt({ ...EMPTY_PATH, isLoop: true, isConstantSpeed: false, durationMs: 2000, keyframes });
    expect(at(500).position[0]).toBeCloseTo(1, 6);
    expect(at(1500).position[0]).toBeCloseTo(1, 6);
    expect(at(2000).position[0]).toBeCloseTo(0, 6);
  });
});

describe('rotations', () => {
  it('take the short way, whatever the sign of the quaternions', () => {
    const keyframes = [
      key(0, [0, 0, 0], rotationAbout([0, 0, 1], 3)),
      key(1000, [1, 0, 0], rotationAbout([0, 0, 1], -3)),
    ];
    const at = sampleAt(path({ keyframes, durationMs: 1000 }));
    // From 172° to −172° it is 16° over 180°, not 344° over 0°.
    expect(turn(at(0), at(1000))).toBeCloseTo(2 * Math.PI - 6, 6);
    expect(turn(at(500), keyframes[0]!.pose)).toBeCloseTo(Math.PI - 3, 4);
    expect(angleOf(at(500).rotation)).toBeCloseTo(Math.PI, 3);
  });

  it('never jump along a path with turns of up to 150 degrees', () => {
    const keyframes = Array.from({ length: 12 }, (_, i) =>
      key(i * 1000, [i, 0, 0], rotationAbout(i % 2 === 0 ? [0, 1, 0] : [0, 0, 1], i * 2.6)),
    );
    const at = sampleAt(path({ keyframes, durationMs: 11_000, isConstantSpeed: false }));
    for (let time = 0; time < 11_000; time += 5) expect(turn(at(time), at(time + 5))).toBeLessThan(0.08);
  });

  it('survive the way to a quaternion and stay with w above zero', () => {
    for (const angle of [0, 0.3, 1.5, Math.PI - 1e-9, Math.PI, -2]) {
      for (const axis of [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [0.6, 0, 0.8],
        [0.36, 0.48, 0.8],
      ] as Vec3[]) {
        const q = quaternionOfRotation(rotationAbout(axis, angle));
        expect(q[0]).toBeGreaterThanOrEqual(0);
        // The quaternion by hand, up to its sign.
        const hand = [Math.cos(angle / 2), ...axis.map((value) => value * Math.sin(angle / 2))];
        const dot = hand.reduce((sum, value, i) => sum + value * q[i]!, 0);
        expect(Math.abs(dot)).toBeCloseTo(1, 12);
      }
    }
  });
});

describe('degenerate paths', () => {
  it('without keys have no pose, with one key that of the key', () => {
    expect(createPathSampler(EMPTY_PATH).poseAt(0)).toBeNull();
    const only = key(500, [1, 2, 3], rotationAbout([0, 1, 0], 0.2));
    expect(createPathSampler(path({ keyframes: [only] })).poseAt(12)).toEqual(only.pose);
  });

  it('of keys that are all alike stand still instead of giving NaN', () => {
    const keyframes = [0, 1000, 2000].map((time) => key(time, [1, 2, 3], rotationAbout([0, 1, 0], 0.2)));
    for (const isLoop of [true, false]) {
      for (const isConstantSpeed of [true, false]) {
        const at = sampleAt(path({ keyframes, isLoop, isConstantSpeed, durationMs: 3000 }));
        for (const time of [0, 333, 1000, 2500, 3000]) {
          expect(difference(at(time).position, [1, 2, 3])).toBeLessThan(1e-9);
          expect(at(time).rotation.every(Number.isFinite)).toBe(true);
        }
      }
    }
  });

  it('with keys of one time still run', () => {
    const keyframes = [
      key(0, [0, 0, 0], BENT[0]!.pose.rotation),
      { ...key(0, [1, 0, 0], BENT[1]!.pose.rotation), id: 'b' },
    ];
    const at = sampleAt(path({ keyframes, isConstantSpeed: false, durationMs: 0 }));
    expect(at(0).position.every(Number.isFinite)).toBe(true);
  });
});

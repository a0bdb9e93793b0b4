/** Cameras that nobody stood at, made from those that somebody did. */
import { cameraCentre } from '../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../engine/math/rigid-transform.js';
import { multiplyMatVec } from '../engine/math/rigid-transform.js';
import type { Camera } from '../engine/scene/camera.js';

const subtract = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const addScaled = (a: Vec3, b: Vec3, s: number): Vec3 => [a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]];
const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const normalize = (a: Vec3): Vec3 => addScaled([0, 0, 0], a, 1 / Math.hypot(...a));
const average = (points: readonly Vec3[]): Vec3 =>
  points.reduce<Vec3>((sum, point) => addScaled(sum, point, 1 / points.length), [0, 0, 0]);

const downOf = (camera: Camera): Vec3 => camera.cameraFromWorld.rotation.slice(3, 6) as Vec3;
const forwardOf = (camera: Camera): Vec3 => camera.cameraFromWorld.rotation.slice(6, 9) as Vec3;

/** A camera at `centre` looking along `forward`, its picture's lower edge towards `down`. */
function lookAlong(camera: Camera, centre: Vec3, forward: Vec3, down: Vec3): Camera {
  const z = normalize(forward);
  const x = normalize(cross(down, z));
  const y = cross(z, x);
  const rotation: Mat3 = [...x, ...y, ...z];
  const t = multiplyMatVec(rotation, centre);
  return { intrinsics: camera.intrinsics, cameraFromWorld: { rotation, translation: [-t[0], -t[1], -t[2]] } };
}

/** Half-way between two cameras, in place and in direction; intrinsics of the first. */
export function placeBetween(first: Camera, second: Camera): Camera {
  return lookAlong(
    first,
    average([cameraCentre(first.cameraFromWorld), cameraCentre(second.cameraFromWorld)]),
    addScaled(forwardOf(first), forwardOf(second), 1),
    addScaled(downOf(first), downOf(second), 1),
  );
}

/** Largest distance of a camera from the middle of all. */
function spreadOf(cameras: readonly Camera[], centre: Vec3): number {
  return Math.max(...cameras.map((camera) => Math.hypot(...subtract(cameraCentre(camera.cameraFromWorld), centre))));
}

/** The point nearest to all optical axes, least squares; its distance falls back to the cameras' spread where they are parallel. */
function findFocus(cameras: readonly Camera[]): Vec3 {
  const centre = average(cameras.map((camera) => cameraCentre(camera.cameraFromWorld)));
  const forward = normalize(average(cameras.map(forwardOf)));
  // Along the mean direction only: minimise Σ |(I − d dᵀ)(centre + s·forward − c)|² over s.
  let [numerator, denominator] = [0, 0];
  for (const camera of cameras) {
    const d = forwardOf(camera);
    const offset = subtract(cameraCentre(camera.cameraFromWorld), centre);
    const across = addScaled(forward, d, -dot(forward, d));
    numerator += dot(across, addScaled(offset, d, -dot(offset, d)));
    denominator += dot(across, across);
  }
  const spread = spreadOf(cameras, centre);
  const distance = denominator > 1e-9 && numerator > 0 ? numerator / denominator : spread * 4;
  return addScaled(centre, forward, Math.max(distance, spread));
}

/**
 * A camera on a circle around the middle of all, `share` of the cameras' own spread away, looking at what they all look at.
 * `turn` is the place on the circle: 0 to the right, 0.25 below, 0.5 to the left, 0.75 above. Intrinsics of the first camera.
 */
export function placeAround(cameras: readonly Camera[], share: number, turn: number): Camera {
  const first = cameras[0] as Camera;
  const centre = average(cameras.map((camera) => cameraCentre(camera.cameraFromWorld)));
  const focus = findFocus(cameras);
  const forward = normalize(subtract(focus, centre));
  const right = normalize(cross(average(cameras.map(downOf)), forward));
  const down = cross(forward, right);
  const radius = share * spreadOf(cameras, centre);
  const angle = turn * 2 * Math.PI;
  const aside = addScaled(addScaled(centre, right, Math.cos(angle) * radius), down, Math.sin(angle) * radius);
  return lookAlong(first, aside, subtract(focus, aside), down);
}

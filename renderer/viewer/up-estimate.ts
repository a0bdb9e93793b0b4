/** What is up in a scene whose axes mean nothing. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { Ball } from './scene-bounds.js';
import { boundsOfPoints, SAMPLES } from './scene-bounds.js';
import { dot, normalize, scale, subtract } from './vector-math.js';
import type { ViewerPhoto } from './viewer-contract.js';

/** cos 30°: a floor that leans further than this against the way the photos were held is a wall. */
const SAME_DIRECTION = 0.866;

/** The floor says it more exactly, where it agrees with the photographer. */
export function chooseUp(held: Vec3 | null, floor: Vec3 | null): Vec3 | null {
  if (held === null || floor === null) return held ?? floor;
  return dot(held, floor) >= SAME_DIRECTION ? floor : held;
}

/**
 * What is up, as the photographer held the camera: the mean of the photos' own upward directions. null without photos, and where they
 * cancel out.
 */
export function upOfPhotos(photos: readonly ViewerPhoto[]): Vec3 | null {
  const sum: Vec3 = [0, 0, 0];
  for (const { camera } of photos) {
    // Minus the camera's y axis: minus the second row of cameraFromWorld.
    for (const axis of [0, 1, 2] as const) sum[axis] -= camera.rotation[3 + axis] as number;
  }
  const strength = Math.hypot(...sum) / Math.max(1, photos.length);
  return strength > 0.1 ? normalize(sum) : null;
}

/** The direction in which a scene is thinnest, on the side of `towards`: the floor's normal of most rooms and tables. */
export function upOfPoints(positions: Float32Array, towards: Readonly<Vec3>): Vec3 | null {
  const ball = boundsOfPoints(positions);
  if (ball === null) return null;
  const covariance = covarianceWithin(positions, ball);
  const axis = smallestAxis(covariance);
  return dot(axis, towards) < 0 ? scale(axis, -1) : axis;
}

function covarianceWithin(positions: Float32Array, ball: Ball): number[] {
  const sums = [0, 0, 0, 0, 0, 0];
  const step = Math.max(1, Math.floor(positions.length / 3 / SAMPLES));
  for (let i = 0; i + 2 < positions.length; i += 3 * step) {
    const p: Vec3 = [positions[i] as number, positions[i + 1] as number, positions[i + 2] as number];
    const [x, y, z] = subtract(p, ball.centre);
    if (!(Math.hypot(x, y, z) <= ball.radius)) continue;
    [x * x, x * y, x * z, y * y, y * z, z * z].forEach((value, k) => ((sums[k] as number) += value));
  }
  return sums;
}

/** Eigenvector of the least eigenvalue of a symmetric matrix (xx, xy, xz, yy, yz, zz), by power iteration on its mirror image. */
function smallestAxis(c: readonly number[]): Vec3 {
  const [xx, xy, xz, yy, yz, zz] = c as [number, number, number, number, number, number];
  const trace = xx + yy + zz;
  let v: Vec3 = normalize([1, 1.3, 0.7]);
  for (let i = 0; i < 200; i++) {
    v = normalize([
      (trace - xx) * v[0] - xy * v[1] - xz * v[2],
      (trace - yy) * v[1] - xy * v[0] - yz * v[2],
      (trace - zz) * v[2] - xz * v[0] - yz * v[1],
    ]);
  }
  return v;
}

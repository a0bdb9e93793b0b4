/** What is up in a scene whose axes mean nothing. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { Ball } from './scene-bounds.js';
import { boundsOfPoints, SAMPLES } from './scene-bounds.js';
import { add, cross, distance, dot, normalize, perpendicular, scale, subtract } from './vector-math.js';
import type { ViewerPhoto } from './viewer-contract.js';

/** How far the floor may lean against a first guess: photographers hold their cameras better than that. */
const CONE_RAD = 0.35;
/** Steps of the search, coarse to fine. */
const STEPS_RAD = [0.05, 0.015, 0.004] as const;
/** A floor, a table or a shelf lies in one layer: this thick, as a share of the scene's radius. */
const LAYER = 0.01;
/** So many thin layers make a thick one. */
const THICK = 6;
/** So much better than the guess a direction must be: clouds without a floor reach 1.026 by chance, the sample's patio 1.06. */
const CLEARLY = 1.04;
/** Enough to find layers by, and few enough for some hundred directions. */
const LAYER_SAMPLES = 4000;

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

/** Made more exact by the floor, where there is one near the guess; else the guess. */
export function upByFloor(positions: Float32Array, guess: Vec3): Vec3 {
  const points = samplesOf(positions);
  const guessed = layering(points, guess);
  let best = { direction: guess, score: guessed };
  for (const [round, step] of STEPS_RAD.entries()) {
    const reach = round === 0 ? CONE_RAD : (STEPS_RAD[round - 1] as number);
    for (const direction of directionsAround(best.direction, reach, step)) {
      const score = layering(points, direction);
      if (score > best.score) best = { direction, score };
    }
  }
  return best.score > guessed * CLEARLY ? best.direction : guess;
}

/** The direction in which a scene is thinnest, on the side of `towards`: the floor's normal of most rooms and tables. */
export function upOfPoints(positions: Float32Array, towards: Readonly<Vec3>): Vec3 | null {
  const ball = boundsOfPoints(positions);
  if (ball === null) return null;
  const axis = smallestAxis(covarianceWithin(positions, ball));
  return upByFloor(positions, dot(axis, towards) < 0 ? scale(axis, -1) : axis);
}

function samplesOf(positions: Float32Array): { readonly positions: readonly Vec3[]; readonly ball: Ball } {
  const ball = boundsOfPoints(positions) ?? { centre: [0, 0, 0], radius: 1 };
  const step = 3 * Math.max(1, Math.floor(positions.length / 3 / LAYER_SAMPLES));
  const chosen: Vec3[] = [];
  for (let i = 0; i + 2 < positions.length; i += step) {
    const point: Vec3 = [positions[i] as number, positions[i + 1] as number, positions[i + 2] as number];
    if (distance(point, ball.centre) <= ball.radius) chosen.push(point);
  }
  return { positions: chosen, ball };
}

/**
 * How much the heights along a direction gather in thin layers rather than in thick ones: the sums of the squares of what lies in each,
 * one by the other. The thick ones take out how flat a scene is as a whole, which says nothing of a floor.
 */
function layering({ positions, ball }: ReturnType<typeof samplesOf>, direction: Readonly<Vec3>): number {
  const counts = new Float64Array(Math.ceil(2 / LAYER) + 2);
  const lowest = dot(ball.centre, direction) - ball.radius;
  for (const point of positions) {
    // Shared between neighbours, so that a layer on the edge between two of them counts as much as one within.
    const at = (dot(point, direction) - lowest) / (LAYER * ball.radius);
    const layer = Math.max(0, Math.min(counts.length - 2, Math.floor(at)));
    counts[layer] = (counts[layer] as number) + 1 - (at - layer);
    counts[layer + 1] = (counts[layer + 1] as number) + at - layer;
  }
  let [thin, thick] = [0, 0];
  for (let layer = 0; layer + THICK <= counts.length; layer++) {
    let within = 0;
    for (let i = 0; i < THICK; i++) within += counts[layer + i] as number;
    thin += (counts[layer] as number) ** 2;
    thick += (within / THICK) ** 2;
  }
  return thick > 0 ? thin / thick : 0;
}

function directionsAround(middle: Readonly<Vec3>, reachRad: number, stepRad: number): Vec3[] {
  const right = perpendicular(middle);
  const ahead = cross(middle, right);
  const steps = Math.ceil(reachRad / stepRad);
  const directions: Vec3[] = [];
  for (let i = -steps; i <= steps; i++)
    for (let j = -steps; j <= steps; j++) {
      if (Math.hypot(i, j) > steps) continue;
      directions.push(normalize(add(middle, add(scale(right, i * stepRad), scale(ahead, j * stepRad)))));
    }
  return directions;
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

/** Where a capture is looked at from before there is a scene: behind and above its cameras, so far away that all of it is in the picture. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import { frustumPoints } from './frustum-geometry.js';
import { boundsOfPoints, SAMPLES } from './scene-bounds.js';
import {
  add,
  columnOf,
  cross,
  distance,
  dot,
  length,
  normalize,
  perpendicular,
  rotationAbout,
  scale,
  subtract,
} from './vector-math.js';
import { multiplyMatVec } from '../../engine/math/rigid-transform.js';
import { lookAt } from './view-geometry.js';
import type { ViewerPhoto, ViewPose } from './viewer-contract.js';

/** Looks down by this, and from so far beside the way that the photos look: frustums right from behind would hide each other. */
const ELEVATION_RAD = 0.5;
const ASIDE_RAD = 0.35;
/** Share of the picture that may be filled: toolbars lie over its edges. */
const FILL = 0.84;
/** Photos that look into all directions have no common one below this strength of their mean. */
const SAME_WAY = 0.3;
/** In depths of a frustum: nearer ones are not drawn (frustum-geometry.ts). */
const CLEARANCE = 5;

export interface OverviewSubject {
  readonly photos: readonly ViewerPhoto[];
  /** [N, 3]; null: none are known. */
  readonly points: Float32Array | null;
  /** Of the frustums' pictures. */
  readonly frustumDepth: number;
  readonly up: Readonly<Vec3>;
}

/** null without photos: then nothing tells which side is the front. */
export function overviewPose(subject: OverviewSubject, camera: Intrinsics, fovYRad: number): ViewPose | null {
  const { photos, frustumDepth, up } = subject;
  if (photos.length === 0) return null;
  const frustums = photos.map((photo) => frustumPoints(photo.camera, frustumDepth));
  const forward = directionOf(photos, up);
  const rotation = lookAt([0, 0, 0], forward, up);
  const ahead = columnOf(rotation, 2);
  const nearest = Math.min(...frustums.map(([centre]) => dot(ahead, centre)));
  const targets = [...frustums.flat(), ...samplesOf(subject.points)];
  return fitPose({ rotation, fovYRad }, camera, targets, nearest - CLEARANCE * frustumDepth);
}

/** Points of which nothing says where their front is: from above, so far away that all of them are in the picture. */
export function overviewOfPoints(
  targets: readonly Readonly<Vec3>[],
  up: Readonly<Vec3>,
  camera: Intrinsics,
  fovYRad: number,
): ViewPose {
  const level = perpendicular(normalize(up));
  const ahead = subtract(scale(level, Math.cos(ELEVATION_RAD)), scale(normalize(up), Math.sin(ELEVATION_RAD)));
  return fitPose({ rotation: lookAt([0, 0, 0], ahead, up), fovYRad }, camera, targets);
}

/** The nearest place from which all targets are in the picture, looking as `view` does; no nearer along it than `limit`. */
export function fitPose(
  view: Pick<ViewPose, 'rotation' | 'fovYRad'>,
  camera: Intrinsics,
  targets: readonly Readonly<Vec3>[],
  limit = Number.POSITIVE_INFINITY,
): ViewPose {
  const axes = ([0, 1, 2] as const).map((axis) => columnOf(view.rotation, axis));
  const points = targets.map((target) => axes.map((axis) => dot(axis, target)) as Vec3);
  const [x, farX] = fit(points, 0, (FILL * camera.width) / 2 / camera.fx);
  const [y, farY] = fit(points, 1, (FILL * camera.height) / 2 / camera.fy);
  const offset: Vec3 = [x, y, Math.min(farX, farY, limit)];
  return { ...view, position: multiplyMatVec(view.rotation, offset) };
}

/** Along the photos' common direction where they have one, else along the first one's; from above and from one side. */
function directionOf(photos: readonly ViewerPhoto[], up: Readonly<Vec3>): Vec3 {
  // The third row of cameraFromWorld.
  const ahead = photos.map(({ camera: { rotation: r } }): Vec3 => [r[6], r[7], r[8]]);
  const mean = scale(ahead.reduce(add, [0, 0, 0]), 1 / ahead.length);
  const common = length(mean) > SAME_WAY ? mean : (ahead[0] as Vec3);
  const level = subtract(common, scale(up, dot(common, up)));
  // Photos of the floor: away from their own lower edge is as good as any direction.
  const lower = photos[0]?.camera.rotation ?? [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const flat = length(level) > 0.1 ? normalize(level) : normalize(cross(up, [lower[0], lower[1], lower[2]]));
  const aside = multiplyMatVec(rotationAbout(normalize(up), ASIDE_RAD), flat);
  return normalize(subtract(scale(aside, Math.cos(ELEVATION_RAD)), scale(up, Math.sin(ELEVATION_RAD))));
}

/** The points, but for what is hidden, and without the few that have flown off. */
export function samplesOf(positions: Float32Array | null, hidden: Uint8Array | null = null): Vec3[] {
  const ball = positions === null ? null : boundsOfPoints(positions, hidden);
  if (positions === null || ball === null) return [];
  const step = Math.max(1, Math.floor(positions.length / 3 / SAMPLES));
  const samples: Vec3[] = [];
  for (let i = 0; i < positions.length / 3; i += step) {
    const at = i * 3;
    const point: Vec3 = [positions[at] as number, positions[at + 1] as number, positions[at + 2] as number];
    if (hidden?.[i] !== 1 && distance(point, ball.centre) <= ball.radius) samples.push(point);
  }
  return samples;
}

/**
 * Along one axis of the picture, all of (x, z) between the two planes |x − x0| = t·(z − z0): where x0 must be, and the largest z0.
 * Plane by plane: x0 − t·z0 ≥ max(x − t·z) and x0 + t·z0 ≤ min(x + t·z).
 */
function fit(points: readonly Readonly<Vec3>[], axis: 0 | 1, tangent: number): [number, number] {
  let high = Number.NEGATIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  for (const point of points) {
    high = Math.max(high, point[axis] - tangent * point[2]);
    low = Math.min(low, point[axis] + tangent * point[2]);
  }
  return [(high + low) / 2, (low - high) / (2 * tangent)];
}

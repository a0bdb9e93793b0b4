/**
 * How the camera moves: plain functions from a pose to the next one. Turning never changes the roll about the viewing direction relative
 * to `up` except where asked; orbiting stops short of the poles.
 */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, multiplyMatVec } from '../../engine/math/rigid-transform.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import { rayThrough } from './view-geometry.js';
import {
  add,
  columnOf,
  cross,
  distance,
  dot,
  length,
  normalize,
  orthonormalize,
  rotationAbout,
  scale,
  subtract,
} from './vector-math.js';
import type { ViewPose } from './viewer-contract.js';

/** What limits and scales every move. */
export interface Surroundings {
  readonly up: Vec3;
  readonly pivot: Vec3;
  /** Middle and radius of the scene. */
  readonly centre: Vec3;
  readonly radius: number;
}

/** How near to the poles one may look: a degree and a half. */
const POLE_MARGIN_RAD = 0.026;
/** The camera stays within this many radii of the scene's middle. */
const FARTHEST = 40;
/** And no nearer to its pivot than this share of the radius. */
const NEAREST = 0.002;

/** Turns the camera about a point (its pivot: orbit; its own place: look). */
export function turn(
  pose: ViewPose,
  about: Readonly<Vec3>,
  up: Readonly<Vec3>,
  yawRad: number,
  pitchRad: number,
): ViewPose {
  const right = columnOf(pose.rotation, 0);
  const horizontal = cross(columnOf(pose.rotation, 2), up);
  // A camera that looks along `up` has no horizon; its own right side serves.
  const pitchAxis = length(horizontal) > 1e-3 ? normalize(horizontal) : right;
  const rotation = multiplyMat(
    rotationAbout(normalize(up), yawRad),
    rotationAbout(pitchAxis, limitPitch(columnOf(pose.rotation, 2), up, pitchRad)),
  );
  return {
    ...pose,
    rotation: orthonormalize(multiplyMat(rotation, pose.rotation)),
    position: add(about, multiplyMatVec(rotation, subtract(pose.position, about))),
  };
}

/** Positive pitch looks up: what is left of it before the pole. */
function limitPitch(forward: Readonly<Vec3>, up: Readonly<Vec3>, pitchRad: number): number {
  const elevation = Math.asin(Math.max(-1, Math.min(1, dot(normalize(forward), normalize(up)))));
  const top = Math.PI / 2 - POLE_MARGIN_RAD;
  // One that is beyond the margin already (a photo of the floor) may go back, but no further.
  const highest = Math.max(top, elevation);
  const lowest = Math.min(-top, elevation);
  return Math.max(lowest, Math.min(highest, elevation + pitchRad)) - elevation;
}

/** Turns about the viewing direction. */
export function roll(pose: ViewPose, angleRad: number): ViewPose {
  const rotation = rotationAbout(columnOf(pose.rotation, 2), angleRad);
  return { ...pose, rotation: orthonormalize(multiplyMat(rotation, pose.rotation)) };
}

/** Moves in camera axes: right, up (not down) and forward, in world units. */
export function move(pose: ViewPose, right: number, up: number, forward: number): ViewPose {
  const offset = multiplyMatVec(pose.rotation, [right, -up, forward]);
  return { ...pose, position: add(pose.position, offset) };
}

/** World units that one pixel measures at the pivot's depth. */
export function unitsPerPixel(pose: ViewPose, pivot: Readonly<Vec3>, camera: Intrinsics, radius: number): number {
  const depth = dot(columnOf(pose.rotation, 2), subtract(pivot, pose.position));
  return Math.max(depth, radius * 0.02) / camera.fy;
}

/** Drags the scene along with the pointer. */
export function pan(pose: ViewPose, unitsPerPx: number, dxPx: number, dyPx: number): ViewPose {
  return move(pose, -dxPx * unitsPerPx, dyPx * unitsPerPx, 0);
}

/**
 * Goes towards what lies under the pointer (`ray` through it), `factor` < 1 nearer and > 1 away, so that this place of the picture stays
 * where it is.
 */
export function dolly(pose: ViewPose, surroundings: Surroundings, ray: Readonly<Vec3>, factor: number): ViewPose {
  const far = distance(pose.position, surroundings.pivot);
  const step = far * (1 - factor);
  const least = surroundings.radius * NEAREST;
  // Close to the pivot the step would die out (Zeno): from there on one passes through at an even pace.
  const pace = Math.abs(step) < least * 4 ? Math.sign(1 - factor) * least * 4 : step;
  return { ...pose, position: add(pose.position, scale(ray, pace)) };
}

/** Brings a camera that has gone astray back to the edge of what makes sense. */
export function keepWithin(pose: ViewPose, surroundings: Surroundings): ViewPose {
  const offset = subtract(pose.position, surroundings.centre);
  const limit = surroundings.radius * FARTHEST;
  const far = length(offset);
  if (Number.isFinite(far) && far <= limit) return pose;
  const position = Number.isFinite(far) ? add(surroundings.centre, scale(offset, limit / far)) : surroundings.centre;
  return { ...pose, position };
}

/** After a dolly through it, the pivot moves on ahead, so that orbiting keeps turning about something in front. */
export function pivotAhead(pose: ViewPose, surroundings: Surroundings): Vec3 {
  const forward = columnOf(pose.rotation, 2);
  const depth = dot(forward, subtract(surroundings.pivot, pose.position));
  if (depth > surroundings.radius * 0.05) return surroundings.pivot;
  return add(pose.position, scale(forward, surroundings.radius * 0.3));
}

/** A pose from which a ball fills most of the picture, seen from the present direction. */
export function frameBall(pose: ViewPose, centre: Readonly<Vec3>, radius: number, camera: Intrinsics): ViewPose {
  const halfAngle = Math.atan(Math.min(camera.height / 2 / camera.fy, camera.width / 2 / camera.fx));
  const far = (radius * 1.05) / Math.sin(Math.max(0.05, halfAngle));
  return { ...pose, position: subtract(centre, scale(columnOf(pose.rotation, 2), far)) };
}

/** Ray in the world through the middle of the canvas, or through a pointer. */
export function rayOf(
  pose: ViewPose,
  camera: Intrinsics,
  pointer: { readonly x: number; readonly y: number } | null,
): Vec3 {
  return pointer === null ? columnOf(pose.rotation, 2) : rayThrough(pose, camera, pointer.x, pointer.y);
}

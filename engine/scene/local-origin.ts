/** A world's origin near what is in it: float32, in which scenes are trained, drawn and stored, has seven digits. */
import { cameraCentre } from '../math/conventions.js';
import { median } from '../math/median.js';
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { composeRigid, IDENTITY, invertRigid } from '../math/rigid-transform.js';

/** From here on float32 steps by 2 mm or more of a scene in metres, whatever its size. */
const FAR = 20_000;
/** Nearer than this a world keeps its origin, so that small local systems stay what they are. */
const NEAR = 1000;
/** Between the two: so many times farther away than the cameras are from each other. */
const FAR_FOR_SIZE = 100;
/** Origins are whole hundreds: people read them and type them. */
const ROUND_TO = 100;

/**
 * Where a world of georeferenced cameras is counted from: the median of their centres in whole hundreds, where that is so far from the
 * world's origin that float32 would not do.
 *
 * @param centres cameras' centres, or points, in the world as a file states it; float64.
 * @returns null where the world's own origin does.
 */
export function chooseLocalOrigin(centres: readonly Readonly<Vec3>[]): Vec3 | null {
  const finite = centres.filter((centre) => centre.every(Number.isFinite));
  if (finite.length === 0) return null;
  const middle = [0, 1, 2].map((axis) => median(finite.map((centre) => centre[axis]!)));
  const distance = Math.max(...middle.map(Math.abs));
  const size = median(finite.map((centre) => Math.hypot(...centre.map((value, axis) => value - middle[axis]!))));
  const isFar = distance >= FAR || (distance >= NEAR && distance >= FAR_FOR_SIZE * size);
  // Adding 0 makes −0 a 0.
  return isFar ? (middle.map((value) => Math.round(value / ROUND_TO) * ROUND_TO + 0) as Vec3) : null;
}

/** A camera of a world that is counted from `origin`: `pointInLocal = pointInWorld − origin`. */
export function cameraFromLocalWorld(cameraFromWorld: RigidTransform, origin: Readonly<Vec3>): RigidTransform {
  return composeRigid(cameraFromWorld, invertRigid(localFromFile(origin)));
}

/** From the coordinates of a file to the world that is counted from `origin`; left out, both are one. */
export function localFromFile(origin: Readonly<Vec3> = [0, 0, 0]): RigidTransform {
  return { ...IDENTITY, translation: origin.map((value) => 0 - value) as Vec3 };
}

/** Of cameras. */
export function localOriginOfCameras(cameras: readonly RigidTransform[]): Vec3 | null {
  return chooseLocalOrigin(cameras.map(cameraCentre));
}

/** `(636000, 4848900, 400)` */
export function formatOrigin(origin: Readonly<Vec3>): string {
  return `(${origin.join(', ')})`;
}

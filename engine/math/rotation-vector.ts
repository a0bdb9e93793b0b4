import { rotationOfQuaternion } from './conventions.js';
import type { Mat3, RigidTransform, Vec3 } from './rigid-transform.js';
import { multiplyMat, multiplyMatVec } from './rigid-transform.js';

/** exp([v]×): the rotation by |v| radians about v, row-major. By way of the unit quaternion (cos |v|/2, sin |v|/2 · v/|v|). */
export function rotationOfTwist(v: Readonly<Vec3>): Mat3 {
  const half = Math.hypot(...v) / 2;
  // sin(half) / (2 half) without a division by zero; the next term of the series is below 1e-17 there.
  const share = half < 1e-8 ? 0.5 : Math.sin(half) / (2 * half);
  return rotationOfQuaternion([Math.cos(half), v[0] * share, v[1] * share, v[2] * share]);
}

/** p' = exp([turn]×) p + shift after `transform`: a motion in its target frame. `turn` in radians, `shift` in the frame's units. */
export function moveInTarget(transform: RigidTransform, turn: Readonly<Vec3>, shift: Readonly<Vec3>): RigidTransform {
  const rotation = rotationOfTwist(turn);
  const turned = multiplyMatVec(rotation, transform.translation);
  return {
    rotation: multiplyMat(rotation, transform.rotation),
    translation: [turned[0] + shift[0], turned[1] + shift[1], turned[2] + shift[2]],
  };
}

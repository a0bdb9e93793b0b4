import type { Mat3, RigidTransform, Vec3 } from './rigid-transform.js';
import { multiplyMat, multiplyMatVec } from './rigid-transform.js';

/** exp([v]×): the rotation by |v| radians about v, row-major (Rodrigues' formula; its Taylor series below 1e-8 rad). */
export function rotationOfVector(v: Readonly<Vec3>): Mat3 {
  const angleSquared = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
  const angle = Math.sqrt(angleSquared);
  const a = angle < 1e-8 ? 1 : Math.sin(angle) / angle;
  const b = angle < 1e-8 ? 0.5 : (1 - Math.cos(angle)) / angleSquared;
  const [x, y, z] = v;
  const c = 1 - b * angleSquared;
  return [
    c + b * x * x,
    b * x * y - a * z,
    b * x * z + a * y,
    b * x * y + a * z,
    c + b * y * y,
    b * y * z - a * x,
    b * x * z - a * y,
    b * y * z + a * x,
    c + b * z * z,
  ];
}

/** The angle of a rotation matrix, 0 … π, from its skew part and trace together, so that small angles keep their digits. */
export function rotationAngle(r: Readonly<Mat3>): number {
  return Math.atan2(Math.hypot(r[7] - r[5], r[2] - r[6], r[3] - r[1]), r[0] + r[4] + r[8] - 1);
}

/** p' = exp([turn]×) p + shift after `transform`: a motion in its target frame. `turn` in radians, `shift` in the frame's units. */
export function moveInTarget(transform: RigidTransform, turn: Readonly<Vec3>, shift: Readonly<Vec3>): RigidTransform {
  const rotation = rotationOfVector(turn);
  const turned = multiplyMatVec(rotation, transform.translation);
  return {
    rotation: multiplyMat(rotation, transform.rotation),
    translation: [turned[0] + shift[0], turned[1] + shift[1], turned[2] + shift[2]],
  };
}

/**
 * The one place where axis, pixel and quaternion conventions are written down.
 *
 * - World and camera frames are right-handed. Camera axes: +x right, +y down, +z forward (COLMAP, OpenCV).
 * - A transform is named target-from-source: `pointInCamera = cameraFromWorld * pointInWorld`.
 * - Pixels: the origin is the top-left corner of the image, the centre of pixel (column u, row v) is (u + 0.5, v + 0.5).
 * - Quaternions are stored w, x, y, z (COLMAP, INRIA's PLY).
 * - Matrices are row-major.
 *
 * Every importer and exporter converts here and nowhere else.
 */
import type { Mat3, RigidTransform, Vec3 } from './rigid-transform.js';
import { invertRigid } from './rigid-transform.js';

/** Half-pixel offset of a pixel's centre from its top-left corner. */
export const PIXEL_CENTRE = 0.5;

/**
 * Turns a camera-to-world pose in OpenGL axes (+x right, +y up, looks along -z; nerfstudio, instant-ngp, Blender)
 * into `cameraFromWorld` in our axes. The y and z columns of the rotation change sign; nothing is mirrored.
 *
 * @param worldFromOpenglCamera rotation columns are the OpenGL camera's axes in the world, translation its centre.
 */
export function cameraFromWorldOfOpengl(worldFromOpenglCamera: RigidTransform): RigidTransform {
  const r = worldFromOpenglCamera.rotation;
  const rotation: Mat3 = [r[0], -r[1], -r[2], r[3], -r[4], -r[5], r[6], -r[7], -r[8]];
  return invertRigid({ rotation, translation: worldFromOpenglCamera.translation });
}

/** The inverse of {@link cameraFromWorldOfOpengl}. */
export function openglOfCameraFromWorld(cameraFromWorld: RigidTransform): RigidTransform {
  const inverse = invertRigid(cameraFromWorld);
  const r = inverse.rotation;
  return {
    rotation: [r[0], -r[1], -r[2], r[3], -r[4], -r[5], r[6], -r[7], -r[8]],
    translation: inverse.translation,
  };
}

/**
 * Turns an LLFF camera-to-world pose, whose rotation columns are (down, right, back), into `cameraFromWorld`.
 * Our x axis (right) is LLFF's second column, y (down) its first, z (forward) minus its third.
 */
export function cameraFromWorldOfLlff(worldFromLlffCamera: RigidTransform): RigidTransform {
  const r = worldFromLlffCamera.rotation;
  const rotation: Mat3 = [r[1], r[0], -r[2], r[4], r[3], -r[5], r[7], r[6], -r[8]];
  return invertRigid({ rotation, translation: worldFromLlffCamera.translation });
}

/**
 * Rotation matrix of a quaternion stored w, x, y, z. The quaternion is normalised first; a zero or non-finite one gives NaN.
 */
export function rotationOfQuaternion(quaternion: readonly [number, number, number, number]): Mat3 {
  const norm = Math.hypot(...quaternion);
  const [w, x, y, z] = quaternion.map((component) => component / norm) as [number, number, number, number];
  return [
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  ];
}

/** World position of a camera's centre: `-Rᵀ t`. */
export function cameraCentre(cameraFromWorld: RigidTransform): Vec3 {
  return invertRigid(cameraFromWorld).translation;
}

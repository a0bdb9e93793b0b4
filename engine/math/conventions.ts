/**
 * The one place where axis, pixel and quaternion conventions are written down.
 *
 * - World and camera frames are right-handed. Camera axes: +x right, +y down, +z forward (COLMAP, OpenCV).
 * - A transform is named target-from-source: `pointInCamera = cameraFromWorld * pointInWorld`.
 * - Pixels: the origin is the top-left corner of the image, the centre of pixel (column u, row v) is (u + 0.5, v + 0.5).
 * - Quaternions are stored w, x, y, z (COLMAP, INRIA's PLY).
 * - Matrices are row-major.
 * - Scenes stay in the frame of their capture. Splat files of formats without a frame of their own (PLY, .splat, SOG) hold it as it is and
 *   are taken for x right, y down, z forward (RDF) by formats that have one.
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
 * glTF's frame (x left, y up, z forward: +y up, the front faces +z) from that of splat PLYs (x right, y down, z forward): half a turn
 * about z, its own inverse. Source: glTF 2.0, section 3.4, "Coordinate System and Units".
 */
export const GLTF_FROM_PLY: Readonly<Mat3> = [-1, 0, 0, 0, -1, 0, 0, 0, 1];

/**
 * SPZ's frame (x right, y up, z back) from that of splat PLYs: half a turn about x, its own inverse.
 * Source: https://github.com/nianticlabs/spz, README, "Coordinate system".
 */
export const SPZ_FROM_PLY: Readonly<Mat3> = [1, 0, 0, 0, -1, 0, 0, 0, -1];

/** Which axis points up. */
export type UpAxis = 'y-up' | 'z-up';

function unit(v: Readonly<Vec3>): Vec3 {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
}

function cross(a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/**
 * The rotation that brings `up` to +y or +z and keeps the x axis as near to itself as that allows, so that a level scene of +y down, +z
 * forward turns half about x (to y-up) or a quarter (to z-up). Never a mirror.
 *
 * @param up a direction in the source frame, of any length.
 * @returns orthonormal, determinant 1. A zero or non-finite `up` gives the identity.
 */
export function rotationToUpAxis(up: Readonly<Vec3>, axis: UpAxis): Mat3 {
  const length = Math.hypot(...up);
  if (!(length > 0 && length < Infinity)) return [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const u = unit(up);
  // Along x itself there is nothing of x left to keep: z serves.
  const kept: Vec3 = Math.abs(u[0]) < 0.99 ? [1, 0, 0] : [0, 0, 1];
  const along = kept[0] * u[0] + kept[1] * u[1] + kept[2] * u[2];
  const right = unit([kept[0] - along * u[0], kept[1] - along * u[1], kept[2] - along * u[2]]);
  return axis === 'y-up' ? [...right, ...u, ...cross(right, u)] : [...right, ...cross(u, right), ...u];
}

/**
 * The unit quaternion w, x, y, z (w ≥ 0) of a rotation matrix, by the largest of its four components, which keeps full precision
 * (Shepperd 1978). NaN gives NaN.
 */
export function quaternionOfRotation(m: Readonly<Mat3>): [number, number, number, number] {
  const squares = [1 + m[0] + m[4] + m[8], 1 + m[0] - m[4] - m[8], 1 - m[0] + m[4] - m[8], 1 - m[0] - m[4] + m[8]];
  const largest = squares.indexOf(Math.max(...squares));
  const rows: [number, number, number, number][] = [
    [squares[0] as number, m[7] - m[5], m[2] - m[6], m[3] - m[1]],
    [m[7] - m[5], squares[1] as number, m[1] + m[3], m[2] + m[6]],
    [m[2] - m[6], m[1] + m[3], squares[2] as number, m[5] + m[7]],
    [m[3] - m[1], m[2] + m[6], m[5] + m[7], squares[3] as number],
  ];
  const row = rows[largest] ?? [NaN, NaN, NaN, NaN];
  const length = Math.hypot(...row) * (row[0] < 0 ? -1 : 1);
  return row.map((component) => component / length) as [number, number, number, number];
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

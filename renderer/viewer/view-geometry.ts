/**
 * From the engine's cameras to what WebGL draws with. The engine's camera looks along +z with y down, WebGL's along −z with y up; pixels
 * have their origin at the top-left corner and their centres at +0.5 in both (conventions.ts).
 */
import { rotationOfQuaternion } from '../../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import {
  columnOf,
  cross,
  dot,
  matrixOfColumns,
  mix,
  normalize,
  perpendicular,
  quaternionOf,
  scale,
  slerp,
  subtract,
} from './vector-math.js';
import type { ViewerPhoto, ViewPose } from './viewer-contract.js';

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function intrinsicsOfFov(fovYRad: number, width: number, height: number): Intrinsics {
  const focal = (0.5 * height) / Math.tan(0.5 * fovYRad);
  return { fx: focal, fy: focal, cx: width / 2, cy: height / 2, width, height };
}

/** The largest rectangle of a picture's shape in the middle of a canvas. */
export function letterbox(pictureWidth: number, pictureHeight: number, width: number, height: number): Rectangle {
  const factor = Math.min(width / pictureWidth, height / pictureHeight);
  const [w, h] = [pictureWidth * factor, pictureHeight * factor];
  return { left: (width - w) / 2, top: (height - h) / 2, width: w, height: h };
}

/** A photo's camera as it sees the letterbox of a canvas; beyond the letterbox the same pinhole goes on. */
export function intrinsicsInLetterbox(photo: Intrinsics, width: number, height: number): Intrinsics {
  const box = letterbox(photo.width, photo.height, width, height);
  const factor = box.width / photo.width;
  return {
    fx: photo.fx * factor,
    fy: photo.fy * factor,
    cx: photo.cx * factor + box.left,
    cy: photo.cy * factor + box.top,
    width,
    height,
  };
}

/** Part of a picture's pinhole as a pinhole of its own: a tile. */
export function intrinsicsOfTile(whole: Intrinsics, tile: Rectangle): Intrinsics {
  return {
    fx: whole.fx,
    fy: whole.fy,
    cx: whole.cx - tile.left,
    cy: whole.cy - tile.top,
    width: tile.width,
    height: tile.height,
  };
}

/** WebGL's projection of a pinhole, column-major, so that pixel (u, v) lands at ndc (2u/W − 1, 1 − 2v/H). */
export function projectionMatrix(camera: Intrinsics, near: number, far: number): number[] {
  const { fx, fy, cx, cy, width, height } = camera;
  return [
    (2 * fx) / width,
    0,
    0,
    0,
    0,
    (2 * fy) / height,
    0,
    0,
    1 - (2 * cx) / width,
    (2 * cy) / height - 1,
    -(far + near) / (far - near),
    -1,
    0,
    0,
    (-2 * far * near) / (far - near),
    0,
  ];
}

/** WebGL's worldFromCamera, column-major: the engine's y and z axes turned round. */
export function worldMatrix(pose: ViewPose): number[] {
  const [x, y, z] = [columnOf(pose.rotation, 0), columnOf(pose.rotation, 1), columnOf(pose.rotation, 2)];
  return [x[0], x[1], x[2], 0, -y[0], -y[1], -y[2], 0, -z[0], -z[1], -z[2], 0, ...pose.position, 1];
}

/** Where a photo was taken from; the angle of view is that of its whole height. */
export function poseOfPhoto(camera: ViewerPhoto['camera']): ViewPose {
  const rotation = transposeMat(camera.rotation);
  const position = scale(multiplyMatVec(rotation, camera.translation), -1);
  return { rotation, position, fovYRad: 2 * Math.atan((0.5 * camera.height) / camera.fy) };
}

/** Looks from `position` at `target` with `up` upwards. */
export function lookAt(position: Readonly<Vec3>, target: Readonly<Vec3>, up: Readonly<Vec3>): Mat3 {
  const forward = normalize(subtract(target, position));
  const rightOf = cross(forward, up);
  const right = normalize(rightOf, perpendicular(forward));
  return matrixOfColumns(right, cross(forward, right), forward);
}

export function pointInCamera(pose: ViewPose, point: Readonly<Vec3>): Vec3 {
  const offset = subtract(point, pose.position);
  return [
    dot(columnOf(pose.rotation, 0), offset),
    dot(columnOf(pose.rotation, 1), offset),
    dot(columnOf(pose.rotation, 2), offset),
  ];
}

/** Pixel and depth; null behind the camera. */
export function projectPoint(
  pose: ViewPose,
  camera: Intrinsics,
  point: Readonly<Vec3>,
): { readonly x: number; readonly y: number; readonly depth: number } | null {
  const [x, y, z] = pointInCamera(pose, point);
  if (!(z > 1e-6)) return null;
  return { x: (camera.fx * x) / z + camera.cx, y: (camera.fy * y) / z + camera.cy, depth: z };
}

/** Direction in the world, of unit length, through a place of the canvas. */
export function rayThrough(pose: ViewPose, camera: Intrinsics, x: number, y: number): Vec3 {
  return normalize(multiplyMatVec(pose.rotation, [(x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy, 1]));
}

/** Between two poses: straight for the position, round for the rotation. */
export function mixPoses(from: ViewPose, to: ViewPose, share: number): ViewPose {
  return {
    rotation: rotationOfQuaternion(slerp(quaternionOf(from.rotation), quaternionOf(to.rotation), share)),
    position: mix(from.position, to.position, share),
    fovYRad: from.fovYRad + (to.fovYRad - from.fovYRad) * share,
  };
}

export function posesEqual(a: ViewPose, b: ViewPose): boolean {
  return (
    a === b ||
    (a.fovYRad === b.fovYRad &&
      a.position.every((value, i) => value === b.position[i]) &&
      a.rotation.every((value, i) => value === b.rotation[i]))
  );
}

import type { RigidTransform } from '../math/rigid-transform.js';

/** A pinhole camera's inner geometry in pixels; origin at the image's top-left corner, pixel centres at +0.5. */
export interface Intrinsics {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  readonly width: number;
  readonly height: number;
}

/** A posed pinhole camera: +x right, +y down, +z forward. */
export interface Camera {
  readonly intrinsics: Intrinsics;
  readonly cameraFromWorld: RigidTransform;
}

/** OpenCV's lens model: radial k1 k2 k3 (and rational k4 k5 k6), tangential p1 p2; all zero is no distortion. */
export interface Distortion {
  readonly k1: number;
  readonly k2: number;
  readonly p1: number;
  readonly p2: number;
  readonly k3: number;
  readonly k4: number;
  readonly k5: number;
  readonly k6: number;
}

/**
 * Scales intrinsics to another image size. `u' = u * width' / width` holds because the origin is the image's corner,
 * so the principal point needs no half-pixel shift.
 */
export function scaleIntrinsics(intrinsics: Intrinsics, width: number, height: number): Intrinsics {
  const scaleX = width / intrinsics.width;
  const scaleY = height / intrinsics.height;
  return {
    fx: intrinsics.fx * scaleX,
    fy: intrinsics.fy * scaleY,
    cx: intrinsics.cx * scaleX,
    cy: intrinsics.cy * scaleY,
    width,
    height,
  };
}

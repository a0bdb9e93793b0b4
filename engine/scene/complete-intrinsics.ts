import type { Camera, Intrinsics } from './camera.js';
import { scaleIntrinsics } from './camera.js';
import type { OpenIntrinsics } from './view.js';

/**
 * Intrinsics in a photo's own pixels, once its size is known: those that state a size are scaled to it; an angle of view α
 * gives f = side / (2 tan(α / 2)), fx and fy standing in for each other; a centred principal point is the photo's middle.
 *
 * @param width, height of the photo in pixels.
 * @returns what the pose file leaves open filled in; NaN and zero spread, nothing is checked.
 */
export function completeIntrinsics(
  view: { readonly camera: Camera; readonly openIntrinsics?: OpenIntrinsics | null },
  width: number,
  height: number,
): Intrinsics {
  const stated = view.camera.intrinsics;
  if (stated.width !== 0) return scaleIntrinsics(stated, width, height);
  const open = view.openIntrinsics ?? null;
  if (open === null) return { ...stated, width, height };
  const focal = (angle: number | null, side: number): number | null =>
    angle === null ? null : side / (2 * Math.tan(angle / 2));
  const [fx, fy] = [focal(open.angleXRad, width), focal(open.angleYRad, height)];
  return {
    fx: fx ?? fy ?? stated.fx,
    fy: fy ?? fx ?? stated.fy,
    cx: open.centred ? width / 2 : stated.cx,
    cy: open.centred ? height / 2 : stated.cy,
    width,
    height,
  };
}

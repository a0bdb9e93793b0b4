/** Small ray-cast scenes for stereo: photos of a board before a slanted wall, with true depths. */
import type { InverseDepthRange, StereoDepth, StereoOptions } from '../../engine/correspondence/contract.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { invertRigid, multiplyMat } from '../../engine/math/rigid-transform.js';
import type { Camera, Intrinsics } from '../../engine/scene/camera.js';
import type { View } from '../../engine/scene/view.js';
import { renderPlanes, trueDepth } from '../fixtures/textured-planes.js';

/** The principal point is far off the centre and the pixels are not square. */
const INTRINSICS: Intrinsics = { fx: 92, fy: 88, cx: 41, cy: 44, width: 96, height: 72 };

/** Looks from `centre` along +z, turned by yaw (to the right) and then rolled. */
function cameraFrom(centre: Vec3, yawRad: number, rollRad: number): Camera {
  const [cy, sy] = [Math.cos(yawRad), Math.sin(yawRad)];
  const [cr, sr] = [Math.cos(rollRad), Math.sin(rollRad)];
  const rotation = multiplyMat([cy, 0, sy, 0, 1, 0, -sy, 0, cy], [cr, -sr, 0, sr, cr, 0, 0, 0, 1]);
  return { intrinsics: INTRINSICS, cameraFromWorld: invertRigid({ rotation, translation: centre }) };
}

export const RANGE: InverseDepthRange = { far: 0.14, near: 0.55 };

/** Three photos from a triangle of places; one is yawed, one rolled by 20 degrees. */
export const STEREO_VIEWS: readonly View[] = [
  renderPlanes('a.png', cameraFrom([0, 0, 0], 0, 0)),
  renderPlanes('b.png', cameraFrom([0.3, 0.05, 0.05], -0.07, 0)),
  renderPlanes('c.png', cameraFrom([-0.1, -0.3, -0.05], 0.03, 0.35)),
];

export const STEREO_OPTIONS: StereoOptions = {
  sources: [
    [1, 2],
    [0, 2],
    [0, 1],
  ],
  ranges: STEREO_VIEWS.map(() => RANGE),
  consistencyPx: 1,
  consistencyRelativeDepth: 0.02,
};

/** True depths [H, W] at the pixel centres. */
export function trueDepths(view: View): Float64Array {
  const { width, height } = view.image;
  return Float64Array.from({ length: width * height }, (_, pixel) =>
    trueDepth(view.camera, (pixel % width) + 0.5, Math.floor(pixel / width) + 0.5),
  );
}

export interface DepthScore {
  /** Share of pixels whose true point some source sees, unoccluded and inside its picture. */
  readonly visibleShare: number;
  /** Share of the visible pixels within `tolerance` of inverse depth of the truth. */
  readonly rightShare: number;
  /** Share of all pixels that are confirmed. */
  readonly confirmedShare: number;
  /** Share of the confirmed pixels within `tolerance`. */
  readonly confirmedRightShare: number;
}

/** Compares one view's depths with the truth, in inverse depth. */
export function scoreDepth(views: readonly View[], index: number, found: StereoDepth, tolerance: number): DepthScore {
  const view = views[index] as View;
  const truth = trueDepths(view);
  const counts = { visible: 0, right: 0, confirmed: 0, confirmedRight: 0 };
  truth.forEach((depth, pixel) => {
    const isRight = Math.abs(1 / (found.depthMap.depth[pixel] as number) - 1 / depth) <= tolerance;
    if (found.depthMap.confidence[pixel] === 1) {
      counts.confirmed++;
      if (isRight) counts.confirmedRight++;
    }
    if (!views.some((other) => other !== view && isVisible(view, other, pixel, depth))) return;
    counts.visible++;
    if (isRight) counts.right++;
  });
  return {
    visibleShare: counts.visible / truth.length,
    rightShare: counts.right / counts.visible,
    confirmedShare: counts.confirmed / truth.length,
    confirmedRightShare: counts.confirmedRight / counts.confirmed,
  };
}

function isVisible(view: View, other: View, pixel: number, depth: number): boolean {
  const place = projectInto(view, other, pixel, depth);
  const { width, height } = other.image;
  if (place.u < 0 || place.v < 0 || place.u >= width || place.v >= height) return false;
  return Math.abs(trueDepth(other.camera, place.u, place.v) / place.depth - 1) < 0.01;
}

/** Where the point at a pixel and depth of one view stands in another, by matrices written out. */
export function projectInto(
  view: View,
  other: View,
  pixel: number,
  depth: number,
): { u: number; v: number; depth: number } {
  const from = view.camera.intrinsics;
  const to = other.camera.intrinsics;
  const u = (pixel % view.image.width) + 0.5;
  const v = Math.floor(pixel / view.image.width) + 0.5;
  const p = [((u - from.cx) / from.fx) * depth, ((v - from.cy) / from.fy) * depth, depth];
  const { rotation: r, translation: t } = view.camera.cameraFromWorld;
  const d = p.map((value, i) => value - (t[i] as number));
  const world = [0, 1, 2].map((i) =>
    [0, 1, 2].reduce((sum, k) => sum + (r[3 * k + i] as number) * (d[k] as number), 0),
  );
  const { rotation: q, translation: s } = other.camera.cameraFromWorld;
  const [x, y, z] = [0, 1, 2].map((i) =>
    [0, 1, 2].reduce((sum, k) => sum + (q[3 * i + k] as number) * (world[k] as number), s[i] as number),
  ) as [number, number, number];
  return { u: (to.fx * x) / z + to.cx, v: (to.fy * y) / z + to.cy, depth: z };
}

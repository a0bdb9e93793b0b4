/** From a sensor's points to the depths that they tell of a photo's pixels. */
import type { RigidTransform } from '../math/rigid-transform.js';
import type { Intrinsics } from '../scene/camera.js';
import type { AnchorSource, DepthAnchors } from '../scene/depth-anchors.js';
import { ShapeError } from '../scene/errors.js';
import type { SensorPoints } from '../scene/sensor-points.js';
import { findHiddenPoints } from './find-hidden-points.js';
import { measureSpacing } from './surface-spacing.js';
import type { PicturePoints } from './surface-spacing.js';

/** Where a sensor's points are looked at from. */
export interface SensorCamera {
  readonly cameraFromSensor: RigidTransform;
  readonly intrinsics: Intrinsics;
}

export interface ProjectOptions {
  /** [height, width], 0 where the photo does not count; null or absent: all counts. */
  readonly mask?: Uint8Array | null;
  /** False: points behind nearer surfaces stay. Default true. */
  readonly removeHidden?: boolean;
  /** Standard deviation of the sensor's range, in its unit; default 2 cm where the unit is known or not. */
  readonly rangeSigma?: number;
  readonly source?: AnchorSource;
}

export interface ProjectedPoints {
  readonly anchors: DepthAnchors;
  /** [N] which point of the cloud each anchor is. */
  readonly pointIndex: Uint32Array;
  readonly counts: ProjectionCounts;
}

export interface ProjectionCounts {
  /** In the cloud. */
  readonly points: number;
  /** In front of the camera, within the picture and its mask. */
  readonly inPicture: number;
  /** Behind another point in the same pixel. */
  readonly sharedPixel: number;
  /** Behind a nearer surface. */
  readonly hidden: number;
}

const RANGE_SIGMA_METRES = 0.02;
/** Calibration and the beam's width leave open by this much which pixel a return belongs to. */
const PLACE_SIGMA_PX = 1;
/** Beyond this a depth says next to nothing; at a silhouette the slope alone would say more. */
const MOST_SIGMA = 0.5;
const METRES_PER_FOOT = 0.3048;

/** Nearest depth in the sensor's unit that counts as in front of the camera. */
const NEAREST = 1e-3;

interface Picture extends PicturePoints {
  readonly index: Uint32Array;
}

/** [N] flat index of the pixel of each point, or −1 outside picture and mask; z beside it. */
function projectAll(
  points: SensorPoints,
  { cameraFromSensor, intrinsics }: SensorCamera,
  mask: Uint8Array | null,
): { pixels: Float32Array; depth: Float32Array; pixelIndex: Int32Array; inPicture: number } {
  const { rotation: r, translation: t } = cameraFromSensor;
  const { fx, fy, cx, cy, width, height } = intrinsics;
  const { count, positions, origin } = points;
  const pixels = new Float32Array(2 * count);
  const depth = new Float32Array(count);
  const pixelIndex = new Int32Array(count).fill(-1);
  let inPicture = 0;
  for (let i = 0; i < count; i++) {
    const x = origin[0] + (positions[3 * i] as number);
    const y = origin[1] + (positions[3 * i + 1] as number);
    const z = origin[2] + (positions[3 * i + 2] as number);
    const depthOfPoint = r[6] * x + r[7] * y + r[8] * z + t[2];
    // NaN fails this comparison, and infinity the next.
    if (!(depthOfPoint > NEAREST && depthOfPoint < Infinity)) continue;
    const u = (fx * (r[0] * x + r[1] * y + r[2] * z + t[0])) / depthOfPoint + cx;
    const v = (fy * (r[3] * x + r[4] * y + r[5] * z + t[1])) / depthOfPoint + cy;
    if (!(u >= 0 && u < width && v >= 0 && v < height)) continue;
    const pixel = Math.floor(v) * width + Math.floor(u);
    if (mask && mask[pixel] === 0) continue;
    pixels[2 * i] = u;
    pixels[2 * i + 1] = v;
    depth[i] = depthOfPoint;
    pixelIndex[i] = pixel;
    inPicture++;
  }
  return { pixels, depth, pixelIndex, inPicture };
}

/** The nearest point of each pixel. */
function keepNearest(all: ReturnType<typeof projectAll>, pixelCount: number): Picture {
  const nearest = new Int32Array(pixelCount).fill(-1);
  const { pixels, depth, pixelIndex } = all;
  let kept = 0;
  for (let i = 0; i < depth.length; i++) {
    const pixel = pixelIndex[i] as number;
    if (pixel < 0) continue;
    const other = nearest[pixel] as number;
    if (other < 0) kept++;
    if (other < 0 || (depth[i] as number) < (depth[other] as number)) nearest[pixel] = i;
  }
  const index = new Uint32Array(kept);
  let next = 0;
  for (const i of nearest) if (i >= 0) index[next++] = i;
  return pick({ pixels, depth, index: Uint32Array.from(depth.keys()) }, index);
}

function pick(picture: Picture, chosen: Uint32Array): Picture {
  const pixels = new Float32Array(2 * chosen.length);
  chosen.forEach((i, k) => {
    pixels[2 * k] = picture.pixels[2 * i] as number;
    pixels[2 * k + 1] = picture.pixels[2 * i + 1] as number;
  });
  const index = chosen.map((i) => picture.index[i] as number);
  return { pixels, depth: Float32Array.from(chosen, (i) => picture.depth[i] as number), index };
}

function rangeSigmaOf(points: SensorPoints): number {
  const { unit } = points.frame;
  return unit === 'foot' || unit === 'us-survey-foot' ? RANGE_SIGMA_METRES / METRES_PER_FOOT : RANGE_SIGMA_METRES;
}

/**
 * Projects a cloud into a photo: `(x, y, z) = cameraFromSensor p`, pixel `(fx x / z + cx, fy y / z + cy)`, depth z. Of several points in
 * one pixel the nearest stays; points behind nearer surfaces go (findHiddenPoints): the sensor saw them from elsewhere.
 *
 * `sigmaLogDepth² = (rangeSigma / z)² + (slope · 1 px)²`, at most 0.5², slope being the steepest change of log depth a pixel towards the
 * point's neighbours: small on a wall, large at a silhouette, where a pixel beside it may belong to what lies behind.
 *
 * @returns anchors ordered by row and column of their pixel. Points that are not finite, behind the camera or outside are left out.
 * @throws ShapeError when the mask's size is not the picture's, or the picture has none.
 */
export function projectPoints(
  points: SensorPoints,
  camera: SensorCamera,
  options: ProjectOptions = {},
): ProjectedPoints {
  const { width, height } = camera.intrinsics;
  const mask = options.mask ?? null;
  if (!(width >= 1 && height >= 1)) throw new ShapeError('the picture has no size');
  if (mask && mask.length !== width * height) throw new ShapeError(`a mask of ${mask.length} for ${width} × ${height}`);
  const all = projectAll(points, camera, mask);
  const nearest = keepNearest(all, width * height);
  const spacing = measureSpacing(nearest, camera.intrinsics);
  const rangeSigma = options.rangeSigma ?? rangeSigmaOf(points);
  const sigma = nearest.depth.map((z, i) =>
    Math.min(MOST_SIGMA, Math.hypot(rangeSigma / z, (spacing.slope[i] as number) * PLACE_SIGMA_PX)),
  );
  const hidden = options.removeHidden === false ? null : findHiddenPoints(nearest, spacing);
  const visible = Uint32Array.from(nearest.depth.keys()).filter((i) => !hidden || hidden[i] === 0);
  const { pixels, depth, index } = pick(nearest, visible);
  return {
    anchors: {
      count: visible.length,
      pixels,
      depth,
      sigmaLogDepth: Float32Array.from(visible, (i) => sigma[i] as number),
      source: options.source ?? 'lidar',
    },
    pointIndex: index,
    counts: {
      points: points.count,
      inPicture: all.inPicture,
      sharedPixel: all.inPicture - nearest.depth.length,
      hidden: nearest.depth.length - visible.length,
    },
  };
}

/** The geometry of a plane sweep: how a view's pixels move in another view, and how far apart planes may be. */
import { multiplyMat, multiplyMatVec, composeRigid, invertRigid } from '../math/rigid-transform.js';
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import type { Camera, Intrinsics } from '../scene/camera.js';
import type { InverseDepthRange } from './contract.js';

/**
 * Where a pixel of the first view is seen in the second: with p = (u, v, 1) a pixel position (centres at +0.5) and q its
 * inverse depth, `(a p + q b)` is the second view's homogeneous pixel; its third component is depth in the second view × q.
 */
export interface PixelTransfer {
  /** K₂ R K₁⁻¹, row-major. */
  readonly a: Mat3;
  /** K₂ t. */
  readonly b: Vec3;
}

/** Intrinsics of a level of a pyramid whose every step halves the picture exactly (an odd last row or column falls away). */
export function halveIntrinsics(intrinsics: Intrinsics, level: number): Intrinsics {
  let { fx, fy, cx, cy, width, height } = intrinsics;
  for (let i = 0; i < level; i++) {
    [fx, fy, cx, cy] = [fx / 2, fy / 2, cx / 2, cy / 2];
    [width, height] = [Math.floor(width / 2), Math.floor(height / 2)];
  }
  return { fx, fy, cx, cy, width, height };
}

/** The transfer from `first` to `second`: A = K₂ R K₁⁻¹ and b = K₂ t with (R, t) = cameraOf2FromCameraOf1. */
export function transferBetween(first: Camera, second: Camera): PixelTransfer {
  const secondFromFirst = composeRigid(second.cameraFromWorld, invertRigid(first.cameraFromWorld));
  const k1 = first.intrinsics;
  const k2 = second.intrinsics;
  const inverse: Mat3 = [1 / k1.fx, 0, -k1.cx / k1.fx, 0, 1 / k1.fy, -k1.cy / k1.fy, 0, 0, 1];
  const forward: Mat3 = [k2.fx, 0, k2.cx, 0, k2.fy, k2.cy, 0, 0, 1];
  return {
    a: multiplyMat(forward, multiplyMat(secondFromFirst.rotation, inverse)),
    b: multiplyMatVec(forward, secondFromFirst.translation),
  };
}

/** Pixel of the second view, or null behind it. */
export function transferPixel(
  transfer: PixelTransfer,
  u: number,
  v: number,
  inverseDepth: number,
): [number, number] | null {
  const [x, y, w] = multiplyMatVec(transfer.a, [u, v, 1]);
  const [bx, by, bw] = transfer.b;
  const z = w + inverseDepth * bw;
  return z > 0 ? [(x + inverseDepth * bx) / z, (y + inverseDepth * by) / z] : null;
}

const SAMPLES_ACROSS = 9;
const SAMPLES_DEEP = 5;
/** A few pixels that race (close to the epipole's horizon) must not decide the spacing of all planes. */
const SPEED_QUANTILE = 0.95;

/**
 * Pixels per unit of inverse depth that the first view's pixels move in the second: the 0.95 quantile over a grid of pixels
 * and inverse depths of the range whose place lies inside the second picture. 0 when the two share nothing.
 */
export function pixelSpeed(first: Camera, second: Camera, range: InverseDepthRange): number {
  const transfer = transferBetween(first, second);
  const { width, height } = first.intrinsics;
  const step = (range.near - range.far) * 1e-3;
  const speeds: number[] = [];
  for (let i = 0; i < SAMPLES_ACROSS; i++) {
    for (let j = 0; j < SAMPLES_ACROSS; j++) {
      for (let k = 0; k < SAMPLES_DEEP; k++) {
        const u = ((i + 0.5) / SAMPLES_ACROSS) * width;
        const v = ((j + 0.5) / SAMPLES_ACROSS) * height;
        const inverseDepth = range.far + (k / (SAMPLES_DEEP - 1)) * (range.near - range.far);
        const here = transferPixel(transfer, u, v, inverseDepth);
        const there = transferPixel(transfer, u, v, inverseDepth + step);
        if (here === null || there === null) continue;
        if (here[0] < 0 || here[1] < 0) continue;
        if (here[0] > second.intrinsics.width || here[1] > second.intrinsics.height) continue;
        speeds.push(Math.hypot(there[0] - here[0], there[1] - here[1]) / step);
      }
    }
  }
  speeds.sort((x, y) => x - y);
  return speeds[Math.min(speeds.length - 1, Math.floor(SPEED_QUANTILE * speeds.length))] ?? 0;
}

/** Equally spaced inverse depths: `first + i · step`, i in [0, count). */
export interface PlaneSet {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** Finer planes than this serve no photo; a range that asks for more gets wider steps. */
const MAX_PLANES = 4096;
const MIN_PLANES = 16;

/** How dense the planes of a sweep are. */
export interface PlaneSpacing {
  /** One step moves a pixel by at most this many pixels in the source of widest baseline … */
  readonly stepPx: number;
  /**
   * … but is no finer than what a surface at 45° to the picture crosses in this many pixels (in inverse depth, `q / f` a
   * pixel): with finer steps the aggregation pays at every pixel for a slope, and flattens it.
   */
  readonly slopePx: number;
}

/**
 * Planes over `range`, spaced as `spacing` says, with q the geometric mean of the range; their count is a multiple of 8
 * (the range's near end is widened by less than 8 steps).
 */
export function spacePlanes(
  first: Camera,
  sources: readonly Camera[],
  range: InverseDepthRange,
  spacing: PlaneSpacing,
): PlaneSet {
  const speed = Math.max(0, ...sources.map((source) => pixelSpeed(first, source, range)));
  const slopeStep = (spacing.slopePx * Math.sqrt(range.near * range.far)) / first.intrinsics.fx;
  const wantedStep = Math.max(spacing.stepPx / speed, slopeStep);
  const steps = Math.ceil((range.near - range.far) / wantedStep);
  const planes = Math.min(MAX_PLANES, Math.max(MIN_PLANES, steps + 1));
  return { first: range.far, step: (range.near - range.far) / (planes - 1), count: Math.ceil(planes / 8) * 8 };
}

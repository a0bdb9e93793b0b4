/** The lens of two radial terms: between pixels and the undistorted plane z = 1. */
import { ShapeError } from '../scene/errors.js';
import type { Vec3 } from '../math/rigid-transform.js';
import type { RadialLens } from './contract.js';

type RadialTerms = Pick<RadialLens, 'k1' | 'k2'>;

const MAX_STEPS = 50;

/**
 * The squared radius up to which the image grows with the ray: the least positive zero of d r'/d r = 1 + 3 k1 r² + 5 k2 r⁴. Beyond it the
 * polynomial turns back and would show the same pixel a second time; no lens does. Infinity where it never turns.
 */
function foldRadiusSquared({ k1, k2 }: RadialTerms): number {
  const discriminant = 9 * k1 * k1 - 20 * k2;
  if (discriminant < 0) return Infinity;
  // c = 5 k2, b = 3 k1: zeros of 1 + b s + c s² as 2 / (−b ± √(b² − 4 c)), which is right for c = 0 too.
  const root = Math.sqrt(discriminant);
  const candidates = [2 / (-3 * k1 + root), 2 / (-3 * k1 - root)].filter((s) => s > 0);
  return Math.min(Infinity, ...candidates);
}

/**
 * `(x, y) (1 + k1 r² + k2 r⁴)`, r² = x² + y²: COLMAP's RADIAL, OpenCV's first two terms. x, y and the result lie in the plane z = 1.
 *
 * @returns null beyond the radius where the polynomial turns back, and for what is not finite.
 * Source: OpenCV, calib3d, "Detailed description"; COLMAP, src/colmap/sensor/models.h.
 */
export function distortNormalised(lens: RadialTerms, x: number, y: number): [x: number, y: number] | null {
  const r2 = x * x + y * y;
  if (!(r2 <= foldRadiusSquared(lens) && r2 < Infinity)) return null;
  const scale = 1 + r2 * (lens.k1 + r2 * lens.k2);
  return [x * scale, y * scale];
}

function distortRadius({ k1, k2 }: RadialTerms, r: number): number {
  return r * (1 + r * r * (k1 + r * r * k2));
}

/**
 * The inverse of {@link distortNormalised}. The radius is found by Newton's steps that bisection guards, on 0 … the turning radius, where
 * r' grows: it converges whenever there is a solution, to 1e-14 of the radius.
 *
 * @returns null when the point lies farther out than anything the lens can show, and for what is not finite.
 */
export function undistortNormalised(lens: RadialTerms, x: number, y: number): [x: number, y: number] | null {
  const target = Math.hypot(x, y);
  if (!(target < Infinity)) return null;
  if (target === 0 || (lens.k1 === 0 && lens.k2 === 0)) return [x, y];
  let low = 0;
  let high = Math.sqrt(foldRadiusSquared(lens));
  if (high === Infinity) for (high = target; distortRadius(lens, high) < target;) high *= 2;
  if (distortRadius(lens, high) < target) return null;
  let r = Math.min(target, high);
  for (let i = 0; i < MAX_STEPS; i++) {
    const error = distortRadius(lens, r) - target;
    if (error > 0) high = r;
    else low = r;
    const slope = 1 + r * r * (3 * lens.k1 + 5 * r * r * lens.k2);
    const newton = r - error / slope;
    const next = newton >= low && newton <= high ? newton : 0.5 * (low + high);
    const isDone = Math.abs(next - r) <= 1e-15 * r;
    r = next;
    if (isDone) break;
  }
  return [x * (r / target), y * (r / target)];
}

/**
 * Where a lens shows a point: `(fx x' + cx, fy y' + cy)` with x', y' the distorted point / z. Pixels, corner origin.
 *
 * @param pointInCamera +x right, +y down, +z forward; any unit.
 * @returns null behind the camera or in its plane, beyond the lens's turning radius, and for what is not finite. May lie outside the photo.
 */
export function projectThroughLens(lens: RadialLens, pointInCamera: Readonly<Vec3>): [u: number, v: number] | null {
  const [x, y, z] = pointInCamera;
  if (!(z > 0)) return null;
  const distorted = distortNormalised(lens, x / z, y / z);
  if (distorted === null) return null;
  const { fx, fy, cx, cy } = lens.intrinsics;
  return [fx * distorted[0] + cx, fy * distorted[1] + cy];
}

/**
 * Pixels of a photo in the undistorted plane z = 1.
 *
 * @param pointsPx [N,2] pixels, corner origin, centres at +0.5.
 * @returns [N,2]; NaN, NaN for a point that the lens cannot show (see {@link undistortNormalised}) or that is not finite.
 * @throws ShapeError for an odd number of coordinates.
 */
export function normalisePoints(lens: RadialLens, pointsPx: Float32Array | Float64Array): Float64Array {
  if (pointsPx.length % 2 !== 0) throw new ShapeError(`points have ${pointsPx.length} coordinates, not two each`);
  const { fx, fy, cx, cy } = lens.intrinsics;
  const normalised = new Float64Array(pointsPx.length);
  for (let i = 0; i < pointsPx.length; i += 2) {
    const point = undistortNormalised(lens, (pointsPx[i]! - cx) / fx, (pointsPx[i + 1]! - cy) / fy);
    normalised[i] = point?.[0] ?? NaN;
    normalised[i + 1] = point?.[1] ?? NaN;
  }
  return normalised;
}

/** The focal length that turns distances in the plane z = 1 into pixels: the geometric mean √(fx fy). */
export function meanFocalPx({ intrinsics }: Pick<RadialLens, 'intrinsics'>): number {
  return Math.sqrt(intrinsics.fx * intrinsics.fy);
}

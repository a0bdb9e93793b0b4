/** What a known relation of two photos says about where a point of the first lies in the second. */
import type { Mat3 } from '../math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../math/rigid-transform.js';
import type { Intrinsics } from '../scene/camera.js';

/**
 * Where in the second photo a point of the first may be: on a line a x + b y + c = 0 with a² + b² = 1, or at a point. Both in whatever
 * coordinates the relation was found in: pixels, or the undistorted planes z = 1.
 */
export type PairTransfer =
  | {
      readonly kind: 'line';
      /** Writes a, b, c; NaN where every point will do (the epipole itself). */
      readonly lineInSecond: (x: number, y: number, out: Float64Array) => void;
    }
  | {
      readonly kind: 'point';
      /** Writes x, y; NaN where the relation moves the point behind the second camera. */
      readonly pointInSecond: (x: number, y: number, out: Float64Array) => void;
    };

/** Epipolar lines F x₁ of `x₂ᵀ F x₁ = 0`; an essential matrix is one for points of the planes z = 1. */
export function transferByFundamental(fundamental: Readonly<Mat3>): PairTransfer {
  const f = fundamental;
  return {
    kind: 'line',
    lineInSecond: (x, y, out) => {
      const a = f[0] * x + f[1] * y + f[2];
      const b = f[3] * x + f[4] * y + f[5];
      const length = Math.hypot(a, b);
      out[0] = a / length;
      out[1] = b / length;
      out[2] = (f[6] * x + f[7] * y + f[8]) / length;
    },
  };
}

/** Points H x₁ of `x₂ ~ H x₁`. H is scaled so that the third coordinate is positive for what both cameras see. */
export function transferByHomography(homography: Readonly<Mat3>): PairTransfer {
  const h = homography;
  return {
    kind: 'point',
    pointInSecond: (x, y, out) => {
      const w = h[6] * x + h[7] * y + h[8];
      out[0] = w > 0 ? (h[0] * x + h[1] * y + h[2]) / w : NaN;
      out[1] = w > 0 ? (h[3] * x + h[4] * y + h[5]) / w : NaN;
    },
  };
}

/** K₂⁻ᵀ E K₁⁻¹: the fundamental matrix of pixels, of pinhole cameras. */
export function fundamentalOfEssential(essential: Readonly<Mat3>, first: Intrinsics, second: Intrinsics): Mat3 {
  const inverse = ({ fx, fy, cx, cy }: Intrinsics): Mat3 => [1 / fx, 0, -cx / fx, 0, 1 / fy, -cy / fy, 0, 0, 1];
  return multiplyMat(multiplyMat(transposeMat(inverse(second)), essential), inverse(first));
}

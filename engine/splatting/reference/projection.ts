import { rotationOfQuaternion } from '../../math/conventions.js';
import type { Mat3, Vec3 } from '../../math/rigid-transform.js';
import { multiplyMatVec, transformPoint, transposeMat } from '../../math/rigid-transform.js';
import type { Camera } from '../../scene/camera.js';
import { FRUSTUM_CLAMP, NEAR_DEPTH } from '../contract.js';
import type { Parameters } from './parameters.js';
import { vec3At } from './parameters.js';
import type { Quaternion } from './rotation-gradient.js';

/** Upper triangle of a symmetric 2×2 matrix: xx, xy, yy. */
export type Symmetric2 = readonly [number, number, number];

/** A Gaussian as one camera sees it, with what the backward pass needs again. */
export interface ProjectedGaussian {
  readonly index: number;
  readonly quaternion: Quaternion;
  readonly rotation: Mat3;
  /** Standard deviations, world units. */
  readonly scales: Vec3;
  /** Σ, world units². */
  readonly covariance3d: Mat3;
  readonly pointInCamera: Vec3;
  /** x/z and y/z after the clamp, and whether the clamp was active. */
  readonly slopes: readonly [number, number];
  readonly slopesClamped: readonly [boolean, boolean];
  /** Rows of T = J W, pixels per world unit. */
  readonly imageFromWorld: readonly [Vec3, Vec3];
  /** Pixels. */
  readonly mean2d: readonly [number, number];
  /** Inverse of covariance2d, 1 / px². */
  readonly conic: Symmetric2;
}

/** Scalar product. */
export function dot(a: Readonly<Vec3>, b: Readonly<Vec3>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Σ = R diag(s²) Rᵀ, row-major. */
export function covarianceOf(rotation: Readonly<Mat3>, scales: Readonly<Vec3>): Mat3 {
  const entry = (row: 0 | 3 | 6, column: 0 | 3 | 6): number =>
    ([0, 1, 2] as const).reduce<number>(
      (sum, k) => sum + (rotation[row + k] as number) * scales[k] ** 2 * (rotation[column + k] as number),
      0,
    );
  const [xx, xy, xz, yy, yz, zz] = [entry(0, 0), entry(0, 3), entry(0, 6), entry(3, 3), entry(3, 6), entry(6, 6)];
  return [xx, xy, xz, xy, yy, yz, xz, yz, zz];
}

/**
 * Projects Gaussian `index`: p = cameraFromWorld · m, T = J W, covariance2d = T Σ Tᵀ + dilation I, conic = covariance2d⁻¹, with
 * x/z and y/z inside J clamped to ±FRUSTUM_CLAMP half fields of view (the mean's own projection is not clamped).
 * Null where culled: p.z under NEAR_DEPTH or NaN, or covariance2d not finite or not positive definite.
 * Source: Zwicker et al. 2001, "EWA Volume Splatting", eq. 26–31; the clamp and the dilation from Kerbl et al. 2023's code.
 *
 * @param dilation px².
 */
export function projectGaussian(
  parameters: Parameters,
  index: number,
  camera: Camera,
  dilation: number,
): ProjectedGaussian | null {
  const { fx, fy, cx, cy, width, height } = camera.intrinsics;
  const pointInCamera = transformPoint(camera.cameraFromWorld, vec3At(parameters.means, index));
  const [x, y, z] = pointInCamera;
  if (!(z >= NEAR_DEPTH)) return null;

  const limitX = (FRUSTUM_CLAMP * 0.5 * width) / fx;
  const limitY = (FRUSTUM_CLAMP * 0.5 * height) / fy;
  const slopes = [Math.min(limitX, Math.max(-limitX, x / z)), Math.min(limitY, Math.max(-limitY, y / z))] as const;
  const worldFromCameraRotation = transposeMat(camera.cameraFromWorld.rotation);
  const imageFromWorld = [
    multiplyMatVec(worldFromCameraRotation, [fx / z, 0, (-fx * slopes[0]) / z]),
    multiplyMatVec(worldFromCameraRotation, [0, fy / z, (-fy * slopes[1]) / z]),
  ] as const;

  const quaternion = Array.from(parameters.quats.subarray(index * 4, index * 4 + 4)) as unknown as Quaternion;
  const rotation = rotationOfQuaternion([...quaternion]);
  const scales = vec3At(parameters.logScales, index).map(Math.exp) as Vec3;
  const covariance3d = covarianceOf(rotation, scales);
  const [rowX, rowY] = imageFromWorld;
  const xx = dot(rowX, multiplyMatVec(covariance3d, rowX)) + dilation;
  const xy = dot(rowX, multiplyMatVec(covariance3d, rowY));
  const yy = dot(rowY, multiplyMatVec(covariance3d, rowY)) + dilation;
  const determinant = xx * yy - xy * xy;
  if (!(determinant > 0 && determinant < Infinity)) return null;

  return {
    index,
    quaternion,
    rotation,
    scales,
    covariance3d,
    pointInCamera,
    slopes,
    slopesClamped: [slopes[0] !== x / z, slopes[1] !== y / z],
    imageFromWorld,
    mean2d: [(fx * x) / z + cx, (fy * y) / z + cy],
    conic: [yy / determinant, -xy / determinant, xx / determinant],
  };
}

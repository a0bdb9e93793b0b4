import type { Mat3, Vec3 } from '../../math/rigid-transform.js';
import { multiplyMat, multiplyMatVec, transposeMat } from '../../math/rigid-transform.js';
import type { Camera } from '../../scene/camera.js';
import type { CameraGradient } from '../contract.js';
import type { ProjectedGaussian, Symmetric2 } from './projection.js';

/** ∂loss/∂(ω, ν, s) as sums: a {@link CameraGradient} that is added to. */
export interface CameraSums {
  readonly rotation: Vec3;
  readonly translation: Vec3;
  logFocal: number;
}

/** Sums over no Gaussian. */
export function zeroCameraSums(): CameraSums {
  return { rotation: [0, 0, 0], translation: [0, 0, 0], logFocal: 0 };
}

/** The sums as the contract names them. */
export function cameraGradientOf(sums: CameraSums): CameraGradient {
  return { gradRotation: [...sums.rotation], gradTranslation: [...sums.translation], gradLogFocal: sums.logFocal };
}

/** What one Gaussian's projection tells about the camera, from `backpropagateProjection`. */
export interface ProjectionPull {
  /** ∂loss/∂pointInCamera by way of the projection, colour left out. */
  readonly gradPoint: Vec3;
  /** 1 / px */
  readonly gradMean2d: readonly [number, number];
  /** G = ∂loss/∂covariance2d, an entry a place. */
  readonly gradCovariance2d: Symmetric2;
}

function addTo(sum: Vec3, value: Readonly<Vec3>): void {
  for (const axis of [0, 1, 2] as const) sum[axis] += value[axis];
}

function cross(a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** The rows of J: imageFromWorld = J W, so that J = imageFromWorld Wᵀ. */
function jacobianOf({ imageFromWorld }: ProjectedGaussian, rotation: Readonly<Mat3>): readonly [Vec3, Vec3] {
  return [multiplyMatVec(rotation, imageFromWorld[0]), multiplyMatVec(rotation, imageFromWorld[1])];
}

/** Jᵀ G J, 3×3. */
function spreadOverSpace([jx, jy]: readonly [Vec3, Vec3], [gxx, gxy, gyy]: Symmetric2): Mat3 {
  return [0, 1, 2].flatMap((i) =>
    [0, 1, 2].map((j) => {
      const [xi, xj, yi, yj] = [jx[i] as number, jx[j] as number, jy[i] as number, jy[j] as number];
      return gxx * xi * xj + gxy * (xi * yj + yi * xj) + gyy * yi * yj;
    }),
  ) as Mat3;
}

/**
 * Adds one Gaussian's part of ∂loss/∂(ω, ν, s), by the covariance in the camera's frame, Σc = W Σ Wᵀ, ∂Σc = Jᵀ G J:
 *   δp = ω × p + ν, δΣc = [ω]× Σc + Σc [ω]×ᵀ  ⇒  ∂ω = p × ∂p + 2 axial(Σc ∂Σc),  ∂ν = ∂p
 *   s: ∂u fx x/z + ∂v fy y/z, and of covariance2d = J Σc Jᵀ + dilation I twice ∂covariance2d : (∂J/∂s Σc Jᵀ), where ∂J/∂s = J without
 *   its third column's entry of a row whose slope is clamped.
 */
export function addProjectionToCamera(
  sums: CameraSums,
  projected: ProjectedGaussian,
  camera: Camera,
  { gradPoint, gradMean2d, gradCovariance2d }: ProjectionPull,
): void {
  const { fx, fy } = camera.intrinsics;
  const { rotation } = camera.cameraFromWorld;
  const { pointInCamera: point, slopesClamped } = projected;
  const covarianceInCamera = multiplyMat(multiplyMat(rotation, projected.covariance3d), transposeMat(rotation));
  const jacobian = jacobianOf(projected, rotation);
  const [a00, a01, a02, a10, a11, a12, a20, a21, a22] = multiplyMat(
    covarianceInCamera,
    spreadOverSpace(jacobian, gradCovariance2d),
  );
  addTo(sums.rotation, cross(point, gradPoint));
  addTo(sums.rotation, [2 * (a12 - a21), 2 * (a20 - a02), 2 * (a01 - a10)]);
  addTo(sums.translation, gradPoint);
  sums.logFocal += (gradMean2d[0] * fx * point[0] + gradMean2d[1] * fy * point[1]) / point[2];
  // With unclamped slopes ∂J/∂s = J, and twice G : J Σc Jᵀ is twice the trace of Σc ∂Σc.
  sums.logFocal += 2 * (a00 + a11 + a22);
  const [gxx, gxy, gyy] = gradCovariance2d;
  const thirdRow: Vec3 = [covarianceInCamera[6], covarianceInCamera[7], covarianceInCamera[8]];
  const along = jacobian.map((row) => row[0] * thirdRow[0] + row[1] * thirdRow[1] + row[2] * thirdRow[2]);
  const [alongX, alongY] = along as [number, number];
  if (slopesClamped[0]) sums.logFocal -= 2 * jacobian[0][2] * (gxx * alongX + gxy * alongY);
  if (slopesClamped[1]) sums.logFocal -= 2 * jacobian[1][2] * (gxy * alongX + gyy * alongY);
}

/**
 * Adds what the colour's viewing direction tells: the centre moves by −Wᵀ ν, as if the mean moved by Wᵀ ν, hence ∂ν += W ∂mean. A turn
 * about the centre leaves the direction in the world as it is.
 *
 * @param gradMean ∂loss/∂mean by way of the direction alone.
 */
export function addDirectionToCamera(sums: CameraSums, camera: Camera, gradMean: Vec3): void {
  addTo(sums.translation, multiplyMatVec(camera.cameraFromWorld.rotation, gradMean));
}

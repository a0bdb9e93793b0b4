import type { Mat3, Vec3 } from '../../math/rigid-transform.js';
import { multiplyMatVec, transposeMat } from '../../math/rigid-transform.js';
import type { Camera } from '../../scene/camera.js';
import type { ProjectionPull } from './camera-gradient.js';
import type { ProjectedGaussian, Symmetric2 } from './projection.js';
import { dot } from './projection.js';
import { gradQuaternionOfRotation } from './rotation-gradient.js';

/** ∂loss with respect to what {@link projectGaussian} hands on. */
export interface ProjectionUpstream {
  /** 1 / px */
  readonly gradMean2d: readonly [number, number];
  /**
   * Of the symmetric matrix's entries [xx, xy, yy] with xy counted once per place, that is half of the derivative with
   * respect to the one stored number: loss changes by gxx dxx + 2 gxy dxy + gyy dyy.
   */
  readonly gradConic: Symmetric2;
  /** Of p.z as a blended value. */
  readonly gradDepth: number;
}

export interface ProjectionGradients {
  readonly gradMean: Vec3;
  readonly gradQuat: readonly [number, number, number, number];
  readonly gradLogScales: Vec3;
  /** For the camera's own derivatives. */
  readonly pull: ProjectionPull;
}

/** −C G C: from an inverse's derivative to the matrix's own. */
function gradOfInverse(inverse: Symmetric2, grad: Symmetric2): Symmetric2 {
  const [a, b, c] = inverse;
  const [gxx, gxy, gyy] = grad;
  const [m00, m01, m10, m11] = [a * gxx + b * gxy, a * gxy + b * gyy, b * gxx + c * gxy, b * gxy + c * gyy];
  return [-(m00 * a + m01 * b), -(m00 * b + m01 * c), -(m10 * b + m11 * c)];
}

function combine(factorA: number, a: Vec3, factorB: number, b: Vec3): Vec3 {
  return [factorA * a[0] + factorB * b[0], factorA * a[1] + factorB * b[1], factorA * a[2] + factorB * b[2]];
}

/**
 * Vector–Jacobian product of {@link projectGaussian}. With G = ∂loss/∂covariance2d = −conic · gradConic · conic and T's rows t_a:
 *   ∂Σ = Tᵀ G T,  ∂t_a = 2 Σ_b G_ab Σ t_b,  ∂J_a = W ∂t_a
 *   ∂logScale_k = 2 s_k² r_kᵀ ∂Σ r_k,  ∂r_k = 2 s_k² ∂Σ r_k  (r_k: columns of R)
 *   J_x = (fx/z, 0, −fx a/z) with a = clamp(x/z):  ∂z += −fx/z² ∂J_x0 + fx a/z² ∂J_x2,  ∂a = −fx/z ∂J_x2, which reaches x, z unless clamped.
 */
export function backpropagateProjection(
  projected: ProjectedGaussian,
  camera: Camera,
  upstream: ProjectionUpstream,
): ProjectionGradients {
  const { fx, fy } = camera.intrinsics;
  const { rotation, scales, covariance3d, imageFromWorld } = projected;
  const [rowX, rowY] = imageFromWorld;
  const [gxx, gxy, gyy] = gradOfInverse(projected.conic, upstream.gradConic);

  const gradCovariance3d = [0, 1, 2].flatMap((i) =>
    [0, 1, 2].map((j) => {
      const [xi, xj, yi, yj] = [rowX[i] as number, rowX[j] as number, rowY[i] as number, rowY[j] as number];
      return gxx * xi * xj + gxy * (xi * yj + yi * xj) + gyy * yi * yj;
    }),
  ) as Mat3;
  const gradRotation: Mat3 = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  const gradLogScales: Vec3 = [0, 0, 0];
  for (const k of [0, 1, 2] as const) {
    const column: Vec3 = [rotation[k], rotation[3 + k] as number, rotation[6 + k] as number];
    const gradTimesColumn = multiplyMatVec(gradCovariance3d, column);
    const variance = scales[k] ** 2;
    gradLogScales[k] = 2 * variance * dot(column, gradTimesColumn);
    gradTimesColumn.forEach((value, row) => {
      gradRotation[row * 3 + k] = 2 * variance * value;
    });
  }

  const [covarianceRowX, covarianceRowY] = [multiplyMatVec(covariance3d, rowX), multiplyMatVec(covariance3d, rowY)];
  const worldToCamera = camera.cameraFromWorld.rotation;
  const gradJacobianX = multiplyMatVec(worldToCamera, combine(2 * gxx, covarianceRowX, 2 * gxy, covarianceRowY));
  const gradJacobianY = multiplyMatVec(worldToCamera, combine(2 * gxy, covarianceRowX, 2 * gyy, covarianceRowY));
  const [x, y, z] = projected.pointInCamera;
  const [slopeX, slopeY] = projected.slopes;
  const gradSlopeX = projected.slopesClamped[0] ? 0 : (-fx / z) * gradJacobianX[2];
  const gradSlopeY = projected.slopesClamped[1] ? 0 : (-fy / z) * gradJacobianY[2];
  const [gradU, gradV] = upstream.gradMean2d;
  const gradPoint: Vec3 = [
    (fx / z) * gradU + gradSlopeX / z,
    (fy / z) * gradV + gradSlopeY / z,
    upstream.gradDepth -
      (fx * x * gradU + fy * y * gradV) / z ** 2 -
      (x * gradSlopeX + y * gradSlopeY) / z ** 2 +
      (-fx * gradJacobianX[0] + fx * slopeX * gradJacobianX[2]) / z ** 2 +
      (-fy * gradJacobianY[1] + fy * slopeY * gradJacobianY[2]) / z ** 2,
  ];
  return {
    gradMean: multiplyMatVec(transposeMat(worldToCamera), gradPoint),
    gradQuat: gradQuaternionOfRotation(projected.quaternion, gradRotation),
    gradLogScales,
    pull: { gradPoint, gradMean2d: upstream.gradMean2d, gradCovariance2d: [gxx, gxy, gyy] },
  };
}

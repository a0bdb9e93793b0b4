import type { Mat3 } from '../../math/rigid-transform.js';

export type Quaternion = readonly [number, number, number, number];

/**
 * Vector–Jacobian product of `rotationOfQuaternion`, which normalises q (w x y z) first: q̂ = q / |q|,
 * ∂loss/∂q = (I − q̂ q̂ᵀ) / |q| · Σ_ij gradRotation_ij ∂R_ij/∂q̂. The result is orthogonal to q. NaN for a zero quaternion.
 *
 * @param gradRotation ∂loss/∂R, row-major.
 */
export function gradQuaternionOfRotation(
  quaternion: Quaternion,
  gradRotation: Readonly<Mat3>,
): [number, number, number, number] {
  const norm = Math.hypot(...quaternion);
  const [w, x, y, z] = quaternion.map((component) => component / norm) as [number, number, number, number];
  const [g00, g01, g02, g10, g11, g12, g20, g21, g22] = gradRotation;
  const gradUnit = [
    2 * (x * (g21 - g12) + y * (g02 - g20) + z * (g10 - g01)),
    2 * (w * (g21 - g12) + y * (g01 + g10) + z * (g02 + g20)) - 4 * x * (g11 + g22),
    2 * (w * (g02 - g20) + x * (g01 + g10) + z * (g12 + g21)) - 4 * y * (g00 + g22),
    2 * (w * (g10 - g01) + x * (g02 + g20) + y * (g12 + g21)) - 4 * z * (g00 + g11),
  ] as const;
  const along = gradUnit[0] * w + gradUnit[1] * x + gradUnit[2] * y + gradUnit[3] * z;
  return [
    (gradUnit[0] - along * w) / norm,
    (gradUnit[1] - along * x) / norm,
    (gradUnit[2] - along * y) / norm,
    (gradUnit[3] - along * z) / norm,
  ];
}

// Real spherical harmonics up to degree 3 (the constants and signs of Kerbl et al. 2023), and their derivatives.
#pragma once

constexpr float kShC0 = 0.28209479177387814f;
constexpr float kShC1 = 0.4886025119029199f;
constexpr float kShC2[5] = {1.0925484305920792f, -1.0925484305920792f, 0.31539156525252005f, -1.0925484305920792f,
                            0.5462742152960396f};
constexpr float kShC3[7] = {-0.5900435899266435f, 2.890611442640554f,  -0.4570457994644658f, 0.3731763325901154f,
                            -0.4570457994644658f, 1.445305721320277f,  -0.5900435899266435f};

// basis[k] for direction (x, y, z), unit; returns the number of functions, (degree + 1)².
inline int evaluateShBasis(int degree, float x, float y, float z, float* basis) {
  basis[0] = kShC0;
  if (degree < 1) return 1;
  basis[1] = -kShC1 * y;
  basis[2] = kShC1 * z;
  basis[3] = -kShC1 * x;
  if (degree < 2) return 4;
  const float xx = x * x, yy = y * y, zz = z * z;
  basis[4] = kShC2[0] * x * y;
  basis[5] = kShC2[1] * y * z;
  basis[6] = kShC2[2] * (2.0f * zz - xx - yy);
  basis[7] = kShC2[3] * x * z;
  basis[8] = kShC2[4] * (xx - yy);
  if (degree < 3) return 9;
  basis[9] = kShC3[0] * y * (3.0f * xx - yy);
  basis[10] = kShC3[1] * x * y * z;
  basis[11] = kShC3[2] * y * (4.0f * zz - xx - yy);
  basis[12] = kShC3[3] * z * (2.0f * zz - 3.0f * xx - 3.0f * yy);
  basis[13] = kShC3[4] * x * (4.0f * zz - xx - yy);
  basis[14] = kShC3[5] * z * (xx - yy);
  basis[15] = kShC3[6] * x * (xx - 3.0f * yy);
  return 16;
}

// Adds Σ_k weight[k] ∂basis[k]/∂(x, y, z) to `grad`.
inline void addShBasisGradient(int degree, float x, float y, float z, const float* weight, float* grad) {
  if (degree < 1) return;
  float gx = -kShC1 * weight[3], gy = -kShC1 * weight[1], gz = kShC1 * weight[2];
  if (degree >= 2) {
    gx += kShC2[0] * y * weight[4] - 2.0f * kShC2[2] * x * weight[6] + kShC2[3] * z * weight[7] +
          2.0f * kShC2[4] * x * weight[8];
    gy += kShC2[0] * x * weight[4] + kShC2[1] * z * weight[5] - 2.0f * kShC2[2] * y * weight[6] -
          2.0f * kShC2[4] * y * weight[8];
    gz += kShC2[1] * y * weight[5] + 4.0f * kShC2[2] * z * weight[6] + kShC2[3] * x * weight[7];
  }
  if (degree >= 3) {
    const float xx = x * x, yy = y * y, zz = z * z;
    gx += kShC3[0] * 6.0f * x * y * weight[9] + kShC3[1] * y * z * weight[10] - kShC3[2] * 2.0f * x * y * weight[11] -
          kShC3[3] * 6.0f * x * z * weight[12] + kShC3[4] * (4.0f * zz - 3.0f * xx - yy) * weight[13] +
          kShC3[5] * 2.0f * x * z * weight[14] + kShC3[6] * 3.0f * (xx - yy) * weight[15];
    gy += kShC3[0] * 3.0f * (xx - yy) * weight[9] + kShC3[1] * x * z * weight[10] +
          kShC3[2] * (4.0f * zz - xx - 3.0f * yy) * weight[11] - kShC3[3] * 6.0f * y * z * weight[12] -
          kShC3[4] * 2.0f * x * y * weight[13] - kShC3[5] * 2.0f * y * z * weight[14] -
          kShC3[6] * 6.0f * x * y * weight[15];
    gz += kShC3[1] * x * y * weight[10] + kShC3[2] * 8.0f * y * z * weight[11] +
          kShC3[3] * (6.0f * zz - 3.0f * xx - 3.0f * yy) * weight[12] + kShC3[4] * 8.0f * x * z * weight[13] +
          kShC3[5] * (xx - yy) * weight[14];
  }
  grad[0] += gx;
  grad[1] += gy;
  grad[2] += gz;
}

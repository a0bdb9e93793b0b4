// The EWA projection of one Gaussian, shared by the forward and the backward pass (../contract.ts has the equations).
#pragma once
#include "engine/splatting/wasm/scene.h"

struct Projection {
  float point[3];        // mean in the camera's frame
  float unitQuat[4];     // w x y z
  float quatNorm;
  float rotation[9];
  float scale[3];
  float jacobian02, jacobian12, jacobian00, jacobian11;
  float clampedX, clampedY;  // x/z and y/z after clamping
  bool insideX, insideY;     // not clamped
  float jw[6];               // J W
  float t[6];                // J W R
  float covA, covB, covC;    // with dilation
};

inline void rotationOfUnitQuat(const float* q, float* r) {
  const float w = q[0], x = q[1], y = q[2], z = q[3];
  r[0] = 1.0f - 2.0f * (y * y + z * z);
  r[1] = 2.0f * (x * y - w * z);
  r[2] = 2.0f * (x * z + w * y);
  r[3] = 2.0f * (x * y + w * z);
  r[4] = 1.0f - 2.0f * (x * x + z * z);
  r[5] = 2.0f * (y * z - w * x);
  r[6] = 2.0f * (x * z - w * y);
  r[7] = 2.0f * (y * z + w * x);
  r[8] = 1.0f - 2.0f * (x * x + y * y);
}

// False when the Gaussian is nearer than kNearDepth (or not a number).
inline bool projectOne(const Scene& scene, int i, const Camera& camera, float dilation, Projection& out) {
  const float* m = scene.buffers[kMeans] + 3 * static_cast<size_t>(i);
  const float* w = camera.rotation;
  for (int r = 0; r < 3; ++r)
    out.point[r] = w[3 * r] * m[0] + w[3 * r + 1] * m[1] + w[3 * r + 2] * m[2] + camera.translation[r];
  const float z = out.point[2];
  if (!(z >= kNearDepth)) return false;

  const float* q = scene.buffers[kQuats] + 4 * static_cast<size_t>(i);
  out.quatNorm = sqrtF(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  const float inverseNorm = 1.0f / out.quatNorm;
  for (int k = 0; k < 4; ++k) out.unitQuat[k] = q[k] * inverseNorm;
  rotationOfUnitQuat(out.unitQuat, out.rotation);
  const float* logScale = scene.buffers[kLogScales] + 3 * static_cast<size_t>(i);
  for (int k = 0; k < 3; ++k) out.scale[k] = expF(logScale[k]);

  const float inverseZ = 1.0f / z;
  const float limitX = kFrustumClamp * 0.5f * static_cast<float>(camera.width) / camera.fx;
  const float limitY = kFrustumClamp * 0.5f * static_cast<float>(camera.height) / camera.fy;
  const float tanX = out.point[0] * inverseZ, tanY = out.point[1] * inverseZ;
  out.clampedX = clampf(tanX, -limitX, limitX);
  out.clampedY = clampf(tanY, -limitY, limitY);
  out.insideX = tanX == out.clampedX;
  out.insideY = tanY == out.clampedY;
  out.jacobian00 = camera.fx * inverseZ;
  out.jacobian02 = -camera.fx * out.clampedX * inverseZ;
  out.jacobian11 = camera.fy * inverseZ;
  out.jacobian12 = -camera.fy * out.clampedY * inverseZ;
  for (int c = 0; c < 3; ++c) {
    out.jw[c] = out.jacobian00 * w[c] + out.jacobian02 * w[6 + c];
    out.jw[3 + c] = out.jacobian11 * w[3 + c] + out.jacobian12 * w[6 + c];
  }
  const float* r = out.rotation;
  float a = dilation, b = 0.0f, c = dilation;
  for (int k = 0; k < 3; ++k) {
    out.t[k] = out.jw[0] * r[k] + out.jw[1] * r[3 + k] + out.jw[2] * r[6 + k];
    out.t[3 + k] = out.jw[3] * r[k] + out.jw[4] * r[3 + k] + out.jw[5] * r[6 + k];
    const float variance = out.scale[k] * out.scale[k];
    a += out.t[k] * out.t[k] * variance;
    b += out.t[k] * out.t[3 + k] * variance;
    c += out.t[3 + k] * out.t[3 + k] * variance;
  }
  out.covA = a;
  out.covB = b;
  out.covC = c;
  return true;
}

// From per-pair sums to gradients of the stored parameters: each Gaussian gathers its own pairs in a fixed order, so the
// result does not depend on the number of threads.
#include "engine/splatting/wasm/projection.h"
#include "engine/splatting/wasm/spherical-harmonics.h"

namespace {
constexpr int kGrain = 512;

// A chunk's part of the camera's gradient; chunks are added up in order.
struct CameraSums {
  double values[kCameraParameters];
};
Scratch<CameraSums> chunkSums;

inline void addCross(const float* a, const float* b, double* sum) {
  sum[0] += static_cast<double>(a[1] * b[2] - a[2] * b[1]);
  sum[1] += static_cast<double>(a[2] * b[0] - a[0] * b[2]);
  sum[2] += static_cast<double>(a[0] * b[1] - a[1] * b[0]);
}

struct ScreenGradient {
  float mean[2], conic[3], opacity, color[3], depth;
};

void sumPairs(int i, PairGradient& sum) {
  memset(&sum, 0, sizeof(sum));
  const uint32_t end = binning.gaussianStart.data[i + 1];
  for (uint32_t entry = binning.gaussianStart.data[i]; entry < end; ++entry) {
    const PairGradient& pair = binning.pairGradient.data[binning.pairSlot.data[entry]];
    sum.weightRed += pair.weightRed;
    sum.weightGreen += pair.weightGreen;
    sum.weightBlue += pair.weightBlue;
    sum.weightDepth += pair.weightDepth;
    sum.s0 += pair.s0;
    sum.sx += pair.sx;
    sum.sy += pair.sy;
    sum.sxx += pair.sxx;
    sum.sxy += pair.sxy;
    sum.syy += pair.syy;
    sum.maxWeight = maxf(sum.maxWeight, pair.maxWeight);
    sum.errorWeight += pair.errorWeight;
  }
}

void colorGradient(Scene& scene, int i, const Camera& camera, int degree, const Projected& p, const PairGradient& sum,
                   float* gradMean, CameraSums* cameraSums) {
  float upstream[3] = {p.red > 0.0f ? sum.weightRed : 0.0f, p.green > 0.0f ? sum.weightGreen : 0.0f,
                       p.blue > 0.0f ? sum.weightBlue : 0.0f};
  float* gradSh = scene.buffers[kGradient + kSh] + static_cast<size_t>(i) * 3 * scene.shCount;
  for (int c = 0; c < 3; ++c) gradSh[c] = kShC0 * upstream[c];
  if (degree == 0) return;
  const float* m = scene.buffers[kMeans] + 3 * static_cast<size_t>(i);
  const float* sh = scene.buffers[kSh] + static_cast<size_t>(i) * 3 * scene.shCount;
  float d[3] = {m[0] - camera.centre[0], m[1] - camera.centre[1], m[2] - camera.centre[2]};
  const float inverse = 1.0f / sqrtF(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  for (int c = 0; c < 3; ++c) d[c] *= inverse;
  float basis[16], weight[16];
  const int functions = evaluateShBasis(degree, d[0], d[1], d[2], basis);
  for (int k = 0; k < functions; ++k) {
    weight[k] = 0.0f;
    for (int c = 0; c < 3; ++c) {
      gradSh[3 * k + c] = basis[k] * upstream[c];
      weight[k] += sh[3 * k + c] * upstream[c];
    }
  }
  float gradDirection[3] = {0.0f, 0.0f, 0.0f};
  addShBasisGradient(degree, d[0], d[1], d[2], weight, gradDirection);
  const float along = d[0] * gradDirection[0] + d[1] * gradDirection[1] + d[2] * gradDirection[2];
  float byDirection[3];
  for (int c = 0; c < 3; ++c) byDirection[c] = (gradDirection[c] - along * d[c]) * inverse;
  for (int c = 0; c < 3; ++c) gradMean[c] += byDirection[c];
  if (cameraSums == nullptr) return;
  // The camera's centre moves by −Wᵀ ν.
  const float* W = camera.rotation;
  for (int r = 0; r < 3; ++r)
    cameraSums->values[3 + r] += static_cast<double>(W[3 * r] * byDirection[0] + W[3 * r + 1] * byDirection[1] +
                                                     W[3 * r + 2] * byDirection[2]);
}

void rotationGradient(const Projection& p, const float* g, float* gradQuat) {
  const float w = p.unitQuat[0], x = p.unitQuat[1], y = p.unitQuat[2], z = p.unitQuat[3];
  float u[4];
  u[0] = 2.0f * (-z * g[1] + y * g[2] + z * g[3] - x * g[5] - y * g[6] + x * g[7]);
  u[1] = 2.0f * (y * g[1] + z * g[2] + y * g[3] - 2.0f * x * g[4] - w * g[5] + z * g[6] + w * g[7] - 2.0f * x * g[8]);
  u[2] = 2.0f * (-2.0f * y * g[0] + x * g[1] + w * g[2] + x * g[3] + z * g[5] - w * g[6] + z * g[7] - 2.0f * y * g[8]);
  u[3] = 2.0f * (-2.0f * z * g[0] - w * g[1] + x * g[2] + w * g[3] - 2.0f * z * g[4] + y * g[5] + x * g[6] + y * g[7]);
  const float along = w * u[0] + x * u[1] + y * u[2] + z * u[3];
  for (int k = 0; k < 4; ++k) gradQuat[k] = (u[k] - along * p.unitQuat[k]) / p.quatNorm;
}

// Through conic → covariance2d → J, R, s, and the projected mean.
void geometryGradient(Scene& scene, int i, const Camera& camera, const Projection& p, const ScreenGradient& g,
                      float* gradMean,
                      CameraSums* cameraSums) {
  const float determinant = p.covA * p.covC - p.covB * p.covB;
  const float inverse = 1.0f / determinant;
  const float A = p.covC * inverse, B = -p.covB * inverse, C = p.covA * inverse;
  // ∂L/∂Σ' = −K (∂L/∂K) K with the off-diagonal entry counted once.
  const float gA = g.conic[0], gB = g.conic[1], gC = g.conic[2];
  const float covGradA = -(A * A * gA + A * B * gB + B * B * gC);
  const float covGradB = -(2.0f * A * B * gA + (A * C + B * B) * gB + 2.0f * B * C * gC);
  const float covGradC = -(B * B * gA + B * C * gB + C * C * gC);

  float gradT[6];
  float* gradLogScale = scene.buffers[kGradient + kLogScales] + 3 * static_cast<size_t>(i);
  for (int k = 0; k < 3; ++k) {
    const float v0 = p.t[k] * p.scale[k], v1 = p.t[3 + k] * p.scale[k];
    const float gv0 = 2.0f * covGradA * v0 + covGradB * v1, gv1 = 2.0f * covGradC * v1 + covGradB * v0;
    gradLogScale[k] = gv0 * v0 + gv1 * v1;
    gradT[k] = gv0 * p.scale[k];
    gradT[3 + k] = gv1 * p.scale[k];
  }
  float gradRotation[9];
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < 3; ++c) gradRotation[3 * r + c] = p.jw[r] * gradT[c] + p.jw[3 + r] * gradT[3 + c];
  rotationGradient(p, gradRotation, scene.buffers[kGradient + kQuats] + 4 * static_cast<size_t>(i));

  const float* R = p.rotation;
  const float* W = camera.rotation;
  float gradJw[6];
  for (int r = 0; r < 2; ++r)
    for (int c = 0; c < 3; ++c)
      gradJw[3 * r + c] = gradT[3 * r] * R[3 * c] + gradT[3 * r + 1] * R[3 * c + 1] + gradT[3 * r + 2] * R[3 * c + 2];
  const float gradJ00 = gradJw[0] * W[0] + gradJw[1] * W[1] + gradJw[2] * W[2];
  const float gradJ02 = gradJw[0] * W[6] + gradJw[1] * W[7] + gradJw[2] * W[8];
  const float gradJ11 = gradJw[3] * W[3] + gradJw[4] * W[4] + gradJw[5] * W[5];
  const float gradJ12 = gradJw[3] * W[6] + gradJw[4] * W[7] + gradJw[5] * W[8];

  const float inverseZ = 1.0f / p.point[2];
  float gradPoint[3] = {g.mean[0] * p.jacobian00, g.mean[1] * p.jacobian11, g.depth};
  gradPoint[2] -= (g.mean[0] * p.jacobian00 * p.point[0] + g.mean[1] * p.jacobian11 * p.point[1]) * inverseZ;
  gradPoint[2] -= (gradJ00 * p.jacobian00 + gradJ11 * p.jacobian11) * inverseZ;
  // J02 = −fx u / z with u = x/z, or constant where it was clamped.
  gradPoint[2] -= (gradJ02 * p.jacobian02 + gradJ12 * p.jacobian12) * inverseZ;
  if (p.insideX) {
    const float gradU = -gradJ02 * p.jacobian00;
    gradPoint[0] += gradU * inverseZ;
    gradPoint[2] -= gradU * p.clampedX * inverseZ;
  }
  if (p.insideY) {
    const float gradU = -gradJ12 * p.jacobian11;
    gradPoint[1] += gradU * inverseZ;
    gradPoint[2] -= gradU * p.clampedY * inverseZ;
  }
  for (int c = 0; c < 3; ++c)
    gradMean[c] += W[c] * gradPoint[0] + W[3 + c] * gradPoint[1] + W[6 + c] * gradPoint[2];
  if (cameraSums == nullptr) return;

  // T = J W moves by J [ω] W: with h the rows of ∂L/∂J, that is ω · (h × J).
  const float rowX[3] = {p.jacobian00, 0.0f, p.jacobian02}, rowY[3] = {0.0f, p.jacobian11, p.jacobian12};
  const float gradRowX[3] = {gradJ00, gradJw[0] * W[3] + gradJw[1] * W[4] + gradJw[2] * W[5], gradJ02};
  const float gradRowY[3] = {gradJw[3] * W[0] + gradJw[4] * W[1] + gradJw[5] * W[2], gradJ11, gradJ12};
  double* values = cameraSums->values;
  addCross(p.point, gradPoint, values);
  addCross(gradRowX, rowX, values);
  addCross(gradRowY, rowY, values);
  for (int c = 0; c < 3; ++c) values[3 + c] += static_cast<double>(gradPoint[c]);
  float byFocal = g.mean[0] * p.jacobian00 * p.point[0] + g.mean[1] * p.jacobian11 * p.point[1];
  byFocal += gradJ00 * p.jacobian00 + gradJ11 * p.jacobian11;
  // A clamped slope's limit falls as fx grows: their product stays.
  if (p.insideX) byFocal += gradJ02 * p.jacobian02;
  if (p.insideY) byFocal += gradJ12 * p.jacobian12;
  values[6] += static_cast<double>(byFocal);
}

void gatherOne(Scene& scene, int i, const Camera& camera, const RenderSettings& settings, bool withStatistics,
               CameraSums* cameraSums) {
  float* gradMean = scene.buffers[kGradient + kMeans] + 3 * static_cast<size_t>(i);
  const Projected& projected = binning.projected.data[i];
  Projection projection;
  if (projected.x1 < projected.x0 || !projectOne(scene, i, camera, settings.dilation, projection)) {
    for (int k = 0; k < kParameterKinds; ++k) {
      const int width = bufferWidth(scene, k);
      memset(scene.buffers[kGradient + k] + static_cast<size_t>(i) * width, 0, width * sizeof(float));
    }
    return;
  }
  PairGradient sum;
  sumPairs(i, sum);
  ScreenGradient g;
  g.mean[0] = projected.conicA * sum.sx + projected.conicB * sum.sy;
  g.mean[1] = projected.conicB * sum.sx + projected.conicC * sum.sy;
  g.conic[0] = -0.5f * sum.sxx;
  g.conic[1] = -sum.sxy;
  g.conic[2] = -0.5f * sum.syy;
  g.depth = sum.weightDepth;
  memset(gradMean, 0, 3 * sizeof(float));
  memset(scene.buffers[kGradient + kSh] + static_cast<size_t>(i) * 3 * scene.shCount, 0,
         3 * scene.shCount * sizeof(float));
  geometryGradient(scene, i, camera, projection, g, gradMean, cameraSums);
  colorGradient(scene, i, camera, settings.shDegree, projected, sum, gradMean, cameraSums);
  // h = ∂L/∂α · α and α = opacity · E: Σ h is ∂L/∂(log opacity); the logit's derivative adds 1 − sigmoid.
  const float sigmoid = sigmoidF(scene.buffers[kRawOpacities][i]);
  scene.buffers[kGradient + kRawOpacities][i] = sum.s0 * (1.0f - sigmoid);
  scene.buffers[kGradient + kOwnDepth][i] = 0.0f;
  if (withStatistics) {
    scene.buffers[kMaxWeight][i] += sum.maxWeight;
    const float gx = g.mean[0] * 0.5f * camera.width, gy = g.mean[1] * 0.5f * camera.height;
    scene.buffers[kGradMean2d][i] += sqrtF(gx * gx + gy * gy);
    scene.buffers[kVisibleSteps][i] += sum.maxWeight > 0.0f ? 1.0f : 0.0f;
    scene.buffers[kErrorWeight][i] += sum.errorWeight;
  }
}
}  // namespace

void gatherGradients(Scene& scene, const Camera& camera, const RenderSettings& settings, bool withStatistics,
                     CameraGradient* cameraGradient) {
  const int chunks = (scene.count + kGrain - 1) / kGrain;
  if (cameraGradient != nullptr) chunkSums.reserve(chunks + 1);
  parallelRanges(scene.count, kGrain, [&](int begin, int end, int) {
    CameraSums sums = {};
    CameraSums* cameraSums = cameraGradient != nullptr ? &sums : nullptr;
    for (int i = begin; i < end; ++i) gatherOne(scene, i, camera, settings, withStatistics, cameraSums);
    if (cameraSums != nullptr) chunkSums.data[begin / kGrain] = sums;
  });
  if (cameraGradient == nullptr) return;
  for (int v = 0; v < kCameraParameters; ++v) {
    double total = 0.0;
    for (int c = 0; c < chunks; ++c) total += chunkSums.data[c].values[v];
    cameraGradient->values[v] = static_cast<float>(total);
  }
}

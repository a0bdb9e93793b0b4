// Losses on the rendered images; each adds its gradient to the frame's gradient images (equations: ../contract.ts, LossWeights).
#include "engine/splatting/wasm/image-losses.h"
#include "engine/splatting/wasm/ssim.h"

namespace {
Scratch<double> rowSums;

template <class Row>
double sumRows(const Row& row) {
  rowSums.reserve(frame.height);
  parallelFor(frame.height, [&](int y, int) { rowSums.data[y] = row(y); });
  double total = 0.0;
  for (int y = 0; y < frame.height; ++y) total += rowSums.data[y];
  return total;
}

// Sets (does not add) the colour gradient and the error plane; returns the mean absolute error.
float setL1Gradient(const Target& target, float weight) {
  const size_t plane = frame.planeSize;
  const float scale = weight / (3.0f * target.weightSum);
  const double sum = sumRows([&](int y) {
    const size_t at = static_cast<size_t>(y) * frame.stride;
    float rowSum = 0.0f;
    for (int x = 0; x < frame.width; ++x) {
      const float w = target.weights[at + x];
      float error = 0.0f;
      for (int c = 0; c < 3; ++c) {
        const size_t i = c * plane + at + x;
        // The stored photo is already multiplied by w.
        const float difference = w * frame.color.data[i] - target.color[i];
        const float magnitude = absF(difference);
        error += magnitude;
        frame.gradColor.data[i] = difference == 0.0f ? 0.0f : (difference > 0.0f ? scale * w : -scale * w);
      }
      frame.absError.data[at + x] = error * (1.0f / 3.0f);
      rowSum += error;
    }
    return static_cast<double>(rowSum);
  });
  return static_cast<float>(sum / (3.0 * static_cast<double>(target.weightSum)));
}

inline bool disparityOf(size_t i, float& value, float& byAlpha, float& byDepth) {
  const float alpha = frame.alpha.data[i];
  if (!(alpha > 0.5f)) return false;
  const float depth = frame.depth.data[i];
  const float inverse = 1.0f / maxf(depth, 1e-6f);
  value = alpha * inverse;
  byAlpha = inverse;
  byDepth = depth > 1e-6f ? -alpha * inverse * inverse : 0.0f;
  return true;
}

// One direction (0: right neighbour, 1: the one below); `rows` are disjoint in what they write when called per parity.
float tvRow(const Target& target, int y, int direction, float scale) {
  const size_t step = direction == 0 ? 1 : frame.stride;
  const int columns = direction == 0 ? frame.width - 1 : frame.width;
  const float* weights = target.tvWeights + direction * frame.planeSize;
  float sum = 0.0f;
  for (int x = 0; x < columns; ++x) {
    const size_t i = static_cast<size_t>(y) * frame.stride + x;
    const float w = weights[i];
    float a, aByAlpha, aByDepth, b, bByAlpha, bByDepth;
    if (w == 0.0f || !disparityOf(i, a, aByAlpha, aByDepth) || !disparityOf(i + step, b, bByAlpha, bByDepth)) continue;
    const float difference = a - b;
    sum += w * absF(difference);
    const float g = difference == 0.0f ? 0.0f : (difference > 0.0f ? scale * w : -scale * w);
    frame.gradAlpha.data[i] += g * aByAlpha;
    frame.gradDepth.data[i] += g * aByDepth;
    frame.gradAlpha.data[i + step] -= g * bByAlpha;
    frame.gradDepth.data[i + step] -= g * bByDepth;
  }
  return sum;
}

float addTvGradient(const Target& target, float weight) {
  const float pixels = static_cast<float>(frame.width) * static_cast<float>(frame.height);
  const float scale = weight / pixels;
  double total = sumRows([&](int y) { return static_cast<double>(tvRow(target, y, 0, scale)); });
  // Vertical differences write two rows: even rows first, then odd ones.
  for (int parity = 0; parity < 2; ++parity)
    total += sumRows([&](int y) {
      if ((y & 1) != parity || y + 1 >= frame.height) return 0.0;
      return static_cast<double>(tvRow(target, y, 1, scale));
    });
  return static_cast<float>(total) / pixels;
}

float addDepthPriorGradient(const Target& target, float weight) {
  const float pixels = static_cast<float>(frame.width) * static_cast<float>(frame.height);
  const float scale = weight / pixels;
  const double total = sumRows([&](int y) {
    float sum = 0.0f;
    for (int x = 0; x < frame.width; ++x) {
      const size_t i = static_cast<size_t>(y) * frame.stride + x;
      const float prior = target.priorInverse[i], alpha = frame.alpha.data[i], depth = frame.depth.data[i];
      if (!(prior > 0.0f) || !(alpha > 0.5f) || !(depth > 1e-6f)) continue;
      const float difference = logF(depth / alpha) + logF(prior);
      sum += absF(difference);
      const float g = difference == 0.0f ? 0.0f : (difference > 0.0f ? scale : -scale);
      frame.gradDepth.data[i] += g / depth;
      frame.gradAlpha.data[i] -= g / alpha;
    }
    return static_cast<double>(sum);
  });
  return static_cast<float>(total) / pixels;
}

// SENSOR_DEPTH_SOFTNESS of ../contract.ts.
constexpr float kSensorSoftness = 0.02f;

float addSensorDepthGradient(const Target& target, float weight) {
  const float total = target.sensorWeightSum;
  const float scale = weight / total;
  const float* inverse = target.sensorDepth;
  const float* weights = target.sensorDepth + frame.planeSize;
  const double sum = sumRows([&](int y) {
    float rowSum = 0.0f;
    for (int x = 0; x < frame.width; ++x) {
      const size_t i = static_cast<size_t>(y) * frame.stride + x;
      const float measured = inverse[i], alpha = frame.alpha.data[i], depth = frame.depth.data[i];
      if (!(measured > 0.0f) || !(alpha > 0.5f) || !(depth > 1e-6f)) continue;
      const float e = logF(depth / alpha) + logF(measured);
      const float size = absF(e);
      const bool isSmall = size <= kSensorSoftness;
      rowSum += weights[i] * (isSmall ? e * e / (2.0f * kSensorSoftness) : size - 0.5f * kSensorSoftness);
      const float g = scale * weights[i] * (isSmall ? e / kSensorSoftness : (e > 0.0f ? 1.0f : -1.0f));
      frame.gradDepth.data[i] += g / depth;
      frame.gradAlpha.data[i] -= g / alpha;
    }
    return static_cast<double>(rowSum);
  });
  return static_cast<float>(sum / static_cast<double>(total));
}
}  // namespace

ImageLossValues applyImageLosses(const Target& target, const ImageLossWeights& weights) {
  ImageLossValues values = {0.0f, 0.0f};
  values.l1 = setL1Gradient(target, weights.l1);
  memset(frame.gradDepth.data, 0, frame.planeSize * sizeof(float));
  memset(frame.gradAlpha.data, 0, frame.planeSize * sizeof(float));
  values.total = weights.l1 * values.l1;
  // A photo without any weight costs nothing.
  if (weights.dssim > 0.0f && target.weightSum > 1e-30f) values.total += weights.dssim * addSsimGradient(target, weights.dssim);
  if (weights.depthTv > 0.0f && target.tvWeights != nullptr)
    values.total += weights.depthTv * addTvGradient(target, weights.depthTv);
  if (weights.depthPrior > 0.0f && target.priorInverse != nullptr)
    values.total += weights.depthPrior * addDepthPriorGradient(target, weights.depthPrior);
  if (weights.sensorDepth > 0.0f && target.sensorDepth != nullptr && target.sensorWeightSum > 0.0f)
    values.total += weights.sensorDepth * addSensorDepthGradient(target, weights.sensorDepth);
  return values;
}

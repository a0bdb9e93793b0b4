// The photo's own exposure and white balance between the rendering and the losses (equations: ../contract.ts, ColorTransform).
#include "engine/splatting/wasm/color-transform.h"

namespace {
constexpr int kNumbers = 12;

struct RowSums {
  double values[kNumbers];
};
Scratch<RowSums> rowSums;

void swapColors() {
  const Scratch<float> rendering = frame.plainColor;
  frame.plainColor = frame.color;
  frame.color = rendering;
}
}  // namespace

void applyColorTransform(const ColorTransform& transform) {
  const size_t plane = frame.planeSize;
  frame.plainColor.reserve(3 * plane);
  swapColors();
  const float* m = transform.matrix;
  parallelFor(frame.paddedHeight, [&](int y, int) {
    const size_t begin = static_cast<size_t>(y) * frame.stride, end = begin + frame.stride;
    const float* from = frame.plainColor.data;
    float* to = frame.color.data;
    for (int row = 0; row < 3; ++row)
      for (size_t i = begin; i < end; ++i)
        to[row * plane + i] = m[3 * row] * from[i] + m[3 * row + 1] * from[plane + i] +
                              m[3 * row + 2] * from[2 * plane + i] + transform.offset[row];
  });
}

void backpropagateColorTransform(const ColorTransform& transform, ColorTransform& gradient) {
  swapColors();
  const size_t plane = frame.planeSize;
  rowSums.reserve(frame.height + 1);
  const float* m = transform.matrix;
  parallelFor(frame.height, [&](int y, int) {
    RowSums sums = {};
    for (int x = 0; x < frame.width; ++x) {
      const size_t i = static_cast<size_t>(y) * frame.stride + x;
      float seen[3];
      for (int c = 0; c < 3; ++c) seen[c] = frame.gradColor.data[c * plane + i];
      for (int row = 0; row < 3; ++row) {
        for (int c = 0; c < 3; ++c)
          sums.values[3 * row + c] += static_cast<double>(seen[row] * frame.color.data[c * plane + i]);
        sums.values[9 + row] += static_cast<double>(seen[row]);
      }
      for (int c = 0; c < 3; ++c)
        frame.gradColor.data[c * plane + i] = m[c] * seen[0] + m[3 + c] * seen[1] + m[6 + c] * seen[2];
    }
    rowSums.data[y] = sums;
  });
  float totals[kNumbers];
  for (int v = 0; v < kNumbers; ++v) {
    double total = 0.0;
    for (int y = 0; y < frame.height; ++y) total += rowSums.data[y].values[v];
    totals[v] = static_cast<float>(total);
  }
  memcpy(gradient.matrix, totals, sizeof(gradient.matrix));
  memcpy(gradient.offset, totals + 9, sizeof(gradient.offset));
}

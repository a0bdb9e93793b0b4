// D-SSIM and its gradient (Wang et al. 2004: 11×11 Gaussian window, σ 1.5, zero padding; per channel, averaged).
// With blurred moments μ1, μ2, E11, E22, E12:  S = A1 A2 / (B1 B2),  A1 = 2 μ1 μ2 + C1,  A2 = 2 (E12 − μ1 μ2) + C2,
// B1 = μ1² + μ2² + C1,  B2 = (E11 − μ1²) + (E22 − μ2²) + C2.
#include "engine/splatting/wasm/ssim.h"

namespace {
constexpr int kRadius = 5;
constexpr int kTaps = 2 * kRadius + 1;
constexpr int kStripRows = 32;
constexpr float kC1 = 0.0001f, kC2 = 0.0009f;
constexpr float kWindow[kTaps] = {0.00102838f, 0.00759876f, 0.03600077f, 0.10936069f, 0.21300554f, 0.26601172f,
                                  0.21300554f, 0.10936069f, 0.03600077f, 0.00759876f, 0.00102838f};
constexpr int kMaxThreads = 64;

Scratch<float> rowScratch[kMaxThreads];
Scratch<float> derivativeMaps;  // 3 channels × (∂μ1, ∂E11, ∂E12)

// Blurs rows [begin, end) of `maps` images given row by row: source(map, row, out) writes one row; the result goes to sink.
template <int kMaps, class Source, class Sink>
void blurStrip(int begin, int end, int thread, const Source& source, const Sink& sink) {
  const int width = frame.width, stride = frame.stride + 16;
  const int rows = end - begin + 2 * kRadius;
  float* blurred = rowScratch[thread].data;
  float* line = blurred + static_cast<size_t>(kMaps) * rows * stride;
  for (int m = 0; m < kMaps; ++m)
    for (int r = 0; r < rows; ++r) {
      const int row = begin - kRadius + r;
      float* out = blurred + (static_cast<size_t>(m) * rows + r) * stride;
      if (row < 0 || row >= frame.height) {
        memset(out, 0, stride * sizeof(float));
        continue;
      }
      memset(line, 0, 8 * sizeof(float));
      source(m, row, line + 8);
      memset(line + 8 + width, 0, 8 * sizeof(float));
      for (int x = 0; x < width; x += 4) {
        v128_t sum = wasm_f32x4_mul(wasm_v128_load(line + 8 + x), wasm_f32x4_splat(kWindow[kRadius]));
        for (int t = 1; t <= kRadius; ++t)
          sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_f32x4_add(wasm_v128_load(line + 8 + x - t),
                                                                 wasm_v128_load(line + 8 + x + t)),
                                                   wasm_f32x4_splat(kWindow[kRadius + t])));
        wasm_v128_store(out + x, sum);
      }
    }
  for (int row = begin; row < end; ++row)
    for (int x = 0; x < width; x += 4) {
      v128_t sums[kMaps];
      for (int m = 0; m < kMaps; ++m) {
        const float* middle = blurred + (static_cast<size_t>(m) * rows + (row - begin) + kRadius) * stride + x;
        v128_t sum = wasm_f32x4_mul(wasm_v128_load(middle), wasm_f32x4_splat(kWindow[kRadius]));
        for (int t = 1; t <= kRadius; ++t)
          sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_f32x4_add(wasm_v128_load(middle - t * stride),
                                                                 wasm_v128_load(middle + t * stride)),
                                                   wasm_f32x4_splat(kWindow[kRadius + t])));
        sums[m] = sum;
      }
      sink(row, x, sums);
    }
}

template <int kMaps, class Source, class Sink>
void blurImage(const Source& source, const Sink& sink) {
  const size_t strip = static_cast<size_t>(kStripRows + 2 * kRadius) * (frame.stride + 16);
  for (int t = 0; t < threadCount() && t < kMaxThreads; ++t)
    rowScratch[t].reserve(kMaps * strip + frame.stride + 32);
  parallelRanges(frame.height, kStripRows, [&](int begin, int end, int thread) {
    blurStrip<kMaps>(begin, end, thread, source, sink);
  });
}
}  // namespace

void prepareSsimTarget(Target& target) {
  const int width = frame.width;
  for (int c = 0; c < 3; ++c) {
    const float* color = target.color + c * frame.planeSize;
    float* mean = target.meanColor + c * frame.planeSize;
    float* square = target.meanSquare + c * frame.planeSize;
    blurImage<2>(
        [&](int m, int row, float* line) {
          const float* from = color + static_cast<size_t>(row) * frame.stride;
          for (int x = 0; x < width; ++x) line[x] = m == 0 ? from[x] : from[x] * from[x];
        },
        [&](int row, int x, const v128_t* sums) {
          wasm_v128_store(mean + static_cast<size_t>(row) * frame.stride + x, sums[0]);
          wasm_v128_store(square + static_cast<size_t>(row) * frame.stride + x, sums[1]);
        });
  }
}

float addSsimGradient(const Target& target, float weight) {
  const int width = frame.width;
  const size_t plane = frame.planeSize;
  derivativeMaps.reserve(3 * plane);
  const float scale = -weight / (3.0f * target.weightSum);
  double total = 0.0;
  Scratch<double>& rowTotals = *[]() {
    static Scratch<double> totals;
    return &totals;
  }();
  rowTotals.reserve(frame.height);
  for (int c = 0; c < 3; ++c) {
    const float* rendered = frame.color.data + c * plane;
    const float* photo = target.color + c * plane;
    float* dMean = derivativeMaps.data;
    float* dSquare = dMean + plane;
    float* dCross = dSquare + plane;
    memset(rowTotals.data, 0, frame.height * sizeof(double));
    blurImage<3>(
        [&](int m, int row, float* line) {
          const size_t at = static_cast<size_t>(row) * frame.stride;
          for (int x = 0; x < width; ++x) {
            const float r = rendered[at + x] * target.weights[at + x];
            line[x] = m == 0 ? r : (m == 1 ? r * r : r * photo[at + x]);
          }
        },
        [&](int row, int x, const v128_t* sums) {
          const size_t at = static_cast<size_t>(row) * frame.stride + x;
          float mu[4], e11[4], e12[4];
          wasm_v128_store(mu, sums[0]);
          wasm_v128_store(e11, sums[1]);
          wasm_v128_store(e12, sums[2]);
          for (int lane = 0; lane < 4 && x + lane < width; ++lane) {
            const float m1 = mu[lane], m2 = target.meanColor[c * plane + at + lane];
            const float w = target.weights[at + lane];
            const float s22 = target.meanSquare[c * plane + at + lane] - m2 * m2;
            const float a1 = 2.0f * m1 * m2 + kC1, a2 = 2.0f * (e12[lane] - m1 * m2) + kC2;
            const float b1 = m1 * m1 + m2 * m2 + kC1, b2 = (e11[lane] - m1 * m1) + s22 + kC2;
            const float inverse = 1.0f / (b1 * b2);
            const float s = a1 * a2 * inverse;
            rowTotals.data[row] += static_cast<double>(w * s);
            const float k = scale * w;
            dMean[at + lane] = k * (2.0f * m2 * (a2 - a1) * inverse + 2.0f * m1 * s * (1.0f / b2 - 1.0f / b1));
            dSquare[at + lane] = -k * s / b2;
            dCross[at + lane] = k * 2.0f * a1 * inverse;
          }
        });
    for (int row = 0; row < frame.height; ++row) total += rowTotals.data[row];
    if (weight == 0.0f) continue;
    float* gradient = frame.gradColor.data + c * plane;
    blurImage<3>(
        [&](int m, int row, float* line) {
          memcpy(line, derivativeMaps.data + m * plane + static_cast<size_t>(row) * frame.stride, width * sizeof(float));
        },
        [&](int row, int x, const v128_t* sums) {
          const size_t at = static_cast<size_t>(row) * frame.stride + x;
          const v128_t w = wasm_v128_load(target.weights + at);
          const v128_t r = wasm_f32x4_mul(w, wasm_v128_load(rendered + at));
          const v128_t sum = wasm_f32x4_add(
              sums[0], wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_add(r, r), sums[1]),
                                      wasm_f32x4_mul(wasm_v128_load(photo + at), sums[2])));
          wasm_v128_store(gradient + at, wasm_f32x4_add(wasm_v128_load(gradient + at), wasm_f32x4_mul(w, sum)));
        });
  }
  return static_cast<float>(1.0 - total / (3.0 * static_cast<double>(target.weightSum)));
}

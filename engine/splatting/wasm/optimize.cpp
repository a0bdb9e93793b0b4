// Losses on parameters, ray anchoring, and Adam (Kingma & Ba 2015; β 0.9, 0.999, ε 1e-15, bias-corrected).
#include "engine/splatting/wasm/optimize.h"

namespace {
constexpr float kBeta1 = 0.9f, kBeta2 = 0.999f, kEpsilon = 1e-15f;
constexpr float kNeedleLogRatio = 1.3862943611198906f;  // log 4
constexpr int kGrain = 4096;

Scratch<double> chunkSums;
Scratch<uint32_t> anchorStart, anchorOrder;

template <class Range>
double sumChunks(int count, const Range& range) {
  const int chunks = (count + kGrain - 1) / kGrain;
  chunkSums.reserve(chunks + 1);
  parallelRanges(count, kGrain, [&](int begin, int end, int) { chunkSums.data[begin / kGrain] = range(begin, end); });
  double total = 0.0;
  for (int c = 0; c < chunks; ++c) total += chunkSums.data[c];
  return total;
}

struct GridTaps {
  uint32_t index[4];
  float weight[4];
};

GridTaps tapsOf(const Grid& grid, const float* coord) {
  const float x = clampf(coord[0], 0.0f, 1.0f) * static_cast<float>(grid.columns - 1);
  const float y = clampf(coord[1], 0.0f, 1.0f) * static_cast<float>(grid.rows - 1);
  const int x0 = mini(static_cast<int>(x), maxi(0, grid.columns - 2)), y0 = mini(static_cast<int>(y), maxi(0, grid.rows - 2));
  const int x1 = mini(x0 + 1, grid.columns - 1), y1 = mini(y0 + 1, grid.rows - 1);
  const float fx = x - static_cast<float>(x0), fy = y - static_cast<float>(y0);
  GridTaps taps;
  taps.index[0] = static_cast<uint32_t>(grid.offset + y0 * grid.columns + x0);
  taps.index[1] = static_cast<uint32_t>(grid.offset + y0 * grid.columns + x1);
  taps.index[2] = static_cast<uint32_t>(grid.offset + y1 * grid.columns + x0);
  taps.index[3] = static_cast<uint32_t>(grid.offset + y1 * grid.columns + x1);
  taps.weight[0] = (1.0f - fx) * (1.0f - fy);
  taps.weight[1] = fx * (1.0f - fy);
  taps.weight[2] = (1.0f - fx) * fy;
  taps.weight[3] = fx * fy;
  return taps;
}

inline uint32_t anchorOf(const Scene& scene, int i) {
  return reinterpret_cast<const uint32_t*>(scene.buffers[kAnchorGrid])[i];
}

// Indices of anchored Gaussians grouped by table, in index order.
void groupAnchors(const Scene& scene) {
  uint32_t* start = anchorStart.reserve(scene.gridTables + 1);
  uint32_t* order = anchorOrder.reserve(scene.count);
  memset(start, 0, (scene.gridTables + 1) * sizeof(uint32_t));
  for (int i = 0; i < scene.count; ++i) {
    const uint32_t table = anchorOf(scene, i);
    if (table != kNoAnchor) ++start[table + 1];
  }
  for (int t = 0; t < scene.gridTables; ++t) start[t + 1] += start[t];
  for (int i = 0; i < scene.count; ++i) {
    const uint32_t table = anchorOf(scene, i);
    if (table != kNoAnchor) order[start[table]++] = static_cast<uint32_t>(i);
  }
  for (int t = scene.gridTables; t > 0; --t) start[t] = start[t - 1];
  start[0] = 0;
}

struct Adam {
  float correction1, correction2;
};

// `keepAnchored`: rows of anchored Gaussians are left alone (free means); `period`/`tailRate`: SH, whose first 3 numbers of
// each row learn at another rate than the rest.
void adamRange(float* value, const float* gradient, float* m, float* v, size_t begin, size_t end, float rate,
               const Adam& adam) {
  const float inverse1 = rate / adam.correction1, inverse2 = 1.0f / adam.correction2;
  for (size_t k = begin; k < end; ++k) {
    const float g = gradient[k];
    const float first = kBeta1 * m[k] + (1.0f - kBeta1) * g;
    const float second = kBeta2 * v[k] + (1.0f - kBeta2) * g * g;
    m[k] = first;
    v[k] = second;
    value[k] -= inverse1 * first / (sqrtF(second * inverse2) + kEpsilon);
  }
}

void adamBuffer(Scene& scene, int kind, float rate, const Adam& adam) {
  if (rate <= 0.0f) return;
  const int width = bufferWidth(scene, kind);
  parallelRanges(scene.count, kGrain, [&](int begin, int end, int) {
    adamRange(scene.buffers[kind], scene.buffers[kGradient + kind], scene.buffers[kFirstMoment + kind],
              scene.buffers[kSecondMoment + kind], static_cast<size_t>(begin) * width, static_cast<size_t>(end) * width,
              rate, adam);
  });
}

void adamMeans(Scene& scene, float rate, const Adam& adam) {
  if (rate <= 0.0f) return;
  parallelRanges(scene.count, kGrain, [&](int begin, int end, int) {
    for (int i = begin; i < end; ++i) {
      if (anchorOf(scene, i) != kNoAnchor) continue;
      const size_t at = 3 * static_cast<size_t>(i);
      adamRange(scene.buffers[kMeans], scene.buffers[kGradient + kMeans], scene.buffers[kFirstMoment + kMeans],
                scene.buffers[kSecondMoment + kMeans], at, at + 3, rate, adam);
    }
  });
}

void adamSh(Scene& scene, float dcRate, float restRate, const Adam& adam) {
  const size_t width = 3 * scene.shCount;
  if (scene.shCount == 1) {
    adamBuffer(scene, kSh, dcRate, adam);
    return;
  }
  parallelRanges(scene.count, kGrain, [&](int begin, int end, int) {
    for (int i = begin; i < end; ++i) {
      float* value = scene.buffers[kSh];
      const float* gradient = scene.buffers[kGradient + kSh];
      float* m = scene.buffers[kFirstMoment + kSh];
      float* v = scene.buffers[kSecondMoment + kSh];
      const size_t at = i * width;
      if (dcRate > 0.0f) adamRange(value, gradient, m, v, at, at + 3, dcRate, adam);
      if (restRate > 0.0f) adamRange(value, gradient, m, v, at + 3, at + width, restRate, adam);
    }
  });
}

float powF(float base, int exponent) {
  double result = 1.0, factor = base;
  for (; exponent > 0; exponent >>= 1, factor *= factor)
    if (exponent & 1) result *= factor;
  return static_cast<float>(result);
}

double addFlowGradient(Scene& scene, float weight, const float* cameraCentre) {
  const float scale = weight / static_cast<float>(scene.flowCount);
  double total = 0.0;
  // Sequential: two pairs may share a Gaussian.
  for (int p = 0; p < scene.flowCount; ++p) {
    const size_t a = scene.flowFirst[p], b = scene.flowSecond[p];
    const float* ma = scene.buffers[kMeans] + 3 * a;
    const float* mb = scene.buffers[kMeans] + 3 * b;
    const float* origin = anchorOf(scene, static_cast<int>(a)) == kNoAnchor ? cameraCentre : scene.buffers[kRayOrigin] + 3 * a;
    const float d[3] = {ma[0] - mb[0], ma[1] - mb[1], ma[2] - mb[2]};
    const float o[3] = {ma[0] - origin[0], ma[1] - origin[1], ma[2] - origin[2]};
    const float inverse = 1.0f / maxf(sqrtF(o[0] * o[0] + o[1] * o[1] + o[2] * o[2]), 1e-6f);
    const float squared = (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) * inverse * inverse;
    const float root = sqrtF(squared + 1e-4f);
    total += static_cast<double>(scene.flowWeight[p] * (root - 1e-2f));
    const float g = scale * scene.flowWeight[p] * inverse * inverse / root;
    for (int c = 0; c < 3; ++c) {
      scene.buffers[kGradient + kMeans][3 * a + c] += g * d[c];
      scene.buffers[kGradient + kMeans][3 * b + c] -= g * d[c];
    }
  }
  return total / static_cast<double>(scene.flowCount);
}
}  // namespace

float addParameterLosses(Scene& scene, const ParameterLossWeights& weights, const float* cameraCentre) {
  double total = 0.0;
  const float inverseCount = 1.0f / static_cast<float>(maxi(1, scene.count));
  if (weights.opacity > 0.0f)
    total += static_cast<double>(weights.opacity * inverseCount) * sumChunks(scene.count, [&](int begin, int end) {
               double sum = 0.0;
               for (int i = begin; i < end; ++i) {
                 const float s = sigmoidF(scene.buffers[kRawOpacities][i]);
                 scene.buffers[kGradient + kRawOpacities][i] += weights.opacity * inverseCount * s * (1.0f - s);
                 sum += static_cast<double>(s);
               }
               return sum;
             });
  if (weights.scale > 0.0f)
    total += static_cast<double>(weights.scale * inverseCount) * sumChunks(scene.count, [&](int begin, int end) {
               double sum = 0.0;
               for (int k = 3 * begin; k < 3 * end; ++k) {
                 const float s = expF(scene.buffers[kLogScales][k]);
                 scene.buffers[kGradient + kLogScales][k] += weights.scale * inverseCount * s;
                 sum += static_cast<double>(s);
               }
               return sum;
             });
  if (weights.needle > 0.0f)
    total += static_cast<double>(weights.needle * inverseCount) * sumChunks(scene.count, [&](int begin, int end) {
               double sum = 0.0;
               for (int i = begin; i < end; ++i) {
                 const float* l = scene.buffers[kLogScales] + 3 * static_cast<size_t>(i);
                 int first = l[1] > l[0] ? 1 : 0;
                 if (l[2] > l[first]) first = 2;
                 int second = first == 0 ? 1 : 0;
                 const int other = 3 - first - second;
                 if (l[other] > l[second]) second = other;
                 const float excess = l[first] - l[second] - kNeedleLogRatio;
                 if (excess <= 0.0f) continue;
                 sum += static_cast<double>(excess);
                 float* g = scene.buffers[kGradient + kLogScales] + 3 * static_cast<size_t>(i);
                 g[first] += weights.needle * inverseCount;
                 g[second] -= weights.needle * inverseCount;
               }
               return sum;
             });
  if (weights.ownDepth > 0.0f)
    total += static_cast<double>(weights.ownDepth * inverseCount) * sumChunks(scene.count, [&](int begin, int end) {
               double sum = 0.0;
               for (int i = begin; i < end; ++i) {
                 if (anchorOf(scene, i) == kNoAnchor) continue;
                 const float own = scene.buffers[kOwnDepth][i];
                 scene.buffers[kGradient + kOwnDepth][i] += 2.0f * weights.ownDepth * inverseCount * own;
                 sum += static_cast<double>(own * own);
               }
               return sum;
             });
  if (weights.flow > 0.0f && scene.flowCount > 0)
    total += static_cast<double>(weights.flow) * addFlowGradient(scene, weights.flow, cameraCentre);
  return static_cast<float>(total);
}

void projectRayGradients(Scene& scene, bool withField) {
  parallelRanges(scene.count, kGrain, [&](int begin, int end, int) {
    for (int i = begin; i < end; ++i) {
      if (anchorOf(scene, i) == kNoAnchor) continue;
      const size_t at = 3 * static_cast<size_t>(i);
      const float* g = scene.buffers[kGradient + kMeans] + at;
      const float* m = scene.buffers[kMeans] + at;
      const float* o = scene.buffers[kRayOrigin] + at;
      scene.buffers[kGradient + kOwnDepth][i] += g[0] * (m[0] - o[0]) + g[1] * (m[1] - o[1]) + g[2] * (m[2] - o[2]);
    }
  });
  if (!withField || scene.gridValues == nullptr || scene.gridStride == 0) return;
  groupAnchors(scene);
  float* gradients = scene.gridValues + 3 * static_cast<size_t>(scene.gridTables) * scene.gridStride;
  memset(gradients, 0, static_cast<size_t>(scene.gridTables) * scene.gridStride * sizeof(float));
  parallelFor(scene.gridTables, [&](int table, int) {
    float* gradient = gradients + static_cast<size_t>(table) * scene.gridStride;
    for (uint32_t k = anchorStart.data[table]; k < anchorStart.data[table + 1]; ++k) {
      const uint32_t i = anchorOrder.data[k];
      const size_t at3 = 3 * static_cast<size_t>(i);
      const float* gm = scene.buffers[kGradient + kMeans] + at3;
      const float* mm = scene.buffers[kMeans] + at3;
      const float* oo = scene.buffers[kRayOrigin] + at3;
      const float g = gm[0] * (mm[0] - oo[0]) + gm[1] * (mm[1] - oo[1]) + gm[2] * (mm[2] - oo[2]);
      for (int l = 0; l < scene.gridLevels; ++l) {
        const GridTaps taps = tapsOf(scene.grids[l], scene.buffers[kImageCoord] + 2 * static_cast<size_t>(i));
        for (int t = 0; t < 4; ++t) gradient[taps.index[t]] += taps.weight[t] * g;
      }
    }
  });
}

void applyRayDepths(Scene& scene) {
  parallelRanges(scene.count, kGrain, [&](int begin, int end, int) {
    for (int i = begin; i < end; ++i) {
      const uint32_t table = anchorOf(scene, i);
      if (table == kNoAnchor) continue;
      float delta = scene.buffers[kOwnDepth][i];
      if (scene.gridValues != nullptr) {
        const float* values = scene.gridValues + static_cast<size_t>(table) * scene.gridStride;
        for (int l = 0; l < scene.gridLevels; ++l) {
          const GridTaps taps = tapsOf(scene.grids[l], scene.buffers[kImageCoord] + 2 * static_cast<size_t>(i));
          for (int t = 0; t < 4; ++t) delta += taps.weight[t] * values[taps.index[t]];
        }
      }
      const float stretch = expF(delta);
      const size_t at = 3 * static_cast<size_t>(i);
      for (int c = 0; c < 3; ++c)
        scene.buffers[kMeans][at + c] = scene.buffers[kRayOrigin][at + c] + stretch * scene.buffers[kRayBase][at + c];
    }
  });
}

void adamStep(Scene& scene, const LearningRates& rates, int iteration, float opacityDecay, int activeGridLevels) {
  const Adam adam = {1.0f - powF(kBeta1, iteration), 1.0f - powF(kBeta2, iteration)};
  adamMeans(scene, rates.means, adam);
  adamBuffer(scene, kQuats, rates.quats, adam);
  adamBuffer(scene, kLogScales, rates.logScales, adam);
  adamBuffer(scene, kRawOpacities, rates.rawOpacities, adam);
  adamSh(scene, rates.shDc, rates.shRest, adam);
  bool moved = false;
  if (rates.ownDepth > 0.0f) {
    adamBuffer(scene, kOwnDepth, rates.ownDepth, adam);
    moved = true;
  }
  if (rates.rayField > 0.0f && scene.gridValues != nullptr && activeGridLevels > 0) {
    const size_t size = static_cast<size_t>(scene.gridTables) * scene.gridStride;
    const int last = mini(activeGridLevels, scene.gridLevels) - 1;
    const int active = scene.grids[last].offset + scene.grids[last].columns * scene.grids[last].rows;
    parallelFor(scene.gridTables, [&](int table, int) {
      const size_t at = static_cast<size_t>(table) * scene.gridStride;
      adamRange(scene.gridValues, scene.gridValues + 3 * size, scene.gridValues + size, scene.gridValues + 2 * size, at,
                at + active, rates.rayField, adam);
    });
    moved = true;
  }
  if (moved) applyRayDepths(scene);
  const float logDecay = logF(opacityDecay);
  if (opacityDecay < 1.0f)
    parallelRanges(scene.count, kGrain, [&](int begin, int end, int) {
      for (int i = begin; i < end; ++i) {
        const float x = scene.buffers[kRawOpacities][i];
        scene.buffers[kRawOpacities][i] = x + logDecay - logF(1.0f + (1.0f - opacityDecay) * expF(x));
      }
    });
}

// Cross-view check: a depth is confirmed by another view when going there and back returns to the same place.
#include "stereo.h"

namespace {
struct PairGeometry {
  // Second view's pixel of first view's pixel centre p at inverse depth q: (a p + q b), divided by its third component,
  // which is depth in the second view times q; and the same the other way round.
  float a[9], b[3];
  float backA[9], backB[3];
  int32_t width, height;
  int32_t secondWidth, secondHeight;
  float maxPx, maxRelativeDepth;
};

constexpr float kSameSurface = 0.02f;  // neighbours whose inverse depths differ by less are interpolated between

// Inverse depth at (u, v): bilinear where the four neighbours are one surface, else the nearest's; 0 when unknown.
float sampleInverseDepth(const float* map, int width, int height, float u, float v) {
  const int nx = clampi(static_cast<int>(u), 0, width - 1), ny = clampi(static_cast<int>(v), 0, height - 1);
  const float nearest = map[static_cast<size_t>(ny) * width + nx];
  const float cu = u - 0.5f, cv = v - 0.5f;
  const int x = static_cast<int>(floorF(cu)), y = static_cast<int>(floorF(cv));
  if (x < 0 || y < 0 || x + 1 >= width || y + 1 >= height) return nearest;
  const float* at = map + static_cast<size_t>(y) * width + x;
  const float q00 = at[0], q01 = at[1], q10 = at[width], q11 = at[width + 1];
  const float low = minf(minf(q00, q01), minf(q10, q11)), high = maxf(maxf(q00, q01), maxf(q10, q11));
  if (!(low > 0.0f) || high - low > kSameSurface * high) return nearest;
  const float fx = cu - static_cast<float>(x), fy = cv - static_cast<float>(y);
  return (q00 * (1 - fx) + q01 * fx) * (1 - fy) + (q10 * (1 - fx) + q11 * fx) * fy;
}
}  // namespace

// first, second: inverse depths [height, width], 0 where unknown; confirmations of the first are counted up by one.
WASM_EXPORT(stereoCrossCheck)
void stereoCrossCheck(const PairGeometry* pair, const float* first, const float* second, uint8_t* confirmations) {
  const PairGeometry& g = *pair;
  parallelRanges(g.height, 16, [&](int rowBegin, int rowEnd, int) {
    for (int y = rowBegin; y < rowEnd; ++y)
      for (int x = 0; x < g.width; ++x) {
        const size_t pixel = static_cast<size_t>(y) * g.width + x;
        const float q = first[pixel];
        if (!(q > 0.0f)) continue;
        const float px = static_cast<float>(x) + 0.5f, py = static_cast<float>(y) + 0.5f;
        const float w = g.a[6] * px + g.a[7] * py + g.a[8] + q * g.b[2];
        if (!(w > 0.0f)) continue;
        const float u = (g.a[0] * px + g.a[1] * py + g.a[2] + q * g.b[0]) / w;
        const float v = (g.a[3] * px + g.a[4] * py + g.a[5] + q * g.b[1]) / w;
        if (!(u >= 0.0f && v >= 0.0f && u < static_cast<float>(g.secondWidth) && v < static_cast<float>(g.secondHeight)))
          continue;
        const float other = sampleInverseDepth(second, g.secondWidth, g.secondHeight, u, v);
        if (!(other > 0.0f)) continue;
        const float backW = g.backA[6] * u + g.backA[7] * v + g.backA[8] + other * g.backB[2];
        if (!(backW > 0.0f)) continue;
        const float du = (g.backA[0] * u + g.backA[1] * v + g.backA[2] + other * g.backB[0]) / backW - px;
        const float dv = (g.backA[3] * u + g.backA[4] * v + g.backA[5] + other * g.backB[1]) / backW - py;
        // Depth that the second view's word gives in the first: backW / other; ours is 1 / q.
        const float relative = absF(backW * q / other - 1.0f);
        if (du * du + dv * dv <= g.maxPx * g.maxPx && relative < g.maxRelativeDepth)
          confirmations[pixel] = static_cast<uint8_t>(mini(255, confirmations[pixel] + 1));
      }
  });
}

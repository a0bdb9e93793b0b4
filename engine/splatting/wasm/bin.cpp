// Depth order and tile lists: every tile gets its Gaussians front to back.
#include "engine/splatting/wasm/scene.h"

namespace {
constexpr int kRadixBits = 11;
constexpr int kRadix = 1 << kRadixBits;
uint32_t histogram[3][kRadix];

// Tiles that a Gaussian touches. Kept apart from Projected: the emission below reads them in depth order, all over memory.
struct TileRect {
  uint16_t x0, x1, y0, y1;
};
Scratch<TileRect> tileRects;

inline TileRect tilesOf(const Projected& p) {
  const auto tile = [](int pixel) { return static_cast<uint16_t>(static_cast<uint32_t>(pixel) / kTileSize); };
  return {tile(p.x0), tile(p.x1), tile(p.y0), tile(p.y1)};
}

inline uint32_t bitsOf(float value) {
  union {
    float f;
    uint32_t u;
  } bits;
  bits.f = value;
  return bits.u;
}

// Visible Gaussians by depth; equal depths keep the order of their indices (LSD radix sort is stable).
uint32_t* sortByDepth(int count) {
  const Projected* projected = binning.projected.data;
  uint32_t* order = binning.order.reserve(count);
  uint32_t* keys = binning.keys.reserve(count);
  uint32_t* orderTo = binning.orderScratch.reserve(count);
  uint32_t* keysTo = binning.keysScratch.reserve(count);
  memset(histogram, 0, sizeof(histogram));
  int visible = 0;
  for (int i = 0; i < count; ++i) {
    if (projected[i].x1 < projected[i].x0) continue;
    // Positive floats order as their bits do.
    const uint32_t key = bitsOf(projected[i].depth);
    order[visible] = static_cast<uint32_t>(i);
    keys[visible] = key;
    ++visible;
    ++histogram[0][key & (kRadix - 1)];
    ++histogram[1][(key >> kRadixBits) & (kRadix - 1)];
    ++histogram[2][key >> (2 * kRadixBits)];
  }
  binning.visibleCount = visible;
  for (int pass = 0; pass < 3; ++pass) {
    uint32_t sum = 0;
    for (int d = 0; d < kRadix; ++d) {
      const uint32_t here = histogram[pass][d];
      histogram[pass][d] = sum;
      sum += here;
    }
    const int shift = pass * kRadixBits;
    for (int i = 0; i < visible; ++i) {
      const uint32_t at = histogram[pass][(keys[i] >> shift) & (kRadix - 1)]++;
      keysTo[at] = keys[i];
      orderTo[at] = order[i];
    }
    uint32_t* swap = keys;
    keys = keysTo;
    keysTo = swap;
    swap = order;
    order = orderTo;
    orderTo = swap;
  }
  return order;
}
}  // namespace

void binGaussians(const Scene& scene) {
  const Projected* projected = binning.projected.data;
  const uint32_t* order = sortByDepth(scene.count);
  const int tiles = frame.tilesX * frame.tilesY;
  uint32_t* tileStart = binning.tileStart.reserve(tiles + 1);
  binning.tileUsed.reserve(tiles);
  uint32_t* gaussianStart = binning.gaussianStart.reserve(scene.count + 1);
  memset(tileStart, 0, (tiles + 1) * sizeof(uint32_t));
  TileRect* rects = tileRects.reserve(scene.count);
  uint32_t pairs = 0;
  for (int i = 0; i < scene.count; ++i) {
    gaussianStart[i] = pairs;
    const Projected& p = projected[i];
    if (p.x1 < p.x0) continue;
    const TileRect rect = tilesOf(p);
    rects[i] = rect;
    for (int ty = rect.y0; ty <= rect.y1; ++ty)
      for (int tx = rect.x0; tx <= rect.x1; ++tx) ++tileStart[ty * frame.tilesX + tx + 1];
    pairs += static_cast<uint32_t>((rect.x1 - rect.x0 + 1) * (rect.y1 - rect.y0 + 1));
  }
  gaussianStart[scene.count] = pairs;
  binning.pairCount = static_cast<int>(pairs);
  for (int t = 0; t < tiles; ++t) tileStart[t + 1] += tileStart[t];
  uint32_t* pairGaussian = binning.pairGaussian.reserve(pairs);
  uint32_t* pairSlot = binning.pairSlot.reserve(pairs);
  // tileStart doubles as the write cursor and is shifted back afterwards.
  for (int v = 0; v < binning.visibleCount; ++v) {
    const uint32_t i = order[v];
    const TileRect rect = rects[i];
    uint32_t entry = gaussianStart[i];
    for (int ty = rect.y0; ty <= rect.y1; ++ty)
      for (int tx = rect.x0; tx <= rect.x1; ++tx) {
        const uint32_t slot = tileStart[ty * frame.tilesX + tx]++;
        pairGaussian[slot] = i;
        pairSlot[entry++] = slot;
      }
  }
  for (int t = tiles; t > 0; --t) tileStart[t] = tileStart[t - 1];
  tileStart[0] = 0;
}

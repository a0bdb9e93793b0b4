// The walk over one Gaussian's pixels inside one tile, shared by the forward and the backward pass so that both see
// bit-identical alphas.
#pragma once
#include "engine/splatting/wasm/scene.h"

struct TileWalk {
  int originX, originY;  // pixel of the tile's corner
};

// First and last group of four pixels in each row of the tile that the footprint's ellipse crosses; last < first: none.
struct RowSpans {
  int32_t firstGroup[kTileSize + 4], lastGroup[kTileSize + 4];
};

// Rows firstRow … lastRow of the image, four at a time: where  A dx² + 2 B dx dy + C dy² = cut, a hair wider.
inline void findRowSpans(const Projected& p, const TileWalk& tile, int firstRow, int lastRow, RowSpans& spans) {
  const v128_t zero = wasm_f32x4_splat(0.0f);
  const v128_t determinant = wasm_f32x4_splat(p.conicA * p.conicC - p.conicB * p.conicB);
  const v128_t cutA = wasm_f32x4_splat(p.cut * p.conicA);
  const v128_t inverseA = wasm_f32x4_splat(p.inverseConicA);
  const v128_t slope = wasm_f32x4_splat(-p.conicB * p.inverseConicA);
  const v128_t hair = wasm_f32x4_splat(0.02f);
  const v128_t middleOf = wasm_f32x4_splat(p.x - 0.5f);
  const v128_t firstColumn = wasm_i32x4_splat(maxi(p.x0, tile.originX));
  const v128_t lastColumn = wasm_i32x4_splat(mini(p.x1, tile.originX + kTileSize - 1));
  const v128_t origin = wasm_i32x4_splat(tile.originX);
  v128_t dy = wasm_f32x4_add(wasm_f32x4_splat(static_cast<float>(firstRow) + 0.5f - p.y),
                             wasm_f32x4_make(0.0f, 1.0f, 2.0f, 3.0f));
  for (int row = firstRow; row <= lastRow; row += 4) {
    const v128_t discriminant =
        wasm_f32x4_sub(cutA, wasm_f32x4_mul(wasm_f32x4_mul(dy, dy), determinant));
    const v128_t half =
        wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_sqrt(wasm_f32x4_pmax(zero, discriminant)), inverseA), hair);
    const v128_t middle = wasm_f32x4_add(middleOf, wasm_f32x4_mul(slope, dy));
    const v128_t begin = wasm_i32x4_max(
        firstColumn, wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_ceil(wasm_f32x4_sub(middle, half))));
    const v128_t end =
        wasm_i32x4_min(lastColumn, wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_floor(wasm_f32x4_add(middle, half))));
    const v128_t isEmpty = wasm_i32x4_lt(end, begin);
    wasm_v128_store(spans.firstGroup + (row - firstRow), wasm_i32x4_shr(wasm_i32x4_sub(begin, origin), 2));
    wasm_v128_store(spans.lastGroup + (row - firstRow),
                    wasm_v128_bitselect(wasm_i32x4_splat(-1), wasm_i32x4_shr(wasm_i32x4_sub(end, origin), 2), isEmpty));
    dy = wasm_f32x4_add(dy, wasm_f32x4_splat(4.0f));
  }
}

// Calls body(offset in the tile, α on four lanes, mask of lanes with α ≥ kMinAlpha, unclamped α, dx) for each group of four
// pixels, and rowEnd(dy) after each row that has any.
template <class Body, class RowEnd>
inline void walkFootprint(const Projected& p, const TileWalk& tile, const Body& body, const RowEnd& rowEnd) {
  const int firstRow = maxi(p.y0, tile.originY), lastRow = mini(p.y1, tile.originY + kTileSize - 1);
  RowSpans spans;
  findRowSpans(p, tile, firstRow, lastRow, spans);
  const v128_t lanes = wasm_f32x4_add(wasm_f32x4_make(0.5f, 1.5f, 2.5f, 3.5f),
                                      wasm_f32x4_splat(static_cast<float>(tile.originX) - p.x));
  const v128_t halfA = wasm_f32x4_splat(-0.5f * p.conicA);
  const v128_t opacity = wasm_f32x4_splat(p.opacity);
  const v128_t minAlpha = wasm_f32x4_splat(kMinAlpha);
  const v128_t maxAlpha = wasm_f32x4_splat(kMaxAlpha);
  for (int row = firstRow; row <= lastRow; ++row) {
    const int lastGroup = spans.lastGroup[row - firstRow];
    int group = spans.firstGroup[row - firstRow];
    if (lastGroup < group) continue;
    const float dy = static_cast<float>(row) + 0.5f - p.y;
    const v128_t bdy = wasm_f32x4_splat(-p.conicB * dy);
    const v128_t cdy = wasm_f32x4_splat(-0.5f * p.conicC * dy * dy);
    const int rowOffset = (row - tile.originY) * kTileSize;
    for (; group <= lastGroup; ++group) {
      const v128_t dx = wasm_f32x4_add(lanes, wasm_f32x4_splat(static_cast<float>(4 * group)));
      const v128_t power = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_add(wasm_f32x4_mul(halfA, dx), bdy), dx), cdy);
      const v128_t raw = wasm_f32x4_mul(opacity, expV(power));
      const v128_t mask = wasm_f32x4_ge(raw, minAlpha);
      if (!wasm_v128_any_true(mask)) continue;
      body(rowOffset + 4 * group, wasm_f32x4_pmin(raw, maxAlpha), mask, raw, dx);
    }
    rowEnd(dy);
  }
}

// The tile's Gaussians are copied in runs: independent reads hide the memory's latency, which one dependent read a pair would not.
constexpr int kRun = 32;

inline int loadRun(uint32_t slot, uint32_t end, Projected* run) {
  const int count = end - slot < kRun ? static_cast<int>(end - slot) : kRun;
  for (int i = 0; i < count; ++i) run[i] = binning.projected.data[binning.pairGaussian.data[slot + i]];
  return count;
}

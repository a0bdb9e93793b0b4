// The walk over one Gaussian's pixels inside one tile, shared by the forward and the backward pass so that both see
// bit-identical alphas.
#pragma once
#include "engine/splatting/wasm/scene.h"

struct TileWalk {
  int originX, originY;  // pixel of the tile's corner
};

// Calls body(offset in the tile, α on four lanes, mask of lanes with α ≥ kMinAlpha, unclamped α, dx, dy) for each group of four pixels.
template <class Body, class RowEnd>
inline void walkFootprint(const Projected& p, const TileWalk& tile, const Body& body, const RowEnd& rowEnd) {
  const int firstRow = maxi(p.y0, tile.originY), lastRow = mini(p.y1, tile.originY + kTileSize - 1);
  const int firstColumn = maxi(p.x0, tile.originX), lastColumn = mini(p.x1, tile.originX + kTileSize - 1);
  const float determinant = p.conicA * p.conicC - p.conicB * p.conicB;
  const float cutA = p.cut * p.conicA;
  const v128_t lanes = wasm_f32x4_make(0.5f, 1.5f, 2.5f, 3.5f);
  const v128_t halfA = wasm_f32x4_splat(-0.5f * p.conicA);
  const v128_t opacity = wasm_f32x4_splat(p.opacity);
  const v128_t minAlpha = wasm_f32x4_splat(kMinAlpha);
  const v128_t maxAlpha = wasm_f32x4_splat(kMaxAlpha);
  for (int row = firstRow; row <= lastRow; ++row) {
    const float dy = static_cast<float>(row) + 0.5f - p.y;
    const float discriminant = cutA - dy * dy * determinant;
    if (discriminant < 0.0f && discriminant < -0.01f * cutA) continue;
    // Where this row crosses the ellipse, a hair wider.
    const float half = sqrtF(maxf(discriminant, 0.0f)) * p.inverseConicA + 0.02f;
    const float middle = p.x - p.conicB * p.inverseConicA * dy - 0.5f;
    const int begin = maxi(firstColumn, static_cast<int>(ceilF(middle - half)));
    const int end = mini(lastColumn, static_cast<int>(floorF(middle + half)));
    if (end < begin) continue;
    const v128_t bdy = wasm_f32x4_splat(-p.conicB * dy);
    const v128_t cdy = wasm_f32x4_splat(-0.5f * p.conicC * dy * dy);
    const int lastGroup = (end - tile.originX) >> 2;
    for (int group = (begin - tile.originX) >> 2; group <= lastGroup; ++group) {
      const v128_t dx = wasm_f32x4_add(lanes, wasm_f32x4_splat(static_cast<float>(tile.originX + 4 * group) - p.x));
      const v128_t power = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_add(wasm_f32x4_mul(halfA, dx), bdy), dx), cdy);
      const v128_t raw = wasm_f32x4_mul(opacity, expV(power));
      const v128_t mask = wasm_f32x4_ge(raw, minAlpha);
      if (!wasm_v128_any_true(mask)) continue;
      body((row - tile.originY) * kTileSize + 4 * group, wasm_f32x4_pmin(raw, maxAlpha), mask, raw, dx);
    }
    rowEnd(dy);
  }
}

// Front-to-back blending of every tile.
#include "engine/splatting/wasm/blend.h"

namespace {
struct alignas(16) TilePixels {
  float transmittance[kTilePixels];  // 0 once the pixel is opaque
  float finalTransmittance[kTilePixels];
  float red[kTilePixels], green[kTilePixels], blue[kTilePixels], depth[kTilePixels];
};

inline v128_t load(const float* at) { return wasm_v128_load(at); }
inline void addProduct(float* at, v128_t weight, float value) {
  wasm_v128_store(at, wasm_f32x4_add(wasm_v128_load(at), wasm_f32x4_mul(weight, wasm_f32x4_splat(value))));
}

void blendTile(int tileIndex, TilePixels& pixels) {
  const TileWalk tile = {(tileIndex % frame.tilesX) * kTileSize, (tileIndex / frame.tilesX) * kTileSize};
  const v128_t zero = wasm_f32x4_splat(0.0f);
  const v128_t minimum = wasm_f32x4_splat(kMinTransmittance);
  const uint32_t begin = binning.tileStart.data[tileIndex], end = binning.tileStart.data[tileIndex + 1];
  int opaquePixels = 0;
  uint32_t slot = begin;
  Projected run[kRun];
  int inRun = 0, nextInRun = 0;
  for (; slot < end && opaquePixels < kTilePixels; ++slot) {
    if (nextInRun == inRun) {
      inRun = loadRun(slot, end, run);
      nextInRun = 0;
    }
    const Projected& p = run[nextInRun++];
    walkFootprint(
        p, tile,
        [&](int at, v128_t alpha, v128_t mask, v128_t, v128_t) {
          const v128_t before = load(pixels.transmittance + at);
          v128_t weight = wasm_v128_and(mask, wasm_f32x4_mul(alpha, before));
          v128_t after = wasm_f32x4_sub(before, weight);
          const v128_t stops = wasm_v128_and(wasm_f32x4_lt(after, minimum), wasm_f32x4_gt(before, zero));
          if (wasm_v128_any_true(stops)) {
            weight = wasm_v128_andnot(weight, stops);
            after = wasm_v128_andnot(after, stops);
            wasm_v128_store(pixels.finalTransmittance + at,
                            wasm_v128_bitselect(before, load(pixels.finalTransmittance + at), stops));
            opaquePixels += __builtin_popcount(wasm_i32x4_bitmask(stops));
          }
          wasm_v128_store(pixels.transmittance + at, after);
          addProduct(pixels.red + at, weight, p.red);
          addProduct(pixels.green + at, weight, p.green);
          addProduct(pixels.blue + at, weight, p.blue);
          addProduct(pixels.depth + at, weight, p.depth);
        },
        [](float) {});
  }
  binning.tileUsed.data[tileIndex] = slot - begin;
}

void storeTile(int tileIndex, const TilePixels& pixels, const RenderSettings& settings) {
  const int originX = (tileIndex % frame.tilesX) * kTileSize, originY = (tileIndex / frame.tilesX) * kTileSize;
  float* planes[3] = {frame.color.data, frame.color.data + frame.planeSize, frame.color.data + 2 * frame.planeSize};
  for (int row = 0; row < kTileSize; ++row)
    for (int column = 0; column < kTileSize; ++column) {
      const int at = row * kTileSize + column;
      const size_t to = static_cast<size_t>(originY + row) * frame.stride + originX + column;
      const float live = pixels.transmittance[at];
      const float rest = live > 0.0f ? live : pixels.finalTransmittance[at];
      planes[0][to] = pixels.red[at] + rest * settings.background[0];
      planes[1][to] = pixels.green[at] + rest * settings.background[1];
      planes[2][to] = pixels.blue[at] + rest * settings.background[2];
      frame.depth.data[to] = pixels.depth[at];
      frame.alpha.data[to] = 1.0f - rest;
    }
}
}  // namespace

void blendForward(const RenderSettings& settings) {
  parallelFor(frame.tilesX * frame.tilesY, [&](int tileIndex, int) {
    TilePixels pixels;
    memset(&pixels, 0, sizeof(pixels));
    for (int i = 0; i < kTilePixels; ++i) pixels.transmittance[i] = 1.0f;
    blendTile(tileIndex, pixels);
    storeTile(tileIndex, pixels, settings);
  });
}

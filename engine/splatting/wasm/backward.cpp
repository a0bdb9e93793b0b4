// Gradients of the blending. It runs front to back again, like the forward pass: with G the pixel's total Σ w_j s_j + T b
// (s_j = upstream · contribution, b = upstream · background) and S_i the part up to and including i,
//   ∂L/∂α_i = T_i s_i − (G − S_i) / (1 − α_i),
// so no division by a vanishing transmittance is needed and alphas are the forward pass's to the bit.
#include "engine/splatting/wasm/blend.h"

namespace {
struct alignas(16) TileGradients {
  float transmittance[kTilePixels];
  float remaining[kTilePixels];  // G − S_i
  float red[kTilePixels], green[kTilePixels], blue[kTilePixels], depth[kTilePixels], alpha[kTilePixels];
  float error[kTilePixels];
};

inline float sumLanes(v128_t v) {
  return (wasm_f32x4_extract_lane(v, 0) + wasm_f32x4_extract_lane(v, 1)) +
         (wasm_f32x4_extract_lane(v, 2) + wasm_f32x4_extract_lane(v, 3));
}
inline v128_t add(v128_t a, v128_t b) { return wasm_f32x4_add(a, b); }
inline v128_t mul(v128_t a, v128_t b) { return wasm_f32x4_mul(a, b); }

bool loadTile(int originX, int originY, bool withStatistics, TileGradients& tile) {
  const float* gradColor = frame.gradColor.data;
  const float* color = frame.color.data;
  const size_t plane = frame.planeSize;
  float magnitude = 0.0f;
  for (int row = 0; row < kTileSize; ++row)
    for (int column = 0; column < kTileSize; ++column) {
      const int at = row * kTileSize + column;
      const size_t from = static_cast<size_t>(originY + row) * frame.stride + originX + column;
      const float r = gradColor[from], g = gradColor[from + plane], b = gradColor[from + 2 * plane];
      const float d = frame.gradDepth.data[from], a = frame.gradAlpha.data[from];
      tile.red[at] = r;
      tile.green[at] = g;
      tile.blue[at] = b;
      tile.depth[at] = d;
      tile.alpha[at] = a;
      tile.error[at] = withStatistics ? frame.absError.data[from] : 0.0f;
      tile.transmittance[at] = originX + column < frame.width && originY + row < frame.height ? 1.0f : 0.0f;
      tile.remaining[at] = r * color[from] + g * color[from + plane] + b * color[from + 2 * plane] +
                           d * frame.depth.data[from] + a * frame.alpha.data[from];
      magnitude += absF(r) + absF(g) + absF(b) + absF(d) + absF(a);
    }
  return magnitude > 0.0f;
}

template <bool kStatistics>
void backpropagatePair(const Projected& p, const TileWalk& walk, TileGradients& tile, PairGradient& out) {
  const v128_t zero = wasm_f32x4_splat(0.0f), one = wasm_f32x4_splat(1.0f);
  const v128_t minimum = wasm_f32x4_splat(kMinTransmittance), maximum = wasm_f32x4_splat(kMaxAlpha);
  const v128_t red = wasm_f32x4_splat(p.red), green = wasm_f32x4_splat(p.green), blue = wasm_f32x4_splat(p.blue);
  const v128_t depth = wasm_f32x4_splat(p.depth);
  v128_t wr = zero, wg = zero, wb = zero, wd = zero, s0 = zero, sx = zero, sxx = zero, sy = zero, sxy = zero, syy = zero;
  v128_t row0 = zero, rowX = zero, maxWeight = zero, errorWeight = zero;
  walkFootprint(
      p, walk,
      [&](int at, v128_t alpha, v128_t mask, v128_t raw, v128_t dx) {
        const v128_t before = wasm_v128_load(tile.transmittance + at);
        v128_t weight = wasm_v128_and(mask, mul(alpha, before));
        v128_t after = wasm_f32x4_sub(before, weight);
        const v128_t stops = wasm_f32x4_lt(after, minimum);
        if (wasm_v128_any_true(stops)) {
          weight = wasm_v128_andnot(weight, stops);
          after = wasm_v128_andnot(after, stops);
        }
        wasm_v128_store(tile.transmittance + at, after);
        const v128_t gr = wasm_v128_load(tile.red + at), gg = wasm_v128_load(tile.green + at);
        const v128_t gb = wasm_v128_load(tile.blue + at), gd = wasm_v128_load(tile.depth + at);
        const v128_t s = add(add(mul(gr, red), mul(gg, green)),
                             add(add(mul(gb, blue), mul(gd, depth)), wasm_v128_load(tile.alpha + at)));
        const v128_t rest = wasm_f32x4_sub(wasm_v128_load(tile.remaining + at), mul(weight, s));
        wasm_v128_store(tile.remaining + at, rest);
        wr = add(wr, mul(weight, gr));
        wg = add(wg, mul(weight, gg));
        wb = add(wb, mul(weight, gb));
        wd = add(wd, mul(weight, gd));
        const v128_t gradAlpha = wasm_f32x4_sub(mul(before, s), wasm_f32x4_div(rest, wasm_f32x4_sub(one, alpha)));
        // Blended lanes only, and not those whose alpha was clamped.
        const v128_t live = wasm_v128_and(wasm_f32x4_gt(weight, zero), wasm_f32x4_lt(raw, maximum));
        const v128_t h = wasm_v128_and(live, mul(gradAlpha, alpha));
        const v128_t hx = mul(h, dx);
        row0 = add(row0, h);
        rowX = add(rowX, hx);
        sxx = add(sxx, mul(hx, dx));
        if (kStatistics) {
          maxWeight = wasm_f32x4_pmax(maxWeight, weight);
          errorWeight = add(errorWeight, mul(weight, wasm_v128_load(tile.error + at)));
        }
      },
      [&](float dy) {
        const v128_t dyV = wasm_f32x4_splat(dy);
        const v128_t row0Dy = mul(row0, dyV);
        s0 = add(s0, row0);
        sx = add(sx, rowX);
        sy = add(sy, row0Dy);
        sxy = add(sxy, mul(rowX, dyV));
        syy = add(syy, mul(row0Dy, dyV));
        row0 = zero;
        rowX = zero;
      });
  out.weightRed = sumLanes(wr);
  out.weightGreen = sumLanes(wg);
  out.weightBlue = sumLanes(wb);
  out.weightDepth = sumLanes(wd);
  out.s0 = sumLanes(s0);
  out.sx = sumLanes(sx);
  out.sy = sumLanes(sy);
  out.sxx = sumLanes(sxx);
  out.sxy = sumLanes(sxy);
  out.syy = sumLanes(syy);
  if (kStatistics) {
    out.maxWeight = maxf(maxf(wasm_f32x4_extract_lane(maxWeight, 0), wasm_f32x4_extract_lane(maxWeight, 1)),
                         maxf(wasm_f32x4_extract_lane(maxWeight, 2), wasm_f32x4_extract_lane(maxWeight, 3)));
    out.errorWeight = sumLanes(errorWeight);
  }
}

template <bool kStatistics>
void backpropagateTile(int tileIndex) {
  const TileWalk walk = {(tileIndex % frame.tilesX) * kTileSize, (tileIndex / frame.tilesX) * kTileSize};
  const uint32_t begin = binning.tileStart.data[tileIndex], end = binning.tileStart.data[tileIndex + 1];
  PairGradient* gradients = binning.pairGradient.data;
  TileGradients tile;
  const bool hasGradient = loadTile(walk.originX, walk.originY, kStatistics, tile);
  const uint32_t used = hasGradient || kStatistics ? begin + binning.tileUsed.data[tileIndex] : begin;
  Projected run[kRun];
  for (uint32_t slot = begin; slot < used;) {
    const int count = loadRun(slot, used, run);
    for (int i = 0; i < count; ++i, ++slot) backpropagatePair<kStatistics>(run[i], walk, tile, gradients[slot]);
  }
  memset(gradients + used, 0, (end - used) * sizeof(PairGradient));
}
}  // namespace

// Needs the frame's gradient images; the background's part is inside the rendered colour already.
void blendBackward(bool withStatistics) {
  binning.pairGradient.reserve(binning.pairCount);
  parallelFor(frame.tilesX * frame.tilesY, [&](int tileIndex, int) {
    if (withStatistics)
      backpropagateTile<true>(tileIndex);
    else
      backpropagateTile<false>(tileIndex);
  });
}

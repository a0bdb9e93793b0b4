// Plane sweep: for every pixel and plane, ZNCC over 7x7 luma plus a truncated colour difference, combined over the sources.
// Luma counts in 1/4 of a grey level around mid-grey (+-512), so that all window sums are exact integers.
#include "stereo.h"

namespace stereo {
namespace {
constexpr int kRows = kTile + 2 * kRadius;  // rows that a tile row's windows touch
constexpr int kPad = 16;                    // readable columns left and right of the picture
constexpr int kUnseen = 255;
constexpr int kMidLuma = 512;

// Everything that one thread needs for one row of tiles; arrays are [rows, stride], column x at index x + kPad.
struct Workspace {
  int16_t* referenceLuma;  // kRows
  int16_t* referenceMask;  // kRows, -1 where the pixel counts
  float* referenceCount;   // kTile: window's pixels n
  float* referenceSum;     // kTile: sum of luma
  float* referenceSpread;  // kTile: n * sum of squares - sum^2
  int16_t* luma;           // kRows, warped source
  uint16_t* difference;    // kTile, sum of |r|, |g|, |b| differences in 1/4 level; 0xffff where the source does not see it
  int16_t* columnSum;      // 1 row each
  int32_t* columnSquares;
  int32_t* columnProducts;
  uint8_t* sourceCosts;    // [kMaxSources, kTile]
};

template <class T>
T* take(uint8_t*& at, size_t count) {
  T* array = reinterpret_cast<T*>(at);
  at += (count * sizeof(T) + 63) & ~size_t{63};
  return array;
}

size_t layOut(Workspace& space, uint8_t* base, size_t stride) {
  uint8_t* at = base;
  space.referenceLuma = take<int16_t>(at, kRows * stride);
  space.referenceMask = take<int16_t>(at, kRows * stride);
  space.referenceCount = take<float>(at, kTile * stride);
  space.referenceSum = take<float>(at, kTile * stride);
  space.referenceSpread = take<float>(at, kTile * stride);
  space.luma = take<int16_t>(at, kRows * stride);
  space.difference = take<uint16_t>(at, kTile * stride);
  space.columnSum = take<int16_t>(at, stride);
  space.columnSquares = take<int32_t>(at, stride);
  space.columnProducts = take<int32_t>(at, stride);
  space.sourceCosts = take<uint8_t>(at, kMaxSources * kTile * stride);
  return static_cast<size_t>(at - base);
}

// Same weights as warpRow's, in 1/4 level around mid-grey.
int fineLuma(const uint8_t* rgba) {
  return ((77 * rgba[0] + 150 * rgba[1] + 29 * rgba[2] + 32) >> 6) - kMidLuma;
}

void prepareReference(const Strip& strip, int firstRow, const Workspace& space, int stride) {
  for (int row = 0; row < kRows; ++row) {
    int16_t* luma = space.referenceLuma + row * stride;
    int16_t* mask = space.referenceMask + row * stride;
    memset(luma, 0, stride * sizeof(int16_t));
    memset(mask, 0, stride * sizeof(int16_t));
    const int y = firstRow - kRadius + row;
    if (y < 0 || y >= strip.height) continue;
    const uint8_t* pixels = strip.reference + static_cast<size_t>(y) * strip.width * 4;
    for (int x = 0; x < strip.width; ++x) {
      if (pixels[x * 4 + 3] == 0) continue;
      luma[x + kPad] = static_cast<int16_t>(fineLuma(pixels + x * 4));
      mask[x + kPad] = -1;
    }
  }
  for (int row = 0; row < kTile; ++row)
    for (int i = kPad - 4; i < stride - kPad + 4; ++i) {
      int count = 0, sum = 0, squares = 0;
      for (int dy = 0; dy < 2 * kRadius + 1; ++dy)
        for (int dx = -kRadius; dx <= kRadius; ++dx) {
          const int at = (row + dy) * stride + i + dx;
          const int value = space.referenceLuma[at];
          count -= space.referenceMask[at];
          sum += value;
          squares += value * value;
        }
      space.referenceCount[row * stride + i] = static_cast<float>(count);
      space.referenceSum[row * stride + i] = static_cast<float>(sum);
      space.referenceSpread[row * stride + i] =
          static_cast<float>(static_cast<int64_t>(count) * squares - static_cast<int64_t>(sum) * sum);
    }
}

// Bilinear samples of two pixels: 2 x (r, g, b, a) in 1/64 level.
inline v128_t sampleTwo(const uint8_t* pixels, int rowBytes, int at0, int at1, v128_t fx, v128_t fy0, v128_t fy1) {
  const v128_t top0 = wasm_u16x8_load8x8(pixels + at0), bottom0 = wasm_u16x8_load8x8(pixels + at0 + rowBytes);
  const v128_t top1 = wasm_u16x8_load8x8(pixels + at1), bottom1 = wasm_u16x8_load8x8(pixels + at1 + rowBytes);
  const v128_t t0 = wasm_i16x8_shl(top0, 6), t1 = wasm_i16x8_shl(top1, 6);
  const v128_t v0 = wasm_i16x8_add(t0, wasm_i16x8_q15mulr_sat(wasm_i16x8_sub(wasm_i16x8_shl(bottom0, 6), t0), fy0));
  const v128_t v1 = wasm_i16x8_add(t1, wasm_i16x8_q15mulr_sat(wasm_i16x8_sub(wasm_i16x8_shl(bottom1, 6), t1), fy1));
  const v128_t left = wasm_i64x2_shuffle(v0, v1, 0, 2), right = wasm_i64x2_shuffle(v0, v1, 1, 3);
  return wasm_i16x8_add(left, wasm_i16x8_q15mulr_sat(wasm_i16x8_sub(right, left), fx));
}

inline v128_t addPairs(v128_t first, v128_t second) {
  return wasm_i32x4_add(wasm_i32x4_shuffle(first, second, 0, 2, 4, 6), wasm_i32x4_shuffle(first, second, 1, 3, 5, 7));
}

// Warps reference columns [begin, end) of row y into luma; with `difference` also the colour difference there.
void warpRow(const Strip& strip, const Source& source, float inverseDepth, int y, int begin, int end,
             const int16_t* mask, int16_t* luma, uint16_t* difference) {
  const float py = static_cast<float>(y) + 0.5f;
  const float* a = source.a;
  const v128_t base0 = wasm_f32x4_splat(a[1] * py + a[2] + inverseDepth * source.b[0]);
  const v128_t base1 = wasm_f32x4_splat(a[4] * py + a[5] + inverseDepth * source.b[1]);
  const v128_t base2 = wasm_f32x4_splat(a[7] * py + a[8] + inverseDepth * source.b[2]);
  const v128_t step0 = wasm_f32x4_splat(a[0]), step1 = wasm_f32x4_splat(a[3]), step2 = wasm_f32x4_splat(a[6]);
  const v128_t half = wasm_f32x4_splat(0.5f), zero = wasm_f32x4_splat(0.0f), one = wasm_f32x4_splat(1.0f);
  const v128_t maxU = wasm_f32x4_splat(static_cast<float>(source.width - 1) - 1e-3f);
  const v128_t maxV = wasm_f32x4_splat(static_cast<float>(source.height - 1) - 1e-3f);
  const v128_t width = wasm_f32x4_splat(static_cast<float>(source.width));
  const v128_t height = wasm_f32x4_splat(static_cast<float>(source.height));
  const v128_t widthInt = wasm_i32x4_splat(source.width);
  const v128_t lumaWeights = wasm_i16x8_make(77, 150, 29, 0, 77, 150, 29, 0);
  const v128_t colorOnes = wasm_i16x8_make(1, 1, 1, 0, 1, 1, 1, 0);
  const v128_t lumaRound = wasm_i32x4_splat(2048);
  const v128_t midLuma = wasm_i32x4_splat(kMidLuma);
  const int rowBytes = source.width * 4;
  const uint8_t* referenceRow = strip.reference + static_cast<ptrdiff_t>(y) * strip.width * 4;
  v128_t px = wasm_f32x4_add(wasm_f32x4_splat(static_cast<float>(begin) + 0.5f), wasm_f32x4_make(0, 1, 2, 3));
  for (int x = begin; x < end; x += 4, px = wasm_f32x4_add(px, wasm_f32x4_splat(4.0f))) {
    const v128_t w = wasm_f32x4_add(wasm_f32x4_mul(px, step2), base2);
    const v128_t inverse = wasm_f32x4_div(one, w);
    const v128_t u = wasm_f32x4_mul(wasm_f32x4_add(wasm_f32x4_mul(px, step0), base0), inverse);
    const v128_t v = wasm_f32x4_mul(wasm_f32x4_add(wasm_f32x4_mul(px, step1), base1), inverse);
    const v128_t inside = wasm_v128_and(
        wasm_f32x4_gt(w, zero),
        wasm_v128_and(wasm_v128_and(wasm_f32x4_ge(u, zero), wasm_f32x4_lt(u, width)),
                      wasm_v128_and(wasm_f32x4_ge(v, zero), wasm_f32x4_lt(v, height))));
    // pmax and pmin in this order turn NaN into 0.
    const v128_t cu = wasm_f32x4_pmin(maxU, wasm_f32x4_pmax(zero, wasm_f32x4_sub(u, half)));
    const v128_t cv = wasm_f32x4_pmin(maxV, wasm_f32x4_pmax(zero, wasm_f32x4_sub(v, half)));
    const v128_t iu = wasm_i32x4_trunc_sat_f32x4(cu), iv = wasm_i32x4_trunc_sat_f32x4(cv);
    const v128_t q15 = wasm_f32x4_splat(32767.0f);
    const v128_t fu = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_mul(wasm_f32x4_sub(cu, wasm_f32x4_convert_i32x4(iu)), q15));
    const v128_t fv = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_mul(wasm_f32x4_sub(cv, wasm_f32x4_convert_i32x4(iv)), q15));
    const v128_t at = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_mul(iv, widthInt), iu), 2);
    // Each 16-bit fraction spread over the lanes that it weighs.
    const v128_t fu01 = wasm_i8x16_shuffle(fu, fu, 0, 1, 0, 1, 0, 1, 0, 1, 4, 5, 4, 5, 4, 5, 4, 5);
    const v128_t fu23 = wasm_i8x16_shuffle(fu, fu, 8, 9, 8, 9, 8, 9, 8, 9, 12, 13, 12, 13, 12, 13, 12, 13);
    const v128_t fv0 = wasm_i8x16_shuffle(fv, fv, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1);
    const v128_t fv1 = wasm_i8x16_shuffle(fv, fv, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5);
    const v128_t fv2 = wasm_i8x16_shuffle(fv, fv, 8, 9, 8, 9, 8, 9, 8, 9, 8, 9, 8, 9, 8, 9, 8, 9);
    const v128_t fv3 = wasm_i8x16_shuffle(fv, fv, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13);
    const v128_t s01 = sampleTwo(source.pixels, rowBytes, wasm_i32x4_extract_lane(at, 0),
                                 wasm_i32x4_extract_lane(at, 1), fu01, fv0, fv1);
    const v128_t s23 = sampleTwo(source.pixels, rowBytes, wasm_i32x4_extract_lane(at, 2),
                                 wasm_i32x4_extract_lane(at, 3), fu23, fv2, fv3);
    const v128_t dots = addPairs(wasm_i32x4_dot_i16x8(s01, lumaWeights), wasm_i32x4_dot_i16x8(s23, lumaWeights));
    const v128_t fine = wasm_i32x4_sub(wasm_i32x4_shr(wasm_i32x4_add(dots, lumaRound), 12), midLuma);
    const v128_t narrow = wasm_i16x8_narrow_i32x4(fine, fine);
    wasm_v128_store64_lane(luma + x, wasm_v128_and(narrow, wasm_v128_load64_zero(mask + x)), 0);
    if (difference == nullptr || x < 0) continue;
    const v128_t r01 = wasm_i16x8_shl(wasm_u16x8_load8x8(referenceRow + x * 4), 6);
    const v128_t r23 = wasm_i16x8_shl(wasm_u16x8_load8x8(referenceRow + x * 4 + 8), 6);
    const v128_t distance = addPairs(wasm_i32x4_dot_i16x8(wasm_i16x8_abs(wasm_i16x8_sub(s01, r01)), colorOnes),
                                     wasm_i32x4_dot_i16x8(wasm_i16x8_abs(wasm_i16x8_sub(s23, r23)), colorOnes));
    const v128_t alpha = wasm_i32x4_shr(
        wasm_i16x8_shuffle(s01, s23, 2, 3, 6, 7, 10, 11, 14, 15), 16);  // the upper half of each pair is a
    const v128_t counts = wasm_i32x4_extend_low_i16x8(wasm_v128_load64_zero(mask + x));
    const v128_t seen = wasm_v128_and(wasm_v128_and(inside, counts), wasm_i32x4_gt(alpha, wasm_i32x4_splat(127 * 64)));
    const v128_t quarter = wasm_u32x4_shr(distance, 4);
    const v128_t marked = wasm_v128_or(quarter, wasm_v128_andnot(wasm_i32x4_splat(0xffff), seen));
    wasm_v128_store64_lane(difference + x, wasm_u16x8_narrow_i32x4(marked, marked), 0);
  }
}

inline v128_t sumSeven(const int32_t* at) {
  const v128_t a = wasm_i32x4_add(wasm_v128_load(at - 3), wasm_v128_load(at - 2));
  const v128_t b = wasm_i32x4_add(wasm_v128_load(at - 1), wasm_v128_load(at));
  const v128_t c = wasm_i32x4_add(wasm_v128_load(at + 1), wasm_v128_load(at + 2));
  return wasm_i32x4_add(wasm_i32x4_add(a, b), wasm_i32x4_add(c, wasm_v128_load(at + 3)));
}

inline v128_t sumSeven(const int16_t* at) {
  const v128_t a = wasm_i16x8_add(wasm_v128_load64_zero(at - 3), wasm_v128_load64_zero(at - 2));
  const v128_t b = wasm_i16x8_add(wasm_v128_load64_zero(at - 1), wasm_v128_load64_zero(at));
  const v128_t c = wasm_i16x8_add(wasm_v128_load64_zero(at + 1), wasm_v128_load64_zero(at + 2));
  const v128_t sum = wasm_i16x8_add(wasm_i16x8_add(a, b), wasm_i16x8_add(c, wasm_v128_load64_zero(at + 3)));
  return wasm_i32x4_extend_low_i16x8(sum);
}

// Adds (or, with `replace`, swaps in) one row's luma to the running column sums.
template <bool replace>
void slideColumns(const Workspace& space, int stride, int incoming, int outgoing, int begin, int end) {
  const int16_t* s1 = space.luma + incoming * stride;
  const int16_t* r1 = space.referenceLuma + incoming * stride;
  const int16_t* s0 = space.luma + outgoing * stride;
  const int16_t* r0 = space.referenceLuma + outgoing * stride;
  for (int i = begin; i < end; i += 8) {
    const v128_t s = wasm_v128_load(s1 + i), r = wasm_v128_load(r1 + i);
    v128_t sum = wasm_i16x8_add(wasm_v128_load(space.columnSum + i), s);
    v128_t squaresLow = wasm_i32x4_add(wasm_v128_load(space.columnSquares + i), wasm_i32x4_extmul_low_i16x8(s, s));
    v128_t squaresHigh = wasm_i32x4_add(wasm_v128_load(space.columnSquares + i + 4), wasm_i32x4_extmul_high_i16x8(s, s));
    v128_t productsLow = wasm_i32x4_add(wasm_v128_load(space.columnProducts + i), wasm_i32x4_extmul_low_i16x8(s, r));
    v128_t productsHigh = wasm_i32x4_add(wasm_v128_load(space.columnProducts + i + 4), wasm_i32x4_extmul_high_i16x8(s, r));
    if (replace) {
      const v128_t os = wasm_v128_load(s0 + i), olr = wasm_v128_load(r0 + i);
      sum = wasm_i16x8_sub(sum, os);
      squaresLow = wasm_i32x4_sub(squaresLow, wasm_i32x4_extmul_low_i16x8(os, os));
      squaresHigh = wasm_i32x4_sub(squaresHigh, wasm_i32x4_extmul_high_i16x8(os, os));
      productsLow = wasm_i32x4_sub(productsLow, wasm_i32x4_extmul_low_i16x8(os, olr));
      productsHigh = wasm_i32x4_sub(productsHigh, wasm_i32x4_extmul_high_i16x8(os, olr));
    }
    wasm_v128_store(space.columnSum + i, sum);
    wasm_v128_store(space.columnSquares + i, squaresLow);
    wasm_v128_store(space.columnSquares + i + 4, squaresHigh);
    wasm_v128_store(space.columnProducts + i, productsLow);
    wasm_v128_store(space.columnProducts + i + 4, productsHigh);
  }
}

// One row of costs from the column sums: colour share * min(1, |difference| / truncation) + the rest * (1 - ZNCC) / 2.
void scoreRow(const Strip& strip, const Workspace& space, int stride, int row, int begin, int end, uint8_t* costs) {
  const float* count = space.referenceCount + row * stride;
  const float* sum = space.referenceSum + row * stride;
  const float* spread = space.referenceSpread + row * stride;
  const uint16_t* difference = space.difference + row * stride;
  const v128_t floorLuma = wasm_f32x4_splat(16.0f * strip.textureFloor * strip.textureFloor);
  const v128_t colorScale = wasm_f32x4_splat(1.0f / (12.0f * strip.colorTruncation));
  const v128_t colorShare = wasm_f32x4_splat(strip.colorWeight * kCostScale);
  const v128_t shapeShare = wasm_f32x4_splat((1.0f - strip.colorWeight) * kCostScale);
  const v128_t one = wasm_f32x4_splat(1.0f), half = wasm_f32x4_splat(0.5f), zero = wasm_f32x4_splat(0.0f);
  for (int i = begin; i < end; i += 4) {
    const v128_t n = wasm_v128_load(count + i);
    const v128_t s = wasm_f32x4_convert_i32x4(sumSeven(space.columnSum + i));
    const v128_t ss = wasm_f32x4_convert_i32x4(sumSeven(space.columnSquares + i));
    const v128_t rs = wasm_f32x4_convert_i32x4(sumSeven(space.columnProducts + i));
    const v128_t floorTerm = wasm_f32x4_mul(wasm_f32x4_mul(n, n), floorLuma);
    const v128_t covariance = wasm_f32x4_sub(wasm_f32x4_mul(n, rs), wasm_f32x4_mul(wasm_v128_load(sum + i), s));
    const v128_t variance =
        wasm_f32x4_pmax(zero, wasm_f32x4_sub(wasm_f32x4_mul(n, ss), wasm_f32x4_mul(s, s)));
    const v128_t both = wasm_f32x4_mul(wasm_f32x4_add(variance, floorTerm),
                                       wasm_f32x4_add(wasm_v128_load(spread + i), floorTerm));
    const v128_t zncc = wasm_f32x4_div(covariance, wasm_f32x4_sqrt(wasm_f32x4_add(both, one)));
    const v128_t shape = wasm_f32x4_mul(half, wasm_f32x4_sub(one, zncc));
    const v128_t raw = wasm_u32x4_load16x4(difference + i);
    const v128_t color = wasm_f32x4_pmin(one, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(raw), colorScale));
    const v128_t cost = wasm_f32x4_add(wasm_f32x4_mul(shape, shapeShare), wasm_f32x4_mul(color, colorShare));
    v128_t bytes = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_add(cost, half));
    bytes = wasm_i32x4_max(wasm_i32x4_splat(0), wasm_i32x4_min(wasm_i32x4_splat(kCostScale), bytes));
    bytes = wasm_v128_or(bytes, wasm_i32x4_eq(raw, wasm_i32x4_splat(0xffff)));
    bytes = wasm_v128_and(bytes, wasm_i32x4_splat(kUnseen));
    const v128_t narrow = wasm_i16x8_narrow_i32x4(bytes, bytes);
    wasm_v128_store32_lane(costs + i, wasm_u8x16_narrow_i16x8(narrow, narrow), 0);
  }
}

// Mean of the valid ones of up to two sources; the mean of the two best of more.
inline v128_t combineSources(const uint8_t* costs, size_t step, int count, v128_t unseenCost) {
  const v128_t unseen = wasm_i8x16_splat(static_cast<int8_t>(kUnseen));
  v128_t best = wasm_v128_load(costs), second = unseen;
  for (int source = 1; source < count; ++source) {
    const v128_t cost = wasm_v128_load(costs + source * step);
    second = wasm_u8x16_min(second, wasm_u8x16_max(best, cost));
    best = wasm_u8x16_min(best, cost);
  }
  const v128_t mean = wasm_u8x16_avgr(best, second);
  const v128_t one = wasm_v128_bitselect(best, mean, wasm_i8x16_eq(second, unseen));
  return wasm_v128_bitselect(unseenCost, one, wasm_i8x16_eq(best, unseen));
}

inline void scatterLanes(v128_t bytes, uint8_t* to, size_t step) {
  wasm_v128_store8_lane(to, bytes, 0);
  wasm_v128_store8_lane(to + step, bytes, 1);
  wasm_v128_store8_lane(to + 2 * step, bytes, 2);
  wasm_v128_store8_lane(to + 3 * step, bytes, 3);
  wasm_v128_store8_lane(to + 4 * step, bytes, 4);
  wasm_v128_store8_lane(to + 5 * step, bytes, 5);
  wasm_v128_store8_lane(to + 6 * step, bytes, 6);
  wasm_v128_store8_lane(to + 7 * step, bytes, 7);
  wasm_v128_store8_lane(to + 8 * step, bytes, 8);
  wasm_v128_store8_lane(to + 9 * step, bytes, 9);
  wasm_v128_store8_lane(to + 10 * step, bytes, 10);
  wasm_v128_store8_lane(to + 11 * step, bytes, 11);
  wasm_v128_store8_lane(to + 12 * step, bytes, 12);
  wasm_v128_store8_lane(to + 13 * step, bytes, 13);
  wasm_v128_store8_lane(to + 14 * step, bytes, 14);
  wasm_v128_store8_lane(to + 15 * step, bytes, 15);
}

// Costs of one plane over the neighbouring tiles [tileBegin, tileEnd) of one tile row.
void sweepRun(const Strip& strip, const Workspace& space, int stride, int tileRow, int tileBegin, int tileEnd, int plane) {
  const int firstRow = tileRow * kTile;
  const int xBegin = tileBegin * kTile, xEnd = tileEnd * kTile;
  const float inverseDepth = strip.firstPlane + static_cast<float>(plane) * strip.planeStep;
  const size_t sourceStep = static_cast<size_t>(kTile) * stride;
  for (int k = 0; k < strip.sourceCount; ++k) {
    for (int row = 0; row < kRows; ++row) {
      const int y = firstRow - kRadius + row;
      const bool isCentre = row >= kRadius && row < kRadius + kTile && y < strip.height;
      if (y < 0 || y >= strip.height)
        memset(space.luma + row * stride + xBegin + kPad - 4, 0, (xEnd - xBegin + 8) * sizeof(int16_t));
      else
        warpRow(strip, strip.sources[k], inverseDepth, y, xBegin - 4, xEnd + 4,
                space.referenceMask + row * stride + kPad, space.luma + row * stride + kPad,
                isCentre ? space.difference + (row - kRadius) * stride + kPad : nullptr);
    }
    const int begin = xBegin + kPad - 4, end = xEnd + kPad + 4;
    memset(space.columnSum + begin, 0, (end - begin) * sizeof(int16_t));
    memset(space.columnSquares + begin, 0, (end - begin) * sizeof(int32_t));
    memset(space.columnProducts + begin, 0, (end - begin) * sizeof(int32_t));
    for (int row = 0; row < 2 * kRadius; ++row) slideColumns<false>(space, stride, row, row, begin, end);
    const int rows = mini(kTile, strip.height - firstRow);
    for (int row = 0; row < rows; ++row) {
      if (row == 0)
        slideColumns<false>(space, stride, 2 * kRadius, 0, begin, end);
      else
        slideColumns<true>(space, stride, row + 2 * kRadius, row - 1, begin, end);
      scoreRow(strip, space, stride, row, xBegin + kPad, xEnd + kPad, space.sourceCosts + k * sourceStep + row * stride);
    }
  }
  const v128_t unseenCost = wasm_i8x16_splat(static_cast<int8_t>(strip.unseenCost * kCostScale + 0.5f));
  const int rows = mini(kTile, strip.height - firstRow);
  for (int tile = tileBegin; tile < tileEnd; ++tile) {
    const int index = tileRow * strip.tilesX + tile;
    const size_t planes = static_cast<size_t>(strip.tilePlanes[index]);
    uint8_t* cells = strip.costs + strip.tileCells[index] + (plane - strip.tileFirst[index]);
    for (int row = 0; row < rows; ++row)
      scatterLanes(combineSources(space.sourceCosts + row * stride + tile * kTile + kPad, sourceStep, strip.sourceCount, unseenCost),
                   cells + row * kTile * planes, planes);
  }
}

void sweepTileRow(const Strip& strip, const Workspace& space, int stride, int tileRow) {
  prepareReference(strip, tileRow * kTile, space, stride);
  const int32_t* first = strip.tileFirst + tileRow * strip.tilesX;
  const int32_t* planes = strip.tilePlanes + tileRow * strip.tilesX;
  int low = first[0], high = first[0] + planes[0];
  for (int tile = 1; tile < strip.tilesX; ++tile) {
    low = mini(low, first[tile]);
    high = maxi(high, first[tile] + planes[tile]);
  }
  for (int plane = low; plane < high; ++plane)
    for (int tile = 0; tile < strip.tilesX;) {
      const auto holds = [&](int t) { return t < strip.tilesX && plane >= first[t] && plane < first[t] + planes[t]; };
      if (!holds(tile)) {
        ++tile;
        continue;
      }
      int end = tile + 1;
      while (holds(end)) ++end;
      sweepRun(strip, space, stride, tileRow, tile, end, plane);
      tile = end;
    }
}

Scratch<uint8_t> scratch;
}  // namespace

void computeCosts(const Strip& strip) {
  const int stride = strip.tilesX * kTile + 2 * kPad;
  Workspace probe;
  const size_t bytes = layOut(probe, nullptr, stride);
  uint8_t* base = scratch.reserve(bytes * threadCount());
  parallelFor(strip.tileRowEnd - strip.tileRowBegin, [&](int row, int thread) {
    Workspace space;
    layOut(space, base + bytes * thread, stride);
    sweepTileRow(strip, space, stride, strip.tileRowBegin + row);
  });
}
}  // namespace stereo

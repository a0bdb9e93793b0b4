// Semi-global aggregation (Hirschmueller 2008) over tiles that each hold their own range of planes, and the winner per pixel.
#include "stereo.h"

namespace stereo {
namespace {
constexpr uint16_t kNever = 0xffff;
constexpr int kGuard = 8;           // cells before and after each slot's values
constexpr int kColumnsPerTask = 64; // a multiple of the tile

// Path costs of one pixel: values[-1] and values[planes] are kNever.
struct Path {
  uint16_t* values;
  int first, planes;
  uint16_t minimum;
};

struct Penalties {
  uint16_t small;
  uint16_t large[256];  // by luma difference
};

inline uint16_t lowestLane(v128_t v) {
  v = wasm_u16x8_min(v, wasm_i64x2_shuffle(v, v, 1, 0));
  v = wasm_u16x8_min(v, wasm_i32x4_shuffle(v, v, 1, 0, 3, 2));
  v = wasm_u16x8_min(v, wasm_i16x8_shuffle(v, v, 1, 0, 3, 2, 5, 4, 7, 6));
  return static_cast<uint16_t>(wasm_u16x8_extract_lane(v, 0));
}

// The predecessor's values laid over the planes of the current pixel; `room` is used where the ranges differ.
inline const uint16_t* alignPath(const Path& from, int first, int planes, uint16_t* room) {
  if (from.first == first && from.planes == planes) return from.values;
  uint16_t* to = room + kGuard;
  for (int i = -1; i <= planes; ++i) {
    const int at = first + i - from.first;
    to[i] = at >= 0 && at < from.planes ? from.values[at] : kNever;
  }
  return to;
}

// min(L(d), L(d-1) + P1, L(d+1) + P1, min L + P2) - min L, for eight planes.
inline v128_t continuePath(const uint16_t* from, v128_t small, v128_t jump, v128_t minimum) {
  const v128_t stay = wasm_v128_load(from);
  const v128_t step = wasm_u16x8_add_sat(wasm_u16x8_min(wasm_v128_load(from - 1), wasm_v128_load(from + 1)), small);
  return wasm_i16x8_sub(wasm_u16x8_min(wasm_u16x8_min(stay, step), jump), minimum);
}

inline v128_t scaledCosts(const uint8_t* costs) { return wasm_i16x8_shl(wasm_u16x8_load8x8(costs), 2); }

struct Frame {
  const Strip& strip;
  const Penalties& penalties;
  const uint8_t* luma;  // [rows of the strip, width]
  int firstRow, rows;

  int tileOf(int x, int y) const { return (y / kTile) * strip.tilesX + x / kTile; }
  size_t cellsOf(int tile, int x, int y) const {
    return strip.tileCells[tile] +
           static_cast<size_t>((y % kTile) * kTile + x % kTile) * static_cast<size_t>(strip.tilePlanes[tile]);
  }
  uint16_t jump(int x0, int y0, int x1, int y1) const {
    const int a = luma[static_cast<size_t>(y0 - firstRow) * strip.width + x0];
    const int b = luma[static_cast<size_t>(y1 - firstRow) * strip.width + x1];
    return penalties.large[a > b ? a - b : b - a];
  }
};

// Both horizontal paths of one row; sums are set by the first and added to by the second.
void aggregateRow(const Frame& frame, int y, uint16_t* room, int slot) {
  const Strip& strip = frame.strip;
  const v128_t small = wasm_u16x8_splat(frame.penalties.small);
  for (int direction = 1; direction >= -1; direction -= 2) {
    Path previous{room + kGuard, 0, 0, 0};
    uint16_t* next = room + slot + kGuard;
    uint16_t* aligned = room + 2 * slot;
    const int begin = direction > 0 ? 0 : strip.width - 1;
    for (int i = 0; i < strip.width; ++i) {
      const int x = begin + direction * i;
      const int tile = frame.tileOf(x, y), planes = strip.tilePlanes[tile], first = strip.tileFirst[tile];
      const size_t cells = frame.cellsOf(tile, x, y);
      v128_t lowest = wasm_u16x8_splat(kNever);
      const uint8_t* costs = strip.costs + cells;
      uint16_t* sums = strip.sums + cells;
      if (i == 0) {
        for (int d = 0; d < planes; d += 8) {
          const v128_t value = scaledCosts(costs + d);
          lowest = wasm_u16x8_min(lowest, value);
          wasm_v128_store(next + d, value);
          wasm_v128_store(sums + d, direction > 0 ? value : wasm_i16x8_add(wasm_v128_load(sums + d), value));
        }
      } else {
        const uint16_t* from = alignPath(previous, first, planes, aligned);
        const v128_t minimum = wasm_u16x8_splat(previous.minimum);
        const v128_t jump = wasm_u16x8_splat(previous.minimum + frame.jump(x, y, x - direction, y));
        for (int d = 0; d < planes; d += 8) {
          const v128_t value = wasm_i16x8_add(scaledCosts(costs + d), continuePath(from + d, small, jump, minimum));
          lowest = wasm_u16x8_min(lowest, value);
          wasm_v128_store(next + d, value);
          wasm_v128_store(sums + d, direction > 0 ? value : wasm_i16x8_add(wasm_v128_load(sums + d), value));
        }
      }
      next[-1] = next[planes] = kNever;
      uint16_t* const old = previous.values;
      previous = {next, first, planes, lowestLane(lowest)};
      next = old;
    }
  }
}

// Lowest sum, refined by the parabola through its neighbours.
void pickWinner(const Strip& strip, int x, int y, const uint16_t* sums, int first, int planes, v128_t lowest) {
  const uint16_t least = lowestLane(lowest);
  const v128_t wanted = wasm_u16x8_splat(least);
  int winner = 0;
  for (int d = 0; d < planes; d += 8) {
    const uint32_t hits = wasm_i16x8_bitmask(wasm_i16x8_eq(wasm_v128_load(sums + d), wanted));
    if (hits == 0) continue;
    winner = d + __builtin_ctz(hits);
    break;
  }
  float offset = 0.0f;
  if (winner > 0 && winner < planes - 1) {
    const float before = sums[winner - 1], at = sums[winner], after = sums[winner + 1];
    const float curvature = before - 2.0f * at + after;
    if (curvature > 0.0f) offset = 0.5f * (before - after) / curvature;
  }
  const size_t pixel = static_cast<size_t>(y) * strip.width + x;
  const bool counts = strip.reference[pixel * 4 + 3] != 0;
  strip.inverseDepth[pixel] =
      counts ? strip.firstPlane + (static_cast<float>(first + winner) + offset) * strip.planeStep : 0.0f;
  strip.winnerCost[pixel] =
      counts ? minf(1.0f, static_cast<float>(least) / static_cast<float>(strip.pathCount * kCostScale * kPathScale)) : 1.0f;
}

// The paths that arrive from the row before (three of them, or only the vertical one), for columns [begin, end).
struct RowPaths {
  uint16_t* values[3];      // [width, slot]
  uint16_t* minima[3];      // [width]
};

void advanceRow(const Frame& frame, int y, int dy, int begin, int end, const RowPaths& before, const RowPaths& after,
                uint16_t* room, int slot, bool isFirst, bool isLast) {
  const Strip& strip = frame.strip;
  const int paths = strip.pathCount == 8 ? 3 : 1;
  static constexpr int kOffsets[3] = {0, -1, 1};
  const v128_t small = wasm_u16x8_splat(frame.penalties.small);
  for (int x = begin; x < end; ++x) {
    const int tile = frame.tileOf(x, y), planes = strip.tilePlanes[tile], first = strip.tileFirst[tile];
    const size_t cells = frame.cellsOf(tile, x, y);
    const uint8_t* costs = strip.costs + cells;
    uint16_t* sums = strip.sums + cells;
    v128_t lowestSum = wasm_u16x8_splat(kNever);
    for (int path = 0; path < paths; ++path) {
      uint16_t* to = after.values[path] + static_cast<size_t>(x) * slot + kGuard;
      const int px = x + kOffsets[path];
      v128_t lowest = wasm_u16x8_splat(kNever);
      const bool isLastPath = path == paths - 1;
      if (isFirst || px < 0 || px >= strip.width) {
        for (int d = 0; d < planes; d += 8) {
          const v128_t value = scaledCosts(costs + d);
          lowest = wasm_u16x8_min(lowest, value);
          wasm_v128_store(to + d, value);
          const v128_t sum = wasm_i16x8_add(wasm_v128_load(sums + d), value);
          lowestSum = isLastPath ? wasm_u16x8_min(lowestSum, sum) : lowestSum;
          wasm_v128_store(sums + d, sum);
        }
      } else {
        const int fromTile = frame.tileOf(px, y - dy);
        const Path previous{before.values[path] + static_cast<size_t>(px) * slot + kGuard, strip.tileFirst[fromTile],
                            strip.tilePlanes[fromTile], before.minima[path][px]};
        const uint16_t* from = alignPath(previous, first, planes, room);
        const v128_t minimum = wasm_u16x8_splat(previous.minimum);
        const v128_t jump = wasm_u16x8_splat(previous.minimum + frame.jump(x, y, px, y - dy));
        for (int d = 0; d < planes; d += 8) {
          const v128_t value = wasm_i16x8_add(scaledCosts(costs + d), continuePath(from + d, small, jump, minimum));
          lowest = wasm_u16x8_min(lowest, value);
          wasm_v128_store(to + d, value);
          const v128_t sum = wasm_i16x8_add(wasm_v128_load(sums + d), value);
          lowestSum = isLastPath ? wasm_u16x8_min(lowestSum, sum) : lowestSum;
          wasm_v128_store(sums + d, sum);
        }
      }
      to[-1] = to[planes] = kNever;
      after.minima[path][x] = lowestLane(lowest);
    }
    if (isLast && y >= strip.writeRowBegin && y < strip.writeRowEnd) pickWinner(strip, x, y, sums, first, planes, lowestSum);
  }
}

// What the parts of one strip's aggregation hand on to each other.
Scratch<uint16_t> rowScratch;
Scratch<uint8_t> lumaScratch;
Penalties penalties;

void prepareStrip(const Strip& strip, int firstRow, int rows) {
  const float unit = static_cast<float>(kCostScale * kPathScale);
  penalties.small = static_cast<uint16_t>(strip.smallPenalty * unit);
  for (int difference = 0; difference < 256; ++difference)
    penalties.large[difference] = static_cast<uint16_t>(
        maxf(strip.smallPenalty * 1.5f, strip.largePenalty / (1.0f + static_cast<float>(difference) / strip.edgeScale)) * unit);
  uint8_t* luma = lumaScratch.reserve(static_cast<size_t>(rows) * strip.width);
  const uint8_t* pixels = strip.reference + static_cast<size_t>(firstRow) * strip.width * 4;
  for (size_t i = 0; i < static_cast<size_t>(rows) * strip.width; ++i) luma[i] = static_cast<uint8_t>(lumaOf(pixels + i * 4));
}
}  // namespace

void aggregateCosts(const Strip& strip, AggregationPart part, int begin, int end) {
  const int firstRow = strip.tileRowBegin * kTile;
  const int rows = mini(strip.height, strip.tileRowEnd * kTile) - firstRow;
  if (part == AggregationPart::kAcross && begin == 0) prepareStrip(strip, firstRow, rows);
  const Frame frame{strip, penalties, lumaScratch.data, firstRow, rows};

  const int slot = strip.maxPlanes + 2 * kGuard;
  const size_t rowCells = static_cast<size_t>(strip.width) * slot;
  const size_t roomCells = static_cast<size_t>(3 * slot) * threadCount();
  uint16_t* scratch = rowScratch.reserve(6 * rowCells + roomCells + 6 * strip.width);
  uint16_t* room = scratch + 6 * rowCells;
  if (part == AggregationPart::kAcross) {
    parallelRanges(end - begin, 4, [&](int from, int to, int thread) {
      for (int row = begin + from; row < begin + to; ++row) aggregateRow(frame, firstRow + row, room + thread * 3 * slot, slot);
    });
    return;
  }

  RowPaths sides[2];
  for (int side = 0; side < 2; ++side)
    for (int path = 0; path < 3; ++path) {
      sides[side].values[path] = scratch + (side * 3 + path) * rowCells;
      sides[side].minima[path] = room + roomCells + (side * 3 + path) * strip.width;
    }
  const int dy = part == AggregationPart::kDown ? 1 : -1;
  for (int i = begin; i < end; ++i) {
    const int y = dy > 0 ? firstRow + i : firstRow + rows - 1 - i;
    parallelRanges(strip.width, kColumnsPerTask, [&](int from, int to, int thread) {
      advanceRow(frame, y, dy, from, to, sides[i & 1], sides[(i + 1) & 1], room + thread * 3 * slot, slot, i == 0, dy < 0);
    });
  }
}
}  // namespace stereo

WASM_EXPORT(stereoSweepStrip) void stereoSweepStrip(const stereo::Strip* strip) { stereo::computeCosts(*strip); }
WASM_EXPORT(stereoAggregateStrip) void stereoAggregateStrip(const stereo::Strip* strip, int part, int begin, int end) {
  stereo::aggregateCosts(*strip, static_cast<stereo::AggregationPart>(part), begin, end);
}

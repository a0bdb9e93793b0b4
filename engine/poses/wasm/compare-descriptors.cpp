// The four nearest descriptors of every keypoint of one photo among another's, and the other way round, by comparing all with all.
#include "engine/wasm/runtime/runtime.h"

namespace {
constexpr int kKept = 4;
constexpr int kLanes = 8;           // columns are computed so many at a time; the second set is padded to a multiple
constexpr int kChunkRows = 256;     // rows whose distances are held at once
constexpr int kRowsPerTask = 16;
constexpr int kColumnsPerTask = 128;

// Nearest first; of equal distances the one that came first.
struct Nearest {
  float* distances;  // [count, 4]
  int32_t* indices;  // [count, 4]

  // Returns the distance that the next candidate has to be below.
  float offer(int keypoint, int candidate, float distance) const {
    float* d = distances + static_cast<size_t>(keypoint) * kKept;
    int32_t* at = indices + static_cast<size_t>(keypoint) * kKept;
    int place = kKept - 1;
    for (; place > 0 && distance < d[place - 1]; --place) {
      d[place] = d[place - 1];
      at[place] = at[place - 1];
    }
    d[place] = distance;
    at[place] = candidate;
    return d[kKept - 1];
  }
};

// Differing bits; blocks of 16 bytes, at most 30, so that a byte holds its count.
struct Bits {
  using Value = uint16_t;
  static constexpr Value kFar = 0xffff, kNever = 0;
  static constexpr int kPerVector = 8;

  static v128_t difference(const uint8_t* a, const uint8_t* b, int bytes) {
    v128_t sum = wasm_i8x16_popcnt(wasm_v128_xor(wasm_v128_load(a), wasm_v128_load(b)));
    for (int i = 16; i < bytes; i += 16)
      sum = wasm_i8x16_add(sum, wasm_i8x16_popcnt(wasm_v128_xor(wasm_v128_load(a + i), wasm_v128_load(b + i))));
    return wasm_u16x8_extadd_pairwise_u8x16(sum);
  }
  static v128_t addNeighbours(v128_t x, v128_t y) {
    return wasm_i16x8_add(wasm_i16x8_shuffle(x, y, 0, 2, 4, 6, 8, 10, 12, 14),
                          wasm_i16x8_shuffle(x, y, 1, 3, 5, 7, 9, 11, 13, 15));
  }
  static void eight(const uint8_t* a, const uint8_t* b, int bytes, Value* out) {
    v128_t d[kLanes];
    for (int k = 0; k < kLanes; ++k) d[k] = difference(a, b + static_cast<size_t>(k) * bytes, bytes);
    const v128_t low = addNeighbours(addNeighbours(d[0], d[1]), addNeighbours(d[2], d[3]));
    const v128_t high = addNeighbours(addNeighbours(d[4], d[5]), addNeighbours(d[6], d[7]));
    wasm_v128_store(out, addNeighbours(low, high));
  }
  static bool anyBelow(const Value* values, v128_t limits) {
    return wasm_v128_any_true(wasm_u16x8_lt(wasm_v128_load(values), limits));
  }
  static v128_t splat(Value value) { return wasm_u16x8_splat(value); }
  static Value limitOf(float distance) { return distance < 65535.0f ? static_cast<Value>(distance) : kFar; }
};

// 2 - 2 a.b: the squared distance of unit vectors. NaN is below nothing.
struct Vectors {
  using Value = float;
  static constexpr Value kFar = __builtin_inff(), kNever = -__builtin_inff();
  static constexpr int kPerVector = 4;

  static v128_t product(const uint8_t* a, const uint8_t* b, int bytes) {
    v128_t sum = wasm_f32x4_mul(wasm_v128_load(a), wasm_v128_load(b));
    for (int i = 16; i < bytes; i += 16)
      sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(a + i), wasm_v128_load(b + i)));
    return sum;
  }
  static v128_t addNeighbours(v128_t x, v128_t y) {
    return wasm_f32x4_add(wasm_i32x4_shuffle(x, y, 0, 2, 4, 6), wasm_i32x4_shuffle(x, y, 1, 3, 5, 7));
  }
  static void eight(const uint8_t* a, const uint8_t* b, int bytes, Value* out) {
    for (int half = 0; half < kLanes; half += 4) {
      v128_t d[4];
      for (int k = 0; k < 4; ++k) d[k] = product(a, b + static_cast<size_t>(half + k) * bytes, bytes);
      const v128_t dots = addNeighbours(addNeighbours(d[0], d[1]), addNeighbours(d[2], d[3]));
      const v128_t two = wasm_f32x4_splat(2.0f);
      wasm_v128_store(out + half, wasm_f32x4_sub(two, wasm_f32x4_mul(two, dots)));
    }
  }
  static bool anyBelow(const Value* values, v128_t limits) {
    return wasm_v128_any_true(wasm_f32x4_lt(wasm_v128_load(values), limits));
  }
  static v128_t splat(Value value) { return wasm_f32x4_splat(value); }
  static Value limitOf(float distance) { return distance; }
};

Scratch<uint8_t> distanceScratch, limitScratch;

template <class Kind>
void compare(const uint8_t* first, int firstCount, const uint8_t* second, int secondCount, int bytes,
             const Nearest& rows, const Nearest& columns) {
  using Value = typename Kind::Value;
  const int width = (secondCount + kLanes - 1) / kLanes * kLanes;
  Value* distances = reinterpret_cast<Value*>(distanceScratch.reserve(sizeof(Value) * kChunkRows * width));
  Value* limits = reinterpret_cast<Value*>(limitScratch.reserve(sizeof(Value) * width));
  // What is padded is never below its limit.
  for (int j = 0; j < width; ++j) limits[j] = j < secondCount ? Kind::kFar : Kind::kNever;
  for (int start = 0; start < firstCount; start += kChunkRows) {
    const int count = mini(kChunkRows, firstCount - start);
    parallelRanges(count, kRowsPerTask, [&](int begin, int end, int) {
      for (int r = begin; r < end; ++r) {
        const uint8_t* a = first + static_cast<size_t>(start + r) * bytes;
        Value* out = distances + static_cast<size_t>(r) * width;
        for (int j = 0; j < width; j += kLanes) Kind::eight(a, second + static_cast<size_t>(j) * bytes, bytes, out + j);
        Value limit = Kind::kFar;
        for (int j = 0; j < width; j += Kind::kPerVector) {
          if (!Kind::anyBelow(out + j, Kind::splat(limit))) continue;
          for (int k = j; k < mini(j + Kind::kPerVector, secondCount); ++k)
            if (out[k] < limit) limit = Kind::limitOf(rows.offer(start + r, k, static_cast<float>(out[k])));
        }
      }
    });
    parallelRanges(width, kColumnsPerTask, [&](int begin, int end, int) {
      for (int r = 0; r < count; ++r) {
        const Value* row = distances + static_cast<size_t>(r) * width;
        for (int j = begin; j < end; j += Kind::kPerVector) {
          if (!Kind::anyBelow(row + j, wasm_v128_load(limits + j))) continue;
          for (int k = j; k < j + Kind::kPerVector; ++k)
            if (row[k] < limits[k]) limits[k] = Kind::limitOf(columns.offer(k, start + r, static_cast<float>(row[k])));
        }
      }
    });
  }
}
}  // namespace

// first, second: descriptors of `bytes` (a multiple of 16) each, the second's count padded to a multiple of 8 with any bytes.
// Distances [count, 4] come as infinity and indices [count, 4] as -1; what is found replaces them.
WASM_EXPORT(posesCompareBits)
void posesCompareBits(const uint8_t* first, int firstCount, const uint8_t* second, int secondCount, int bytes,
                      float* rowDistances, int32_t* rowIndices, float* columnDistances, int32_t* columnIndices) {
  compare<Bits>(first, firstCount, second, secondCount, bytes, {rowDistances, rowIndices}, {columnDistances, columnIndices});
}

WASM_EXPORT(posesCompareVectors)
void posesCompareVectors(const uint8_t* first, int firstCount, const uint8_t* second, int secondCount, int bytes,
                         float* rowDistances, int32_t* rowIndices, float* columnDistances, int32_t* columnIndices) {
  compare<Vectors>(first, firstCount, second, secondCount, bytes, {rowDistances, rowIndices},
                   {columnDistances, columnIndices});
}

WASM_EXPORT(posesReleaseComparison)
void posesReleaseComparison() {
  distanceScratch.drop();
  limitScratch.drop();
}

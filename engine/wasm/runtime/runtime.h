// What every kernel of the WASM module shares: memory, the worker pool, and a little maths. Freestanding C++: no libc.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#define WASM_EXPORT(name) extern "C" __attribute__((export_name(#name)))

extern "C" {
void* memcpy(void* target, const void* source, size_t bytes);
void* memmove(void* target, const void* source, size_t bytes);
void* memset(void* target, int value, size_t bytes);
}

// 64-byte aligned; null when the memory limit is reached. Only the main thread may call these two.
void* allocateBytes(size_t bytes);
void releaseBytes(void* pointer);

// A growable scratch array whose contents are lost on growth: kernels keep one per buffer instead of allocating each call.
template <class T>
struct Scratch {
  T* data = nullptr;
  size_t capacity = 0;
  // Traps (caught by the host as a RuntimeError) when memory is exhausted.
  T* reserve(size_t count) {
    if (count > capacity) {
      releaseBytes(data);
      capacity = count + count / 4;
      data = static_cast<T*>(allocateBytes(capacity * sizeof(T)));
      if (data == nullptr) {
        capacity = 0;
        __builtin_trap();
      }
    }
    return data;
  }
  void drop() {
    releaseBytes(data);
    data = nullptr;
    capacity = 0;
  }
};

// --- threads -------------------------------------------------------------------------------------------------------
int threadCount();  // workers plus the calling thread

using TaskFunction = void (*)(void* context, int index, int thread);
// Calls task(context, i, thread) once for each i in [0, count), on all threads; returns when all are done.
// Which thread takes which index is not fixed: results must not depend on it. Not reentrant.
void runTasks(int count, TaskFunction task, void* context);

template <class Body>
inline void parallelFor(int count, const Body& body) {
  runTasks(
      count, [](void* context, int index, int thread) { (*static_cast<const Body*>(context))(index, thread); },
      const_cast<void*>(static_cast<const void*>(&body)));
}

// The same over ranges: body(begin, end, thread), chunks of `grain` items (fixed chunks: sums by chunk are reproducible).
template <class Body>
inline void parallelRanges(int count, int grain, const Body& body) {
  const int chunks = (count + grain - 1) / grain;
  parallelFor(chunks, [&](int chunk, int thread) {
    const int begin = chunk * grain;
    const int end = begin + grain < count ? begin + grain : count;
    body(begin, end, thread);
  });
}

// --- maths ---------------------------------------------------------------------------------------------------------
inline float minf(float a, float b) { return a < b ? a : b; }
inline float maxf(float a, float b) { return a > b ? a : b; }
inline float clampf(float x, float low, float high) { return x < low ? low : (x > high ? high : x); }
inline int mini(int a, int b) { return a < b ? a : b; }
inline int maxi(int a, int b) { return a > b ? a : b; }
inline int clampi(int x, int low, int high) { return x < low ? low : (x > high ? high : x); }
inline float sqrtF(float x) { return __builtin_sqrtf(x); }
inline float absF(float x) { return __builtin_fabsf(x); }
inline float floorF(float x) { return __builtin_floorf(x); }
inline float ceilF(float x) { return __builtin_ceilf(x); }

// e^x, relative error < 3e-7 on [-87, 88]; clamped outside.
inline float expF(float x) {
  x = clampf(x, -87.0f, 88.0f);
  const float k = __builtin_rintf(x * 1.44269504088896341f);
  const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union {
    int32_t i;
    float f;
  } scale;
  scale.i = (static_cast<int32_t>(k) + 127) << 23;
  return p * scale.f;
}

// Natural logarithm for x > 0 (normal numbers), relative error about 1e-7; x <= 0 gives -87.
inline float logF(float x) {
  if (!(x > 1e-38f)) return -87.0f;
  union {
    float f;
    int32_t i;
  } bits;
  bits.f = x;
  int exponent = ((bits.i >> 23) & 255) - 126;
  bits.i = (bits.i & 0x007fffff) | 0x3f000000;
  float m = bits.f;
  if (m < 0.707106781186547524f) {
    exponent -= 1;
    m = m + m;
  }
  m -= 1.0f;
  const float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  p = p * m * z;
  const float e = static_cast<float>(exponent);
  p += -2.12194440e-4f * e;
  p += -0.5f * z;
  return m + p + 0.693359375f * e;
}

inline float sigmoidF(float x) { return 1.0f / (1.0f + expF(-x)); }

// e^x on four lanes for x in [-87, 1], clamped below; the polynomial of expF one degree lower, relative error < 3e-7.
inline v128_t expV(v128_t x) {
  x = wasm_f32x4_pmax(wasm_f32x4_splat(-87.0f), x);
  // Adding 1.5 · 2²³ rounds to the nearest integer and leaves it in the low mantissa bits; it is taken out as an integer,
  // since sums of floats may be reassociated here (x + c − c would become x).
  const v128_t magic = wasm_f32x4_splat(12582912.0f);
  const v128_t shifted = wasm_f32x4_add(wasm_f32x4_mul(x, wasm_f32x4_splat(1.44269504088896341f)), magic);
  const v128_t k = wasm_f32x4_convert_i32x4(wasm_i32x4_sub(shifted, magic));
  const v128_t r = wasm_f32x4_add(wasm_f32x4_sub(x, wasm_f32x4_mul(k, wasm_f32x4_splat(0.693359375f))),
                                  wasm_f32x4_mul(k, wasm_f32x4_splat(2.12194440e-4f)));
  v128_t p = wasm_f32x4_splat(1.3981999507e-3f);
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_f32x4_splat(8.3334519073e-3f));
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_f32x4_splat(4.1665795894e-2f));
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_f32x4_splat(1.6666665459e-1f));
  p = wasm_f32x4_add(wasm_f32x4_mul(p, r), wasm_f32x4_splat(5.0000001201e-1f));
  p = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_mul(p, r), r), wasm_f32x4_add(r, wasm_f32x4_splat(1.0f)));
  const v128_t scale = wasm_i32x4_add(wasm_i32x4_shl(shifted, 23), wasm_i32x4_splat(127 << 23));
  return wasm_f32x4_mul(p, scale);
}

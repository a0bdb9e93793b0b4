// Forward projection of every Gaussian into one camera.
#include "engine/splatting/wasm/projection.h"
#include "engine/splatting/wasm/spherical-harmonics.h"

namespace {
constexpr int kGrain = 1024;

// Wellons' lowbias32; the twin of ../dropout-hash.ts.
inline uint32_t hash32(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x;
}

inline bool isDropped(const RenderSettings& settings, int i) {
  if (settings.dropout <= 0.0f) return false;
  const uint32_t h = hash32((settings.dropoutSeed * 0x9e3779b9u) ^ static_cast<uint32_t>(i));
  return static_cast<float>(h >> 8) * (1.0f / 16777216.0f) < settings.dropout;
}

void shadeOne(const Scene& scene, int i, const Camera& camera, int degree, Projected& out) {
  const float* sh = scene.buffers[kSh] + static_cast<size_t>(i) * 3 * scene.shCount;
  float color[3] = {0.5f + kShC0 * sh[0], 0.5f + kShC0 * sh[1], 0.5f + kShC0 * sh[2]};
  if (degree > 0) {
    const float* m = scene.buffers[kMeans] + 3 * static_cast<size_t>(i);
    const float dx = m[0] - camera.centre[0], dy = m[1] - camera.centre[1], dz = m[2] - camera.centre[2];
    const float inverse = 1.0f / sqrtF(dx * dx + dy * dy + dz * dz);
    float basis[16];
    const int functions = evaluateShBasis(degree, dx * inverse, dy * inverse, dz * inverse, basis);
    for (int k = 1; k < functions; ++k)
      for (int c = 0; c < 3; ++c) color[c] += basis[k] * sh[3 * k + c];
  }
  out.red = maxf(0.0f, color[0]);
  out.green = maxf(0.0f, color[1]);
  out.blue = maxf(0.0f, color[2]);
}

void projectInto(const Scene& scene, int i, const Camera& camera, const RenderSettings& settings, Projected& out) {
  out.x0 = 0;
  out.x1 = -1;
  out.y0 = 0;
  out.y1 = -1;
  Projection p;
  if (isDropped(settings, i) || !projectOne(scene, i, camera, settings.dilation, p)) return;
  out.opacity = sigmoidF(scene.buffers[kRawOpacities][i]) / (1.0f - settings.dropout);
  if (!(out.opacity > kMinAlpha)) return;
  const float determinant = p.covA * p.covC - p.covB * p.covB;
  if (!(determinant > 0.0f)) return;
  const float inverse = 1.0f / determinant;
  out.depth = p.point[2];
  out.x = camera.fx * p.point[0] / out.depth + camera.cx;
  out.y = camera.fy * p.point[1] / out.depth + camera.cy;
  out.conicA = p.covC * inverse;
  out.conicB = -p.covB * inverse;
  out.conicC = p.covA * inverse;
  out.inverseConicA = 1.0f / out.conicA;
  out.cut = 2.0f * logF(out.opacity / kMinAlpha);
  // A hair wider than the ellipse: the exact test is α ≥ kMinAlpha at the pixel.
  const float radiusX = sqrtF(out.cut * p.covA) + 0.01f, radiusY = sqrtF(out.cut * p.covC) + 0.01f;
  const float limit = 30000.0f;
  if (!(absF(out.x) < limit && absF(out.y) < limit)) return;
  const int x0 = maxi(0, static_cast<int>(ceilF(maxf(out.x - radiusX, -limit) - 0.5f)));
  const int x1 = mini(camera.width - 1, static_cast<int>(floorF(minf(out.x + radiusX, limit) - 0.5f)));
  const int y0 = maxi(0, static_cast<int>(ceilF(maxf(out.y - radiusY, -limit) - 0.5f)));
  const int y1 = mini(camera.height - 1, static_cast<int>(floorF(minf(out.y + radiusY, limit) - 0.5f)));
  if (x1 < x0 || y1 < y0) return;
  shadeOne(scene, i, camera, settings.shDegree, out);
  out.x0 = static_cast<int16_t>(x0);
  out.x1 = static_cast<int16_t>(x1);
  out.y0 = static_cast<int16_t>(y0);
  out.y1 = static_cast<int16_t>(y1);
}
}  // namespace

void projectGaussians(const Scene& scene, const Camera& camera, const RenderSettings& settings) {
  Projected* projected = binning.projected.reserve(scene.count);
  parallelRanges(scene.count, kGrain, [&](int begin, int end, int) {
    for (int i = begin; i < end; ++i) projectInto(scene, i, camera, settings, projected[i]);
  });
}

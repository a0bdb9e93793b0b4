// Scenes: allocation, editing, and the pointers that the TypeScript side fills and reads.
#include "engine/splatting/wasm/scene.h"

Frame frame;
Binning binning;

int bufferWidth(const Scene& scene, int buffer) {
  if (buffer < kMaxWeight) {
    switch (buffer % kParameterKinds) {
      case kMeans:
      case kLogScales:
        return 3;
      case kQuats:
        return 4;
      case kSh:
        return 3 * scene.shCount;
      default:
        return 1;
    }
  }
  if (buffer == kRayBase || buffer == kRayOrigin) return 3;
  return buffer == kImageCoord ? 2 : 1;
}

void prepareFrame(int width, int height) {
  frame.width = width;
  frame.height = height;
  frame.tilesX = (width + kTileSize - 1) / kTileSize;
  frame.tilesY = (height + kTileSize - 1) / kTileSize;
  frame.stride = frame.tilesX * kTileSize;
  frame.paddedHeight = frame.tilesY * kTileSize;
  frame.planeSize = static_cast<size_t>(frame.stride) * frame.paddedHeight;
  frame.color.reserve(3 * frame.planeSize);
  frame.depth.reserve(frame.planeSize);
  frame.alpha.reserve(frame.planeSize);
  frame.gradColor.reserve(3 * frame.planeSize);
  frame.gradDepth.reserve(frame.planeSize);
  frame.gradAlpha.reserve(frame.planeSize);
  frame.absError.reserve(frame.planeSize);
}

namespace {
bool allocateBuffers(Scene& scene, int count) {
  scene.count = count;
  for (int b = 0; b < kBufferCount; ++b) {
    const size_t bytes = static_cast<size_t>(count) * bufferWidth(scene, b) * sizeof(float);
    scene.buffers[b] = static_cast<float*>(allocateBytes(bytes));
    if (scene.buffers[b] == nullptr) return false;
    memset(scene.buffers[b], b == kAnchorGrid ? 0xff : 0, bytes);
  }
  return true;
}

void releaseBuffers(Scene& scene) {
  for (int b = 0; b < kBufferCount; ++b) {
    releaseBytes(scene.buffers[b]);
    scene.buffers[b] = nullptr;
  }
}

void releaseFlow(Scene& scene) {
  releaseBytes(scene.flowFirst);
  releaseBytes(scene.flowSecond);
  releaseBytes(scene.flowWeight);
  scene.flowFirst = scene.flowSecond = nullptr;
  scene.flowWeight = nullptr;
  scene.flowCount = 0;
}
}  // namespace

// Null when memory is exhausted.
WASM_EXPORT(sceneCreate) Scene* sceneCreate(int count, int shCount) {
  Scene* scene = static_cast<Scene*>(allocateBytes(sizeof(Scene)));
  if (scene == nullptr) return nullptr;
  memset(scene, 0, sizeof(Scene));
  scene->shCount = shCount;
  if (allocateBuffers(*scene, count)) return scene;
  releaseBuffers(*scene);
  releaseBytes(scene);
  return nullptr;
}

WASM_EXPORT(sceneRelease) void sceneRelease(Scene* scene) {
  releaseBuffers(*scene);
  releaseFlow(*scene);
  releaseBytes(scene->gridValues);
  releaseBytes(scene);
}

WASM_EXPORT(sceneBuffer) float* sceneBuffer(Scene* scene, int buffer) { return scene->buffers[buffer]; }
WASM_EXPORT(sceneBufferWidth) int sceneBufferWidth(Scene* scene, int buffer) { return bufferWidth(*scene, buffer); }
WASM_EXPORT(sceneCount) int sceneCount(Scene* scene) { return scene->count; }

// `levels` holds columns and rows of each level. Values, moments and gradients start at zero. Returns 0 on exhaustion.
WASM_EXPORT(sceneSetGrids) int sceneSetGrids(Scene* scene, int tables, int levelCount, const int32_t* levels) {
  scene->gridTables = tables;
  scene->gridLevels = mini(levelCount, 8);
  int offset = 0;
  for (int l = 0; l < scene->gridLevels; ++l) {
    scene->grids[l] = {levels[2 * l], levels[2 * l + 1], offset};
    offset += levels[2 * l] * levels[2 * l + 1];
  }
  scene->gridStride = offset;
  const size_t bytes = 4 * static_cast<size_t>(tables) * offset * sizeof(float);
  releaseBytes(scene->gridValues);
  scene->gridValues = static_cast<float*>(allocateBytes(bytes));
  if (scene->gridValues == nullptr) return 0;
  memset(scene->gridValues, 0, bytes);
  return 1;
}

// [tables, stride] values, then first moments, second moments and gradients; null without grids.
WASM_EXPORT(sceneGridValues) float* sceneGridValues(Scene* scene) { return scene->gridValues; }

// Takes ownership of the three arrays.
WASM_EXPORT(sceneSetFlow)
void sceneSetFlow(Scene* scene, int count, uint32_t* first, uint32_t* second, float* weight) {
  releaseFlow(*scene);
  scene->flowCount = count;
  scene->flowFirst = first;
  scene->flowSecond = second;
  scene->flowWeight = weight;
}

WASM_EXPORT(sceneResetStatistics) void sceneResetStatistics(Scene* scene) {
  for (int b = kMaxWeight; b <= kErrorWeight; ++b)
    memset(scene->buffers[b], 0, static_cast<size_t>(scene->count) * sizeof(float));
}

// Keeps the rows at `keep`, then makes room for `appended` new rows (zeroed, unanchored). Flow pairs are dropped, since
// they name indices. Returns 0, the scene unchanged, when memory is exhausted.
WASM_EXPORT(sceneEdit) int sceneEdit(Scene* scene, int keepCount, const uint32_t* keep, int appended) {
  Scene edited = *scene;
  for (int b = 0; b < kBufferCount; ++b) edited.buffers[b] = nullptr;
  if (!allocateBuffers(edited, keepCount + appended)) {
    releaseBuffers(edited);
    return 0;
  }
  parallelFor(kBufferCount, [&](int b, int) {
    if (b >= kMaxWeight && b <= kErrorWeight) return;  // statistics restart
    const int width = bufferWidth(*scene, b);
    for (int i = 0; i < keepCount; ++i)
      memcpy(edited.buffers[b] + static_cast<size_t>(i) * width,
             scene->buffers[b] + static_cast<size_t>(keep[i]) * width, width * sizeof(float));
  });
  releaseBuffers(*scene);
  releaseFlow(*scene);
  edited.flowFirst = edited.flowSecond = nullptr;
  edited.flowWeight = nullptr;
  edited.flowCount = 0;
  *scene = edited;
  return 1;
}

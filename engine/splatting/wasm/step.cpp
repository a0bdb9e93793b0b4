// The module's entry points: targets, rendering, backpropagation and whole training steps.
#include "engine/splatting/wasm/color-transform.h"
#include "engine/splatting/wasm/image-losses.h"
#include "engine/splatting/wasm/optimize.h"
#include "engine/splatting/wasm/ssim.h"

// One training step as wasm-backend.ts lays it out: 32-bit fields in this order.
struct StepDescription {
  RenderSettings render;
  ImageLossWeights imageLosses;
  ParameterLossWeights parameterLosses;
  LearningRates learningRates;
  int32_t iteration;
  float opacityDecay;
  int32_t activeGridLevels;
  int32_t hasAdjustment;  // 0: the target's own camera, colours as they are; what follows means nothing
  int32_t hasColorTransform;
  Camera camera;
  ColorTransform colorTransform;
};

struct StepResult {
  float loss, l1;
  int32_t visibleCount, pairCount;
  // Of an adjusted step.
  CameraGradient cameraGradient;
  ColorTransform colorGradient;
};

namespace {
// Copies an unpadded plane into a padded one.
void padPlane(const float* from, float* to, int width, int height, int step) {
  memset(to, 0, frame.planeSize * sizeof(float));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      to[static_cast<size_t>(y) * frame.stride + x] = from[(static_cast<size_t>(y) * width + x) * step];
}

float* allocatePlanes(int planes) {
  return static_cast<float*>(allocateBytes(static_cast<size_t>(planes) * frame.planeSize * sizeof(float)));
}

void renderForward(Scene& scene, const Camera& camera, const RenderSettings& settings) {
  prepareFrame(camera.width, camera.height);
  projectGaussians(scene, camera, settings);
  binGaussians(scene);
  blendForward(settings);
}

const Camera& cameraOf(const Target& target, const StepDescription& step) {
  return step.hasAdjustment != 0 ? step.camera : target.camera;
}

bool hasColorTransform(const StepDescription& step) { return step.hasAdjustment != 0 && step.hasColorTransform != 0; }
}  // namespace

WASM_EXPORT(targetRelease) void targetRelease(Target* target) {
  releaseBytes(target->color);
  releaseBytes(target->weights);
  releaseBytes(target->tvWeights);
  releaseBytes(target->priorInverse);
  releaseBytes(target->sensorDepth);
  releaseBytes(target->meanColor);
  releaseBytes(target->meanSquare);
  releaseBytes(target);
}

// Unpadded inputs; weights, tvWeights, priorInverse and sensorDepth may be null. Null when memory is exhausted.
WASM_EXPORT(targetCreate)
Target* targetCreate(const Camera* camera, const float* color, const float* weights, const float* tvWeights,
                     const float* priorInverse, const float* sensorDepth) {
  Target* target = static_cast<Target*>(allocateBytes(sizeof(Target)));
  if (target == nullptr) return nullptr;
  memset(target, 0, sizeof(Target));
  target->camera = *camera;
  const int width = camera->width, height = camera->height;
  prepareFrame(width, height);
  target->color = allocatePlanes(3);
  target->weights = allocatePlanes(1);
  target->meanColor = allocatePlanes(3);
  target->meanSquare = allocatePlanes(3);
  if (tvWeights != nullptr) target->tvWeights = allocatePlanes(2);
  if (priorInverse != nullptr) target->priorInverse = allocatePlanes(1);
  if (sensorDepth != nullptr) target->sensorDepth = allocatePlanes(2);
  if (target->color == nullptr || target->weights == nullptr || target->meanColor == nullptr ||
      target->meanSquare == nullptr || (tvWeights != nullptr && target->tvWeights == nullptr) ||
      (priorInverse != nullptr && target->priorInverse == nullptr) ||
      (sensorDepth != nullptr && target->sensorDepth == nullptr)) {
    targetRelease(target);
    return nullptr;
  }
  memset(target->weights, 0, frame.planeSize * sizeof(float));
  double sum = 0.0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const float w = weights != nullptr ? weights[static_cast<size_t>(y) * width + x] : 1.0f;
      target->weights[static_cast<size_t>(y) * frame.stride + x] = w;
      sum += static_cast<double>(w);
    }
  target->weightSum = maxf(1e-30f, static_cast<float>(sum));
  for (int c = 0; c < 3; ++c) {
    float* plane = target->color + c * frame.planeSize;
    padPlane(color + c, plane, width, height, 3);
    for (size_t i = 0; i < frame.planeSize; ++i) plane[i] *= target->weights[i];
  }
  if (tvWeights != nullptr)
    for (int d = 0; d < 2; ++d) padPlane(tvWeights + d, target->tvWeights + d * frame.planeSize, width, height, 2);
  if (priorInverse != nullptr) padPlane(priorInverse, target->priorInverse, width, height, 1);
  if (sensorDepth != nullptr) {
    double measured = 0.0;
    for (int i = 0; i < width * height; ++i)
      if (sensorDepth[2 * i] > 0.0f) measured += static_cast<double>(sensorDepth[2 * i + 1]);
    target->sensorWeightSum = static_cast<float>(measured);
    for (int d = 0; d < 2; ++d) padPlane(sensorDepth + d, target->sensorDepth + d * frame.planeSize, width, height, 2);
  }
  prepareSsimTarget(*target);
  return target;
}

// Writes unpadded colour [H, W, 3], depth [H, W] and alpha [H, W].
WASM_EXPORT(splatRender)
void splatRender(Scene* scene, const Camera* camera, const RenderSettings* settings, float* color, float* depth,
                 float* alpha) {
  renderForward(*scene, *camera, *settings);
  for (int y = 0; y < camera->height; ++y)
    for (int x = 0; x < camera->width; ++x) {
      const size_t from = static_cast<size_t>(y) * frame.stride + x;
      const size_t to = static_cast<size_t>(y) * camera->width + x;
      for (int c = 0; c < 3; ++c) color[3 * to + c] = frame.color.data[c * frame.planeSize + from];
      depth[to] = frame.depth.data[from];
      alpha[to] = frame.alpha.data[from];
    }
}

// Leaves the parameter gradients in the scene's gradient buffers and writes the camera's.
WASM_EXPORT(splatBackpropagate)
void splatBackpropagate(Scene* scene, const Camera* camera, const RenderSettings* settings, const float* gradColor,
                        const float* gradDepth, const float* gradAlpha, CameraGradient* cameraGradient) {
  renderForward(*scene, *camera, *settings);
  for (int c = 0; c < 3; ++c)
    padPlane(gradColor + c, frame.gradColor.data + c * frame.planeSize, camera->width, camera->height, 3);
  padPlane(gradDepth, frame.gradDepth.data, camera->width, camera->height, 1);
  padPlane(gradAlpha, frame.gradAlpha.data, camera->width, camera->height, 1);
  blendBackward(false);
  gatherGradients(*scene, *camera, *settings, false, cameraGradient);
}

// The phases of a step, so that a bench can time them apart; splatStep runs them all.
WASM_EXPORT(splatStepForward) void splatStepForward(Scene* scene, const Target* target, const StepDescription* step) {
  renderForward(*scene, cameraOf(*target, *step), step->render);
}

WASM_EXPORT(splatStepLosses)
void splatStepLosses(const Target* target, const StepDescription* step, StepResult* result) {
  memset(frame.gradColor.data, 0, 3 * frame.planeSize * sizeof(float));
  memset(frame.absError.data, 0, frame.planeSize * sizeof(float));
  const bool transforms = hasColorTransform(*step);
  if (transforms) applyColorTransform(step->colorTransform);
  const ImageLossValues values = applyImageLosses(*target, step->imageLosses);
  if (transforms) backpropagateColorTransform(step->colorTransform, result->colorGradient);
  result->loss = values.total;
  result->l1 = values.l1;
  result->visibleCount = binning.visibleCount;
  result->pairCount = binning.pairCount;
}

WASM_EXPORT(splatStepBackward)
void splatStepBackward(Scene* scene, const Target* target, const StepDescription* step, StepResult* result) {
  blendBackward(true);
  gatherGradients(*scene, cameraOf(*target, *step), step->render, true,
                  step->hasAdjustment != 0 ? &result->cameraGradient : nullptr);
}

WASM_EXPORT(splatStepUpdate)
void splatStepUpdate(Scene* scene, const Target* target, const StepDescription* step, StepResult* result) {
  result->loss += addParameterLosses(*scene, step->parameterLosses, cameraOf(*target, *step).centre);
  projectRayGradients(*scene, step->learningRates.rayField > 0.0f);
  adamStep(*scene, step->learningRates, step->iteration, step->opacityDecay, step->activeGridLevels);
}

WASM_EXPORT(splatStep)
void splatStep(Scene* scene, const Target* target, const StepDescription* step, StepResult* result) {
  splatStepForward(scene, target, step);
  splatStepLosses(target, step, result);
  splatStepBackward(scene, target, step, result);
  splatStepUpdate(scene, target, step, result);
}

WASM_EXPORT(sceneApplyRayDepths) void sceneApplyRayDepths(Scene* scene) { applyRayDepths(*scene); }

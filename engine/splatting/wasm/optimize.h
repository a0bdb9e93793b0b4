#pragma once
#include "engine/splatting/wasm/scene.h"

struct ParameterLossWeights {
  float opacity, scale, needle, ownDepth, flow;
};
struct LearningRates {
  float means, ownDepth, rayField, quats, logScales, rawOpacities, shDc, shRest;
};

// Adds the gradients of the losses on parameters; returns their weighted sum.
float addParameterLosses(Scene& scene, const ParameterLossWeights& weights, const float* cameraCentre);
// Turns mean gradients of anchored Gaussians into gradients of own depths and of the field.
void projectRayGradients(Scene& scene, bool withField);
void adamStep(Scene& scene, const LearningRates& rates, int iteration, float opacityDecay, int activeGridLevels);
// mean = origin + base · exp(field + own) for every anchored Gaussian.
void applyRayDepths(Scene& scene);

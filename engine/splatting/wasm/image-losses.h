#pragma once
#include "engine/splatting/wasm/scene.h"

struct ImageLossWeights {
  float l1, dssim, depthTv, depthPrior, sensorDepth;
};
struct ImageLossValues {
  float total, l1;
};

// Fills the frame's gradient images from its rendered ones. Padding pixels must be zero in the gradient images beforehand.
ImageLossValues applyImageLosses(const Target& target, const ImageLossWeights& weights);

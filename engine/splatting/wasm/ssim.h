#pragma once
#include "engine/splatting/wasm/scene.h"

// Precomputes the target's blurred colour and squared colour.
void prepareSsimTarget(Target& target);
// Adds weight · ∂(1 − SSIM)/∂color to the frame's colour gradient; returns the (unweighted) 1 − SSIM.
float addSsimGradient(const Target& target, float weight);

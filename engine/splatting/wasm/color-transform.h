#pragma once
#include "engine/splatting/wasm/scene.h"

// seen = matrix · color + offset, matrix row-major.
struct ColorTransform {
  float matrix[9];
  float offset[3];
};

// Replaces the frame's colour by what the photo sees; the rendering itself goes to plainColor.
void applyColorTransform(const ColorTransform& transform);
// Puts the rendering back, turns the frame's colour gradient into that of the rendering, and writes ∂matrix and ∂offset.
void backpropagateColorTransform(const ColorTransform& transform, ColorTransform& gradient);

// Packs photos into bytes and halves them; masked pixels borrow their neighbours' colour, so that windows beside them stay usable.
#include "stereo.h"

namespace {
constexpr int kFillRounds = 4;

uint8_t byteOf(float value) {
  const float scaled = value * 255.0f + 0.5f;
  return static_cast<uint8_t>(scaled > 0.0f ? (scaled < 255.0f ? scaled : 255.0f) : 0.0f);
}

// Grows valid colours outwards by one pixel a round. `a` = 1 marks a colour filled in this way until it is reset to 0.
void fillMasked(uint8_t* image, int width, int height) {
  for (int round = 1; round <= kFillRounds; ++round) {
    bool changed = false;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        uint8_t* pixel = image + (static_cast<size_t>(y) * width + x) * 4;
        if (pixel[3] != 0) continue;
        int sum[3] = {0, 0, 0}, count = 0;
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) {
            if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
            const uint8_t* other = pixel + (dy * width + dx) * 4;
            if (other[3] == 0 || other[3] == round) continue;
            for (int c = 0; c < 3; ++c) sum[c] += other[c];
            ++count;
          }
        if (count == 0) continue;
        for (int c = 0; c < 3; ++c) pixel[c] = static_cast<uint8_t>((sum[c] + count / 2) / count);
        pixel[3] = static_cast<uint8_t>(round);
        changed = true;
      }
    if (!changed) break;
  }
  const size_t pixels = static_cast<size_t>(width) * height;
  for (size_t i = 0; i < pixels; ++i)
    if (image[i * 4 + 3] != 255) image[i * 4 + 3] = 0;
}
}  // namespace

// rgb: [height, width, 3] 0..1; mask: [height, width] or null; image: [height, width, 4] bytes.
WASM_EXPORT(stereoPackImage)
void stereoPackImage(const float* rgb, const uint8_t* mask, int width, int height, uint8_t* image) {
  bool masked = false;
  const size_t pixels = static_cast<size_t>(width) * height;
  for (size_t i = 0; i < pixels; ++i) {
    const bool counts = mask == nullptr || mask[i] != 0;
    for (int c = 0; c < 3; ++c) image[i * 4 + c] = counts ? byteOf(rgb[i * 3 + c]) : 0;
    image[i * 4 + 3] = counts ? 255 : 0;
    masked |= !counts;
  }
  if (masked) fillMasked(image, width, height);
}

// Half size by 2x2 means of the pixels that count; an odd last row or column is left out, so u' = u / 2 exactly.
WASM_EXPORT(stereoHalveImage)
void stereoHalveImage(const uint8_t* image, int width, int height, uint8_t* half) {
  const int halfWidth = width / 2, halfHeight = height / 2;
  bool masked = false;
  for (int y = 0; y < halfHeight; ++y)
    for (int x = 0; x < halfWidth; ++x) {
      const uint8_t* from = image + (static_cast<size_t>(2 * y) * width + 2 * x) * 4;
      const uint8_t* four[4] = {from, from + 4, from + width * 4, from + width * 4 + 4};
      int sum[3] = {0, 0, 0}, count = 0;
      for (const uint8_t* pixel : four) {
        if (pixel[3] == 0) continue;
        for (int c = 0; c < 3; ++c) sum[c] += pixel[c];
        ++count;
      }
      uint8_t* to = half + (static_cast<size_t>(y) * halfWidth + x) * 4;
      const bool counts = count >= 2;
      for (int c = 0; c < 3; ++c) to[c] = counts ? static_cast<uint8_t>((sum[c] + count / 2) / count) : 0;
      to[3] = counts ? 255 : 0;
      masked |= !counts;
    }
  if (masked) fillMasked(half, halfWidth, halfHeight);
}

// Data of the WASM rasterizer: scenes, frames and targets. The contract (../contract.ts) defines every quantity.
#pragma once
#include "engine/wasm/runtime/runtime.h"

constexpr int kTileSize = 16;
constexpr int kTilePixels = kTileSize * kTileSize;
constexpr float kNearDepth = 0.01f;
constexpr float kMinAlpha = 1.0f / 255.0f;
constexpr float kMaxAlpha = 0.99f;
constexpr float kMinTransmittance = 1e-4f;
constexpr float kFrustumClamp = 1.3f;
constexpr uint32_t kNoAnchor = 0xffffffffu;

// One row of 32-bit numbers per Gaussian. The order is shared with wasm-scene.ts.
enum Buffer {
  kMeans,
  kQuats,
  kLogScales,
  kRawOpacities,
  kSh,
  kOwnDepth,
  kParameterKinds,
  kFirstMoment = kParameterKinds,           // Adam's m, same order
  kSecondMoment = kFirstMoment + kParameterKinds,
  kGradient = kSecondMoment + kParameterKinds,
  kMaxWeight = kGradient + kParameterKinds,  // statistics
  kGradMean2d,
  kVisibleSteps,
  kErrorWeight,
  kRayBase,  // baseMean − origin
  kRayOrigin,
  kImageCoord,
  kAnchorGrid,  // uint32: view * segmentCount + segment, or kNoAnchor
  kBufferCount
};

// A Gaussian as one camera sees it; one cache line.
struct Projected {
  float x, y;                 // projected mean, pixels
  float conicA, conicB, conicC;
  float opacity;              // activated, dropout applied
  float red, green, blue;
  float depth;
  float cut;                  // 2 ln(opacity / kMinAlpha): the footprint's level
  float inverseConicA;
  int16_t x0, x1, y0, y1;     // inclusive pixel bounds; x1 < x0 when invisible
  float padding[2];
};
static_assert(sizeof(Projected) == 64, "one cache line");

// Per pair of tile and Gaussian: sums over the tile's pixels.
struct PairGradient {
  float weightRed, weightGreen, weightBlue, weightDepth;  // Σ w g
  float s0, sx, sy, sxx, sxy, syy;                        // Σ h, h dx, …; h = ∂L/∂α · α
  float maxWeight, errorWeight;
};

struct Camera {
  float fx, fy, cx, cy;
  float rotation[9];  // cameraFromWorld
  float translation[3];
  float centre[3];
  int32_t width, height;
};

// ∂loss/∂(ω, ν, log focal): the motion of ../contract.ts.
constexpr int kCameraParameters = 7;
struct CameraGradient {
  float values[kCameraParameters];
};

struct RenderSettings {
  float background[3];
  float dilation;
  int32_t shDegree;
  float dropout;
  uint32_t dropoutSeed;
};

// Working images of one resolution: planar, padded to whole tiles.
struct Frame {
  int width, height, tilesX, tilesY, stride, paddedHeight;
  size_t planeSize;
  Scratch<float> color;      // 3 planes
  Scratch<float> depth, alpha;
  Scratch<float> gradColor;  // 3 planes
  Scratch<float> gradDepth, gradAlpha;
  Scratch<float> absError;   // mean over channels, for statistics
  Scratch<float> plainColor; // 3 planes: the rendering while `color` holds it as the photo sees it
};

struct Grid {
  int columns, rows, offset;
};

struct Scene {
  int count;
  int shCount;  // K
  float* buffers[kBufferCount];
  // residual field
  int gridTables;  // view × segment
  int gridLevels;
  Grid grids[8];
  int gridStride;       // values per table
  float* gridValues;    // [tables, stride], then first moment, second moment, gradient behind each other
  // flow pairs
  int flowCount;
  uint32_t* flowFirst;
  uint32_t* flowSecond;
  float* flowWeight;
};

struct Target {
  Camera camera;
  float* color;          // 3 planes, multiplied by weights
  float* weights;        // plane (always present)
  float* tvWeights;      // 2 planes or null
  float* priorInverse;   // plane or null
  float* sensorDepth;    // 2 planes (inverse depth, weight) or null
  float* meanColor;      // SSIM: 3 planes of blurred color
  float* meanSquare;     // SSIM: 3 planes of blurred color²
  float weightSum;
  float sensorWeightSum;  // of pixels with a measured depth
  int hasWeights;
};

// What one rendering leaves behind for its backward pass.
struct Binning {
  Scratch<Projected> projected;
  Scratch<uint32_t> order, orderScratch, keys, keysScratch;
  Scratch<uint32_t> tileStart;      // [tiles + 1]
  Scratch<uint32_t> tileUsed;       // pairs blended before every pixel was opaque
  Scratch<uint32_t> pairGaussian;   // [pairs], per tile front to back
  Scratch<uint32_t> gaussianStart;  // [count + 1]
  Scratch<uint32_t> pairSlot;       // [pairs], per Gaussian
  Scratch<PairGradient> pairGradient;
  int visibleCount = 0;
  int pairCount = 0;
};

extern Frame frame;
extern Binning binning;

int bufferWidth(const Scene& scene, int buffer);
void prepareFrame(int width, int height);
void projectGaussians(const Scene& scene, const Camera& camera, const RenderSettings& settings);
void binGaussians(const Scene& scene);
void blendForward(const RenderSettings& settings);
void blendBackward(bool withStatistics);
// `cameraGradient` null: not asked for.
void gatherGradients(Scene& scene, const Camera& camera, const RenderSettings& settings, bool withStatistics,
                     CameraGradient* cameraGradient);

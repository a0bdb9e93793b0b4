// Dense stereo's shared layouts: packed images, the strip that one kernel call works on. TypeScript twin: strip-record.ts.
#pragma once
#include "engine/wasm/runtime/runtime.h"

namespace stereo {

constexpr int kTile = 16;       // planes are chosen per tile of this many pixels squared
constexpr int kRadius = 3;      // ZNCC window 7x7
constexpr int kMaxSources = 4;
constexpr int kCostScale = 250; // a matching cost of 1 in the byte volume
constexpr int kPathScale = 4;   // path costs count in units of 1 / (kCostScale * kPathScale) = 1/1000

// Images are [height, width] of bytes r, g, b, a (a: 255 where the photo counts), with 128 readable bytes before and after.

// Source pixel of reference pixel centre p on the plane of inverse depth q: (A p + q b), divided by its third component.
struct Source {
  const uint8_t* pixels;
  int32_t width, height;
  float a[9];
  float b[3];
};

// One horizontal strip of a reference view's plane sweep and semi-global aggregation.
struct Strip {
  const uint8_t* reference;
  int32_t width, height;
  int32_t sourceCount;
  float firstPlane, planeStep;  // inverse depth of plane 0, and between planes
  int32_t tilesX;
  int32_t tileRowBegin, tileRowEnd;    // computed
  int32_t writeRowBegin, writeRowEnd;  // pixel rows whose winners are written
  const int32_t* tileFirst;            // [tilesY, tilesX] first plane
  const int32_t* tilePlanes;           // [tilesY, tilesX] number of planes, a multiple of 8
  const uint32_t* tileCells;           // [tilesY, tilesX] where the tile's cells begin, counted from the strip's first tile
  int32_t maxPlanes;                   // largest of tilePlanes
  uint8_t* costs;                      // [cells] per tile [16, 16, planes]
  uint16_t* sums;                      // [cells]
  float* inverseDepth;                 // [height, width] out
  float* winnerCost;                   // [height, width] out, 0..1
  int32_t pathCount;                   // 4 or 8
  float smallPenalty, largePenalty;    // P1, P2 as fractions of a cost of 1
  float edgeScale;                     // luma difference (0..255) at which P2 has halved
  float colorWeight, colorTruncation;  // truncation in 0..255
  float textureFloor;                  // luma deviation (0..255) below which ZNCC fades to "no opinion"
  float unseenCost;                    // cost where no source sees the pixel, 0..1
  Source sources[kMaxSources];
};

void computeCosts(const Strip& strip);

// A strip is aggregated in parts, so that the caller can do something else between them: all rows across, then all down, then all up,
// [begin, end) counted in that direction and going on where the last call ended.
enum class AggregationPart : int32_t { kAcross, kDown, kUp };
void aggregateCosts(const Strip& strip, AggregationPart part, int begin, int end);

inline int lumaOf(const uint8_t* rgba) { return (77 * rgba[0] + 150 * rgba[1] + 29 * rgba[2] + 128) >> 8; }

}  // namespace stereo

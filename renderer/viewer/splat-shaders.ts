/**
 * Spark's shaders, replaced by the forward model of engine/splatting/contract.ts, so that the viewer's picture is the rasterizer's:
 * dilation without the anti-aliasing factor, the Jacobian's clamp, α = min(0.99, …) cut at 1/255 and nowhere else.
 * Spark keeps: unpacking (`splatDefines`), spherical harmonics, and the order.
 */
import { BATCH } from './splat-geometry.js';

export const SPLAT_VERTEX = /* glsl */ `
precision highp float;
precision highp int;
precision highp usampler2DArray;
precision highp usampler2D;

#include <splatDefines>

out vec3 vColor;
out vec2 vSigmas;
flat out float vOpacity;
flat out float vDepth;

uniform vec2 renderSize;
uniform vec4 renderToViewQuat;
uniform vec3 renderToViewPos;
uniform usampler2D ordering;
uniform usampler2DArray extSplats;
uniform usampler2DArray extSplats2;

uniform usampler2D splatMarks;
uniform sampler2D seenColors;
uniform vec2 tangentLimit;
uniform vec3 selectionColor;
uniform int displayMode;
uniform bool showsMarks;
uniform int splatCount;

const int BATCH = ${BATCH};

const float NEAR_DEPTH = 0.01;
const float MIN_ALPHA = 1.0 / 255.0;
const float DILATION = 0.3;
// What is marked can be seen, however faint it is.
const float MIN_MARKED_OPACITY = 0.25;

void main() {
  gl_Position = vec4(0.0, 0.0, 2.0, 1.0);
  int rank = gl_InstanceID * BATCH + (gl_VertexID >> 2);
  if (rank >= splatCount) return;
  uint index = texelFetch(ordering, ivec2((rank >> 2) & 4095, rank >> 14), 0)[rank & 3];
  if (index == 0xffffffffu) return;

  uvec2 marks = texelFetch(splatMarks, ivec2(int(index & 2047u), int(index >> 11)), 0).rg;
  if ((marks.r & 1u) != 0u) return;

  ivec3 texel = splatTexCoord(int(index));
  uvec4 packedA = texelFetch(extSplats, texel, 0);
  float opacity = unpackSplatExtAlpha(packedA);
  // Depth and opacity show what is there, and no colour.
  bool isMarked = showsMarks && (marks.r & 2u) != 0u && (displayMode == 0 || displayMode == 3);
  if (isMarked) opacity = max(opacity, MIN_MARKED_OPACITY);
  if (opacity < MIN_ALPHA) return;
  vec3 center, scales;
  vec4 quaternion, rgba;
  unpackSplatExt(packedA, texelFetch(extSplats2, texel, 0), center, scales, quaternion, rgba);

  vec3 viewCenter = quatVec(renderToViewQuat, center) + renderToViewPos;
  float depth = -viewCenter.z;
  if (!(depth >= NEAR_DEPTH)) return;

  vec2 focal = 0.5 * renderSize * vec2(projectionMatrix[0][0], projectionMatrix[1][1]);
  vec2 tangent = clamp(viewCenter.xy / depth, -tangentLimit, tangentLimit);
  mat3 spread = scaleQuaternionToMatrix(scales, quatQuat(renderToViewQuat, quaternion));
  // Rows of J in WebGL's camera axes (z backwards): u = fx x / depth, so that du/dz = fx tangent / depth.
  vec3 rowX = vec3(focal.x, 0.0, focal.x * tangent.x) / depth;
  vec3 rowY = vec3(0.0, focal.y, focal.y * tangent.y) / depth;
  vec3 halfX = rowX * spread;
  vec3 halfY = rowY * spread;
  float a = dot(halfX, halfX) + DILATION;
  float d = dot(halfY, halfY) + DILATION;
  float b = dot(halfX, halfY);
  float determinant = a * d - b * b;
  if (!(determinant > 0.0)) return;

  float middle = 0.5 * (a + d);
  float half1 = sqrt(max(0.0, middle * middle - determinant));
  float eigen1 = middle + half1;
  float eigen2 = max(determinant / eigen1, 1e-6);
  vec2 axis1 = abs(b) > 1e-6 * middle ? normalize(vec2(b, eigen1 - a)) : (a >= d ? vec2(1.0, 0.0) : vec2(0.0, 1.0));
  vec2 axis2 = vec2(axis1.y, -axis1.x);

  // Where α falls under MIN_ALPHA the footprint ends: opacity exp(−r² / 2) = 1 / 255.
  float reach = sqrt(2.0 * log(opacity / MIN_ALPHA)) + 1e-3;
  vec2 offset = reach * (position.x * sqrt(eigen1) * axis1 + position.y * sqrt(eigen2) * axis2);
  vec4 clip = projectionMatrix * vec4(viewCenter, 1.0);
  vec2 ndc = clip.xy / clip.w + 2.0 * offset / renderSize;
  // Wholly outside: an ellipse's box is never wider than its long axis.
  vec2 margin = vec2(1.0) + 2.0 * reach * sqrt(eigen1) / renderSize;
  if (any(greaterThan(abs(clip.xy / clip.w), margin))) return;

  vSigmas = reach * position.xy;
  vOpacity = opacity;
  vDepth = depth;
  vec3 color = max(rgba.rgb, vec3(0.0));
  if (displayMode == 3) {
    vec3 scale = texelFetch(seenColors, ivec2(min(int(marks.g), textureSize(seenColors, 0).x - 1), 0), 0).rgb;
    float luma = dot(min(color, vec3(1.0)), vec3(0.299, 0.587, 0.114));
    color = scale * (0.6 + 0.4 * luma);
  }
  if (isMarked) color = mix(color, selectionColor, 0.65);
  vColor = color;
  gl_Position = vec4(ndc * clip.w, clamp(clip.z, -clip.w, clip.w), clip.w);
}
`;

export const SPLAT_FRAGMENT = /* glsl */ `
precision highp float;
precision highp int;

uniform int displayMode;
uniform float depthUnit;

in vec3 vColor;
in vec2 vSigmas;
flat in float vOpacity;
flat in float vDepth;

out vec4 fragColor;

const float MIN_ALPHA = 1.0 / 255.0;
const float MAX_ALPHA = 0.99;

void main() {
  float alpha = min(MAX_ALPHA, vOpacity * exp(-0.5 * dot(vSigmas, vSigmas)));
  if (alpha < MIN_ALPHA) discard;
  vec3 color = displayMode == 1 ? vec3(vDepth / depthUnit, 0.0, 0.0) : vColor;
  fragColor = vec4(color * alpha, alpha);
}
`;

export const SCREEN_VERTEX = /* glsl */ `
out vec2 vPlace;
void main() {
  vPlace = 0.5 * position.xy + 0.5;
  gl_Position = vec4(position.xy, 0.0, 1.0);
}
`;

/** From the picture as blended to the picture as shown; vPlace has its origin at the bottom left. */
export const SCREEN_FRAGMENT = /* glsl */ `
precision highp float;
in vec2 vPlace;
out vec4 fragColor;

uniform sampler2D picture;
uniform sampler2D depthColors;
uniform sampler2D photo;
uniform int displayMode;
uniform vec2 depthRange;
uniform float photoShare;
uniform vec4 photoFrame;
uniform bool hasFrame;
uniform vec4 background;

void main() {
  vec4 blended = texture(picture, vPlace);
  vec4 shown;
  if (displayMode == 1) {
    float depth = blended.r / max(blended.a, 1e-4);
    float share = clamp((depth - depthRange.x) / max(depthRange.y - depthRange.x, 1e-6), 0.0, 1.0);
    shown = vec4(texture(depthColors, vec2(share, 0.5)).rgb, 1.0) * smoothstep(0.02, 0.2, blended.a);
    shown = shown + background * (1.0 - shown.a);
  } else if (displayMode == 2) {
    shown = vec4(vec3(blended.a), 1.0);
  } else {
    shown = vec4(min(blended.rgb, vec3(1.0)), blended.a);
    shown = shown + background * (1.0 - shown.a);
  }
  if (hasFrame) {
    vec2 inFrame = (vPlace - photoFrame.xy) / photoFrame.zw;
    bool inside = all(greaterThanEqual(inFrame, vec2(0.0))) && all(lessThanEqual(inFrame, vec2(1.0)));
    if (!inside) shown = background * 0.55 + vec4(0.0, 0.0, 0.0, 0.45) * background.a;
    else if (photoShare > 0.0) shown = mix(shown, vec4(texture(photo, inFrame).rgb, 1.0), photoShare);
  }
  fragColor = shown;
}
`;

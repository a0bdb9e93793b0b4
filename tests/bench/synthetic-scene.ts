/** A random scene of known footprint, and how many splat–pixel pairs a picture of it blends. */
import type { Camera } from '../../engine/scene/camera.js';
import type { Splats } from '../../engine/scene/splats.js';
import { createSplats } from '../../engine/scene/splats.js';
import { DEFAULT_DILATION, MAX_ALPHA, MIN_ALPHA, MIN_TRANSMITTANCE } from '../../engine/splatting/contract.js';

const NEAREST = 2;
const FARTHEST = 6;
const SIGMA_RANGE_PX = [1, 3] as const;
const OPACITY_RANGE = [0.1, 0.9] as const;

export interface SyntheticScene {
  readonly camera: Camera;
  readonly splats: Splats;
}

/** mulberry32: the bench's numbers must not change with Math.random. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Round Gaussians, evenly spread over the picture and in depth, σ 1 to 3 px on the screen before dilation, SH 0. */
export function createSyntheticScene(count: number, width: number, height: number, seed: number): SyntheticScene {
  const focal = width;
  const camera: Camera = {
    intrinsics: { fx: focal, fy: focal, cx: width / 2, cy: height / 2, width, height },
    cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] },
  };
  const random = createRandom(seed);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const splats = createSplats(count, 0);
  for (let i = 0; i < count; i++) {
    const z = between(NEAREST, FARTHEST);
    splats.means.set(
      [((between(0, width) - width / 2) / focal) * z, ((between(0, height) - height / 2) / focal) * z, z],
      i * 3,
    );
    splats.logScales.fill(Math.log((between(...SIGMA_RANGE_PX) * z) / focal), i * 3, i * 3 + 3);
    const opacity = between(...OPACITY_RANGE);
    splats.rawOpacities[i] = Math.log(opacity / (1 - opacity));
    for (let c = 0; c < 3; c++) splats.shCoeffs[i * 3 + c] = between(-1, 1);
  }
  return { camera, splats };
}

/**
 * Pairs (Gaussian, pixel) that front-to-back blending adds up: α ≥ MIN_ALPHA and the pixel not yet opaque. Written apart from
 * the backends, for round Gaussians and the camera of {@link createSyntheticScene} only.
 */
export function countBlendedPairs({ camera, splats }: SyntheticScene): number {
  const { fx, cx, cy, width, height } = camera.intrinsics;
  const transmittance = new Float64Array(width * height).fill(1);
  const order = Array.from({ length: splats.count }, (_, i) => i).sort(
    (a, b) => splats.means[a * 3 + 2]! - splats.means[b * 3 + 2]!,
  );
  let pairs = 0;
  for (const i of order) {
    const [x, y, z] = splats.means.subarray(i * 3, i * 3 + 3) as unknown as [number, number, number];
    const [tanX, tanY] = [x / z, y / z];
    const variance = ((Math.exp(splats.logScales[i * 3]!) * fx) / z) ** 2;
    const [a, b, c] = [
      variance * (1 + tanX * tanX) + DEFAULT_DILATION,
      variance * tanX * tanY,
      variance * (1 + tanY * tanY) + DEFAULT_DILATION,
    ];
    const determinant = a * c - b * b;
    const opacity = 1 / (1 + Math.exp(-splats.rawOpacities[i]!));
    const limit = 2 * Math.log(opacity / MIN_ALPHA);
    if (!(limit > 0)) continue;
    const [u, v] = [fx * tanX + cx, fx * tanY + cy];
    const [reachX, reachY] = [Math.sqrt(limit * a), Math.sqrt(limit * c)];
    for (let row = Math.max(0, Math.floor(v - reachY)); row < Math.min(height, v + reachY); row++) {
      for (let column = Math.max(0, Math.floor(u - reachX)); column < Math.min(width, u + reachX); column++) {
        const [dx, dy] = [column + 0.5 - u, row + 0.5 - v];
        const distance = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant;
        const at = row * width + column;
        if (distance > limit || transmittance[at] === 0) continue;
        const after = transmittance[at]! * (1 - Math.min(MAX_ALPHA, opacity * Math.exp(-0.5 * distance)));
        if (after < MIN_TRANSMITTANCE) transmittance[at] = 0;
        else {
          transmittance[at] = after;
          pairs++;
        }
      }
    }
  }
  return pairs;
}

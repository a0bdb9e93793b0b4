/** Makes depth steps sharp: a Gaussian between foreground and background floats in thin air. */
import type { DepthMap } from '../scene/depth-map.js';
import { ShapeError } from '../scene/errors.js';
import type { RgbImage } from '../scene/view.js';
import { isDepth } from './is-depth.js';

export interface SnapDepthOptions {
  /** Neighbouring depths whose logarithms differ by more than this are two surfaces. */
  readonly stepLog?: number;
  /** Odd window sides in pixels, one a pass. 7, 7, 5, 5, 5 in CoherentGS, of which 4 passes count. */
  readonly windowsPx?: readonly number[];
  /** Standard deviation of the spatial weight in pixels (CoherentGS: 4). */
  readonly sigmaSpacePx?: number;
  /** Standard deviation of the colour weight in units of the image's 0..1. */
  readonly sigmaColour?: number;
  /** Depths of confidence ≥ 0.5 stay as they are. */
  readonly keepConfirmed?: boolean;
}

/** Per-pass roles of the pixels. */
const Role = { unknown: 0, source: 1, edge: 2, mixed: 3 } as const;

/**
 * Sparse weighted-median filter: only pixels at a depth step (log-depth range of the 3×3 neighbourhood > `stepLog`) change. Each takes the
 * weighted median of the depths in its window that are not at a step themselves, weights `exp(−|Δx|² / 2σ_s²) exp(−|ΔI|² / 2σ_c²)`: a
 * depth that some neighbour has, chosen by the photo's colours, and never one in between. A pixel that is an extreme of its
 * neighbourhood (not in between) and finds no such depth near its own is a thin structure and stays.
 *
 * @param depthMap [H, W] world units; unknown (0, negative, NaN, Inf) is neither changed nor used.
 * @param image same size, values 0..1.
 * @returns a new map; confidence becomes 0 where the depth changed by more than `stepLog`.
 * @throws ShapeError when sizes disagree.
 * @remarks The filter before 3D-photo inpainting (Shih et al. 2020), here relative in depth, so without scene units.
 */
export function snapDepthEdges(depthMap: DepthMap, image: RgbImage, options: SnapDepthOptions = {}): DepthMap {
  const { width, height } = depthMap;
  const count = width * height;
  if (image.width !== width || image.height !== height || image.data.length !== count * 3) {
    throw new ShapeError('depth map and image differ in size');
  }
  if (depthMap.depth.length !== count || depthMap.confidence.length !== count) {
    throw new ShapeError('depth map arrays do not fit its size');
  }
  const stepLog = options.stepLog ?? 0.05;
  const frozen = options.keepConfirmed === true ? depthMap.confidence : null;
  const logDepth = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const z = depthMap.depth[i] as number;
    logDepth[i] = isDepth(z) ? Math.log(z) : NaN;
  }
  const original = logDepth.slice();
  const filter = createMedianFilter(image, options.sigmaSpacePx ?? 4, options.sigmaColour ?? 0.1);
  for (const windowPx of options.windowsPx ?? [7, 7, 5, 5]) {
    const roles = assignRoles(logDepth, width, height, stepLog, frozen);
    const before = logDepth.slice();
    for (let i = 0; i < count; i++) {
      if (roles[i] === Role.edge || roles[i] === Role.mixed) {
        logDepth[i] = filter(before, roles, i, windowPx >> 1, stepLog);
      }
    }
  }
  const depth = depthMap.depth.slice();
  const confidence = depthMap.confidence.slice();
  for (let i = 0; i < count; i++) {
    const change = Math.abs((logDepth[i] as number) - (original[i] as number));
    // Untouched pixels keep their exact bits: exp(log z) would not.
    if (change > 0) depth[i] = Math.exp(logDepth[i] as number);
    if (change > stepLog) confidence[i] = 0;
  }
  return { width, height, depth, confidence };
}

function assignRoles(
  logDepth: Float32Array,
  width: number,
  height: number,
  stepLog: number,
  frozen: Float32Array | null,
): Uint8Array {
  const roles = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (Number.isNaN(logDepth[i])) continue;
      const isFrozen = frozen !== null && (frozen[i] as number) >= 0.5;
      const [nearest, farthest] = rangeAround(logDepth, width, height, i, 1);
      if (isFrozen || farthest - nearest <= stepLog) roles[i] = Role.source;
      else roles[i] = isInBetween(logDepth, width, height, i, stepLog) ? Role.mixed : Role.edge;
    }
  }
  return roles;
}

/** Clearly behind its nearest neighbour and clearly before its farthest one; a blurred step is up to a few pixels wide, hence 5×5. */
function isInBetween(logDepth: Float32Array, width: number, height: number, pixel: number, stepLog: number): boolean {
  const own = logDepth[pixel] as number;
  const [nearest, farthest] = rangeAround(logDepth, width, height, pixel, 2);
  return own - nearest > stepLog / 2 && farthest - own > stepLog / 2;
}

/** Least and greatest log depth within `radius` of a pixel; unknown neighbours (NaN) do not count. */
function rangeAround(
  logDepth: Float32Array,
  width: number,
  height: number,
  pixel: number,
  radius: number,
): [number, number] {
  const x = pixel % width;
  const y = (pixel - x) / width;
  let nearest = logDepth[pixel] as number;
  let farthest = nearest;
  for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
    for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++) {
      const other = logDepth[v * width + u] as number;
      if (other < nearest) nearest = other;
      if (other > farthest) farthest = other;
    }
  }
  return [nearest, farthest];
}

type MedianFilter = (
  logDepth: Float32Array,
  roles: Uint8Array,
  pixel: number,
  radius: number,
  stepLog: number,
) => number;

function createMedianFilter(image: RgbImage, sigmaSpacePx: number, sigmaColour: number): MedianFilter {
  const { width, height, data } = image;
  const spaceFactor = -0.5 / sigmaSpacePx ** 2;
  const colourFactor = -0.5 / sigmaColour ** 2;
  return (logDepth, roles, pixel, radius, stepLog) => {
    const x = pixel % width;
    const y = (pixel - x) / width;
    const own = logDepth[pixel] as number;
    const isMixed = roles[pixel] === Role.mixed;
    // First choice are depths away from any step; a mixed pixel between thin structures must do with its unmixed neighbours.
    for (const accepted of isMixed ? [Role.source, Role.edge] : [Role.source]) {
      const samples: { value: number; weight: number }[] = [];
      let total = 0;
      let ownSide = false;
      for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
        for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++) {
          const q = v * width + u;
          if (roles[q] !== accepted) continue;
          const value = logDepth[q] as number;
          if (Math.abs(value - own) <= stepLog) ownSide = true;
          const dr = (data[q * 3] as number) - (data[pixel * 3] as number);
          const dg = (data[q * 3 + 1] as number) - (data[pixel * 3 + 1] as number);
          const db = (data[q * 3 + 2] as number) - (data[pixel * 3 + 2] as number);
          const distance2 = (u - x) ** 2 + (v - y) ** 2;
          const weight = Math.exp(spaceFactor * distance2 + colourFactor * (dr * dr + dg * dg + db * db)) + 1e-30;
          samples.push({ value, weight });
          total += weight;
        }
      }
      if (samples.length === 0) continue;
      if (!isMixed && !ownSide) return own;
      return weightedMedian(samples, total);
    }
    return own;
  };
}

/** The smallest value at which the sorted weights reach half of their sum. */
function weightedMedian(samples: { value: number; weight: number }[], total: number): number {
  samples.sort((a, b) => a.value - b.value);
  let sum = 0;
  for (const { value, weight } of samples) {
    sum += weight;
    if (sum >= total / 2) return value;
  }
  return (samples[samples.length - 1] as { value: number }).value;
}

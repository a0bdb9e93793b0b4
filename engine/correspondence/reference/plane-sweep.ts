/** The matching costs of a plane sweep, pixel by pixel and plane by plane: the definition that faster backends are tested against. */
import type { Vec3 } from '../../math/rigid-transform.js';
import { invertRigid, transformPoint } from '../../math/rigid-transform.js';
import type { StageContext } from '../../scene/stage.js';
import { yieldToHost } from '../../scene/stage.js';
import type { View } from '../../scene/view.js';

const RADIUS = 3;
const COLOR_SHARE = 0.4;
/** Mean absolute RGB difference, 0..1. */
const COLOR_TRUNCATION = 50 / 255;
/** Deviation of luma under which ZNCC fades to no opinion. */
const TEXTURE_FLOOR = 0.5 / 255;
const UNSEEN_COST = 0.5;

/** World position of a pixel position (centres at +0.5) at a depth. */
export function unprojectPixel(view: View, u: number, v: number, depth: number): Vec3 {
  const { fx, fy, cx, cy } = view.camera.intrinsics;
  const inCamera: Vec3 = [((u - cx) / fx) * depth, ((v - cy) / fy) * depth, depth];
  return transformPoint(invertRigid(view.camera.cameraFromWorld), inCamera);
}

/** Pixel position and depth of a world point, or null behind the camera. */
export function projectPoint(view: View, point: Vec3): { u: number; v: number; depth: number } | null {
  const [x, y, z] = transformPoint(view.camera.cameraFromWorld, point);
  const { fx, fy, cx, cy } = view.camera.intrinsics;
  return z > 0 ? { u: (fx * x) / z + cx, v: (fy * y) / z + cy, depth: z } : null;
}

/** Whether the photo counts at a pixel; outside it does not. */
export function pixelCounts(view: View, x: number, y: number): boolean {
  const { width, height } = view.image;
  return x >= 0 && y >= 0 && x < width && y < height && (view.mask === null || view.mask[y * width + x] !== 0);
}

/** Brightness 0..1 of an RGB triple, Rec. 601 weights. */
export function lumaOfColor(color: readonly number[]): number {
  return 0.299 * (color[0] as number) + 0.587 * (color[1] as number) + 0.114 * (color[2] as number);
}

/** RGB of a pixel. */
export function colorAt(view: View, x: number, y: number): number[] {
  const at = (y * view.image.width + x) * 3;
  return [...view.image.data.subarray(at, at + 3)];
}

/** Bilinear RGB at a pixel position; null outside the photo or where it does not count. The border's colours continue for half a pixel. */
function sampleColor(view: View, u: number, v: number): number[] | null {
  const { width, height } = view.image;
  if (!pixelCounts(view, Math.floor(u), Math.floor(v))) return null;
  const x = Math.max(0, Math.min(width - 1, u - 0.5));
  const y = Math.max(0, Math.min(height - 1, v - 0.5));
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const [top0, top1, bottom0, bottom1] = [
    colorAt(view, x0, y0),
    colorAt(view, x1, y0),
    colorAt(view, x0, y1),
    colorAt(view, x1, y1),
  ];
  return [0, 1, 2].map((c) => {
    const top = (top0[c] as number) + (x - x0) * ((top1[c] as number) - (top0[c] as number));
    const bottom = (bottom0[c] as number) + (x - x0) * ((bottom1[c] as number) - (bottom0[c] as number));
    return top + (y - y0) * (bottom - top);
  });
}

/** The source as the reference camera would see it if everything stood at one inverse depth; null where it cannot say. */
function warpSource(reference: View, source: View, inverseDepth: number): (number[] | null)[] {
  const { width, height } = reference.image;
  const warped: (number[] | null)[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const seen = projectPoint(source, unprojectPixel(reference, x + 0.5, y + 0.5, 1 / inverseDepth));
      warped.push(seen === null ? null : sampleColor(source, seen.u, seen.v));
    }
  }
  return warped;
}

/** (1 − ZNCC) / 2 of luma over the window's pixels that both photos show. */
function shapeCost(reference: View, warped: readonly (number[] | null)[], x: number, y: number): number {
  const pairs: [number, number][] = [];
  for (let wy = y - RADIUS; wy <= y + RADIUS; wy++) {
    for (let wx = x - RADIUS; wx <= x + RADIUS; wx++) {
      if (!pixelCounts(reference, wx, wy)) continue;
      const other = warped[wy * reference.image.width + wx];
      if (other) pairs.push([lumaOfColor(colorAt(reference, wx, wy)), lumaOfColor(other)]);
    }
  }
  const mean = (k: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[k], 0) / pairs.length;
  const [mean0, mean1] = [mean(0), mean(1)];
  let [covariance, variance0, variance1] = [0, 0, 0];
  for (const [a, b] of pairs) {
    covariance += ((a - mean0) * (b - mean1)) / pairs.length;
    variance0 += (a - mean0) ** 2 / pairs.length;
    variance1 += (b - mean1) ** 2 / pairs.length;
  }
  const floor = TEXTURE_FLOOR ** 2;
  return (1 - covariance / Math.sqrt((variance0 + floor) * (variance1 + floor))) / 2;
}

/** Mean of all sources that see the pixel when there are at most two, of the two best when there are more. */
function combineCosts(costs: readonly number[]): number {
  if (costs.length === 0) return UNSEEN_COST;
  const best = [...costs].sort((a, b) => a - b).slice(0, 2);
  return best.reduce((sum, cost) => sum + cost, 0) / best.length;
}

/**
 * Matching cost of every pixel at every plane, 0..1, laid out [H, W, planes]:
 * 0.6 (1 − ZNCC₇ₓ₇(luma)) / 2 + 0.4 min(1, mean|ΔRGB| / truncation), combined over the sources; 0.5 where none sees it,
 * and on masked pixels. Lets the host run between planes.
 *
 * @throws the signal's reason when it was aborted.
 */
export async function sweepPlanes(
  reference: View,
  sources: readonly View[],
  inverseDepths: readonly number[],
  context: StageContext = {},
): Promise<Float64Array> {
  const { width, height } = reference.image;
  const planes = inverseDepths.length;
  const costs = new Float64Array(width * height * planes);
  for (const [plane, inverseDepth] of inverseDepths.entries()) {
    await yieldToHost(context);
    const warps = sources.map((source) => warpSource(reference, source, inverseDepth));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = y * width + x;
        const own = colorAt(reference, x, y);
        const ofSources: number[] = [];
        for (const warped of warps) {
          const other = warped[pixel];
          if (!other || !pixelCounts(reference, x, y)) continue;
          const difference = own.reduce((sum, value, c) => sum + Math.abs(value - (other[c] as number)), 0) / 3;
          const colorCost = Math.min(1, difference / COLOR_TRUNCATION);
          ofSources.push((1 - COLOR_SHARE) * shapeCost(reference, warped, x, y) + COLOR_SHARE * colorCost);
        }
        costs[pixel * planes + plane] = combineCosts(ofSources);
      }
    }
  }
  return costs;
}

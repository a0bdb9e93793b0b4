/** Anchors of all sensors as one grid of pixels. */
import { median } from '../math/median.js';
import type { DepthAnchors } from '../scene/depth-anchors.js';
import { isDepth } from './is-depth.js';

export interface AnchorGrid {
  readonly width: number;
  readonly height: number;
  /** Pixels with an anchor, in the picture's order. */
  readonly pixels: Uint32Array;
  /** [pixels] 1 / z; several anchors in a pixel are averaged by weight. */
  readonly inverseDepth: Float64Array;
  /** [pixels] standard deviation of log depth. */
  readonly sigma: Float64Array;
  /** [pixels] 1 where the anchor is of a sensor that measures precisely, however vague it is itself (at a silhouette); 0: a radar's. */
  readonly isPrecise: Uint8Array;
  /** Median of `inverseDepth`; NaN without anchors. */
  readonly usualInverseDepth: number;
}

/** No sensor and calibration are better than this for a pixel as a whole; it also keeps one anchor from outweighing all. */
const LEAST_SIGMA = 0.01;
/** A sensor whose anchors have a median σ above this is imprecise as a whole. */
const PRECISE_SIGMA = 0.05;
/** Beyond it an anchor says nothing. */
const MOST_SIGMA = 1;

interface Cell {
  weight: number;
  sum: number;
  sigma: number;
  isPrecise: number;
}

/**
 * Gathers anchors by pixel: `1/z = Σ w (1/z) / Σ w`, `w = 1 / σ²`, and the pixel's σ is that of the best anchor in it (they look at one
 * surface through one calibration, so their errors are not independent). σ is held within 0.01 and 1.
 *
 * Anchors outside the picture, under the mask, or with depths or sigmas that are not positive and finite are left out.
 */
export function rasteriseAnchors(
  sets: readonly DepthAnchors[],
  size: { readonly width: number; readonly height: number },
  mask: Uint8Array | null,
): AnchorGrid {
  const { width, height } = size;
  const gathered = new Map<number, Cell>();
  for (const { count, pixels, depth, sigmaLogDepth } of sets) {
    const isPrecise = median(sigmaLogDepth) <= PRECISE_SIGMA ? 1 : 0;
    for (let k = 0; k < count; k++) {
      const [u, v] = [pixels[2 * k] as number, pixels[2 * k + 1] as number];
      const z = depth[k] as number;
      const given = sigmaLogDepth[k] as number;
      if (!(u >= 0 && u < width && v >= 0 && v < height) || !isDepth(z) || !(given > 0 && given < Infinity)) continue;
      const pixel = Math.floor(v) * width + Math.floor(u);
      if (mask && mask[pixel] === 0) continue;
      const sigma = Math.min(MOST_SIGMA, Math.max(LEAST_SIGMA, given));
      const weight = 1 / sigma ** 2;
      const cell = gathered.get(pixel);
      if (!cell) gathered.set(pixel, { weight, sum: weight / z, sigma, isPrecise });
      else {
        cell.isPrecise = Math.max(cell.isPrecise, isPrecise);
        cell.weight += weight;
        cell.sum += weight / z;
        cell.sigma = Math.min(cell.sigma, sigma);
      }
    }
  }
  const pixels = Uint32Array.from(gathered.keys()).sort();
  const cells = Array.from(pixels, (pixel) => gathered.get(pixel) as Cell);
  const inverseDepth = Float64Array.from(cells, ({ sum, weight }) => sum / weight);
  return {
    width,
    height,
    pixels,
    inverseDepth,
    sigma: Float64Array.from(cells, ({ sigma }) => sigma),
    isPrecise: Uint8Array.from(cells, ({ isPrecise }) => isPrecise),
    usualInverseDepth: median(inverseDepth),
  };
}

/** How far a depth completed from anchors can be believed at each pixel. */
import type { AnchorGrid } from './rasterise-anchors.js';

/** At this share of the diagonal from an anchor the confidence is half: less than half the gap between the rows of a 32-beam scanner. */
const HALF_WAY_SHARE = 0.01;
/** An anchor of this sigma, or missed by so much of log depth, counts half. */
const HALF_SIGMA = 0.05;

/** Nearest member of a set for every pixel, by two sweeps that hand it on between neighbours (Danielsson 1980). */
function findNearest({ width, height, pixels }: AnchorGrid): Int32Array {
  const nearest = new Int32Array(width * height).fill(-1);
  pixels.forEach((pixel, k) => {
    nearest[pixel] = k;
  });
  const squared = (k: number, x: number, y: number): number => {
    if (k < 0) return Infinity;
    const pixel = pixels[k] as number;
    return ((pixel % width) - x) ** 2 + (Math.floor(pixel / width) - y) ** 2;
  };
  const offer = (i: number, x: number, y: number, dx: number, dy: number): void => {
    if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) return;
    const candidate = nearest[i + dy * width + dx] as number;
    if (candidate >= 0 && squared(candidate, x, y) < squared(nearest[i] as number, x, y)) nearest[i] = candidate;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0, i = y * width; x < width; x++, i++) for (const dx of [-1, 0, 1]) offer(i, x, y, dx, -1);
    for (let x = 0, i = y * width; x < width; x++, i++) offer(i, x, y, -1, 0);
    for (let x = width - 1, i = y * width + x; x >= 0; x--, i--) offer(i, x, y, 1, 0);
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = 0, i = y * width; x < width; x++, i++) for (const dx of [-1, 0, 1]) offer(i, x, y, dx, 1);
    for (let x = 0, i = y * width; x < width; x++, i++) offer(i, x, y, -1, 0);
    for (let x = width - 1, i = y * width + x; x >= 0; x--, i--) offer(i, x, y, 1, 0);
  }
  return nearest;
}

/**
 * `1 / (1 + (d / d₀)²) · 1 / (1 + (σ / 0.05)²) · 1 / (1 + (m / 0.05)²)`: d the distance to the nearest anchor, d₀ = 1 % of the diagonal, σ that
 * anchor's, m by how much of log depth the completed depth misses it.
 *
 * @param depth [H, W] the completed depth. @returns [H, W] 0..1; all 0 without anchors.
 */
export function rateConfidence(grid: AnchorGrid, depth: Float32Array): Float32Array {
  const { width, height, pixels } = grid;
  const confidence = new Float32Array(width * height);
  if (pixels.length === 0) return confidence;
  const half = (value: number): number => 1 / (1 + value ** 2);
  const worth = Float64Array.from(pixels, (pixel, k) => {
    const misfit = Math.abs(Math.log((depth[pixel] as number) * (grid.inverseDepth[k] as number)));
    const sigma = grid.sigma[k] as number;
    return half(sigma / HALF_SIGMA) * (Number.isFinite(misfit) ? half(misfit / HALF_SIGMA) : 0);
  });
  const halfWay = HALF_WAY_SHARE * Math.hypot(width, height);
  const nearest = findNearest(grid);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const k = nearest[i] as number;
      if (k < 0) continue;
      const pixel = pixels[k] as number;
      const distance = Math.hypot((pixel % width) - x, Math.floor(pixel / width) - y);
      confidence[i] = half(distance / halfWay) * (worth[k] as number);
    }
  }
  return confidence;
}

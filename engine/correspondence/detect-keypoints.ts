/** Corners at several scales, spread over the photo by a grid. */
import type { View } from '../scene/view.js';
import type { ScaleLevel } from './detect-scale-space.js';

/** N keypoints of one photo. */
export interface Keypoints {
  readonly count: number;
  /** [N, 2] photo pixels, pixel centres at +0.5. */
  readonly px: Float32Array;
  /** [N] index of the scale level; the feature's size is 2^(level / 2) photo pixels. */
  readonly levels: Uint8Array;
}

/** Keypoints kept per grid cell; the cell grows with the level. */
const PER_CELL = 4;
/** Keypoints wanted at the finest level; each further level has half as many. */
const FINEST_COUNT = 1500;
/** Smaller eigenvalue of the structure tensor (luma 0..1, per level pixel): below it is sensor noise of an 8-bit photo. */
const MIN_RESPONSE = 1e-5;
/** Level pixels at the border without keypoints: derivative and tensor are one-sided there. */
const BORDER = 4;

/**
 * Box mean of (2 radius + 1)² pixels by running sums, the border's pixels repeated; in place. Applied twice it weighs
 * a corner's window like a tent, at a cost that does not grow with the window.
 */
function boxBlur(image: Float32Array, width: number, height: number, radius: number): void {
  const scale = 1 / (2 * radius + 1);
  const padded = new Float64Array(width + 2 * radius + 1);
  for (let y = 0; y < height; y++) {
    const base = y * width;
    for (let x = 0; x < width; x++) padded[x + radius] = image[base + x] as number;
    padded.fill(image[base] as number, 0, radius);
    padded.fill(image[base + width - 1] as number, width + radius);
    let sum = 0;
    for (let x = 0; x <= 2 * radius; x++) sum += padded[x] as number;
    for (let x = 0; x < width; x++) {
      image[base + x] = sum * scale;
      sum += (padded[x + 2 * radius + 1] as number) - (padded[x] as number);
    }
  }
  const source = image.slice();
  const sums = new Float64Array(width);
  for (let dy = -radius; dy <= radius; dy++) {
    const base = Math.max(0, Math.min(dy, height - 1)) * width;
    for (let x = 0; x < width; x++) sums[x] = (sums[x] as number) + (source[base + x] as number);
  }
  for (let y = 0; y < height; y++) {
    const base = y * width;
    const enter = Math.min(y + radius + 1, height - 1) * width;
    const leave = Math.max(y - radius, 0) * width;
    for (let x = 0; x < width; x++) {
      const sum = sums[x] as number;
      image[base + x] = sum * scale;
      sums[x] = sum + (source[enter + x] as number) - (source[leave + x] as number);
    }
  }
}

/** Shi and Tomasi 1994: the smaller eigenvalue of the blurred structure tensor. */
function cornerResponse(level: ScaleLevel): Float32Array {
  const { width, height, gradX, gradY } = level;
  const size = width * height;
  const xx = new Float32Array(size);
  const xy = new Float32Array(size);
  const yy = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const gx = gradX[i] as number;
    const gy = gradY[i] as number;
    xx[i] = gx * gx;
    xy[i] = gx * gy;
    yy[i] = gy * gy;
  }
  // Two boxes of 3 (of 5) pixels blur by 1.2 (2.0): a little more than the derivatives' own 1 (1.4).
  const radius = level.sigma > 1 ? 2 : 1;
  for (const product of [xx, xy, yy]) {
    boxBlur(product, width, height, radius);
    boxBlur(product, width, height, radius);
  }
  for (let i = 0; i < size; i++) {
    const half = 0.5 * ((xx[i] as number) - (yy[i] as number));
    const off = xy[i] as number;
    xx[i] = 0.5 * ((xx[i] as number) + (yy[i] as number)) - Math.sqrt(half * half + off * off);
  }
  return xx;
}

/** Offset of a parabola's peak through three equidistant values. */
function peakOffset(before: number, at: number, after: number): number {
  const curvature = before - 2 * at + after;
  return curvature < 0 ? Math.max(-0.5, Math.min(0.5, (0.5 * (before - after)) / curvature)) : 0;
}

/** A corner of the mask's border is no corner of the scene: its whole neighbourhood has to count. */
function isUnmasked(view: View, u: number, v: number, radius: number): boolean {
  const { mask } = view;
  if (mask === null) return true;
  const { width, height } = view.image;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const x = Math.floor(u + dx * radius);
      const y = Math.floor(v + dy * radius);
      if (x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 0) return false;
    }
  }
  return true;
}

interface Candidate {
  readonly u: number;
  readonly v: number;
  readonly response: number;
}

function detectInLevel(view: View, level: ScaleLevel, cellPx: number): Candidate[] {
  const { width, height, pixelSize } = level;
  const response = cornerResponse(level);
  const at = (i: number): number => response[i] as number;
  const columns = Math.ceil(view.image.width / cellPx);
  const cells = new Map<number, Candidate[]>();
  for (let y = BORDER; y < height - BORDER; y++) {
    for (let x = BORDER; x < width - BORDER; x++) {
      const i = y * width + x;
      const r = at(i);
      if (!(r > MIN_RESPONSE) || at(i - 1) >= r || at(i + 1) > r || at(i - width) >= r || at(i + width) > r) continue;
      if (at(i - width - 1) >= r || at(i - width + 1) >= r || at(i + width - 1) > r || at(i + width + 1) > r) continue;
      const u = (x + 0.5 + peakOffset(at(i - 1), r, at(i + 1))) * pixelSize;
      const v = (y + 0.5 + peakOffset(at(i - width), r, at(i + width))) * pixelSize;
      if (!isUnmasked(view, u, v, 4 * level.sigma * pixelSize)) continue;
      const key = Math.floor(v / cellPx) * columns + Math.floor(u / cellPx);
      const cell = cells.get(key);
      if (cell === undefined) cells.set(key, [{ u, v, response: r }]);
      else cell.push({ u, v, response: r });
    }
  }
  const kept: Candidate[] = [];
  for (const cell of cells.values()) {
    cell.sort((a, b) => b.response - a.response);
    kept.push(...cell.slice(0, PER_CELL));
  }
  return kept;
}

/**
 * Corners (local maxima of the smaller eigenvalue of the structure tensor, Shi and Tomasi 1994) at every scale level,
 * to a fraction of a pixel by parabolas. A grid keeps the four strongest of each cell, so that plain parts get some and
 * foliage does not take all; about 3,000 a photo. Masked pixels and their neighbourhood give none.
 */
export function detectKeypoints(view: View, levels: readonly ScaleLevel[]): Keypoints {
  const { width, height } = view.image;
  const finestCell = Math.sqrt((width * height * PER_CELL) / FINEST_COUNT);
  const px: number[] = [];
  const levelOf: number[] = [];
  levels.forEach((level, index) => {
    for (const { u, v } of detectInLevel(view, level, finestCell * 2 ** (index / 2))) {
      px.push(u, v);
      levelOf.push(index);
    }
  });
  return { count: levelOf.length, px: Float32Array.from(px), levels: Uint8Array.from(levelOf) };
}

/** Half-octave Gaussian scale space of a photo's luma: what keypoints are found in and described from. */
import type { View } from '../scene/view.js';

/** One level of the scale space. A level pixel covers `pixelSize` photo pixels; (u, v) of the photo is (u, v) / pixelSize here. */
export interface ScaleLevel {
  readonly width: number;
  readonly height: number;
  /** Photo pixels per level pixel: 1, 1, 2, 2, 4, 4 … */
  readonly pixelSize: number;
  /** Blur (standard deviation) in level pixels: 1 or √2. */
  readonly sigma: number;
  /** [height, width] derivative of the blurred luma per level pixel, times sigma: comparable across levels. */
  readonly gradX: Float32Array;
  readonly gradY: Float32Array;
}

/** Cameras blur by about this much already. */
const NATIVE_SIGMA = 0.5;
const MAX_LEVELS = 6;
const MIN_LEVEL_SIZE = 40;

/** Weights 0..3 of a symmetric Gaussian kernel of seven taps; enough for sigma ≤ 1.1. */
function gaussianWeights(sigma: number): [number, number, number, number] {
  const half = [0, 1, 2, 3].map((i) => Math.exp((-0.5 * i * i) / (sigma * sigma)));
  const sum = half.reduce((total, value, i) => total + (i === 0 ? value : 2 * value), 0);
  return half.map((value) => value / sum) as [number, number, number, number];
}

/** Separable Gaussian blur by seven taps (sigma ≤ 1.1), the border's pixels repeated. Unrolled: it is half of the stage. */
function blurImage(image: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const [w0, w1, w2, w3] = gaussianWeights(sigma);
  const rows = new Float32Array(width * height);
  const padded = new Float32Array(width + 6);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) padded[x + 3] = image[row + x] as number;
    padded.fill(image[row] as number, 0, 3);
    padded.fill(image[row + width - 1] as number, width + 3);
    for (let x = 0; x < width; x++) {
      rows[row + x] =
        w0 * (padded[x + 3] as number) +
        w1 * ((padded[x + 2] as number) + (padded[x + 4] as number)) +
        w2 * ((padded[x + 1] as number) + (padded[x + 5] as number)) +
        w3 * ((padded[x] as number) + (padded[x + 6] as number));
    }
  }
  const blurred = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const rowAt = (dy: number): number => Math.max(0, Math.min(height - 1, y + dy)) * width;
    const [a3, a2, a1, r, b1, b2, b3] = [rowAt(-3), rowAt(-2), rowAt(-1), y * width, rowAt(1), rowAt(2), rowAt(3)];
    for (let x = 0; x < width; x++) {
      blurred[r + x] =
        w0 * (rows[r + x] as number) +
        w1 * ((rows[a1 + x] as number) + (rows[b1 + x] as number)) +
        w2 * ((rows[a2 + x] as number) + (rows[b2 + x] as number)) +
        w3 * ((rows[a3 + x] as number) + (rows[b3 + x] as number));
    }
  }
  return blurred;
}

/** Mean of every 2×2 block; an odd last row or column is dropped. Keeps (u, v) → (u / 2, v / 2) exact, unlike subsampling. */
function halveImage(image: Float32Array, width: number, height: number): Float32Array {
  const halfWidth = width >> 1;
  const halfHeight = height >> 1;
  const half = new Float32Array(halfWidth * halfHeight);
  for (let y = 0; y < halfHeight; y++) {
    const top = 2 * y * width;
    for (let x = 0; x < halfWidth; x++) {
      const at = top + 2 * x;
      half[y * halfWidth + x] =
        0.25 *
        ((image[at] as number) +
          (image[at + 1] as number) +
          (image[at + width] as number) +
          (image[at + width + 1] as number));
    }
  }
  return half;
}

function differentiate(
  image: Float32Array,
  width: number,
  height: number,
  pixelSize: number,
  sigma: number,
): ScaleLevel {
  const gradX = new Float32Array(width * height);
  const gradY = new Float32Array(width * height);
  const scale = 0.5 * sigma;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      gradX[at] = scale * ((image[at + 1] as number) - (image[at - 1] as number));
      gradY[at] = scale * ((image[at + width] as number) - (image[at - width] as number));
    }
  }
  return { width, height, pixelSize, sigma, gradX, gradY };
}

/**
 * The levels of a photo, finest first: blur of 1, √2, 2, 2√2 … photo pixels, each octave at half the size (Lindeberg 1994;
 * Lowe 2004 §3 for the octave layout).
 *
 * A NaN or infinite pixel counts as black.
 *
 * @returns at least one level, at most six; levels smaller than 40 pixels are left out.
 */
export function buildScaleLevels(view: View): ScaleLevel[] {
  let { width, height } = view.image;
  const { data } = view.image;
  let image: Float32Array = new Float32Array(width * height);
  // Rec. 601 luma.
  for (let i = 0; i < image.length; i++) {
    const luma =
      0.299 * (data[3 * i] as number) + 0.587 * (data[3 * i + 1] as number) + 0.114 * (data[3 * i + 2] as number);
    image[i] = Number.isFinite(luma) ? luma : 0;
  }
  const levels: ScaleLevel[] = [];
  let present = NATIVE_SIGMA;
  for (let pixelSize = 1; ; pixelSize *= 2) {
    image = blurImage(image, width, height, Math.sqrt(1 - present * present));
    levels.push(differentiate(image, width, height, pixelSize, 1));
    image = blurImage(image, width, height, 1);
    levels.push(differentiate(image, width, height, pixelSize, Math.SQRT2));
    if (levels.length >= MAX_LEVELS || Math.min(width, height) < 2 * MIN_LEVEL_SIZE) return levels;
    image = halveImage(image, width, height);
    width >>= 1;
    height >>= 1;
    // Variances add: the blur of √2 and the 2×2 mean's 1/4, in pixels half as many.
    present = Math.sqrt(2.25) / 2;
  }
}

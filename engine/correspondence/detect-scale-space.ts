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

function gaussianKernel(sigma: number): Float32Array {
  const radius = Math.max(1, Math.ceil(sigma * 2.8));
  const half = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp((-0.5 * i * i) / (sigma * sigma)));
  const sum = half.reduce((total, value, i) => total + (i === 0 ? value : 2 * value), 0);
  return Float32Array.from(half, (value) => value / sum);
}

/**
 * Separable Gaussian blur with the border's pixels repeated.
 *
 * @param image [height, width]; NaN spreads to the kernel's reach.
 * @param sigma standard deviation in pixels, > 0
 */
export function blurImage(image: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const kernel = gaussianKernel(sigma);
  const radius = kernel.length - 1;
  const centre = kernel[0] as number;
  const rows = new Float32Array(width * height);
  const padded = new Float32Array(width + 2 * radius);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    padded.fill(image[row] as number, 0, radius);
    padded.set(image.subarray(row, row + width), radius);
    padded.fill(image[row + width - 1] as number, radius + width);
    for (let x = 0; x < width; x++) {
      let sum = centre * (padded[x + radius] as number);
      for (let k = 1; k <= radius; k++) {
        sum += (kernel[k] as number) * ((padded[x + radius - k] as number) + (padded[x + radius + k] as number));
      }
      rows[row + x] = sum;
    }
  }
  const blurred = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) blurred[row + x] = centre * (rows[row + x] as number);
    for (let k = 1; k <= radius; k++) {
      const above = Math.max(0, y - k) * width;
      const below = Math.min(height - 1, y + k) * width;
      const weight = kernel[k] as number;
      for (let x = 0; x < width; x++) {
        blurred[row + x] =
          (blurred[row + x] as number) + weight * ((rows[above + x] as number) + (rows[below + x] as number));
      }
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
 * @returns at least one level, at most six; levels smaller than 40 pixels are left out.
 */
export function buildScaleLevels(view: View): ScaleLevel[] {
  let { width, height } = view.image;
  const { data } = view.image;
  let image: Float32Array = new Float32Array(width * height);
  // Rec. 601 luma.
  for (let i = 0; i < image.length; i++) {
    image[i] =
      0.299 * (data[3 * i] as number) + 0.587 * (data[3 * i + 1] as number) + 0.114 * (data[3 * i + 2] as number);
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

import { ShapeError } from '../scene/errors.js';

/**
 * Throws ShapeError unless two images [H, W, 3] and the pixel mask [H, W] fit each other; returns the number of pixels.
 */
export function countComparedPixels(
  image: ArrayLike<number>,
  other: ArrayLike<number>,
  mask: ArrayLike<number> | null,
): number {
  const pixels = image.length / 3;
  if (image.length !== other.length || !Number.isInteger(pixels)) {
    throw new ShapeError(`images of ${image.length} and ${other.length} numbers cannot be compared`);
  }
  if (mask !== null && mask.length !== pixels) {
    throw new ShapeError(`a mask of ${mask.length} pixels given for images of ${pixels}`);
  }
  return pixels;
}

/**
 * Mean squared error of two RGB images [H, W, 3] over the channels of the pixels whose mask is not 0:
 * MSE = Σ_p Σ_c (a_pc − b_pc)² / (3 · number of such pixels), summed in float64.
 * NaN where no pixel counts or a counted value is NaN; masked values are not looked at. Throws ShapeError.
 *
 * @param mask [H, W], 0 leaves a pixel out; null counts all.
 */
export function computeMse(image: ArrayLike<number>, other: ArrayLike<number>, mask: ArrayLike<number> | null): number {
  const pixels = countComparedPixels(image, other, mask);
  let sum = 0;
  let counted = 0;
  for (let p = 0; p < pixels; p++) {
    if (mask !== null && mask[p] === 0) continue;
    counted++;
    for (let i = p * 3; i < p * 3 + 3; i++) sum += ((image[i] as number) - (other[i] as number)) ** 2;
  }
  return sum / (3 * counted);
}

/**
 * Peak signal-to-noise ratio in dB for a data range of 1: −10 log10(MSE), MSE as {@link computeMse} over all counted pixels and
 * channels together. Infinity for equal images. Images are compared as they are: clamp a render to 0..1 first.
 * The mean over views is the mean of their dB, as papers report it.
 *
 * @param mask [H, W], 0 leaves a pixel out; null counts all.
 */
export function computePsnr(
  image: ArrayLike<number>,
  other: ArrayLike<number>,
  mask: ArrayLike<number> | null = null,
): number {
  return -10 * Math.log10(computeMse(image, other, mask));
}

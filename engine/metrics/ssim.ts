import { ShapeError } from '../scene/errors.js';
import { countComparedPixels } from './psnr.js';

/** Wang et al. 2004: an 11×11 Gaussian window of σ 1.5, K1 = 0.01, K2 = 0.03; data range 1. */
const RADIUS = 5;
const SIGMA = 1.5;
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/** The window is the product of two of these, which sum to 1. */
const WINDOW = ((): Float64Array => {
  const window = Float64Array.from({ length: 2 * RADIUS + 1 }, (_, i) =>
    Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)),
  );
  const sum = window.reduce((total, value) => total + value, 0);
  return window.map((value) => value / sum);
})();

/** Convolves a plane [H, W] with the window; outside of it is 0. */
function blurPlane(plane: Float64Array, width: number, height: number): Float64Array {
  const alongRows = new Float64Array(plane.length);
  const blurred = new Float64Array(plane.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = Math.max(-RADIUS, -x); k <= Math.min(RADIUS, width - 1 - x); k++) {
        sum += (WINDOW[k + RADIUS] as number) * (plane[y * width + x + k] as number);
      }
      alongRows[y * width + x] = sum;
    }
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = Math.max(-RADIUS, -y); k <= Math.min(RADIUS, height - 1 - y); k++) {
        sum += (WINDOW[k + RADIUS] as number) * (alongRows[(y + k) * width + x] as number);
      }
      blurred[y * width + x] = sum;
    }
  }
  return blurred;
}

/** Channel `c` of an interleaved image, 0 where masked. */
function maskedChannel(
  image: ArrayLike<number>,
  c: number,
  mask: ArrayLike<number> | null,
  pixels: number,
): Float64Array {
  return Float64Array.from({ length: pixels }, (_, p) =>
    mask !== null && mask[p] === 0 ? 0 : (image[p * 3 + c] as number),
  );
}

/** Adds one channel's SSIM of every pixel to `map`. */
function addChannelSsim(map: Float64Array, x: Float64Array, y: Float64Array, width: number, height: number): void {
  const product = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, p) => value * (b[p] as number));
  const blur = (plane: Float64Array): Float64Array => blurPlane(plane, width, height);
  const [meanX, meanY] = [blur(x), blur(y)];
  const [meanXX, meanYY, meanXY] = [blur(product(x, x)), blur(product(y, y)), blur(product(x, y))];
  for (let p = 0; p < map.length; p++) {
    const [mx, my] = [meanX[p] as number, meanY[p] as number];
    const covariance = (meanXY[p] as number) - mx * my;
    const variances = (meanXX[p] as number) - mx * mx + (meanYY[p] as number) - my * my;
    const ssim = ((2 * mx * my + C1) * (2 * covariance + C2)) / ((mx * mx + my * my + C1) * (variances + C2));
    map[p] = (map[p] as number) + ssim / 3;
  }
}

/**
 * Structural similarity of two RGB images [H, W, 3] with values 0..1: the mean over pixels and channels of
 *   SSIM = (2 μx μy + C1)(2 σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2))
 * with moments under an 11×11 Gaussian window of σ 1.5 whose weights sum to 1 (σx² = E[x²] − μx², not the sample variance),
 * C1 = 0.01², C2 = 0.03². Every pixel counts, also those whose window reaches over the image's border: outside, both images are 0
 * (zero padding, as the 3DGS papers' evaluation does; scikit-image instead leaves out a border of 5 pixels).
 *
 * With a mask, only pixels whose mask is not 0 are averaged, and masked pixels are set to 0 in both images before the windows
 * are taken, so that a masked neighbour is treated exactly as the outside of the image is: whatever either image holds there has no effect.
 * This is 1 − the `dssim` loss of splatting/contract.ts for weights of 0 and 1.
 *
 * NaN where no pixel counts, or where a counted value within a window is NaN. Throws ShapeError.
 * Source: Wang, Bovik, Sheikh, Simoncelli 2004, eq. 13, averaged as eq. 17.
 *
 * @param mask [H, W], 0 leaves a pixel out; null counts all.
 */
export function computeSsim(
  image: ArrayLike<number>,
  other: ArrayLike<number>,
  width: number,
  height: number,
  mask: ArrayLike<number> | null = null,
): number {
  const pixels = countComparedPixels(image, other, mask);
  if (pixels !== width * height) throw new ShapeError(`images of ${pixels} pixels are not ${width}×${height}`);
  const map = new Float64Array(pixels);
  for (const c of [0, 1, 2]) {
    addChannelSsim(map, maskedChannel(image, c, mask, pixels), maskedChannel(other, c, mask, pixels), width, height);
  }
  let sum = 0;
  let counted = 0;
  for (let p = 0; p < pixels; p++) {
    if (mask !== null && mask[p] === 0) continue;
    counted++;
    sum += map[p] as number;
  }
  return sum / counted;
}

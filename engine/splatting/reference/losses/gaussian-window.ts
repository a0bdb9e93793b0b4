/** Side and standard deviation of SSIM's window (Wang et al. 2004), px. */
const RADIUS = 5;
const SIGMA = 1.5;

const WINDOW = Array.from({ length: 2 * RADIUS + 1 }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)));
const WINDOW_SUM = WINDOW.reduce((sum, value) => sum + value, 0);

/** Runs the 1-D window along one axis; outside of the image is 0. */
function blurAlong(image: Float64Array, length: number, at: (line: number, place: number) => number): Float64Array {
  const blurred = new Float64Array(image.length);
  for (let line = 0; line < image.length / length; line++) {
    for (let place = 0; place < length; place++) {
      let sum = 0;
      for (let k = -RADIUS; k <= RADIUS; k++) {
        if (place + k < 0 || place + k >= length) continue;
        sum += ((WINDOW[k + RADIUS] as number) / WINDOW_SUM) * (image[at(line, place + k)] as number);
      }
      blurred[at(line, place)] = sum;
    }
  }
  return blurred;
}

/**
 * Convolution of a one-channel image [H, W] with the normalised 11×11 Gaussian of σ 1.5, zero padding, same size.
 * The window is symmetric and the padding zero, so that the operator is its own transpose.
 */
export function blurWithWindow(image: Float64Array, width: number, height: number): Float64Array {
  const rows = blurAlong(image, width, (y, x) => y * width + x);
  return blurAlong(rows, height, (x, y) => y * width + x);
}

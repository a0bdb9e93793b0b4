/** Resizes images to a network's input and its output back to the photo. */
import { ShapeError } from '../../engine/scene/errors.js';

export type ResampleKernel = 'bilinear' | 'bicubic';

/** Which source samples make one target sample: weights of `first`, `first + 1`, … */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Separable resize with half-pixel centres: target pixel i lies at source position (i + 0.5) n_source / n_target − 0.5. Shrinking
 * stretches the kernel by the factor (antialiasing); growing uses it as it is. Weights sum to 1; beyond the border the kernel is cut off
 * and renormalised, so a constant image stays constant.
 *
 * @param data [H, W, C] interleaved. NaN spreads to what it touches.
 * @returns [targetHeight, targetWidth, C]; a copy when the size stays.
 * @throws ShapeError when sizes are not positive integers or do not fit the data.
 * @remarks Bicubic is Keys 1981 with a = −0.5, the kernel that Pillow and with it most networks' preprocessing use.
 */
export function resampleImage(
  data: Float32Array,
  size: { readonly width: number; readonly height: number; readonly channels: number },
  target: { readonly width: number; readonly height: number },
  kernel: ResampleKernel,
): Float32Array<ArrayBuffer> {
  const { width, height, channels } = size;
  for (const side of [width, height, channels, target.width, target.height]) {
    if (!Number.isInteger(side) || side < 1) throw new ShapeError(`an image side of ${side} cannot be resampled`);
  }
  if (data.length !== width * height * channels) throw new ShapeError('image data and size disagree');
  const rows = width === target.width ? data : resampleRows(data, height, width, target.width, channels, kernel);
  if (height === target.height) return new Float32Array(rows);
  // A column of pixels is a column of whole rows: the same routine with rows as "channels".
  return resampleRows(rows, 1, height, target.height, target.width * channels, kernel);
}

function resampleRows(
  data: Float32Array,
  rowCount: number,
  from: number,
  to: number,
  channels: number,
  kernel: ResampleKernel,
): Float32Array<ArrayBuffer> {
  const taps = Array.from({ length: to }, (_, i) => placeTaps(i, from, to, kernel));
  const result = new Float32Array(rowCount * to * channels);
  const sum = new Float64Array(channels);
  for (let row = 0; row < rowCount; row++) {
    for (let i = 0; i < to; i++) {
      const { first, weights } = taps[i] as Taps;
      const start = (row * from + first) * channels;
      const target = (row * to + i) * channels;
      if (channels > 4) {
        // Whole rows as channels: walk along them.
        sum.fill(0);
        for (let k = 0; k < weights.length; k++) {
          const weight = weights[k] as number;
          const at = start + k * channels;
          for (let c = 0; c < channels; c++) sum[c]! += weight * (data[at + c] as number);
        }
        result.set(sum, target);
      } else {
        for (let c = 0; c < channels; c++) {
          let value = 0;
          for (let k = 0; k < weights.length; k++)
            value += (weights[k] as number) * (data[start + k * channels + c] as number);
          result[target + c] = value;
        }
      }
    }
  }
  return result;
}

function placeTaps(i: number, from: number, to: number, kernel: ResampleKernel): Taps {
  const stretch = Math.max(1, from / to);
  const radius = (kernel === 'bilinear' ? 1 : 2) * stretch;
  const centre = ((i + 0.5) * from) / to - 0.5;
  const first = Math.max(0, Math.ceil(centre - radius));
  const last = Math.min(from - 1, Math.floor(centre + radius));
  const weights = new Float64Array(last - first + 1);
  let total = 0;
  for (let k = 0; k < weights.length; k++) {
    const x = Math.abs(first + k - centre) / stretch;
    weights[k] = kernel === 'bilinear' ? Math.max(0, 1 - x) : evaluateBicubic(x);
    total += weights[k] as number;
  }
  for (let k = 0; k < weights.length; k++) weights[k]! /= total;
  return { first, weights };
}

/** Keys' piecewise cubic with a = −0.5 at |x|. */
function evaluateBicubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

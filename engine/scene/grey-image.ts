/** Photos in grey: what keypoints are found in and sharpness is measured on. */
import { ShapeError } from './errors.js';
import type { RgbImage } from './view.js';

/** Luma 0..1 as stored in the file (not linearised), [height, width]. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Rec. 601 luma, 0.299 R + 0.587 G + 0.114 B, [height, width]. A pixel that is not finite counts as black.
 *
 * @throws ShapeError when the data does not fit the size.
 */
export function toGreyImage({ width, height, data }: RgbImage): GreyImage {
  if (data.length !== width * height * 3) throw new ShapeError('image data and size disagree');
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    const luma = 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!;
    grey[i] = Number.isFinite(luma) ? luma : 0;
  }
  return { width, height, data: grey };
}

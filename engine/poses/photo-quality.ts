/** How sharp a photo is and whether it shows enough: reasons why a photo may be left out. */
import { ShapeError } from '../scene/errors.js';
import type { GreyImage } from '../scene/grey-image.js';

/** Photos are halved until the longer side is below this: what is blurred shows there, and a sensor's noise does not. */
const MEASURED_SIDE = 1000;
/** Share of the capture's median sharpness below which a photo counts as blurred. */
const BLURRED_BELOW = 0.25;
/** With fewer keypoints than this no pair can have the dozens of matches that a camera takes. */
const TOO_FEW_FEATURES = 60;

/** What is known of a photo before it is matched. */
export interface PhotoMeasures {
  /** From {@link measureSharpness}. */
  readonly sharpness: number;
  readonly featureCount: number;
}

export type PhotoVerdict =
  | { readonly kind: 'usable' }
  /** `share` of the median sharpness of the capture's photos. */
  | { readonly kind: 'blurred'; readonly share: number }
  | { readonly kind: 'too-few-features'; readonly count: number };

function halve({ width, height, data }: GreyImage): GreyImage {
  const [halfWidth, halfHeight] = [width >> 1, height >> 1];
  const half = new Float32Array(halfWidth * halfHeight);
  for (let y = 0; y < halfHeight; y++) {
    for (let x = 0; x < halfWidth; x++) {
      const at = 2 * y * width + 2 * x;
      half[y * halfWidth + x] = (data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!) / 4;
    }
  }
  return { width: halfWidth, height: halfHeight, data: half };
}

/**
 * Variance of the Laplacian (4 g(x, y) − its four neighbours; Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy")
 * of the luma 0..1, at a longer side of 500 to 1,000 pixels where the photo has them. Comparable between photos of one capture only: it grows
 * with contrast and detail. NaN pixels give NaN; a photo without inner pixels gives 0.
 *
 * @throws ShapeError when the data does not fit the size.
 */
export function measureSharpness(photo: GreyImage): number {
  if (photo.data.length !== photo.width * photo.height) throw new ShapeError('image data and size disagree');
  let image = photo;
  while (Math.max(image.width, image.height) >= MEASURED_SIDE && Math.min(image.width, image.height) > 1)
    image = halve(image);
  const { width, height, data } = image;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const laplacian = 4 * data[at]! - data[at - 1]! - data[at + 1]! - data[at - width]! - data[at + width]!;
      sum += laplacian;
      squares += laplacian * laplacian;
    }
  }
  const count = Math.max(0, width - 2) * Math.max(0, height - 2);
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A verdict for each photo of a capture, by what the others are like. Too few features weighs more than blur. */
export function judgePhotos(photos: readonly PhotoMeasures[]): PhotoVerdict[] {
  if (photos.length === 0) return [];
  const typical = median(photos.map(({ sharpness }) => sharpness));
  return photos.map(({ sharpness, featureCount }) => {
    if (featureCount < TOO_FEW_FEATURES) return { kind: 'too-few-features', count: featureCount };
    const share = typical > 0 ? sharpness / typical : 1;
    return share < BLURRED_BELOW ? { kind: 'blurred', share } : { kind: 'usable' };
  });
}

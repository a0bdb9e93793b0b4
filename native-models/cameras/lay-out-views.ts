/** How photos of any shape become one batch of a network that sees several at once. */
import { ShapeError } from '../../engine/scene/errors.js';
import type { RgbImage } from '../../engine/scene/view.js';
import { resampleImage } from '../depth/resample-image.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What of one photo the network sees: resized to `resized`, of which `view` is cut out of the middle. */
export interface ViewLayout {
  readonly resized: Size;
  readonly left: number;
  readonly top: number;
}

export interface BatchLayout {
  /** Size of all views, multiples of {@link PATCH}. */
  readonly view: Size;
  readonly photos: readonly ViewLayout[];
}

/** Side of a patch of the vision transformer. */
export const PATCH = 14;
/** Longer side that Depth Anything 3 is used at. */
const LONG_SIDE = 504;
/** More photos than this are not guessed at once. */
export const MAX_VIEWS = 16;
/**
 * Patches of all views together: each attends to every other, in 6 heads, which takes 6 · 4 · 6144² bytes, 0.9 GB, where the runtime holds
 * that matrix as it is, and twice while it is normalised. Up to six photos of 4:3 keep their full size, sixteen have 308 × 224 pixels.
 */
const MAX_PATCHES = 6144;
/** A photo of which less would be left is of another kind than the others: a panorama among portraits. */
const LEAST_SHARE = 0.5;

function toMultiple(side: number): number {
  return PATCH * Math.max(1, Math.round(side / PATCH));
}

/** Brings the long side to `longSide`, each side to the nearest multiple of the patch, as the authors do. */
function fitPhoto({ width, height }: Size, longSide: number): Size {
  const scale = longSide / Math.max(width, height);
  return { width: toMultiple(width * scale), height: toMultiple(height * scale) };
}

function layOutAt(photos: readonly Size[], longSide: number): BatchLayout {
  const resized = photos.map((photo) => fitPhoto(photo, longSide));
  const view = {
    width: Math.min(...resized.map(({ width }) => width)),
    height: Math.min(...resized.map(({ height }) => height)),
  };
  // Multiples of the patch differ by 14: halves are whole pixels.
  const layouts = resized.map((size) => ({
    resized: size,
    left: (size.width - view.width) / 2,
    top: (size.height - view.height) / 2,
  }));
  return { view, photos: layouts };
}

/**
 * Sizes for a batch: every photo with its long side at 504 pixels, less where many photos would take too much memory, both sides multiples of
 * 14; of photos of several shapes the middle that all have in common. Cropping, not padding, is what the network's authors do: its principal
 * point is always the middle, and bars beside a photo are nothing that it was trained on.
 *
 * @returns null where a photo would lose more than half of itself, or for more than {@link MAX_VIEWS}.
 * @throws ShapeError without photos or for sides that are not positive.
 */
export function layOutViews(photos: readonly Size[]): BatchLayout | null {
  if (photos.length === 0 || !photos.every(({ width, height }) => width > 0 && height > 0))
    throw new ShapeError('a batch of no photos, or of one without pixels');
  if (photos.length > MAX_VIEWS) return null;
  let batch = layOutAt(photos, LONG_SIDE);
  for (let longSide = LONG_SIDE - PATCH; longSide > PATCH; longSide -= PATCH) {
    const patches = (batch.view.width / PATCH) * (batch.view.height / PATCH) * photos.length;
    if (patches <= MAX_PATCHES) break;
    batch = layOutAt(photos, longSide);
  }
  const { view } = batch;
  const shares = batch.photos.map(({ resized }) => (view.width * view.height) / (resized.width * resized.height));
  return Math.min(...shares) < LEAST_SHARE ? null : batch;
}

/** Applied to 0..1 values of red, green and blue: (value − mean) / deviation, ImageNet's. */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;

/**
 * [N, 3, height, width] of the batch: resized (antialiased), clamped to 0..1, cropped, normalised. A pixel that is not finite counts as black.
 *
 * @param images [H, W, 3] sRGB 0..1 in the layout's order.
 * @throws ShapeError for data that does not fit its size.
 */
export function fillBatch(images: readonly RgbImage[], { view, photos }: BatchLayout): Float32Array {
  const plane = view.width * view.height;
  const batch = new Float32Array(images.length * 3 * plane);
  images.forEach((image, n) => {
    const { resized, left, top } = photos[n]!;
    const data = image.data.every(Number.isFinite)
      ? image.data
      : image.data.map((value) => (Number.isFinite(value) ? value : 0));
    const size = { width: image.width, height: image.height, channels: 3 };
    const pixels = resampleImage(data, size, resized, 'bicubic');
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < view.height; y++)
        for (let x = 0; x < view.width; x++) {
          const value = pixels[((y + top) * resized.width + x + left) * 3 + c]!;
          batch[(n * 3 + c) * plane + y * view.width + x] =
            (Math.min(1, Math.max(0, value)) - MEAN[c]!) / DEVIATION[c]!;
        }
  });
  return batch;
}

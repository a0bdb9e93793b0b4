/** From a capture to views: decode, match to the camera, undistort, scale, mask. */
import type { CaptureFiles } from '../formats/capture-files.js';
import { checkIntrinsics } from '../formats/check-camera.js';
import { completeIntrinsics } from '../scene/complete-intrinsics.js';
import { ImportError } from '../scene/errors.js';
import type { StageContext } from '../scene/stage.js';
import { undistortPhoto } from '../scene/undistort.js';
import type { Capture, CaptureView, RgbImage, View } from '../scene/view.js';
import { parseViewList } from './view-list.js';

export { ViewListError, parseViewList } from './view-list.js';

/** A decoded photo file. */
export interface DecodedPhoto {
  /** Greyscale is spread over the three channels; alpha is not multiplied in. */
  readonly image: RgbImage;
  /** [height, width] 0..1; null without an alpha channel. */
  readonly alpha: Float32Array | null;
  /** EXIF orientation that the file states, 1 (upright) to 8. */
  readonly orientation: number;
}

export interface DecodeOptions {
  /** Default true: the picture is turned as its EXIF orientation asks, once. False: as the pixels are stored. */
  readonly applyOrientation?: boolean;
}

/** Turns a photo file's bytes into pixels; the host implements it. */
export interface PhotoDecoder {
  /** @throws ImportError 'unsupported', 'truncated', 'unreadable' or 'too-large', naming `file`. */
  decode(bytes: Uint8Array, file: string, options?: DecodeOptions): Promise<DecodedPhoto>;
}

export interface LoadOptions {
  /** Working width; a photo that is narrower keeps its size unless `allowUpscale` is set. Default: the photo's own. */
  readonly widthPx?: number;
  readonly allowUpscale?: boolean;
  /** Indices into the capture's views, or names as in a LIST. Default: all. */
  readonly select?: readonly (number | string)[];
}

export interface LoadedViews {
  /** Sorted by name. */
  readonly views: View[];
  readonly warnings: string[];
}

/** Rounding when a photo was scaled: a side may be off by one pixel, and a hair for the division. */
const SIZE_TOLERANCE_PX = 1.01;
/** First of the EXIF orientations that swap width and height. */
const FIRST_TRANSPOSING_ORIENTATION = 5;

/** Whether one size is the other uniformly scaled, up to rounding of a side of whichever was made from the other. */
function isSameShape(stated: { width: number; height: number }, width: number, height: number): boolean {
  const heightError = Math.abs((stated.height * width) / stated.width - height);
  const widthError = Math.abs((stated.width * height) / stated.height - width);
  // A side of the photo off by e pixels is, at the stated size, off by e times the ratio of the sizes.
  const photoError = Math.min(heightError, widthError);
  return Math.min(photoError, (photoError * stated.width) / width) <= SIZE_TOLERANCE_PX;
}

interface FittedPhoto {
  readonly photo: DecodedPhoto;
  readonly options: DecodeOptions;
  readonly warning: string | null;
}

/**
 * Pose tools differ in whether they turn photos upright before they measure. Where only the stored, unturned pixels fit the
 * size that the pose file states, the poses are for those.
 */
async function decodeToFit(view: CaptureView, bytes: Uint8Array, decoder: PhotoDecoder): Promise<FittedPhoto> {
  const stated = view.camera.intrinsics;
  const upright = await decoder.decode(bytes, view.imagePath);
  const { width, height } = upright.image;
  if (stated.width === 0 || isSameShape(stated, width, height)) return { photo: upright, options: {}, warning: null };
  if (upright.orientation >= FIRST_TRANSPOSING_ORIENTATION && isSameShape(stated, height, width)) {
    const options = { applyOrientation: false };
    const photo = await decoder.decode(bytes, view.imagePath, options);
    const warning = `${view.imagePath}: its pose is for the picture as stored, so its EXIF orientation is not applied.`;
    return { photo, options, warning };
  }
  throw new ImportError(
    'size-mismatch',
    `The photo is ${width} × ${height} and its pose is for ${stated.width} × ${stated.height}, which has another shape.`,
    view.imagePath,
    '',
    'Give the photo that the pose was computed for, or a uniformly scaled copy of it.',
  );
}

/** Mask values of a mask file at the photo's size, by the nearest pixel. */
async function readMask(
  path: string,
  bytes: Uint8Array,
  decode: { readonly decoder: PhotoDecoder; readonly options: DecodeOptions; readonly size: RgbImage },
): Promise<Float32Array> {
  const { width, height } = decode.size;
  const { image, alpha } = await decode.decoder.decode(bytes, path, decode.options);
  if (!isSameShape(image, width, height))
    throw new ImportError(
      'size-mismatch',
      `The mask is ${image.width} × ${image.height} and its photo ${width} × ${height}, which has another shape.`,
      path,
      '',
      'Save the mask at the size of its photo.',
    );
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * image.height) / height) * image.width;
    for (let x = 0; x < width; x++) {
      const i = row + Math.floor(((x + 0.5) * image.width) / width);
      const brightness = (image.data[i * 3]! + image.data[i * 3 + 1]! + image.data[i * 3 + 2]!) / 3;
      values[y * width + x] = brightness * (alpha === null ? 1 : alpha[i]!);
    }
  }
  return values;
}

function multiplyWeights(a: Float32Array | null, b: Float32Array | null): Float32Array | null {
  if (a === null || b === null) return a ?? b;
  return a.map((value, i) => value * b[i]!);
}

function workingSize(image: RgbImage, options: LoadOptions): { width: number; height: number } {
  const asked = options.widthPx ?? image.width;
  const width = options.allowUpscale === true ? asked : Math.min(asked, image.width);
  return { width, height: Math.max(1, Math.round((image.height * width) / image.width)) };
}

async function loadView(
  view: CaptureView,
  source: { readonly files: CaptureFiles; readonly decoder: PhotoDecoder; readonly options: LoadOptions },
  context: StageContext,
): Promise<{ view: View; warning: string | null }> {
  const { files, decoder, options } = source;
  const fitted = await decodeToFit(view, await files.read(view.imagePath), decoder);
  const { image, alpha } = fitted.photo;
  const decode = { decoder, options: fitted.options, size: image };
  const fromFile =
    view.maskPath === null ? null : await readMask(view.maskPath, await files.read(view.maskPath), decode);
  const intrinsics = completeIntrinsics(view, image.width, image.height);
  checkIntrinsics(intrinsics, { file: view.imagePath, where: 'camera' });
  const pinhole = await undistortPhoto(
    { image, weights: multiplyWeights(alpha, fromFile) },
    { intrinsics, distortion: view.distortion, ...workingSize(image, options) },
    context,
  );
  const camera = { intrinsics: pinhole.intrinsics, cameraFromWorld: view.camera.cameraFromWorld };
  return { view: { name: view.name, camera, image: pinhole.image, mask: pinhole.mask }, warning: fitted.warning };
}

function selectViews(capture: Capture, select: LoadOptions['select']): readonly CaptureView[] {
  if (select === undefined) return capture.views;
  const names = capture.views.map(({ name }) => name);
  const indices = select.flatMap((item) => parseViewList(String(item), names));
  return [...new Set(indices)].sort((a, b) => a - b).map((i) => capture.views[i] as CaptureView);
}

/**
 * Decodes, undistorts and scales the photos of a capture. Intrinsics are scaled with the photos; fx, fy, cx, cy are those of
 * the pose file, so that undistortion moves the picture and not the camera. A photo that is a uniformly scaled version of the
 * size that its pose states is accepted, up to a pixel of rounding. Alpha, mask file and coverage become `View.mask`.
 *
 * Photos are taken one after the other: only one is in memory at full size.
 *
 * @returns views sorted by name; `height = round(photo height × width / photo width)`.
 * @throws ImportError 'size-mismatch' when photo, mask and camera disagree, and what files and decoder throw; ViewListError
 * for a selection that is not there; RangeError for a width that is not a positive whole number; the signal's reason.
 */
export async function loadViews(
  capture: Capture,
  files: CaptureFiles,
  decoder: PhotoDecoder,
  options: LoadOptions,
  context: StageContext,
): Promise<LoadedViews> {
  const { widthPx } = options;
  if (widthPx !== undefined && !(Number.isInteger(widthPx) && widthPx >= 1))
    throw new RangeError(`a width of ${widthPx} pixels`);
  const chosen = selectViews(capture, options.select);
  const views: View[] = [];
  const warnings: string[] = [];
  for (const [i, captureView] of chosen.entries()) {
    context.signal?.throwIfAborted();
    const onProgress = (fraction: number): void =>
      context.onProgress?.((i + fraction) / chosen.length, captureView.name);
    const slice: StageContext = { ...context, onProgress };
    const loaded = await loadView(captureView, { files, decoder, options }, slice);
    views.push(loaded.view);
    if (loaded.warning !== null) warnings.push(loaded.warning);
    onProgress(1);
  }
  return { views, warnings };
}

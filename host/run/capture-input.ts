/** A capture that the user named: its views, and their photos and cameras at the size that is asked for. */
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import { importCapture } from '../../engine/formats/import-capture.js';
import type { LoadOptions } from '../../engine/pipeline/load-views.js';
import { loadViews } from '../../engine/pipeline/load-views.js';
import type { Camera } from '../../engine/scene/camera.js';
import { scaleIntrinsics } from '../../engine/scene/camera.js';
import type { StageContext } from '../../engine/scene/stage.js';
import type { Capture, CaptureView, View } from '../../engine/scene/view.js';
import { openCapture as openCaptureFiles } from '../capture-folder.js';
import { decodePhoto, sharpPhotoDecoder } from '../photo-decoder.js';
import { readInputFile } from './input-file.js';

/** The photos' own size, a width, or a longest side that no photo is enlarged to. */
export type PhotoSize = { readonly width?: number } | { readonly longSide: number };

export interface OpenedCapture extends Capture {
  /** Decodes, undistorts and scales photos; views come sorted by name. */
  load(views: readonly CaptureView[], size: PhotoSize, context?: StageContext): Promise<LoadedPhotos>;
  /** The camera of a view for a picture of that width (default: the photo's own). */
  cameraOf(view: CaptureView, width: number | undefined): Promise<Camera>;
}

export interface LoadedPhotos {
  readonly views: readonly View[];
  readonly warnings: readonly string[];
}

/**
 * Opens posed photos to look at a scene from their cameras: one is enough.
 *
 * @param images a folder with the photos that may lie outside the capture. @param widthPx picks among photos of several sizes.
 */
export async function openCapture(path: string, images?: string, widthPx?: number): Promise<OpenedCapture> {
  const opened = await openCaptureFiles(path, images === undefined ? {} : { imagesFolder: images });
  const { files, imagesFolder } = opened;
  const capture = await importCapture(files, opened.poseFile, { imagesFolder, widthPx: widthPx ?? null, minViews: 1 });
  return withPhotos(capture, files);
}

/** A capture that an importer found among `files`, with its photos. */
export function withPhotos(capture: Capture, files: CaptureFiles): OpenedCapture {
  const loadOne = (view: CaptureView, options: LoadOptions, context: StageContext): Promise<LoadedPhotos> =>
    loadViews(capture, files, sharpPhotoDecoder, { ...options, select: [capture.views.indexOf(view)] }, context);

  const optionsFor = async (view: CaptureView, size: PhotoSize): Promise<LoadOptions> => {
    if (!('longSide' in size)) return size.width === undefined ? {} : { widthPx: size.width, allowUpscale: true };
    const { width, height } = view.camera.intrinsics;
    if (width > 0) return { widthPx: widthForLongSide(width, height, size.longSide) };
    // The pose file states no size, so that the photo itself must be asked.
    const { image } = await decodePhoto(await files.read(view.imagePath), view.imagePath);
    return { widthPx: widthForLongSide(image.width, image.height, size.longSide) };
  };

  return {
    ...capture,
    load: async (views, size, context = {}) => {
      const loaded: View[] = [];
      const warnings: string[] = [];
      for (const [index, view] of views.entries()) {
        const part = await loadOne(view, await optionsFor(view, size), {
          ...context,
          onProgress: (fraction) => context.onProgress?.((index + fraction) / views.length, view.name),
        });
        loaded.push(...part.views);
        warnings.push(...part.warnings);
      }
      return { views: loaded, warnings };
    },
    cameraOf: async (view, width) => {
      const { intrinsics, cameraFromWorld } = view.camera;
      if (width !== undefined && intrinsics.width > 0) {
        const height = Math.max(1, Math.round((intrinsics.height * width) / intrinsics.width));
        return { intrinsics: scaleIntrinsics(intrinsics, width, height), cameraFromWorld };
      }
      const { views } = await loadOne(view, width === undefined ? {} : { widthPx: width, allowUpscale: true }, {});
      return (views[0] as View).camera;
    },
  };
}

/** The width at which the longer side is `longSide`, or the present width where that is smaller already. */
export function widthForLongSide(width: number, height: number, longSide: number): number {
  return Math.max(1, Math.round(width * Math.min(1, longSide / Math.max(width, height))));
}

/** What a photo file is, as it will be used. */
export async function measurePhotoFile(path: string): Promise<{
  width: number;
  height: number;
  orientation: number;
  hasAlpha: boolean;
}> {
  const { image, alpha, orientation } = await decodePhoto(await readInputFile(path), path);
  return { width: image.width, height: image.height, orientation, hasAlpha: alpha !== null };
}

/** Photos whose depth is asked for, at their own size, with their cameras where a capture has them. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { baseName, isPhotoName } from '../../engine/formats/capture-files.js';
import { hasPoses, importCapture } from '../../engine/formats/import-capture.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { Camera } from '../../engine/scene/camera.js';
import type { RgbImage } from '../../engine/scene/view.js';
import { openCapture } from '../capture-folder.js';
import { decodePhoto } from '../photo-decoder.js';
import { listPhotos } from '../poses/photo-files.js';
import { readInputFile } from '../read-input-file.js';
import { withPhotos } from '../run/capture-input.js';

export interface LoadedPhoto {
  readonly image: RgbImage;
  /** [H, W] 0 where the photo does not count; null: all counts. */
  readonly mask: Uint8Array | null;
  /** Null for photos alone. */
  readonly camera: Camera | null;
  /** What the camera's world was counted from, see `Capture.origin`; left out: nothing. */
  readonly origin?: Vec3;
  readonly warnings: readonly string[];
}

/** A photo that is decoded when its turn comes. */
export interface PhotoSource {
  readonly name: string;
  load(): Promise<LoadedPhoto>;
}

/** Below half a pixel's alpha it does not count. */
const LEAST_ALPHA = 0.5;

function photoAlone(path: string, name: string, read: () => Promise<Uint8Array>): PhotoSource {
  return {
    name,
    load: async () => {
      const { image, alpha } = await decodePhoto(await read(), path);
      const mask = alpha === null ? null : Uint8Array.from(alpha, (value) => (value >= LEAST_ALPHA ? 1 : 0));
      return { image, mask: mask?.includes(0) === true ? mask : null, camera: null, warnings: [] };
    },
  };
}

/**
 * One photo, the photos of a folder without cameras, or a capture's: upright at their own size; a capture's are undistorted to its pinhole
 * cameras.
 *
 * @param images a folder with a capture's photos that lies elsewhere.
 * @throws ImportError 'not-found', and what is wrong with a capture; a photo's own trouble when it is loaded.
 */
export async function openPhotos(path: string, images?: string): Promise<readonly PhotoSource[]> {
  const isFile = (await stat(path).catch(() => null))?.isFile() === true;
  if (isFile && isPhotoName(basename(path))) return [photoAlone(path, basename(path), () => readInputFile(path))];
  const opened = await openCapture(path, images === undefined ? {} : { imagesFolder: images });
  const { files, poseFile, imagesFolder } = opened;
  if (poseFile === null && !(await hasPoses(files))) {
    const paths = await listPhotos(files, imagesFolder);
    if (paths.length > 0) return paths.map((photo) => photoAlone(photo, baseName(photo), () => files.read(photo)));
  }
  const capture = withPhotos(await importCapture(files, poseFile, { imagesFolder, widthPx: null, minViews: 1 }), files);
  return capture.views.map((view) => ({
    name: view.name,
    load: async () => {
      const { views, warnings } = await capture.load([view], {});
      const [loaded] = views;
      if (!loaded) throw new Error(`${view.name} was not loaded`);
      const { origin } = capture;
      const { image, mask, camera } = loaded;
      return { image, mask, camera, ...(origin === undefined ? {} : { origin }), warnings };
    },
  }));
}

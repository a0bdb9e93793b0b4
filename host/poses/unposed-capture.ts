/** A folder of photos without cameras, as a capture: its cameras are found first. */
import { basename, dirname, resolve } from 'node:path';
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import { isPhotoName } from '../../engine/formats/capture-files.js';
import { hasPoses, importCapture } from '../../engine/formats/import-capture.js';
import { writeTransformsJson } from '../../engine/formats/write-transforms-json.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { CaptureFolder, openCapture as openCaptureFiles } from '../capture-folder.js';
import type { OpenedCapture } from '../run/capture-input.js';
import { withPhotos } from '../run/capture-input.js';
import type { CameraSearchOptions, SearchedCameras } from './find-cameras-with.js';
import { findCamerasWith, nothingPlaced } from './find-cameras-with.js';
import { listPhotos } from './photo-files.js';

export interface UnposedPhotos {
  readonly files: CaptureFiles;
  readonly imagePaths: readonly string[];
}

/** Photos whose cameras must be found, or a capture that has them. */
export type OpenedInput =
  | { readonly kind: 'photos'; readonly photos: UnposedPhotos }
  | { readonly kind: 'capture'; readonly capture: OpenedCapture };

export interface InputOptions {
  /** One photo is enough: sensors tell its depth. */
  readonly isSensed?: boolean;
  /** A folder of photos that may lie elsewhere. */
  readonly images?: string | undefined;
  /** Picks among photos of several sizes. */
  readonly widthPx?: number;
}

/** Looks into the folder once. */
function rememberList(files: CaptureFiles): CaptureFiles {
  let listed: Promise<readonly string[]> | null = null;
  return {
    label: files.label,
    list: () => (listed ??= files.list()),
    has: (path) => files.has(path),
    read: (path) => files.read(path),
  };
}

/**
 * Opens what the user named. Photos alone are two at least (with sensors one, which may be named itself), in a folder that holds no pose file;
 * a folder with fewer is opened as a capture, which says what is missing.
 *
 * @throws ImportError 'not-found', 'unreadable', 'too-large', and what is wrong with a capture.
 */
export async function openInput(path: string, options: InputOptions = {}): Promise<OpenedInput> {
  const { images, widthPx, isSensed = false } = options;
  if (isSensed && isPhotoName(basename(path))) {
    const files = await CaptureFolder.open(dirname(resolve(path)));
    if (await files.has(basename(path))) return { kind: 'photos', photos: { files, imagePaths: [basename(path)] } };
  }
  const opened = await openCaptureFiles(path, images === undefined ? {} : { imagesFolder: images });
  const { poseFile, imagesFolder } = opened;
  const files = rememberList(opened.files);
  if (poseFile === null && !(await hasPoses(files))) {
    const imagePaths = await listPhotos(files, imagesFolder);
    if (imagePaths.length >= (isSensed ? 1 : 2)) return { kind: 'photos', photos: { files, imagePaths } };
  }
  const minViews = isSensed ? 1 : 2;
  const capture = await importCapture(files, poseFile, { imagesFolder, widthPx: widthPx ?? null, minViews });
  return { kind: 'capture', capture: withPhotos(capture, files) };
}

/** The capture's files and, among them, cameras that were found. */
function withTransforms(files: CaptureFiles, path: string, bytes: Uint8Array): CaptureFiles {
  return {
    label: files.label,
    list: async () => [...(await files.list()), path],
    has: async (asked) => asked === path || files.has(asked),
    read: async (asked) => (asked === path ? bytes : files.read(asked)),
  };
}

export interface PosedCapture {
  readonly capture: OpenedCapture;
  readonly found: SearchedCameras;
}

/**
 * Finds the cameras of the photos and opens them as if a pose file had been there; photos that could not be placed are left out.
 *
 * @throws ImportError 'too-few-views', with what became of each photo, when no two could be placed; as `findCamerasWith`.
 */
export async function poseCapture(
  { files, imagePaths }: UnposedPhotos,
  options: CameraSearchOptions,
  context: StageContext,
): Promise<PosedCapture> {
  const found = await findCamerasWith(files, imagePaths, options, context);
  if (found.model === null) throw nothingPlaced(found, files.label);
  const poseFile = 'transforms.json';
  const posed = withTransforms(files, poseFile, writeTransformsJson(found.model, null));
  return { capture: withPhotos(await importCapture(posed, poseFile), posed), found };
}

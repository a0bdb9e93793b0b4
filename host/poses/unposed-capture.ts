/** A folder of photos without cameras, as a capture: its cameras are found first. */
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import { hasPoses, importCapture } from '../../engine/formats/import-capture.js';
import { writeTransformsJson } from '../../engine/formats/write-transforms-json.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { openCapture as openCaptureFiles } from '../capture-folder.js';
import type { OpenedCapture } from '../run/capture-input.js';
import { withPhotos } from '../run/capture-input.js';
import { describeOutcome } from './describe-outcome.js';
import type { PhotoCameras, PhotoCamerasOptions } from './find-photo-cameras.js';
import { findPhotoCameras } from './find-photo-cameras.js';
import { listPhotos } from './photo-files.js';

export interface UnposedPhotos {
  readonly files: CaptureFiles;
  readonly imagePaths: readonly string[];
}

/**
 * The photos of a folder that holds no pose file; null where one is there, or fewer than two photos: then whoever opens it as a capture says
 * what is missing.
 *
 * @param images a folder of photos that may lie elsewhere.
 * @throws ImportError 'not-found', 'unreadable', 'too-large'.
 */
export async function findUnposedPhotos(path: string, images?: string): Promise<UnposedPhotos | null> {
  const opened = await openCaptureFiles(path, images === undefined ? {} : { imagesFolder: images });
  const { files, poseFile, imagesFolder } = opened;
  if (poseFile !== null || (await hasPoses(files))) return null;
  const photos = await listPhotos(files, imagesFolder);
  return photos.length < 2 ? null : { files, imagePaths: photos };
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
  readonly found: PhotoCameras;
}

/**
 * Finds the cameras of the photos and opens them as if a pose file had been there; photos that could not be placed are left out.
 *
 * @throws ImportError 'too-few-views', with what became of each photo, when no two could be placed; as `findPhotoCameras`.
 */
export async function poseCapture(
  { files, imagePaths }: UnposedPhotos,
  options: PhotoCamerasOptions,
  context: StageContext,
): Promise<PosedCapture> {
  const found = await findPhotoCameras(files, imagePaths, options, context);
  if (found.model === null)
    throw new ImportError(
      'too-few-views',
      'Where the photos were taken from could not be found.',
      files.label,
      '',
      found.photos.map(describeOutcome).join('\n  '),
    );
  const poseFile = 'transforms.json';
  const posed = withTransforms(files, poseFile, writeTransformsJson(found.model, null));
  return { capture: withPhotos(await importCapture(posed, poseFile), posed), found };
}

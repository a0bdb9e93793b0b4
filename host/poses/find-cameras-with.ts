/** The choice of who finds the cameras. */
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { VANTAGE_VERSION } from '../machine.js';
import type { CameraFinder } from './camera-finders.js';
import { describeOutcome } from './describe-outcome.js';
import type { ColmapCamerasOptions } from './find-colmap-cameras.js';
import { findColmapCameras } from './find-colmap-cameras.js';
import type { PhotoCameras } from './find-photo-cameras.js';
import { findPhotoCameras } from './find-photo-cameras.js';

export interface CameraSearchOptions extends ColmapCamerasOptions {
  /** 'vantage' when left out. */
  readonly finder?: CameraFinder;
}

export interface SearchedCameras extends PhotoCameras {
  /** Who found them; the version is null when a program does not say. */
  readonly finder: { readonly name: CameraFinder; readonly version: string | null };
}

/** Finds the cameras of photos in the way that was chosen. @throws what the chosen way throws. */
export async function findCamerasWith(
  files: CaptureFiles,
  imagePaths: readonly string[],
  { finder: name = 'vantage', ...options }: CameraSearchOptions,
  context: StageContext = {},
): Promise<SearchedCameras> {
  if (name === 'vantage') {
    const found = await findPhotoCameras(files, imagePaths, options, context);
    return { ...found, finder: { name, version: VANTAGE_VERSION } };
  }
  const { version, ...found } = await findColmapCameras(files, imagePaths, options, context);
  return { ...found, finder: { name, version } };
}

/** No two photos were placed: what became of each. */
export function nothingPlaced({ photos }: Pick<PhotoCameras, 'photos'>, label: string): ImportError {
  return new ImportError(
    'too-few-views',
    'Where the photos were taken from could not be found.',
    label,
    '',
    photos.map(describeOutcome).join('\n  '),
  );
}

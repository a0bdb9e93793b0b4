/** Cameras of photo files: decodes them, reads what their cameras wrote, and runs the pose stage. */
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import { choosePairs, chooseKeypointCount } from '../../engine/poses/choose-pairs.js';
import { estimateFocal } from '../../engine/poses/focal-prior.js';
import type { FoundCameras, PosePhoto } from '../../engine/poses/pose-stage.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { PhotoExif } from '../../engine/scene/photo-exif.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { partOfStage, yieldToHost } from '../../engine/scene/stage.js';
import { readPhotoExif } from '../features/photo-exif.js';
import { decodeReduced } from '../photo-decoder.js';
import { AUTOMATIC_DEPTH_MODEL } from '../run/compose.js';
import { findInRounds } from './find-in-rounds.js';
import { AUTOMATIC_CAMERA_MODEL } from './open-camera-model.js';
import type { FeatureChoice } from './feature-choice.js';
import { openSources } from './open-sources.js';
import { startPairThreads } from './pair-threads.js';
import { namePhotos } from './photo-files.js';

/** Keypoints are not found more exactly in larger photos. */
const SEARCHED_PIXELS = 1.2e6;
/** Beyond it, one camera's photos take gigabytes and all pairs an hour: such captures need another way. */
export const MAX_PHOTOS = 300;
const DECODING_SHARE = 0.1;
/** Photos that are read and decoded at the same time; each may take 100 MB for a moment. */
const READ_AT_ONCE = 2;
/** Up to here (five photos) all sources are asked at once: few photos need every match, and it takes seconds. */
const FEW_PAIRS = 10;

export interface PhotoCamerasOptions {
  readonly seed: number;
  readonly threads?: number;
  /** Every photo has a lens of its own; otherwise photos that one camera took with one setting share theirs. */
  readonly areLensesSeparate?: boolean;
  /** 'auto' when left out. */
  readonly features?: FeatureChoice;
  /** A network for photos that matches alone do not place: a name, a path, 'none', or 'auto' (one that is installed; when left out). */
  readonly depthModel?: string;
  /** A network that guesses cameras, for photos that matches alone leave out or in doubt; chosen likewise. */
  readonly cameraModel?: string;
}

export interface PhotoCameras extends FoundCameras {
  /** Photos that could not be read. */
  readonly problems: readonly ImportError[];
  /** Detectors whose keypoints were used. */
  readonly features: readonly string[];
  /** What could not be used, one sentence each. */
  readonly warnings: readonly string[];
}

/** One camera, one setting of its lens, one size. */
export function lensKeyOf(size: { width: number; height: number }, exif: PhotoExif | null): string {
  const { make = null, model = null, focalMm = null, focal35Mm = null, digitalZoom = null } = exif ?? {};
  const sides = [Math.max(size.width, size.height), Math.min(size.width, size.height), size.width > size.height];
  return JSON.stringify([...sides, make, model, focalMm, focal35Mm, digitalZoom]);
}

async function readPhoto(
  files: CaptureFiles,
  imagePath: string,
  name: string,
  isSeparate: boolean,
): Promise<PosePhoto> {
  const bytes = await files.read(imagePath);
  const [{ image, width, height }, exif] = [
    await decodeReduced(bytes, imagePath, SEARCHED_PIXELS),
    await readPhotoExif(bytes),
  ];
  return {
    name,
    imagePath,
    image,
    fileSize: { width, height },
    focal: estimateFocal(image, exif),
    lensKey: isSeparate ? imagePath : lensKeyOf({ width, height }, exif),
  };
}

export function tooFewPhotos(count: number, label: string): ImportError {
  return new ImportError(
    'too-few-views',
    `${count === 1 ? 'One photo is' : 'No photos are'} there; at least two are needed.`,
    label,
    '',
    'Add photos of the same place from other places.',
  );
}

/** The photos by path; those that cannot be read as problems. */
async function readPhotos(
  files: CaptureFiles,
  imagePaths: readonly string[],
  options: PhotoCamerasOptions,
  context: StageContext,
): Promise<{ readonly photos: readonly PosePhoto[]; readonly problems: readonly ImportError[] }> {
  const sorted = [...imagePaths].sort();
  const names = namePhotos(sorted);
  const results = new Array<PosePhoto | ImportError>(sorted.length);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < sorted.length) {
      const at = next++;
      await yieldToHost(context);
      try {
        results[at] = await readPhoto(files, sorted[at]!, names[at]!, options.areLensesSeparate === true);
      } catch (error) {
        if (!(error instanceof ImportError)) throw error;
        results[at] = error;
      }
      context.onProgress?.((DECODING_SHARE * ++done) / sorted.length, sorted[at]);
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, work));
  return {
    photos: results.filter((result): result is PosePhoto => !(result instanceof ImportError)),
    problems: results.filter((result) => result instanceof ImportError),
  };
}

/**
 * Finds the cameras of photos of a capture.
 *
 * @param imagePaths as {@link CaptureFiles.list} has them. Photos that cannot be read are named and left out.
 * @throws ImportError 'too-few-views' when less than two can be read, 'too-large' for more than 300, and as
 * `openSources`; the signal's reason when aborted.
 */
export async function findPhotoCameras(
  files: CaptureFiles,
  imagePaths: readonly string[],
  options: PhotoCamerasOptions,
  context: StageContext = {},
): Promise<PhotoCameras> {
  if (imagePaths.length > MAX_PHOTOS)
    throw new ImportError(
      'too-large',
      `Cameras of ${imagePaths.length} photos are more than can be found at once.`,
      files.label,
      '',
      `Choose up to ${MAX_PHOTOS} that show the place from all sides.`,
    );
  const pairCount = choosePairs(imagePaths.length).pairs.length;
  const chosen = options.features ?? 'auto';
  const opened = await openSources({
    maxKeypoints: chooseKeypointCount(pairCount),
    pairCount,
    features: chosen,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  const verifier = startPairThreads(pairCount, options.threads);
  try {
    const { photos, problems } = await readPhotos(files, imagePaths, options, context);
    if (photos.length < 2) throw problems[0] ?? tooFewPhotos(photos.length, files.label);
    const { found, features, warnings } = await findInRounds(
      photos,
      {
        seed: options.seed,
        sources: opened.sources,
        isOneRound: opened.sources.length === 1 || chosen !== 'auto' || pairCount <= FEW_PAIRS,
        depthModel: options.depthModel ?? AUTOMATIC_DEPTH_MODEL,
        cameraModel: options.cameraModel ?? AUTOMATIC_CAMERA_MODEL,
        threads: options.threads ?? 0,
        verifier,
      },
      partOfStage(context, DECODING_SHARE, 1 - DECODING_SHARE),
    );
    return { ...found, problems, features, warnings: [...opened.warnings, ...warnings] };
  } finally {
    await verifier?.close();
    await opened.dispose();
  }
}

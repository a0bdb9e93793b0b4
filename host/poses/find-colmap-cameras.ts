/** Cameras of photo files by COLMAP. */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { partOfStage } from '../../engine/scene/stage.js';
import { produceFileAtomic } from '../atomic-write.js';
import type { PhotoCameras, PhotoCamerasOptions } from './find-photo-cameras.js';
import { tooFewPhotos } from './find-photo-cameras.js';
import { handPhotosOver } from './hand-photos-over.js';
import { readColmapModel } from './read-colmap-model.js';
import { COLMAP_LOG, requireColmap, runColmap } from './run-colmap.js';
import { takeColmapModel } from './take-colmap-model.js';

export interface ColmapCamerasOptions extends PhotoCamerasOptions {
  /** Where what COLMAP said is kept, also when it failed, but not when it was stopped; left out: nowhere. */
  readonly logFile?: string;
  /** Two hours when left out. */
  readonly timeoutMs?: number;
}

export interface ColmapCameras extends PhotoCameras {
  /** Null when it does not say. */
  readonly version: string | null;
}

const HANDING_SHARE = 0.1;

/** @param work an empty folder. */
async function findIn(
  work: string,
  program: string,
  files: CaptureFiles,
  imagePaths: readonly string[],
  options: ColmapCamerasOptions,
  context: StageContext,
): Promise<ColmapCameras> {
  const imagesFolder = join(work, 'photos');
  const isSeparate = options.areLensesSeparate === true;
  const handing = partOfStage(context, 0, HANDING_SHARE);
  const { photos, problems } = await handPhotosOver(files, [...imagePaths].sort(), imagesFolder, isSeparate, handing);
  if (photos.length < 2) throw problems[0] ?? tooFewPhotos(photos.length, files.label);
  const { models, version } = await runColmap(
    {
      program,
      imagesFolder,
      workFolder: work,
      lenses: 'one-a-folder',
      seed: options.seed,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    },
    partOfStage(context, HANDING_SHARE, 1 - HANDING_SHARE),
  );
  const [largest, ...others] = models;
  const elsewhere = new Set(others.flatMap(({ names }) => names));
  const contents = largest === undefined ? null : await readColmapModel(largest.folder, photos);
  return { ...takeColmapModel(contents, photos, elsewhere), features: ['sift'], warnings: [], problems, version };
}

async function keepLog(work: string, logFile: string): Promise<boolean> {
  try {
    await mkdir(dirname(logFile), { recursive: true });
    await produceFileAtomic(logFile, (temporary) => copyFile(join(work, COLMAP_LOG), temporary));
    return true;
  } catch {
    // There was nothing to say yet, or no place for it: what became of the photos matters more.
    return false;
  }
}

/**
 * Finds the cameras of photos of a capture by COLMAP. It is given copies of the photos and works in a temporary folder, which is removed.
 * What a photo was left out for COLMAP does not say; of photos that fall apart into several models the largest is taken.
 *
 * @param imagePaths as {@link CaptureFiles.list} has them. Photos that cannot be read are named and left out.
 * @throws ImportError 'not-found' where COLMAP is not on the PATH, 'too-few-views' when less than two photos can be read, and when COLMAP
 * fails, takes too long or answers nonsense; the signal's reason when aborted.
 */
export async function findColmapCameras(
  files: CaptureFiles,
  imagePaths: readonly string[],
  options: ColmapCamerasOptions,
  context: StageContext = {},
): Promise<ColmapCameras> {
  const program = requireColmap();
  const { logFile } = options;
  const work = await mkdtemp(join(tmpdir(), 'vantage-colmap-'));
  try {
    const found = await findIn(work, program, files, imagePaths, options, context);
    if (logFile !== undefined) await keepLog(work, logFile);
    return found;
  } catch (error) {
    const isKept = logFile !== undefined && context.signal?.aborted !== true && (await keepLog(work, logFile));
    if (!(error instanceof ImportError) || !isKept) throw error;
    const hint = `What it said is in ${logFile}. ${error.hint}`;
    throw new ImportError(error.code, error.problem, error.file, error.where, hint);
  } finally {
    // Windows holds files for a moment longer than the process that wrote them.
    await rm(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

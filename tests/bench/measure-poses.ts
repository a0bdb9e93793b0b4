/** Runs `vantage poses`, and COLMAP beside it, on photos without their cameras, and compares both with reference cameras. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exif } from 'sharp';
import sharp from 'sharp';
import { rotationOfQuaternion } from '../../engine/math/conventions.js';
import { readColmapImagesBinary } from '../../engine/formats/read-colmap-binary.js';
import { importCapture } from '../../engine/formats/import-capture.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import type { CameraComparison } from '../../engine/poses/compare-cameras.js';
import { compareCameras } from '../../engine/poses/compare-cameras.js';
import { CaptureFolder } from '../../host/capture-folder.js';
import { runColmap } from '../../host/poses/run-colmap.js';
import type { PoseCase } from './pose-cases.js';
import { runVantage, resultOf } from './run-vantage.js';

const PHOTO = /\.(jpe?g|png)$/i;

export interface PhotoSet {
  readonly folder: string;
  /** File names, sorted. */
  readonly names: readonly string[];
}

export interface PoseMeasurement {
  readonly seconds: number;
  readonly placed: number;
  readonly comparison: CameraComparison | null;
  readonly focalPx: number | null;
  readonly errorPx: number | null;
  /** Photos that were placed with a doubt. */
  readonly doubted: readonly string[];
}

/** How `vantage poses` is run; as it comes when left out. */
export interface PoseSettings {
  readonly features?: string;
  readonly depthModel?: string;
  /** Folder of networks. */
  readonly models?: string;
}

/** Diagonal of 24 × 36 mm, by which the 35 mm equivalent is defined. */
const FILM_DIAGONAL_MM = Math.hypot(24, 36);

/** What a camera would write of a lens whose focal length is `perDiagonal` diagonals of the photo. */
function focalExif(perDiagonal: number): Exif {
  return { IFD2: { FocalLengthIn35mmFilm: String(Math.round(perDiagonal * FILM_DIAGONAL_MM)) } };
}

/** Copies of photos at another size and without EXIF, or with no more than their focal length in it. */
export async function preparePhotos(
  source: string,
  target: string,
  pick: readonly string[] | undefined,
  { widthPx }: Pick<PoseCase, 'widthPx'>,
  focalPerDiagonal: number | null = null,
): Promise<PhotoSet> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const all = (await readdir(source)).filter((name) => PHOTO.test(name)).sort();
  const chosen = pick === undefined ? all : all.filter((name) => pick.includes(name.replace(PHOTO, '')));
  for (const name of chosen) {
    const input = sharp(join(source, name)).autoOrient();
    const resized = widthPx === undefined ? input : input.resize(widthPx, null, { withoutEnlargement: true });
    const told = focalPerDiagonal === null ? resized : resized.withExif(focalExif(focalPerDiagonal));
    await writeFile(
      join(target, name),
      await told.toFormat(/png$/i.test(name) ? 'png' : 'jpeg', { quality: 95 }).toBuffer(),
    );
  }
  return { folder: target, names: chosen };
}

/** Focal length of a capture's lens in diagonals of its photos; null where nobody knows it. */
export async function readFocalPerDiagonal(capture: string): Promise<number | null> {
  try {
    const { views } = await importCapture(await CaptureFolder.open(capture));
    const { fx, width, height } = views[0]!.camera.intrinsics;
    return fx / Math.hypot(width, height);
  } catch {
    return null;
  }
}

/** Reference cameras by file name; empty where the capture has none. */
export async function readReferences(capture: string): Promise<ReadonlyMap<string, RigidTransform>> {
  try {
    const { views } = await importCapture(await CaptureFolder.open(capture));
    return new Map(views.map(({ name, camera }) => [name, camera.cameraFromWorld]));
  } catch {
    return new Map();
  }
}

function compare(
  cameras: readonly (RigidTransform | null)[],
  { names }: PhotoSet,
  references: ReadonlyMap<string, RigidTransform>,
): CameraComparison | null {
  if (references.size === 0) return null;
  return compareCameras(
    cameras,
    names.map((name) => references.get(name) ?? null),
  );
}

export async function measureVantage(
  photos: PhotoSet,
  references: ReadonlyMap<string, RigidTransform>,
  work: string,
  { features, depthModel, models }: PoseSettings = {},
): Promise<PoseMeasurement> {
  const start = performance.now();
  try {
    const run = await runVantage(
      [
        'poses',
        photos.folder,
        '-o',
        work,
        '--json',
        ...(features === undefined ? [] : ['--features', features]),
        ...(depthModel === undefined ? [] : ['--depth-model', depthModel]),
      ],
      models === undefined ? {} : { VANTAGE_MODELS: models },
    );
    const result = resultOf(run) as {
      photos: { name: string; isPlaced: boolean; doubts?: string[] }[];
      medianErrorPx: number;
      lenses: { intrinsics: { fx: number } }[];
    };
    const { placed, cameras } = await readCameras(join(work, 'sparse/0/images.bin'), photos);
    return {
      seconds: run.seconds,
      placed,
      comparison: compare(cameras, photos, references),
      focalPx: result.lenses[0]?.intrinsics.fx ?? null,
      errorPx: result.medianErrorPx,
      doubted: result.photos.filter(({ doubts }) => (doubts?.length ?? 0) > 0).map(({ name }) => name),
    };
  } catch (error) {
    if (process.env['VANTAGE_DEBUG'] !== undefined) console.error(error);
    return nothing((performance.now() - start) / 1000);
  }
}

/** What a COLMAP model places, by photo; null: not placed. */
async function readCameras(
  file: string,
  { names }: PhotoSet,
): Promise<{ readonly placed: number; readonly cameras: readonly (RigidTransform | null)[] }> {
  const images = readColmapImagesBinary(await readFile(file), file);
  const cameras = names.map((name) => {
    const image = images.find((candidate) => candidate.name === name);
    if (image === undefined) return null;
    return { rotation: rotationOfQuaternion(image.quaternion), translation: image.translation };
  });
  return { placed: images.length, cameras };
}

function nothing(seconds: number): PoseMeasurement {
  return { seconds, placed: 0, comparison: null, focalPx: null, errorPx: null, doubted: [] };
}

export async function measureColmap(
  program: string,
  photos: PhotoSet,
  references: ReadonlyMap<string, RigidTransform>,
  work: string,
  isOneCamera: boolean,
): Promise<PoseMeasurement> {
  await rm(work, { recursive: true, force: true });
  const start = performance.now();
  try {
    const lenses = isOneCamera ? 'one' : 'one-a-photo';
    const { models } = await runColmap({ program, imagesFolder: photos.folder, workFolder: work, lenses });
    const seconds = (performance.now() - start) / 1000;
    if (models[0] === undefined) return nothing(seconds);
    const { placed, cameras } = await readCameras(join(models[0].folder, 'images.bin'), photos);
    const comparison = compare(cameras, photos, references);
    return { seconds, placed, comparison, focalPx: null, errorPx: null, doubted: [] };
  } catch {
    return nothing((performance.now() - start) / 1000);
  }
}

/** Between absolute paths, which the service works with, and references in a project file, which survive that the project is moved. */
import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { CaptureFile, CaptureSource } from '../import/import-plan.js';
import type { ProjectContent, ProjectPhoto } from './project.js';
import { ProjectError } from './project.js';
import type { FileReference, StoredContent, StoredPhoto } from './project-file.js';

/** Photos further away than this do not move together with the project. */
const MAX_STEPS_UP = 3;
const PHOTO_FILE = /\.(jpe?g|png|webp|tiff?)$/i;
/** Of pose files and what they need beside them; anything else that a project file names is not one. */
const CAPTURE_FILE = /\.(json|npy|bin|txt|ini)$/i;
/** Of clouds and calibrations. */
const CLOUD_FILE = /\.(las|laz|e57|pcd|ply|pts|xyz|bin|csv|txt)$/i;
const CALIBRATION_FILE = /\.(txt|json)$/i;
const CHECKED_AT_ONCE = 8;

function referTo(path: string, folder: string): FileReference {
  const below = relative(folder, path);
  const isOtherDrive = isAbsolute(below);
  const steps = below.split(sep).filter((part) => part === '..').length;
  return {
    relativePath: isOtherDrive || below === '' || steps > MAX_STEPS_UP ? null : below.split(sep).join('/'),
    absolutePath: path,
  };
}

function storeFile({ path, file }: CaptureFile, folder: string): { path: string; file: FileReference } {
  return { path, file: referTo(file, folder) };
}

function storeAbsolute<T extends { readonly absolutePath: string }>(
  { absolutePath, ...rest }: T,
  folder: string,
): Omit<T, 'absolutePath'> & { file: FileReference } {
  return { ...rest, file: referTo(absolutePath, folder) };
}

/** What goes into `project.json` of a project in `folder`. */
export function storeContent(content: ProjectContent, folder: string): StoredContent {
  const photos = content.photos.map(({ absolutePath, mask, ...photo }) => ({
    ...photo,
    file: referTo(absolutePath, folder),
    mask: mask === null ? null : storeFile(mask, folder),
  }));
  const capture =
    content.capture === null
      ? null
      : { ...content.capture, files: content.capture.files.map((file) => storeFile(file, folder)) };
  const sensors = content.sensors.map((sensor) => storeAbsolute(sensor, folder));
  const calibrations = content.calibrations.map((calibration) => storeAbsolute(calibration, folder));
  // Types of the engine are read-only, those of the schema are not; the data is the same.
  return { ...content, photos, capture, sensors, calibrations };
}

/**
 * Paths that the reference may mean, the likeliest first. Never one on another computer: asking for it would send that computer the
 * user's credentials.
 *
 * @throws ProjectError 'refused' for a relative path that is none.
 */
export function candidatesOf({ relativePath, absolutePath }: FileReference, folder: string): string[] {
  if (relativePath !== null && (/^[/\\]|^[A-Za-z]:/.test(relativePath) || isAbsolute(relativePath)))
    throw new ProjectError(
      'refused',
      'The project names a file by a path that it must not use.',
      'The project file was changed by hand or by another program; do not trust it.',
      relativePath.slice(0, 300),
    );
  const isRemote = (path: string): boolean => /^[\\/]{2}/.test(path);
  const candidates = relativePath === null ? [] : [resolve(folder, relativePath)];
  if (isAbsolute(absolutePath) && !isRemote(absolutePath)) candidates.push(absolutePath);
  return [...new Set(candidates)].filter((path) => !isRemote(path) || isRemote(folder));
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    const info = await stat(path);
    return info.isFile() ? info.size : null;
  } catch {
    return null;
  }
}

/** The candidate that is there, with the expected size if one is known; else the likeliest. */
async function locate(reference: FileReference, folder: string, bytes: number | null): Promise<string> {
  const candidates = candidatesOf(reference, folder);
  const sizes = await Promise.all(candidates.map(sizeOf));
  const fitting = sizes.findIndex((size) => size !== null && (bytes === null || size === bytes));
  const present = sizes.findIndex((size) => size !== null);
  return candidates[Math.max(0, fitting >= 0 ? fitting : present)] ?? join(folder, 'photos', 'missing');
}

async function locateFile(
  stored: { path: string; file: FileReference },
  folder: string,
  expected: RegExp,
): Promise<CaptureFile | null> {
  const file = await locate(stored.file, folder, null);
  return expected.test(file) ? { path: stored.path, file } : null;
}

async function locatePhoto(stored: StoredPhoto, folder: string): Promise<ProjectPhoto> {
  const { file, mask, ...photo } = stored;
  return {
    ...(photo as unknown as Omit<ProjectPhoto, 'absolutePath' | 'mask'>),
    absolutePath: await locate(file, folder, photo.fingerprint?.bytes ?? null),
    mask: mask === null ? null : await locateFile(mask, folder, PHOTO_FILE),
  };
}

/** Without those whose files are nothing that the project may name. */
async function locateSensorFiles<T extends { readonly file: FileReference; readonly bytes: number }>(
  stored: readonly T[],
  folder: string,
  expected: RegExp,
): Promise<(Omit<T, 'file'> & { absolutePath: string })[]> {
  const located = await Promise.all(
    stored.map(async ({ file, ...rest }) => ({ ...rest, absolutePath: await locate(file, folder, rest.bytes) })),
  );
  return located.filter(({ absolutePath }) => expected.test(absolutePath));
}

/**
 * A project file's content with its files found.
 *
 * @throws ProjectError 'refused'.
 */
export async function locateContent(stored: StoredContent, folder: string): Promise<ProjectContent> {
  const photos: ProjectPhoto[] = [];
  for (let start = 0; start < stored.photos.length; start += CHECKED_AT_ONCE) {
    const some = stored.photos.slice(start, start + CHECKED_AT_ONCE);
    photos.push(...(await Promise.all(some.map((photo) => locatePhoto(photo, folder)))));
  }
  const captureFiles = await Promise.all(
    (stored.capture?.files ?? []).map((file) => locateFile(file, folder, CAPTURE_FILE)),
  );
  const capture: CaptureSource | null =
    stored.capture === null ? null : { ...stored.capture, files: captureFiles.filter((file) => file !== null) };
  const sensors = await locateSensorFiles(stored.sensors, folder, CLOUD_FILE);
  const calibrations = await locateSensorFiles(stored.calibrations, folder, CALIBRATION_FILE);
  return { ...stored, photos, capture, sensors, calibrations };
}

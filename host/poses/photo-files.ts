/** The photos of a folder that has no cameras, or those that the user named one by one. */
import { stat } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import { baseName, folderOf, isPhotoName } from '../../engine/formats/capture-files.js';
import { ImportError } from '../../engine/scene/errors.js';
import { CaptureFolder } from '../capture-folder.js';

export interface PhotoFiles {
  readonly files: CaptureFiles;
  /** Absolute; `imagePaths` are relative to it. */
  readonly root: string;
  /** Sorted, with forward slashes. */
  readonly imagePaths: readonly string[];
}

/** Beside photos, these hold pictures that are none. */
const NOT_PHOTOS = /(^|\/)(masks?|depths?|thumbnails?|sparse)\//i;

/**
 * Photos below a capture's root: those of `images/` where there is one, else those in the root itself, else all.
 * `masks/` and the like never count.
 *
 * @param imagesFolder a folder that the user named: then those in it.
 */
export async function listPhotos(files: CaptureFiles, imagesFolder: string | null = null): Promise<string[]> {
  const all = (await files.list()).filter((path) => isPhotoName(baseName(path)) && !NOT_PHOTOS.test(path)).sort();
  if (imagesFolder !== null) return all.filter((path) => path.startsWith(`${imagesFolder}/`));
  const inImages = all.filter((path) => /^images\//i.test(path));
  if (inImages.length > 0) return inImages;
  const inRoot = all.filter((path) => folderOf(path) === '');
  return inRoot.length > 0 ? inRoot : all;
}

/** What people call photos: their files' names, or their paths where two have one name. */
export function namePhotos(imagePaths: readonly string[]): readonly string[] {
  const names = imagePaths.map(baseName);
  return new Set(names).size === names.length ? names : imagePaths;
}

/** The deepest folder that holds all of the paths. */
function commonFolder(paths: readonly string[]): string {
  const [first, ...others] = paths.map((path) => dirname(path).split(sep));
  const shared = first!.filter((part, i) => others.every((other) => other[i] === part));
  return shared.join(sep) || sep;
}

/**
 * @param paths one folder, or photo files.
 * @throws ImportError 'not-found' for what is not there, 'too-few-views' for less than two photos.
 */
export async function openPhotoFiles(paths: readonly string[]): Promise<PhotoFiles> {
  const absolute = paths.map((path) => resolve(path));
  const kinds = await Promise.all(absolute.map((path) => stat(path).catch(() => null)));
  const missing = kinds.indexOf(null);
  if (missing >= 0)
    throw new ImportError('not-found', 'There is no such file or folder.', paths[missing]!, '', 'Check the path.');
  const folder = kinds.findIndex((kind) => kind!.isDirectory());
  if (folder >= 0 && paths.length > 1)
    throw new ImportError('unsupported', 'This is a folder.', paths[folder]!, '', 'Give one folder, or photo files.');
  const root = folder >= 0 ? absolute[0]! : commonFolder(absolute);
  const files = await CaptureFolder.open(root);
  const imagePaths =
    folder >= 0
      ? await listPhotos(files)
      : [...new Set(absolute.map((path) => relative(root, path).split(sep).join('/')))].sort();
  if (imagePaths.length < 2)
    throw new ImportError(
      'too-few-views',
      `${imagePaths.length === 1 ? 'One photo was' : 'No photos were'} found; at least two are needed.`,
      paths[0]!,
      '',
      'Give a folder with JPEG, PNG, WebP or TIFF photos of one place from several sides.',
    );
  return { files, root, imagePaths };
}

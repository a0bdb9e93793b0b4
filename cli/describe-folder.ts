/** `vantage info` of a folder without cameras: its photos and clouds, and what can be done with them. */
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { CLOUD_FORMATS } from '../engine/formats/cloud-formats.js';
import { isCloudFile } from './describe-cloud.js';
import { CaptureFolder } from '../host/capture-folder.js';
import { listPhotos } from '../host/poses/photo-files.js';

/** Files that are looked into at most: more of them say nothing new. */
const MOST_LOOKED_INTO = 200;
/** Names a person still reads. */
const MOST_NAMED = 20;

export interface FolderContents {
  /** Relative to the folder, sorted. */
  readonly photos: readonly string[];
  /** File names, sorted. */
  readonly clouds: readonly string[];
}

/** Without .txt: what most of those hold are no points, and their first bytes do not tell. */
const CLOUD_EXTENSIONS = new Set(
  CLOUD_FORMATS.flatMap(({ extensions }) => extensions).filter((extension) => extension !== '.txt'),
);

/** Photos below the folder, and clouds in it, by what they hold. */
export async function listContents(folder: string): Promise<FolderContents> {
  const photos = await listPhotos(await CaptureFolder.open(folder));
  const entries = await readdir(folder, { withFileTypes: true });
  const candidates = entries
    .filter((entry) => entry.isFile() && CLOUD_EXTENSIONS.has(extname(entry.name).toLowerCase()))
    .map(({ name }) => name)
    .sort()
    .slice(0, MOST_LOOKED_INTO);
  const clouds: string[] = [];
  for (const name of candidates)
    // One that cannot be opened is passed over: it is not what was asked about.
    if (await isCloudFile(join(folder, name)).catch(() => false)) clouds.push(name);
  return { photos, clouds };
}

function named(names: readonly string[]): string[] {
  const more = names.length - MOST_NAMED;
  return [...names.slice(0, MOST_NAMED).map((name) => `  ${name}`), ...(more > 0 ? [`  and ${more} more`] : [])];
}

/** Lines for people. */
export function describeContents(folder: string, { photos, clouds }: FolderContents): string[] {
  const counts = [
    ...(photos.length > 0 ? [`${photos.length} ${photos.length === 1 ? 'photo' : 'photos'} without cameras`] : []),
    ...(clouds.length > 0 ? [`${clouds.length} point ${clouds.length === 1 ? 'cloud' : 'clouds'}`] : []),
  ];
  return [
    `${folder}: ${counts.join(', ')}`,
    ...named(photos),
    ...named(clouds),
    ...(photos.length > 1
      ? ['"vantage reconstruct" finds their cameras first, "vantage poses" nothing but these.']
      : []),
    ...(clouds.length > 0 ? ['"vantage info" with one of the clouds tells what is in it.'] : []),
  ];
}

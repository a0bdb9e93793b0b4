/** Files that belong to a project and to nobody else: copied along when it moves, copied in when they came by upload. */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, sep } from 'node:path';
import { foldName } from '../import/read-photos.js';
import { isInsideFolder } from '../import/walk-drop.js';
import type { ProjectContent } from './project.js';

export const SUBFOLDERS = ['documents', 'checkpoints', 'thumbnails', 'photos', 'masks', 'capture', 'sensors'] as const;
/** Of a file's name; some file systems allow 255 bytes, and é may take three. */
const MAX_NAME_BYTES = 240;

async function copyOrLink(from: string, to: string, mayLink: boolean): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  if (mayLink) {
    try {
      await link(from, to);
      return;
    } catch {
      // Another drive, or one without links.
    }
  }
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

function shortName(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const extension = extname(name);
  let stem = name.slice(0, name.length - extension.length);
  while (Buffer.byteLength(stem + extension) > MAX_NAME_BYTES) stem = stem.slice(0, -1);
  return stem + extension;
}

class Copier {
  private readonly taken = new Set<string>();
  private readonly copied = new Map<string, string>();

  constructor(
    private readonly from: string,
    private readonly to: string,
    private readonly mayLink: boolean,
    present: readonly string[],
  ) {
    for (const path of present) this.taken.add(foldName(path));
  }

  /** The path after copying: the same where the file is not ours to copy, or is gone. */
  async copy(file: string, folder: string, subPath: string): Promise<string> {
    // What has been copied in already may lie below `from` as well, where projects are kept in the application's own folder.
    if (!isInsideFolder(this.from, file) || isInsideFolder(this.to, file)) return file;
    const done = this.copied.get(file);
    if (done !== undefined) return done;
    const target = join(this.to, folder, this.unused(folder, subPath));
    try {
      await copyOrLink(file, target, this.mayLink);
    } catch (error) {
      // A missing photo stays missing, and is named as such; a full disk is everybody's business.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return file;
      throw error;
    }
    this.copied.set(file, target);
    return target;
  }

  private unused(folder: string, subPath: string): string {
    const parts = subPath.split('/');
    const name = shortName(parts.pop() ?? 'file');
    for (let number = 1; ; number++) {
      const path = [...parts, ...(number === 1 ? [] : [String(number)]), name].join('/');
      const key = foldName(`${folder}/${path}`);
      if (this.taken.has(key)) continue;
      this.taken.add(key);
      return path;
    }
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Copies every photo, mask, pose file, cloud and calibration that lies below `from` into the project folder `to`.
 *
 * @param mayLink a second name for the same bytes will do, as nobody changes them.
 * @returns the content with the new paths. @throws the system's error when the disk refuses.
 */
export async function copyReferencedFiles(
  content: ProjectContent,
  { from, to, mayLink }: { readonly from: string; readonly to: string; readonly mayLink: boolean },
): Promise<ProjectContent> {
  const present = await Promise.all(
    ['photos', 'masks', 'capture', 'sensors'].map((name) => filesBelow(join(to, name))),
  );
  const below = present.flat().map((path) =>
    path
      .slice(to.length + 1)
      .split(sep)
      .join('/'),
  );
  const copier = new Copier(from, to, mayLink, below);
  const photos = [];
  for (const photo of content.photos) {
    const absolutePath = await copier.copy(photo.absolutePath, 'photos', basename(photo.absolutePath));
    const { mask } = photo;
    const maskFile = mask === null ? null : await copier.copy(mask.file, 'masks', basename(mask.file));
    photos.push({
      ...photo,
      absolutePath,
      mask: mask === null || maskFile === null ? null : { ...mask, file: maskFile },
    });
  }
  const sensors = await copySensorFiles(copier, content.sensors);
  const calibrations = await copySensorFiles(copier, content.calibrations);
  if (content.capture === null) return { ...content, photos, sensors, calibrations };
  const files = [];
  for (const { path, file } of content.capture.files)
    files.push({ path, file: await copier.copy(file, 'capture', path) });
  return { ...content, photos, sensors, calibrations, capture: { ...content.capture, files } };
}

async function copySensorFiles<T extends { readonly absolutePath: string }>(
  copier: Copier,
  files: readonly T[],
): Promise<T[]> {
  const copied: T[] = [];
  for (const file of files) {
    const absolutePath = await copier.copy(file.absolutePath, 'sensors', basename(file.absolutePath));
    copied.push({ ...file, absolutePath });
  }
  return copied;
}

/** Copies the parts of a project that are its own: scene, documents, checkpoints, thumbnails. */
export async function copyOwnFiles(from: string, to: string): Promise<void> {
  for (const name of SUBFOLDERS) await mkdir(join(to, name), { recursive: true });
  for (const name of ['scene.ply', 'seen.bin']) await copyIfThere(join(from, name), join(to, name));
  for (const folder of ['documents', 'checkpoints', 'thumbnails'])
    for (const file of await filesBelow(join(from, folder)))
      if (!file.endsWith('.tmp')) await copyIfThere(file, join(to, folder, basename(file)));
}

async function copyIfThere(from: string, to: string): Promise<void> {
  const isThere = await stat(from).then(
    (info) => info.isFile(),
    () => false,
  );
  if (isThere) await copyOrLink(from, to, false);
}

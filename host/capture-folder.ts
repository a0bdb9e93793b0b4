import type { Dirent, Stats } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { CaptureFiles } from '../engine/formats/capture-files.js';
import { resolveCapturePath } from '../engine/formats/capture-files.js';
import { ImportError } from '../engine/scene/errors.js';

const MAX_ENTRIES = 200_000;
const MAX_DEPTH = 12;
const MAX_FILE_BYTES = 1024 * 1024 * 1024;
/** Where an images folder that the user named outside the capture appears among its files; no real folder is called so. */
const OUTSIDE_IMAGES = '<images>';

/** Where a file of a capture's list lies: `imagesFolder` is what the user named. */
export function pathOnDisk(listed: string, root: string, imagesFolder: string | undefined): string {
  const inFolder = pathInFolder(listed);
  return imagesFolder !== undefined && inFolder !== listed ? join(imagesFolder, inFolder) : join(root, listed);
}

/** A listed path in its own folder, whether that is the capture or the named one outside. */
export function pathInFolder(listed: string): string {
  return listed.startsWith(`${OUTSIDE_IMAGES}/`) ? listed.slice(OUTSIDE_IMAGES.length + 1) : listed;
}

interface Listing {
  readonly files: string[];
  /** Real paths. */
  readonly visited: Set<string>;
  entryCount: number;
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

function isInside(root: string, path: string): boolean {
  const below = relative(root, path);
  return below === '' || (below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below));
}

function outside(path: string): ImportError {
  return new ImportError(
    'outside-capture',
    "This path leads out of the capture's folder.",
    path,
    '',
    'Copy what it points to into the capture, or name the folder of the images with --images.',
  );
}

function unreadable(error: unknown, path: string): ImportError {
  const isMissing = ['ENOENT', 'ENOTDIR'].includes(errorCode(error));
  return new ImportError(
    isMissing ? 'not-found' : 'unreadable',
    isMissing ? 'There is no such file or folder.' : `It cannot be read (${errorCode(error)}).`,
    path,
    '',
    'Check the path and its permissions.',
  );
}

/**
 * A capture in a real folder. Nothing outside is read: links are followed, and refused when they lead out. Folders whose
 * names begin with a dot are not looked into.
 */
export class CaptureFolder implements CaptureFiles {
  private constructor(
    readonly label: string,
    /** Real path. */
    private readonly root: string,
    /** Real path of a second folder, seen as {@link OUTSIDE_IMAGES}; the user named it, so it may be anywhere. */
    private readonly outsideImages: string | null,
  ) {}

  /** @throws ImportError 'not-found' or 'unreadable' unless `path` is a folder. */
  static async open(path: string, outsideImages: string | null = null): Promise<CaptureFolder> {
    return new CaptureFolder(
      path,
      await realFolder(path),
      outsideImages === null ? null : await realFolder(outsideImages),
    );
  }

  async list(): Promise<readonly string[]> {
    const listing: Listing = { files: [], visited: new Set(), entryCount: 0 };
    await this.listInto(listing, this.root, '', 0);
    if (this.outsideImages !== null) await this.listInto(listing, this.outsideImages, OUTSIDE_IMAGES, 0);
    return listing.files;
  }

  async has(path: string): Promise<boolean> {
    try {
      return (await stat(await this.locate(path))).isFile();
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(errorCode(error))) return false;
      if (error instanceof ImportError) throw error;
      throw unreadable(error, path);
    }
  }

  async read(path: string): Promise<Uint8Array> {
    try {
      const real = await this.locate(path);
      // Before opening: opening a named pipe would wait for ever.
      if (!(await stat(real)).isFile())
        throw new ImportError('unreadable', 'This is not a file.', path, '', 'Give a file.');
      return await readWhole(real, path);
    } catch (error) {
      throw error instanceof ImportError ? error : unreadable(error, path);
    }
  }

  /** Real path of a file; throws when it is not there or lies outside. */
  private async locate(path: string): Promise<string> {
    const clean = resolveCapturePath('', path, { file: path, where: '' });
    const isMounted = this.outsideImages !== null && clean.startsWith(`${OUTSIDE_IMAGES}/`);
    const root = isMounted ? this.outsideImages : this.root;
    const real = await realpath(join(root, isMounted ? clean.slice(OUTSIDE_IMAGES.length + 1) : clean));
    if (!isInside(root, real)) throw outside(path);
    return real;
  }

  private async listInto(listing: Listing, realPath: string, prefix: string, depth: number): Promise<void> {
    // Links can make circles; a folder is listed under the first name that leads to it.
    if (listing.visited.has(realPath)) return;
    listing.visited.add(realPath);
    for (const entry of await readFolder(realPath, prefix === '' ? this.label : prefix)) {
      if (++listing.entryCount > MAX_ENTRIES)
        throw new ImportError(
          'too-large',
          `The folder holds more than ${MAX_ENTRIES} files.`,
          this.label,
          '',
          "Give the capture's own folder.",
        );
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      const target = entry.isSymbolicLink()
        ? await this.followLink(path)
        : { entry, realPath: join(realPath, entry.name) };
      if (target?.entry.isFile() === true) listing.files.push(path);
      if (target?.entry.isDirectory() === true && !entry.name.startsWith('.') && depth < MAX_DEPTH)
        await this.listInto(listing, target.realPath, path, depth + 1);
    }
  }

  /** A link that leads out or nowhere is left off the list; whoever asks for it by name is told why. */
  private async followLink(path: string): Promise<{ entry: Stats; realPath: string } | null> {
    try {
      const real = await this.locate(path);
      return { entry: await stat(real), realPath: real };
    } catch {
      return null;
    }
  }
}

async function readFolder(folder: string, shown: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw unreadable(error, shown);
  }
}

async function readWhole(real: string, shown: string): Promise<Uint8Array> {
  const handle = await open(real, 'r');
  try {
    const { size } = await handle.stat();
    if (size > MAX_FILE_BYTES)
      throw new ImportError('too-large', `${size} bytes are too many.`, shown, '', 'Give a file below 1 GiB.');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function realFolder(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    throw unreadable(error, path);
  }
  throw new ImportError('not-found', 'This is not a folder.', path, '', 'Give a folder.');
}

export interface OpenedCapture {
  readonly files: CaptureFiles;
  /** Relative to the capture's root; null when the user gave a folder and the format is to be found. */
  readonly poseFile: string | null;
  /** Relative to the capture's root; null unless the user named a folder of images. */
  readonly imagesFolder: string | null;
}

/** COLMAP's model folder inside a capture: the photos are beside `sparse`, not in it. */
const MODEL_FOLDER = /^(.*?)[\\/]((?:colmap[\\/])?sparse(?:[\\/]\d+)?)$/;
const MODEL_FILE = /^(?:cameras|images|points3D)\.(bin|txt)$/;

/** Splits the folder of a pose file into the capture's root and the rest. */
function splitModelFolder(folder: string): { root: string; below: string } {
  const match = MODEL_FOLDER.exec(folder);
  return match === null ? { root: folder, below: '' } : { root: (match[1] as string) + sep, below: match[2] as string };
}

async function modelFileIn(folder: string): Promise<string | null> {
  const names = (await readFolder(folder, folder)).map(({ name }) => name);
  return ['images.bin', 'images.txt'].find((name) => names.includes(name)) ?? null;
}

interface LocatedCapture {
  readonly root: string;
  /** Relative to the root; null when the user gave a folder and the format is to be found. */
  readonly poseFile: string | null;
}

async function locateCapture(path: string): Promise<LocatedCapture> {
  const absolute = resolve(path);
  let isFile: boolean;
  try {
    isFile = (await stat(absolute)).isFile();
  } catch (error) {
    throw unreadable(error, path);
  }
  const folder = isFile ? dirname(absolute) : absolute;
  const poseName = isFile ? basename(absolute) : MODEL_FOLDER.test(absolute) ? await modelFileIn(absolute) : null;
  const isModel = poseName !== null && MODEL_FILE.test(poseName);
  const { root, below } = isModel ? splitModelFolder(folder) : { root: folder, below: '' };
  const poseFile = poseName === null ? null : [...below.split(sep), poseName].filter((part) => part !== '').join('/');
  return { root, poseFile };
}

/** The folder that a capture's paths are relative to: of a file, also of a photo, the one it is in. @throws as {@link openCapture}. */
export async function captureRoot(path: string): Promise<string> {
  return (await locateCapture(path)).root;
}

/**
 * Opens what a user calls a capture: a folder, or a pose file, whose folder (for a COLMAP model in `sparse/0`, the folder
 * above `sparse`) is then the capture.
 *
 * @param options.imagesFolder a folder of photos; it may lie outside the capture, since the user named it.
 * @throws ImportError 'not-found', 'unreadable'.
 */
export async function openCapture(path: string, options: { imagesFolder?: string } = {}): Promise<OpenedCapture> {
  const { root, poseFile } = await locateCapture(path);
  if (options.imagesFolder === undefined)
    return { files: await CaptureFolder.open(root), poseFile, imagesFolder: null };
  const images = await realFolder(options.imagesFolder);
  const within = relative(await realFolder(root), images);
  if (isInside(await realFolder(root), images))
    return { files: await CaptureFolder.open(root), poseFile, imagesFolder: within.split(sep).join('/') };
  return { files: await CaptureFolder.open(root, images), poseFile, imagesFolder: OUTSIDE_IMAGES };
}

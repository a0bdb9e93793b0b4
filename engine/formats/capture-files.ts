/** The files of a capture as importers see them, and the rules for the paths that pose files write. */
import { ImportError } from '../scene/errors.js';

/** The files of one capture. Hosts implement it over a folder, an archive or memory; the engine never touches a disk. */
export interface CaptureFiles {
  /** What the user calls the capture, for messages. */
  readonly label: string;
  /** Every file below the root: relative, forward slashes, in no promised order. Throws ImportError 'too-large' past the host's bound. */
  list(): Promise<readonly string[]>;
  /** Whether `path` is a file of this capture. Throws ImportError 'outside-capture' for a path that leads out of it. */
  has(path: string): Promise<boolean>;
  /** The file's bytes. Throws ImportError 'not-found', 'unreadable', 'too-large' or 'outside-capture'. */
  read(path: string): Promise<Uint8Array>;
}

/** Extensions of the photo formats that hosts decode, in the order in which a missing one is tried. */
export const PHOTO_EXTENSIONS = ['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff'] as const;

const MAX_PATH_LENGTH = 4096;

/** The file name of a path with forward slashes. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder of a path with forward slashes; empty for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** A file name without its last extension. */
export function stemOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** Joins path segments with forward slashes, leaving out empty ones. */
export function joinPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}

/** Whether a file name looks like a photo; hidden files (such as macOS's `._` companions) do not. */
export function isPhotoName(name: string): boolean {
  const lower = name.toLowerCase();
  return !name.startsWith('.') && PHOTO_EXTENSIONS.some((extension) => lower.endsWith(extension));
}

/** Text from a file as it may appear in a message: control characters, which a terminal would obey, and excess length go. */
export function printable(text: string, maxLength = 200): string {
  const shown = [...text.slice(0, maxLength)].map((character) => (isControl(character) ? '?' : character)).join('');
  return text.length > maxLength ? `${shown}…` : shown;
}

function isControl(character: string): boolean {
  return character < ' ' || (character >= '\x7f' && character < '\xa0');
}

/** Where a path was written, for messages. */
export interface WrittenAt {
  readonly file: string;
  readonly where: string;
}

/**
 * Resolves a path that a pose file wrote against a folder of the capture: back slashes count as separators, `.` and
 * `..` are worked out.
 *
 * @param folder relative to the capture's root, empty for the root itself.
 * @returns a path relative to the capture's root, forward slashes, without `.` and `..`.
 * @throws ImportError 'outside-capture' for absolute paths and for `..` past the root; 'malformed' for an empty path,
 * control characters, or more than 4096 characters.
 */
export function resolveCapturePath(folder: string, written: string, at: WrittenAt): string {
  if (written === '' || written.length > MAX_PATH_LENGTH || [...written].some(isControl))
    throw new ImportError(
      'malformed',
      'An image path is empty, too long, or holds control characters.',
      at.file,
      at.where,
      'Write the path of the image, relative to this file.',
    );
  const slashed = written.replaceAll('\\', '/');
  const segments = folder === '' ? [] : folder.split('/');
  let escapes = slashed.startsWith('/') || /^[A-Za-z]:/.test(slashed);
  for (const segment of slashed.split('/')) {
    if (segment === '..') escapes ||= segments.pop() === undefined;
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  if (escapes)
    throw new ImportError(
      'outside-capture',
      `The path "${printable(written)}" leads out of the capture's folder.`,
      at.file,
      at.where,
      'Write paths relative to this file and keep the images inside the capture, or name their folder with --images.',
    );
  return segments.join('/');
}

/** File systems and tools disagree on letter case and on composed characters (は + ゛ or ば): this makes them equal. */
function foldPath(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** An index of a capture's file list. */
export class CaptureListing {
  private readonly exact: ReadonlySet<string>;
  /** null where two files differ only in what {@link foldPath} evens out. */
  private readonly folded = new Map<string, string | null>();
  private readonly namesByFolder = new Map<string, string[]>();

  constructor(paths: readonly string[]) {
    this.exact = new Set(paths);
    for (const path of this.exact) {
      const folded = foldPath(path);
      this.folded.set(folded, this.folded.has(folded) ? null : path);
      const names = this.namesByFolder.get(folderOf(path)) ?? [];
      names.push(baseName(path));
      this.namesByFolder.set(folderOf(path), names);
    }
    for (const names of this.namesByFolder.values()) names.sort();
  }

  has(path: string): boolean {
    return this.exact.has(path);
  }

  /** The file with this path; failing that, the only one that differs just in case or character composition; else null. */
  find(path: string): string | null {
    return this.exact.has(path) ? path : (this.folded.get(foldPath(path)) ?? null);
  }

  /** Names of the files directly in a folder (empty for the root), sorted. */
  namesIn(folder: string): readonly string[] {
    return this.namesByFolder.get(folder) ?? [];
  }

  /** Folders that hold files directly, sorted. */
  folders(): readonly string[] {
    return [...this.namesByFolder.keys()].sort();
  }
}

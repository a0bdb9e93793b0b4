/**
 * Every file of a drop, whatever mixture of files and folders it is. Nothing outside of what was dropped is looked at: a link inside a
 * dropped folder that leads out is named and left alone, while a path that the user dropped himself may be a link to anywhere.
 */
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ImportProblem, ProblemKind } from './import-plan.js';

const MAX_ENTRIES = 50_000;
const MAX_DEPTH = 12;
/** What operating systems leave in folders, besides names that begin with a dot. */
const LITTER = /^(thumbs\.db|desktop\.ini|ehthumbs\.db|icon\r|__macosx)$/i;

export interface FoundFile {
  readonly absolutePath: string;
  readonly name: string;
  readonly shownPath: string;
  /** Folder that was dropped and holds this file; null for a file that was dropped itself. */
  readonly root: string | null;
  /** From `root`, forward slashes; the name alone for a file that was dropped itself. */
  readonly pathInRoot: string;
  readonly bytes: number;
}

export interface WalkResult {
  readonly files: readonly FoundFile[];
  readonly projects: readonly string[];
  readonly problems: readonly ImportProblem[];
}

interface WalkState {
  readonly files: FoundFile[];
  readonly projects: string[];
  readonly problems: ImportProblem[];
  /** Real paths of folders and files that were seen. */
  readonly seen: Set<string>;
  readonly shownRoot: string | null;
  readonly signal: AbortSignal | undefined;
  entryCount: number;
  isFull: boolean;
}

interface Place {
  readonly path: string;
  readonly root: string;
  /** Real path of `root`, which links may not leave. */
  readonly realRoot: string;
  readonly depth: number;
}

export function isInsideFolder(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below === '' || (below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below));
}

function shownPathOf(path: string, root: string | null, shownRoot: string | null): string {
  const base = shownRoot ?? dirname(root ?? path);
  return (isInsideFolder(base, path) ? relative(base, path) : path).split(sep).join('/').slice(0, 4096);
}

function report(
  state: WalkState,
  kind: ProblemKind,
  place: { path: string; root: string | null },
  message: string,
  hint: string,
): void {
  state.problems.push({
    kind,
    severity: kind === 'duplicate' ? 'info' : 'warning',
    file: shownPathOf(place.path, place.root, state.shownRoot),
    absolutePath: place.path,
    message,
    hint,
    isPhoto: false,
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown reason';
}

/** A `.vantage` folder is one thing, not a folder of photos. */
export function isProjectFolderName(name: string): boolean {
  return name.toLowerCase().endsWith('.vantage');
}

/**
 * @param shownRoot the folder relative to which paths are shown; null: relative to what holds each dropped item.
 * @throws the signal's reason, and nothing else.
 */
export async function walkDrop(
  paths: readonly string[],
  shownRoot: string | null,
  signal: AbortSignal | undefined,
): Promise<WalkResult> {
  const state: WalkState = {
    files: [],
    projects: [],
    problems: [],
    seen: new Set(),
    shownRoot,
    signal,
    entryCount: 0,
    isFull: false,
  };
  for (const path of paths) await walkDropped(state, resolve(path));
  return state;
}

async function walkDropped(state: WalkState, path: string): Promise<void> {
  try {
    const real = await realpath(path);
    const info = await stat(real);
    if (info.isFile()) addFile(state, { path, real, root: null, bytes: info.size });
    else if (!info.isDirectory())
      report(state, 'unsupported', { path, root: null }, 'This is no file.', 'Drop photos.');
    else if (isProjectFolderName(basename(path))) state.projects.push(path);
    else await walkFolder(state, { path, root: path, realRoot: real, depth: 0 }, real);
  } catch (error) {
    if (state.signal?.aborted === true) throw error;
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
    const message = isMissing ? 'There is no such file or folder.' : `It cannot be read (${codeOf(error)}).`;
    report(state, 'unreadable', { path, root: null }, message, 'Check the path and its permissions.');
  }
}

function addFile(state: WalkState, file: { path: string; real: string; root: string | null; bytes: number }): void {
  const { path, real, root, bytes } = file;
  // Once through a folder and once by itself is still one file; saying so would be noise.
  if (state.seen.has(real)) return;
  state.seen.add(real);
  state.files.push({
    absolutePath: path,
    name: basename(path),
    shownPath: shownPathOf(path, root, state.shownRoot),
    root,
    pathInRoot: root === null ? basename(path) : relative(root, path).split(sep).join('/'),
    bytes,
  });
}

async function walkFolder(state: WalkState, place: Place, real: string): Promise<void> {
  // Links can make circles.
  if (state.seen.has(real)) return;
  state.seen.add(real);
  state.signal?.throwIfAborted();
  let entries: Dirent[];
  try {
    entries = await readdir(place.path, { withFileTypes: true });
  } catch (error) {
    report(state, 'unreadable', place, `The folder cannot be read (${codeOf(error)}).`, 'Check its permissions.');
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || LITTER.test(entry.name)) continue;
    if (++state.entryCount > MAX_ENTRIES) {
      if (!state.isFull)
        report(
          state,
          'limit',
          { path: place.root, root: place.root },
          `More than ${MAX_ENTRIES} files: the rest was left out.`,
          'Drop the folder of the photos themselves.',
        );
      state.isFull = true;
      return;
    }
    await walkEntry(state, { ...place, path: join(place.path, entry.name) }, entry);
  }
}

async function walkEntry(state: WalkState, place: Place, entry: Dirent): Promise<void> {
  try {
    const real = await realpath(place.path);
    if (entry.isSymbolicLink() && !isInsideFolder(place.realRoot, real)) {
      report(
        state,
        'refused',
        place,
        'This link leads out of the folder that was dropped.',
        'Drop what it points to by itself.',
      );
      return;
    }
    const info = await stat(real);
    if (info.isFile()) addFile(state, { path: place.path, real, root: place.root, bytes: info.size });
    if (!info.isDirectory()) return;
    if (isProjectFolderName(entry.name)) state.projects.push(place.path);
    else if (place.depth < MAX_DEPTH) await walkFolder(state, { ...place, depth: place.depth + 1 }, real);
    else report(state, 'limit', place, 'Folders this deep are not looked into.', 'Drop this folder by itself.');
  } catch (error) {
    if (state.signal?.aborted === true) throw error;
    report(state, 'unreadable', place, `It cannot be read (${codeOf(error)}).`, 'Check the link and its permissions.');
  }
}

/** Projects in the application's own folder, which the user has not yet put anywhere, and those that a crash has left behind. */
import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ProjectFile } from './project-file.js';
import { LOCK_FILE, acquireProjectLock, isLeftBehind } from './project-lock.js';
import type { ReadOptions } from './read-project.js';
import { PROJECT_FILE, readProject } from './read-project.js';
import { idOfFolder } from './recents.js';
import { PROJECT_EXTENSION } from './save-copy.js';

/** In a temporary project that was closed as it should be. */
export const CLOSED_FILE = 'closed.json';
const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_MS = 30 * DAY_MS;
const MAX_FOLDERS = 1000;

export interface LeftBehind {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly changedAtMs: number;
}

async function temporaryFolders(parent: string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && entry.name.endsWith(PROJECT_EXTENSION))
    .slice(0, MAX_FOLDERS)
    .map((entry) => join(parent, entry.name));
}

/** null: it was not closed. */
async function closedAtMs(folder: string): Promise<number | null> {
  try {
    const closed = JSON.parse(await readFile(join(folder, CLOSED_FILE), 'utf8')) as { closedAtMs?: unknown };
    return typeof closed.closedAtMs === 'number' ? closed.closedAtMs : 0;
  } catch {
    return null;
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function readOrNull(folder: string, options: ReadOptions): Promise<ProjectFile | null> {
  return readProject(folder, options).then(
    ({ file }) => file,
    () => null,
  );
}

async function describe(folder: string, id: string, options: ReadOptions): Promise<LeftBehind | null> {
  const file = await readOrNull(folder, options);
  if (file === null) return null;
  const changed = await stat(join(folder, PROJECT_FILE)).catch(() => null);
  return { id, folder, name: file.content.name, changedAtMs: changed?.mtimeMs ?? file.savedAtMs };
}

function isEmpty({ content }: ProjectFile): boolean {
  return content.photos.length === 0 && content.scene === null;
}

/** A temporary one that nobody holds and nobody closed, or another whose lock its holder did not give back. Newest first. */
export async function findLeftBehind(
  parent: string,
  keptFolders: readonly string[],
  options: ReadOptions,
): Promise<LeftBehind[]> {
  const found: LeftBehind[] = [];
  for (const folder of await temporaryFolders(parent)) {
    if ((await closedAtMs(folder)) !== null) continue;
    if ((await isThere(join(folder, LOCK_FILE))) && !(await isLeftBehind(folder))) continue;
    const file = await readOrNull(folder, options);
    const entry =
      file === null || isEmpty(file) ? null : await describe(folder, basename(folder, PROJECT_EXTENSION), options);
    if (entry !== null) found.push(entry);
  }
  for (const folder of keptFolders) {
    if (folder.startsWith(parent) || !(await isLeftBehind(folder))) continue;
    const entry = await describe(folder, idOfFolder(folder), options);
    if (entry !== null) found.push(entry);
  }
  return found.sort((a, b) => b.changedAtMs - a.changedAtMs).slice(0, 50);
}

/** Deletes temporary projects that were closed more than 30 days ago, and empty ones that were left more than a day ago. */
export async function collectGarbage(
  parent: string,
  options: ReadOptions,
  onDeleted: (folder: string) => Promise<void>,
): Promise<number> {
  let count = 0;
  for (const folder of await temporaryFolders(parent)) {
    if (!(await isGarbage(folder, options))) continue;
    const result = await acquireProjectLock(folder).catch(() => null);
    if (result?.kind !== 'acquired') continue;
    await result.lock.release();
    await rm(folder, { recursive: true, force: true });
    await onDeleted(folder);
    count++;
  }
  return count;
}

async function isGarbage(folder: string, options: ReadOptions): Promise<boolean> {
  const now = Date.now();
  const closed = await closedAtMs(folder);
  if (closed !== null) return now - closed > KEPT_MS;
  const info = await stat(folder);
  if (now - info.mtimeMs < DAY_MS) return false;
  const file = await readOrNull(folder, options);
  // One that cannot be read may still be of use to someone who can mend it.
  return file !== null && isEmpty(file);
}

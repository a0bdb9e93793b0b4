/** Reads what was dropped on the window: files, and folders to their bottom, each file with where it lay. */
import type { DroppedFile } from '../../electron/ipc/host-connection.js';

/** As many as the host takes in at once. */
const MAX_FILES = 10_000;
const MAX_DEPTH = 16;

function readFile(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A folder's reader hands out its entries in portions and ends with an empty one. */
async function readFolder(entry: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = entry.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0 || entries.length > MAX_FILES) return entries;
    entries.push(...portion);
  }
}

async function walk(entry: FileSystemEntry, path: string, depth: number, found: DroppedFile[]): Promise<void> {
  if (found.length >= MAX_FILES || depth > MAX_DEPTH) return;
  if (entry.isFile) {
    // A file that cannot be read any more is left out; the rest goes on.
    const file = await readFile(entry as FileSystemFileEntry).catch(() => null);
    if (file !== null) found.push({ file, relativePath: path + entry.name });
    return;
  }
  const children = await readFolder(entry as FileSystemDirectoryEntry).catch(() => []);
  for (const child of children) await walk(child, `${path}${entry.name}/`, depth + 1, found);
}

/** Entries of a drop, which must be asked for before the event's handler ends. */
export function takeEntries(transfer: DataTransfer): readonly FileSystemEntry[] {
  return [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .flatMap((item) => {
      const entry = item.webkitGetAsEntry();
      return entry === null ? [] : [entry];
    });
}

export async function readEntries(entries: readonly FileSystemEntry[]): Promise<readonly DroppedFile[]> {
  const found: DroppedFile[] = [];
  for (const entry of entries) await walk(entry, '', 0, found);
  return found;
}

import { readFile, stat } from 'node:fs/promises';
import { ImportError } from '../engine/scene/errors.js';

/** Node refuses to read larger files at once. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** A whole file that the user named; every way this can fail is an ImportError. */
export async function readInputFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES)
      throw new ImportError(
        'too-large',
        `The file has ${(size / 2 ** 30).toFixed(1)} GiB.`,
        path,
        '',
        'At most 2 GiB can be read.',
      );
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw unreadableFile(path, error);
  }
}

/** What the system says about a file, in words. */
export function unreadableFile(path: string, error: unknown): ImportError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new ImportError('not-found', 'There is no such file.', path, '', 'Check the path.');
  if (code === 'EISDIR') return new ImportError('unreadable', 'This is a folder.', path, '', 'Give a file.');
  return new ImportError(
    'unreadable',
    `The file cannot be read (${code ?? 'unknown reason'}).`,
    path,
    '',
    'Check its permissions.',
  );
}

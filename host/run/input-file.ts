import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SplatPly } from '../../engine/formats/read-splat-ply.js';
import { readSplatPly } from '../../engine/formats/read-splat-ply.js';
import { ImportError } from '../../engine/scene/errors.js';
import { formatBytes } from './format-text.js';

/** Node refuses to read larger files at once. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** A whole file that the user named; every way this can fail is an ImportError. */
export async function readInputFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES)
      throw new ImportError('too-large', `The file has ${formatBytes(size)}.`, path, '', 'At most 2 GiB can be read.');
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof ImportError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new ImportError('not-found', 'There is no such file.', path, '', 'Check the path.');
    if (code === 'EISDIR') throw new ImportError('unreadable', 'This is a folder.', path, '', 'Give a file.');
    throw new ImportError(
      'unreadable',
      `The file cannot be read (${code ?? 'unknown reason'}).`,
      path,
      '',
      'Check its permissions.',
    );
  }
}

/** The splats that the user named. */
export async function openSplatFile(path: string): Promise<SplatPly> {
  if (/\.(spz|sog|splat|ksplat)$/i.test(path))
    throw new ImportError(
      'unsupported',
      'Only .ply splats can be read so far.',
      path,
      '',
      `Convert ${basename(path)} to .ply first (for example with splat-transform).`,
    );
  return readSplatPly(await readInputFile(path), path);
}

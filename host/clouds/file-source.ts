import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { ByteSource } from '../../engine/formats/byte-source.js';
import { holdsRange, pastEnd } from '../../engine/formats/byte-source.js';
import { ImportError } from '../../engine/scene/errors.js';
import { unreadableFile } from '../read-input-file.js';

/** A file that stays open while it is read in pieces. */
export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

/**
 * Opens a file for reading in pieces; only what is asked for is in memory. Its size is taken once: of a file that shrinks later, a read
 * is an ImportError 'truncated'.
 *
 * @throws ImportError as host/read-input-file.ts has them.
 */
export async function openFileSource(path: string): Promise<FileSource> {
  let file: FileHandle;
  let sizeBytes: number;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw unreadableFile(path, error);
  }
  try {
    const found = await file.stat();
    if (found.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    // A pipe or a device has no end that could be checked.
    if (!found.isFile())
      throw new ImportError('unreadable', 'This is no ordinary file.', path, '', 'Copy it to a file first.');
    sizeBytes = found.size;
  } catch (error) {
    await file.close();
    throw error instanceof ImportError ? error : unreadableFile(path, error);
  }
  return {
    name: path,
    sizeBytes,
    async read(offset, length) {
      if (!holdsRange(sizeBytes, offset, length)) throw pastEnd(path, offset, length, sizeBytes);
      return readExactly(file, path, { offset, length });
    },
    close: () => file.close(),
  };
}

async function readExactly(
  file: FileHandle,
  path: string,
  { offset, length }: { offset: number; length: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let got = 0;
  while (got < length) {
    let bytesRead: number;
    try {
      ({ bytesRead } = await file.read(bytes, got, length - got, offset + got));
    } catch (error) {
      throw unreadableFile(path, error);
    }
    if (bytesRead === 0) throw pastEnd(path, offset, length, offset + got);
    got += bytesRead;
  }
  return bytes;
}

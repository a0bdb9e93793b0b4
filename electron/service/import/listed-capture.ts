import { readFile, stat } from 'node:fs/promises';
import type { CaptureFiles } from '../../../engine/formats/capture-files.js';
import { resolveCapturePath } from '../../../engine/formats/capture-files.js';
import { ImportError } from '../../../engine/scene/errors.js';
import type { CaptureFile } from './import-plan.js';

/** Pose files are read whole; binary models of a few thousand photos stay far below. */
const MAX_BYTES = 1024 * 1024 * 1024;

/** A capture made of files that lie anywhere: importers see the names they are listed under, and nothing else is readable. */
export class ListedCapture implements CaptureFiles {
  private readonly files: ReadonlyMap<string, string>;

  constructor(
    readonly label: string,
    files: readonly CaptureFile[],
  ) {
    this.files = new Map(files.map(({ path, file }) => [path, file]));
  }

  async list(): Promise<readonly string[]> {
    return [...this.files.keys()];
  }

  async has(path: string): Promise<boolean> {
    return this.files.has(resolveCapturePath('', path, { file: path, where: '' }));
  }

  async read(path: string): Promise<Uint8Array> {
    const file = this.files.get(path);
    try {
      if (file !== undefined) {
        const { size } = await stat(file);
        if (size > MAX_BYTES)
          throw new ImportError('too-large', `${size} bytes are too many.`, path, '', 'Give a file below 1 GiB.');
        return await readFile(file);
      }
    } catch (error) {
      if (error instanceof ImportError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT')
        throw new ImportError('unreadable', `It cannot be read (${code ?? 'unknown reason'}).`, path, '', 'Check it.');
    }
    throw new ImportError('not-found', 'There is no such file.', path, '', 'Check the path.');
  }
}

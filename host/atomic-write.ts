import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Has a file made whole or not at all: `produce` writes a temporary file in the same folder, which then takes the file's place. Parent
 * folders are made. An existing file is replaced. Whatever `produce` throws comes through, and nothing is left behind.
 */
export async function produceFileAtomic(path: string, produce: (temporary: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // Not derived from the file's own name, which may already be as long as the file system allows.
  const temporary = join(folder, `.vantage-${randomBytes(6).toString('hex')}.tmp`);
  try {
    await produce(temporary);
    const file = await open(temporary, 'r+');
    // Otherwise a power cut after the rename could leave an empty file under the final name.
    await file.sync().finally(() => file.close());
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes a file whole or not at all; see {@link produceFileAtomic}. */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  await produceFileAtomic(path, async (temporary) => {
    const file = await open(temporary, 'wx');
    await file.writeFile(content).finally(() => file.close());
  });
}

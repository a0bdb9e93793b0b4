import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../host/run/user-errors.js';

/** Finds out before the long work whether a file can be written there; makes its parent folders. */
export async function prepareOutputFile(path: string): Promise<void> {
  const existing = await stat(path).catch(() => null);
  if (existing?.isDirectory() === true) throw new UsageError(`${path} is a folder; give the name of a file.`);
  await prepareOutputFolder(dirname(resolve(path)), path);
}

/** Makes a folder (with its parents) and checks that files can be written into it. */
export async function prepareOutputFolder(folder: string, asTyped: string = folder): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file stands where a folder is needed' : `${code}`;
    throw new UsageError(`${asTyped}: nothing can be written there (${reason}).`);
  }
}

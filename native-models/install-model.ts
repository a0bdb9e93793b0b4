/** Takes a model that the user has as a file into the model folder. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportError } from '../engine/scene/errors.js';
import type { ModelFile } from './manifest.js';
import { ALL_MODELS, filesOf } from './manifest.js';
import { locateModelFolder, MAX_MODEL_BYTES } from './store.js';

export interface InstalledModel {
  readonly model: ModelFile;
  readonly path: string;
}

/** Files of a model that a folder does not have; none when it is installed. Their content is checked when they are opened. */
export function missingFiles(model: ModelFile, folder = locateModelFolder()): string[] {
  return filesOf(model).flatMap(({ fileName }) => (existsSync(join(folder, fileName)) ? [] : [fileName]));
}

async function readCandidate(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_MODEL_BYTES)
      throw new ImportError('too-large', `The file is ${size} bytes long.`, path, '', 'No known model is as large.');
    return await readFile(path);
  } catch (error) {
    if (error instanceof ImportError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new ImportError('not-found', 'There is no such file.', path, '', 'Check the path.');
    throw new ImportError('unreadable', `The file cannot be read: ${message}.`, path, '', 'Check its permissions.');
  }
}

/**
 * Copies a file whose content the manifest knows, whatever it is called, into the model folder under its name there. A file of that name is
 * replaced.
 *
 * @throws ImportError 'not-found', 'unreadable', 'too-large', or 'unsupported' for what is no model of the manifest; nothing is written then.
 */
export async function installModelFile(
  path: string,
  { folder = locateModelFolder(), models = ALL_MODELS }: { folder?: string; models?: readonly ModelFile[] } = {},
): Promise<InstalledModel> {
  const bytes = await readCandidate(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const known = models.flatMap((model) => filesOf(model).map((file) => ({ model, file })));
  const found = known.find(({ file }) => file.sha256 === sha256);
  if (found === undefined)
    throw new ImportError(
      'unsupported',
      `This is no model that is known (sha256 ${sha256}).`,
      path,
      '',
      'A depth network of your own can be used all the same: give its path to --depth-model.',
    );
  const target = join(folder, found.file.fileName);
  const partial = `${target}.${randomBytes(6).toString('hex')}.part`;
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(partial, bytes);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return { model: found.model, path: target };
}

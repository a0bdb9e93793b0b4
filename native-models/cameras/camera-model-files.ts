/** Reads a camera network and the weights that lie beside it. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ImportError } from '../../engine/scene/errors.js';
import type { ModelFile } from '../manifest.js';
import { CAMERA_MODELS } from '../manifest.js';
import { locateModelFolder, MAX_MODEL_BYTES } from '../store.js';
import { readVerifiedModel } from '../verified-model.js';

/** A network in memory: what was verified is what will run. */
export interface CameraModelFiles {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Weights outside of it, under the names that it knows them by. */
  readonly external: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** Null for what the manifest does not know. */
  readonly entry: ModelFile | null;
}

export interface CameraStoreOptions {
  /** Where named models live; by default the user's model folder. */
  readonly folder?: string;
  /** The manifest to look in. */
  readonly models?: readonly ModelFile[];
}

function missing(path: string, hint: string): ImportError {
  return new ImportError('not-found', 'There is no such file of a camera network.', path, '', hint);
}

async function readAny(path: string, hint: string): Promise<Uint8Array> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new ImportError('unreadable', 'This is not a file.', path, '', 'Give an .onnx file.');
    if (stats.size > MAX_MODEL_BYTES)
      throw new ImportError('too-large', `The file is ${stats.size} bytes long.`, path, '', 'At most 1 GiB is read.');
    return await readFile(path);
  } catch (error) {
    if (error instanceof ImportError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw missing(path, hint);
    throw new ImportError('unreadable', `The model cannot be read: ${message}.`, path, '', 'Check its permissions.');
  }
}

async function readNamed(entry: ModelFile, folder: string): Promise<CameraModelFiles> {
  const read = async (file: Parameters<typeof readVerifiedModel>[1]): Promise<Uint8Array> => {
    const path = join(folder, file.fileName);
    const bytes = await readVerifiedModel(path, file);
    if (bytes === null) throw missing(path, `"vantage models download ${entry.name}" fetches it.`);
    return bytes;
  };
  const { name, source, companions = [] } = entry;
  const bytes = await read(entry);
  const external = [];
  for (const file of companions) external.push({ path: file.location, data: await read({ ...file, name, source }) });
  return { path: join(folder, entry.fileName), bytes, external, entry };
}

/** An ONNX file whose weights, if they are kept apart, lie beside it as `<file>_data`, as exporters name them. */
async function readPath(path: string, models: readonly ModelFile[]): Promise<CameraModelFiles> {
  const names = models.map(({ name }) => name).join(', ');
  const bytes = await readAny(path, `It is neither a file nor a known name (${names}).`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const entry = models.find((model) => model.sha256 === sha256) ?? null;
  const location = `${basename(path)}_data`;
  const beside = join(dirname(path), location);
  const weights = await readAny(beside, '').catch((error: unknown) => {
    if (error instanceof ImportError && error.code === 'not-found') return null;
    throw error;
  });
  const known = entry?.companions?.[0]?.location ?? location;
  return { path, bytes, external: weights === null ? [] : [{ path: known, data: weights }], entry };
}

/**
 * Reads a camera network given by manifest name, from the model folder, or by path.
 *
 * @throws ImportError 'not-found', 'unreadable', 'too-large'; for a named one 'size-mismatch' and 'malformed' too, when a file is not what the
 * manifest says.
 */
export function readCameraModel(nameOrPath: string, options: CameraStoreOptions = {}): Promise<CameraModelFiles> {
  const { folder = locateModelFolder(), models = CAMERA_MODELS } = options;
  const named = models.find(({ name }) => name === nameOrPath);
  return named === undefined ? readPath(nameOrPath, models) : readNamed(named, folder);
}

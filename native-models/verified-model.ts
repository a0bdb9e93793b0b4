/** Reads a model's file if it is what the manifest says. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { ImportError } from '../engine/scene/errors.js';
import type { ModelFile, PinnedFile } from './manifest.js';

/** A file, and the model that it belongs to. */
export type NamedFile = PinnedFile & Pick<ModelFile, 'name' | 'source'>;

/**
 * A model's file, or null when there is none at that path.
 *
 * @throws ImportError 'unreadable', 'size-mismatch' or 'malformed' when a file is there and is not what the manifest says.
 */
export async function readVerifiedModel(path: string, model: NamedFile): Promise<Uint8Array<ArrayBuffer> | null> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const { size } = await stat(path);
    if (size !== model.bytes) throw contentError('size-mismatch', path, model, `is ${size} bytes long`);
    bytes = new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof ImportError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new ImportError('unreadable', `The model cannot be read: ${message}.`, path, '', 'Check its permissions.');
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== model.sha256) throw contentError('malformed', path, model, `has sha256 ${sha256}`);
  return bytes;
}

function contentError(code: 'size-mismatch' | 'malformed', path: string, model: NamedFile, found: string): ImportError {
  const problem = `It should be the model "${model.name}" (${model.bytes} bytes, sha256 ${model.sha256}), but ${found}.`;
  return new ImportError(code, problem, path, '', `Delete it and get it again: ${model.url ?? model.source}.`);
}

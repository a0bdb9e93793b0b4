/** The state of an optimisation on the disk; the host keeps the book of what was written. */
import type { Checkpoint } from '../../engine/pipeline/checkpoint.js';
import { decodeCheckpoint } from '../../engine/pipeline/decode-checkpoint.js';
import { encodeCheckpoint } from '../../engine/pipeline/encode-checkpoint.js';
import { ImportError } from '../../engine/scene/errors.js';
import { writeFileAtomic } from '../../host/atomic-write.js';
import { readInputFile } from '../../host/run/input-file.js';

export async function storeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  await writeFileAtomic(file, encodeCheckpoint(checkpoint));
}

/**
 * null: there is none.
 *
 * @throws ImportError for one that is damaged, or of a newer version.
 */
export async function loadCheckpoint(file: string): Promise<Checkpoint | null> {
  try {
    return decodeCheckpoint(await readInputFile(file), 'The checkpoint');
  } catch (error) {
    if (error instanceof ImportError && error.code === 'not-found') return null;
    throw error;
  }
}

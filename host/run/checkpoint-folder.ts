/** A folder that a run leaves its checkpoints in: the last two, so that one that is damaged does not cost everything. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../engine/pipeline/checkpoint.js';
import { decodeCheckpoint } from '../../engine/pipeline/decode-checkpoint.js';
import { encodeCheckpoint } from '../../engine/pipeline/encode-checkpoint.js';
import { ImportError } from '../../engine/scene/errors.js';
import { writeFileAtomic } from '../atomic-write.js';
import { readInputFile } from './input-file.js';

const KEPT = 2;
/** The time comes first: names in order are checkpoints in order, also across runs. */
const NAME = /^\d{14}-\d{7}\.checkpoint$/;

/** What a process that was killed while it wrote leaves behind. */
const TEMPORARY = /^\.vantage-[0-9a-f]+\.tmp$/;
const FORGOTTEN_AFTER_MS = 10 * 60_000;

async function removeForgotten(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!TEMPORARY.test(name)) continue;
    const file = join(folder, name);
    const info = await stat(file).catch(() => null);
    if (info !== null && Date.now() - info.mtimeMs > FORGOTTEN_AFTER_MS) await rm(file, { force: true });
  }
}

/** Names of the folder's checkpoints, newest first; none where there is no such folder. */
async function listNewestFirst(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();
}

/** Writes the checkpoint whole or not at all, then removes those older than the last two and what killed processes left. Other files are left alone. */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<string> {
  const [newest] = await listNewestFirst(folder);
  // A clock that was set back must not make this one older than the last.
  const atMs = Math.max(Date.now(), newest === undefined ? 0 : Number(newest.slice(0, 14)) + 1);
  const name = `${String(atMs).padStart(14, '0')}-${String(checkpoint.loop.iteration).padStart(7, '0')}.checkpoint`;
  await writeFileAtomic(join(folder, name), encodeCheckpoint(checkpoint));
  for (const old of (await listNewestFirst(folder)).slice(KEPT)) await rm(join(folder, old), { force: true });
  await removeForgotten(folder);
  return join(folder, name);
}

export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly file: string;
  /** Of newer ones that could not be read. */
  readonly warnings: readonly string[];
}

/**
 * The newest checkpoint of the folder that can be read; null where there is none at all.
 *
 * @throws ImportError of the newest when there are some and none can be read
 */
export async function readNewestCheckpoint(folder: string): Promise<FoundCheckpoint | null> {
  const failures: ImportError[] = [];
  for (const name of await listNewestFirst(folder)) {
    const file = join(folder, name);
    try {
      const checkpoint = decodeCheckpoint(await readInputFile(file), file);
      return { checkpoint, file, warnings: failures.map(({ message }) => message) };
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      failures.push(error);
    }
  }
  if (failures[0] !== undefined) throw failures[0];
  return null;
}

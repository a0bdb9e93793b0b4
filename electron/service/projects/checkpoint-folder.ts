/**
 * `checkpoints/` of a project. A run's process writes its state to {@link LATEST_CHECKPOINT}, whole or not at all; whoever started it
 * then calls {@link recordCheckpoint}, which keeps the last two under names of their own, each with a sidecar that says what it is. A
 * checkpoint without a sidecar that fits was cut off and does not count.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, link, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../../host/atomic-write.js';

/** The run's process writes this file and goes on from it. */
export const LATEST_CHECKPOINT = 'latest.state';
export const CHECKPOINT_EXTENSION = '.checkpoint';
export const CHECKPOINT_SIDECAR_MARK = 'vantage-checkpoint';
const KEPT = 2;
const MAX_SIDECAR_BYTES = 4096;

export const checkpointSidecarSchema = z.object({
  format: z.literal(CHECKPOINT_SIDECAR_MARK),
  formatVersion: z.literal(1),
  iteration: z.number().int().min(0),
  iterations: z.number().int().min(0),
  savedAtMs: z.number(),
  /** Of the file of bytes beside it. */
  bytes: z.number().int().min(1),
});

export type CheckpointSidecar = z.infer<typeof checkpointSidecarSchema>;

export interface CheckpointEntry extends Omit<CheckpointSidecar, 'format' | 'formatVersion'> {
  /** Absolute path of the bytes. */
  readonly file: string;
}

async function readEntry(folder: string, name: string): Promise<CheckpointEntry | null> {
  const file = join(folder, name);
  try {
    if ((await stat(`${file}.json`)).size > MAX_SIDECAR_BYTES) return null;
    const sidecar = checkpointSidecarSchema.parse(JSON.parse(await readFile(`${file}.json`, 'utf8')));
    const info = await stat(file);
    if (!info.isFile() || info.size !== sidecar.bytes) return null;
    const { iteration, iterations, savedAtMs, bytes } = sidecar;
    return { file, iteration, iterations, savedAtMs, bytes };
  } catch {
    return null;
  }
}

/** Whole ones, newest first. A folder that is not there has none. */
export async function listCheckpoints(folder: string): Promise<CheckpointEntry[]> {
  const names = await readdir(folder).catch(() => []);
  const entries = await Promise.all(
    names.filter((name) => name.endsWith(CHECKPOINT_EXTENSION)).map((name) => readEntry(folder, name)),
  );
  return entries
    .filter((entry) => entry !== null)
    .sort((a, b) => b.savedAtMs - a.savedAtMs || b.iteration - a.iteration);
}

/** A second name for the same bytes where the drive can do that, else a copy; whole or not at all. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    const temporary = `${to}.${randomBytes(4).toString('hex')}.tmp`;
    await copyFile(from, temporary);
    await rename(temporary, to);
  }
}

/**
 * Keeps the state that was just written to {@link LATEST_CHECKPOINT}, and of the earlier ones the newest.
 *
 * @throws the system's error when there is no such state or the drive refuses.
 */
export async function recordCheckpoint(
  folder: string,
  state: { readonly iteration: number; readonly iterations: number; readonly savedAtMs: number },
): Promise<CheckpointEntry> {
  const name = `${String(state.iteration).padStart(6, '0')}-${randomBytes(3).toString('hex')}${CHECKPOINT_EXTENSION}`;
  const file = join(folder, name);
  await linkOrCopy(join(folder, LATEST_CHECKPOINT), file);
  const { size } = await stat(file);
  const sidecar = {
    format: CHECKPOINT_SIDECAR_MARK,
    formatVersion: 1,
    ...state,
    bytes: size,
  } satisfies CheckpointSidecar;
  await writeFileAtomic(`${file}.json`, JSON.stringify(sidecar));
  const kept = (await listCheckpoints(folder)).slice(0, KEPT).map((entry) => entry.file);
  const all = (await readdir(folder)).filter((other) => other.endsWith(CHECKPOINT_EXTENSION));
  for (const other of all)
    if (!kept.includes(join(folder, other))) {
      await rm(join(folder, `${other}.json`), { force: true });
      await rm(join(folder, other), { force: true });
    }
  return { file, ...state, bytes: size };
}

/**
 * Puts the newest whole checkpoint where a run goes on from ({@link LATEST_CHECKPOINT}).
 *
 * @returns what it is; null when there is none.
 */
export async function restoreCheckpoint(folder: string): Promise<CheckpointEntry | null> {
  const [newest] = await listCheckpoints(folder);
  if (newest === undefined) return null;
  const temporary = join(folder, `.vantage-${randomBytes(6).toString('hex')}.tmp`);
  await linkOrCopy(newest.file, temporary);
  await rename(temporary, join(folder, LATEST_CHECKPOINT));
  // Two names of one file: renaming one over the other leaves both in place.
  await rm(temporary, { force: true });
  return newest;
}

/** A fresh run's first checkpoint must not be mistaken for a later one of the run before. */
export async function clearCheckpoints(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    if (
      name === LATEST_CHECKPOINT ||
      name.endsWith(CHECKPOINT_EXTENSION) ||
      name.endsWith(`${CHECKPOINT_EXTENSION}.json`)
    )
      await rm(join(folder, name), { force: true });
}

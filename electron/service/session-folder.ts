/** A folder for what lives as long as this process: uploads, thumbnails, exports. Those of processes that are gone are cleared away. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive } from '../../host/process-alive.js';

export interface SessionFolder {
  readonly thumbnails: string;
  readonly exports: string;
  readonly uploads: string;
  /** Deletes all of it. */
  dispose(): Promise<void>;
}

const NAME = /^(\d+)-[0-9a-f-]{36}$/;

async function clearAway(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isProcessAlive(Number(owner))) await rm(join(folder, name), { recursive: true });
  }
}

export async function openSessionFolder(dataFolder: string): Promise<SessionFolder> {
  const sessions = join(dataFolder, 'sessions');
  const own = join(sessions, `${process.pid}-${randomUUID()}`);
  const [thumbnails, exports, uploads] = ['thumbnails', 'exports', 'uploads'].map((name) => join(own, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [thumbnails, exports, uploads]) await mkdir(folder, { recursive: true });
  // Another process may be clearing the same folder.
  await clearAway(sessions).catch(() => undefined);
  return {
    thumbnails,
    exports,
    uploads,
    dispose: () => rm(own, { recursive: true, force: true, maxRetries: 3 }),
  };
}

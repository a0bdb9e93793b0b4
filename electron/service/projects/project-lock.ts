/**
 * One window a project. On this computer the system's guard decides (see os-guard.ts); `lock.json` names the holder, and keeps other
 * computers out of a project on a shared drive: its time stamp is renewed while the holder lives, and one that has not been renewed for
 * some minutes is taken over. Times are compared by the drive's own clock.
 */
import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../../../host/atomic-write.js';
import { isProcessAlive } from '../../../host/process-alive.js';
import type { Guard, GuardResult } from './os-guard.js';
import { acquireGuard } from './os-guard.js';

export const LOCK_FILE = 'lock.json';
const RENEW_MS = 30_000;
const FRESH_MS = 4 * RENEW_MS;
const MAX_LOCK_BYTES = 4096;
const GUARD_ATTEMPTS = 4;
const GUARD_WAIT_MS = 50;

const lockSchema = z.object({
  id: z.string().max(100),
  pid: z.number().int().positive(),
  host: z.string().max(255),
  startedAtMs: z.number(),
  /** The holder has the system's guard too. */
  isGuarded: z.boolean(),
});
export type LockHolder = z.infer<typeof lockSchema>;

export interface ProjectLock {
  /** Gives the lock back. Throws nothing. */
  release(): Promise<void>;
}

export type LockResult =
  | { readonly kind: 'acquired'; readonly lock: ProjectLock }
  /** `holder` null: someone, one cannot tell who. */
  | { readonly kind: 'held'; readonly holder: LockHolder | null }
  | { readonly kind: 'unwritable'; readonly code: string };

export interface LockOptions {
  /** Someone else took the project over. */
  readonly onLost?: () => void;
  /** Tests stand in for platforms without a guard. */
  readonly guard?: (folder: string) => Promise<GuardResult>;
}

interface LockFile {
  /** null: cannot be made sense of. */
  readonly holder: LockHolder | null;
  readonly isFresh: boolean;
}

async function readHolder(path: string): Promise<LockHolder | null> {
  const { size } = await stat(path);
  if (size > MAX_LOCK_BYTES) return null;
  try {
    const parsed = lockSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The drive's clock, which may be another computer's. */
async function driveTimeMs(folder: string): Promise<number> {
  const probe = join(folder, `.vantage-${randomUUID()}.tmp`);
  const handle = await open(probe, 'wx');
  try {
    return (await handle.stat()).mtimeMs;
  } finally {
    await handle.close();
    await rm(probe, { force: true });
  }
}

async function readLockFile(folder: string, nowMs: number): Promise<LockFile | null> {
  const path = join(folder, LOCK_FILE);
  try {
    const { mtimeMs } = await stat(path);
    return { holder: await readHolder(path), isFresh: Math.abs(nowMs - mtimeMs) < FRESH_MS };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isHeld({ holder, isFresh }: LockFile, hasGuard: boolean): boolean {
  if (holder === null || holder.host !== hostname()) return isFresh;
  // Had its process the guard, we could not have it; one without a guard is asked for.
  if (holder.isGuarded && hasGuard) return false;
  return holder.pid !== process.pid && isFresh && isProcessAlive(holder.pid);
}

/** Whoever only looks whether a project is held has the guard for a moment. */
async function waitBriefly(acquire: () => Promise<GuardResult>): Promise<GuardResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await acquire();
    if (result !== 'busy' || attempt === GUARD_ATTEMPTS) return result;
    await sleep(GUARD_WAIT_MS);
  }
}

/**
 * Takes the lock, or says at once who has it.
 *
 * @throws the system's error when the folder is not there.
 */
export async function acquireProjectLock(folder: string, options: LockOptions = {}): Promise<LockResult> {
  const guardResult = await waitBriefly(() => (options.guard ?? acquireGuard)(folder));
  if (guardResult === 'busy')
    return { kind: 'held', holder: await readHolder(join(folder, LOCK_FILE)).catch(() => null) };
  const guard = guardResult === 'unsupported' ? null : guardResult;
  try {
    const present = await readLockFile(folder, await driveTimeMs(folder));
    if (present !== null && isHeld(present, guard !== null)) {
      await guard?.release();
      return { kind: 'held', holder: present.holder };
    }
    const own: LockHolder = {
      id: randomUUID(),
      pid: process.pid,
      host: hostname(),
      startedAtMs: Date.now(),
      isGuarded: guard !== null,
    };
    // A new file must not replace one that appeared in the meantime; one that was left behind must be replaced.
    if (present === null) await writeFile(join(folder, LOCK_FILE), JSON.stringify(own), { flag: 'wx' });
    else await writeFileAtomic(join(folder, LOCK_FILE), JSON.stringify(own));
    return { kind: 'acquired', lock: new HeldLock(folder, own, guard, options.onLost) };
  } catch (error) {
    await guard?.release();
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    if (code === 'EEXIST') return { kind: 'held', holder: null };
    if (code === 'ENOENT' || code === 'ENOTDIR') throw error;
    return { kind: 'unwritable', code };
  }
}

class HeldLock implements ProjectLock {
  private readonly timer: NodeJS.Timeout;
  private isLost = false;

  constructor(
    private readonly folder: string,
    private readonly own: LockHolder,
    private readonly guard: Guard | null,
    private readonly onLost: (() => void) | undefined,
  ) {
    this.timer = setInterval(() => void this.renew(), RENEW_MS);
    this.timer.unref();
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    try {
      if (await this.isOwn()) await rm(join(this.folder, LOCK_FILE), { force: true });
    } catch {
      // Left behind, it is taken over: the guard is what counts.
    }
    await this.guard?.release().catch(() => undefined);
  }

  private async isOwn(): Promise<boolean> {
    return (await readHolder(join(this.folder, LOCK_FILE)))?.id === this.own.id;
  }

  private async renew(): Promise<void> {
    if (this.isLost) return;
    const path = join(this.folder, LOCK_FILE);
    try {
      if (await this.isOwn()) {
        const now = (await driveTimeMs(this.folder)) / 1000;
        await utimes(path, now, now);
      } else {
        this.isLost = true;
        clearInterval(this.timer);
        this.onLost?.();
      }
    } catch (error) {
      // A drive that is away for a while is no loss; a file that was deleted is made anew.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        await writeFile(path, JSON.stringify(this.own), { flag: 'wx' }).catch(() => undefined);
    }
  }
}

/** Whether a project was left without being closed: there is a lock and nobody who holds it. Changes nothing. */
export async function isLeftBehind(folder: string): Promise<boolean> {
  const guard = await acquireGuard(folder).catch(() => 'unsupported' as const);
  if (guard === 'busy') return false;
  try {
    const present = await readLockFile(folder, Date.now());
    return present !== null && !isHeld(present, guard !== 'unsupported');
  } catch {
    return false;
  } finally {
    if (guard !== 'unsupported') await guard.release();
  }
}

/** Who holds a project, in words. */
export function describeHolder(holder: LockHolder | null): string {
  if (holder === null) return 'It is open in another window.';
  // In the reader's own time; words of the host are English.
  const since = new Date(holder.startedAtMs).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
  if (holder.host === hostname())
    return `It is open in another window on this computer (process ${holder.pid}, since ${since}).`;
  return `It is open on the computer "${holder.host}" (since ${since}).`;
}

import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LockResult } from '../../electron/service/projects/project-lock.js';
import { LOCK_FILE, acquireProjectLock, isLeftBehind } from '../../electron/service/projects/project-lock.js';
import { openProjectStore } from '../../electron/service/projects/project-store.js';
import { SETTINGS } from '../fixtures/projects/project-process.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A process number that no running process has: above Linux's largest. */
const NO_PROCESS = 2 ** 22 + 1;

type Child = ChildProcessByStdio<null, Readable, null>;

let folder: string;
const children: Child[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-lock-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function start(args: readonly string[], as: { readonly uid?: number; readonly gid?: number } = {}): Child {
  const script = 'tests/fixtures/projects/project-process.ts';
  const child = spawn(process.execPath, ['scripts/run-ts.mjs', script, ...args], {
    cwd: ROOT,
    ...as,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function firstLine(child: Child): Promise<{ folder: string; isReadOnly: boolean; reason: string | null }> {
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return JSON.parse(text) as { folder: string; isReadOnly: boolean; reason: string | null };
}

async function acquired(result: Promise<LockResult>) {
  const value = await result;
  if (value.kind !== 'acquired') throw new Error(`not acquired: ${JSON.stringify(value)}`);
  return value.lock;
}

const withoutGuard = { guard: async () => 'unsupported' as const };

async function writeLock(holder: object, ageMs = 0): Promise<void> {
  const path = join(folder, LOCK_FILE);
  await writeFile(path, JSON.stringify({ id: 'other', pid: NO_PROCESS, startedAtMs: 0, isGuarded: false, ...holder }));
  const time = (Date.now() - ageMs) / 1000;
  await utimes(path, time, time);
}

describe('the lock of a project', () => {
  it('is not that of a deleted folder whose number the file system gives to the next one', async () => {
    const [first, next] = [join(folder, 'first'), join(folder, 'next')];
    await mkdir(first);
    const { ino } = await stat(first);
    const old = await acquired(acquireProjectLock(first));
    await rm(first, { recursive: true });
    await mkdir(next);
    // ext4 does so at once; where another file system does not, there is nothing to mistake.
    if ((await stat(next)).ino !== ino) process.stdout.write('SKIPPED: this file system does not use numbers again\n');
    await (await acquired(acquireProjectLock(next))).release();
    await old.release();
  });

  it('is kept while its folder is changed and moved', async () => {
    const [before, after] = [join(folder, 'before'), join(folder, 'after')];
    await mkdir(before);
    const lock = await acquired(acquireProjectLock(before));
    await mkdir(join(before, 'photos'));
    await rename(before, after);
    expect((await acquireProjectLock(after)).kind).toBe('held');
    await lock.release();
  });

  it('is had once, says who has it, and is given back without a trace', async () => {
    const lock = await acquired(acquireProjectLock(folder));
    const second = await acquireProjectLock(folder);
    expect(second).toMatchObject({ kind: 'held', holder: { pid: process.pid, host: hostname() } });
    await lock.release();
    expect(await readdir(folder)).toEqual(process.platform === 'linux' ? [] : ['.guard']);
    await (await acquired(acquireProjectLock(folder))).release();
  });

  it('is one lock, whichever way leads to the folder', async () => {
    const lock = await acquired(acquireProjectLock(folder));
    const link = `${folder}-link`;
    await symlink(folder, link);
    expect((await acquireProjectLock(link)).kind).toBe('held');
    await rm(link);
    // A guard named by the path would let the second one in once the folder has another name.
    await rename(folder, `${folder}-moved`);
    expect((await acquireProjectLock(`${folder}-moved`)).kind).toBe('held');
    await rename(`${folder}-moved`, folder);
    await lock.release();
  });

  it('of ten that try at the same time, over a lock that was left behind, one has it', async () => {
    await writeLock({ host: hostname() });
    const results = await Promise.all(Array.from({ length: 10 }, () => acquireProjectLock(folder)));
    const winners = results.flatMap((result) => (result.kind === 'acquired' ? [result.lock] : []));
    expect(winners).toHaveLength(1);
    for (const lock of winners) await lock.release();
  });

  it('of another computer holds while it is renewed, and not for ever', async () => {
    await writeLock({ host: 'another computer' });
    expect(await acquireProjectLock(folder)).toMatchObject({ kind: 'held', holder: { host: 'another computer' } });
    await writeLock({ host: 'another computer' }, 10 * 60_000);
    const lock = await acquired(acquireProjectLock(folder));
    expect(JSON.parse(await readFile(join(folder, LOCK_FILE), 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it('that cannot be read is honoured while it is new: its holder may be writing it', async () => {
    await writeFile(join(folder, LOCK_FILE), '');
    expect(await acquireProjectLock(folder)).toEqual({ kind: 'held', holder: null });
    await writeFile(join(folder, LOCK_FILE), '{"id"');
    const time = Date.now() / 1000 - 3600;
    await utimes(join(folder, LOCK_FILE), time, time);
    await (await acquired(acquireProjectLock(folder))).release();
  });

  it('without the system’s guard goes by the process: gone or alive', async () => {
    await writeLock({ host: hostname() });
    await (await acquired(acquireProjectLock(folder, withoutGuard))).release();
    await writeLock({ host: hostname(), pid: process.ppid });
    expect((await acquireProjectLock(folder, withoutGuard)).kind).toBe('held');
  });

  it('is not left behind while someone has it', async () => {
    expect(await isLeftBehind(folder)).toBe(false);
    const lock = await acquired(acquireProjectLock(folder));
    expect(await isLeftBehind(folder)).toBe(false);
    await lock.release();
    await writeLock({ host: hostname(), isGuarded: true });
    expect(await isLeftBehind(folder)).toBe(true);
  });

  it('does not delete a lock that someone else has taken over', async () => {
    const lock = await acquired(acquireProjectLock(folder));
    await writeLock({ host: 'another computer' });
    await lock.release();
    expect(JSON.parse(await readFile(join(folder, LOCK_FILE), 'utf8'))).toMatchObject({ host: 'another computer' });
  });
});

describe('two processes and one project', () => {
  it('the second one may only look, until the first is gone, even by kill -9', async () => {
    const first = start(['create', folder]);
    const { folder: project, isReadOnly } = await firstLine(first);
    expect(isReadOnly).toBe(false);

    const second = await firstLine(start(['open', folder, project]));
    expect(second.isReadOnly).toBe(true);
    expect(second.reason).toContain(`process ${first.pid}`);

    const store = await openProjectStore({ dataFolder: folder, appVersion: 'test', defaultSettings: SETTINGS });
    expect(await store.recoveries()).toEqual([]);
    const looking = await store.open(project);
    const before = await readFile(join(project, 'project.json'), 'utf8');
    looking.change({ name: 'must not be written' });
    await looking.save();
    await looking.close();
    expect(await readFile(join(project, 'project.json'), 'utf8')).toBe(before);
    expect((await readdir(project)).includes(LOCK_FILE)).toBe(true);

    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(await store.recoveries()).toMatchObject([{ name: 'Left alone' }]);
    const [recovery] = await store.recoveries();
    const recovered = await store.recover(recovery?.id ?? '');
    expect([recovered.isReadOnly, recovered.content.scene?.iteration]).toEqual([false, 5]);
    expect(await store.recoveries()).toEqual([]);
    await recovered.close();
    expect(await store.recoveries()).toEqual([]);
  });

  it('a process that dies half-way through saving leaves the project as it was', async () => {
    const store = await openProjectStore({ dataFolder: folder, appVersion: 'test', defaultSettings: SETTINGS });
    const project = await store.createTemporary('Before');
    project.change({ scene: { name: 'a', origin: 'run', count: 1, iteration: 5, hasSeen: false, scores: null } });
    project.changeDocument('view', '{"up":1}');
    await project.close();
    const child = start(['die-saving', folder, project.paths.folder]);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);

    const again = await store.open(project.paths.folder);
    expect([again.isReadOnly, again.content.name, again.openingNotices]).toEqual([false, 'Before', []]);
    await again.close();
  });

  it('a folder that the user cannot write to is opened to look at', async () => {
    if (process.getuid?.() === undefined) {
      console.log('SKIPPED: a folder without write permission: this system has no such thing');
      return;
    }
    const store = await openProjectStore({ dataFolder: folder, appVersion: 'test', defaultSettings: SETTINGS });
    const project = await store.createTemporary('Read only');
    project.change({ scene: { name: 'a', origin: 'run', count: 1, iteration: 5, hasSeen: false, scores: null } });
    await project.close();
    await chmod(folder, 0o755);
    await chmod(project.paths.folder, 0o555);
    const data = await mkdtemp(join(tmpdir(), 'vantage-data-'));
    await chmod(data, 0o777);
    // The superuser may write anywhere, so that someone else has to try.
    const asWhom = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
    const opened = await firstLine(start(['open', data, project.paths.folder], asWhom));
    await rm(data, { recursive: true, force: true });
    await chmod(project.paths.folder, 0o755);
    expect(opened).toMatchObject({
      isReadOnly: true,
      reason: expect.stringContaining('cannot be written to') as string,
    });
  });
});

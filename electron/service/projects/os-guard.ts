/**
 * A lock that the system itself gives back when its process ends, however it ends. Node has none for files, so that each platform's own
 * is used: on Linux an abstract socket's name, on macOS flock through O_EXLOCK, on Windows a file opened without sharing.
 */
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Guard {
  release(): Promise<void>;
}

export type GuardResult = Guard | 'busy' | 'unsupported';

const GUARD_FILE = '.guard';
/** <fcntl.h> of macOS; Node passes numeric flags on. */
const MACOS_O_EXLOCK = 0x20;
const MACOS_O_NONBLOCK = 0x4;
/** UV_FS_O_EXLOCK of libuv on Windows. */
const WINDOWS_EXCLUSIVE = 0x10000000;
const BUSY_CODES = ['EADDRINUSE', 'EAGAIN', 'EWOULDBLOCK', 'EBUSY', 'EPERM', 'EACCES'];

/**
 * By the folder's identity, so that two paths to it (a link, another case) are one lock. The time of its birth belongs to it: the number of
 * a folder that was deleted while it was locked is given to the next one that is made.
 */
async function socketName(folder: string): Promise<string> {
  const { dev, ino, birthtimeNs } = await stat(folder, { bigint: true });
  return `\0vantage-project-${process.getuid?.() ?? 0}-${dev}-${ino}-${birthtimeNs}`;
}

async function listenOn(name: string): Promise<GuardResult> {
  // Connections are answered by hanging up: the name is all that matters.
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRINUSE' ? 'busy' : 'unsupported'));
    server.listen({ path: name }, () => {
      server.unref();
      resolve({ release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

async function openExclusively(folder: string, flags: number): Promise<GuardResult> {
  try {
    const handle = await open(join(folder, GUARD_FILE), constants.O_RDWR | constants.O_CREAT | flags);
    return { release: () => handle.close() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return BUSY_CODES.includes(code ?? '') ? 'busy' : 'unsupported';
  }
}

/** @param folder must exist and be writable. */
export async function acquireGuard(folder: string, platform: NodeJS.Platform = process.platform): Promise<GuardResult> {
  if (platform === 'linux') return listenOn(await socketName(folder));
  if (platform === 'darwin') return openExclusively(folder, MACOS_O_EXLOCK | MACOS_O_NONBLOCK);
  if (platform === 'win32') return openExclusively(folder, WINDOWS_EXCLUSIVE);
  return 'unsupported';
}

/** Fetches a model of the manifest, on the user's request only. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportError } from '../engine/scene/errors.js';
import type { ModelFile } from './manifest.js';
import { filesOf, totalBytes } from './manifest.js';
import { locateModelFolder } from './store.js';
import type { NamedFile } from './verified-model.js';
import { readVerifiedModel } from './verified-model.js';

export interface DownloadOptions {
  /** By default {@link locateModelFolder}; made when absent. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  /** Bytes of all files of the model together. */
  readonly onProgress?: (receivedBytes: number, totalBytes: number) => void;
  /** The download fails when no byte arrives for this long. */
  readonly idleTimeoutMs?: number;
}

/**
 * Downloads a model's files into the model folder, each by its `url`: streams to a temporary file beside the target, stops at the first byte
 * too many, compares length and sha256 with the manifest, and only then renames. A file that is there already and verifies is left alone.
 *
 * @returns the path of the model's first file, which comes last: where it is, the others are.
 * @throws ImportError when there is no url, the server answers with an error or falls silent, or the content is not what the manifest says;
 * the signal's reason when aborted. Whatever happens, no unverified file is left under the model's name, and no temporary file.
 */
export async function downloadModel(entry: ModelFile, options: DownloadOptions = {}): Promise<string> {
  const total = totalBytes(entry);
  let before = 0;
  let path = '';
  for (const file of [...filesOf(entry)].reverse()) {
    const wanted = { ...file, name: entry.name, source: entry.source };
    const onProgress = (received: number): void => options.onProgress?.(before + received, total);
    path = await downloadFile(wanted, { ...options, onProgress });
    before += file.bytes;
  }
  return path;
}

async function downloadFile(entry: NamedFile, options: DownloadOptions): Promise<string> {
  const folder = options.folder ?? locateModelFolder();
  const target = join(folder, entry.fileName);
  options.signal?.throwIfAborted();
  if (await isStored(entry, folder)) return target;
  if (entry.url === null) {
    throw new ImportError(
      'unsupported',
      'This model has no direct download.',
      entry.name,
      '',
      `${entry.source}: ${target}`,
    );
  }
  assertSafeUrl(entry.url, entry);
  await mkdir(folder, { recursive: true });
  const partial = `${target}.${randomBytes(6).toString('hex')}.part`;
  const file = await open(partial, 'wx');
  try {
    try {
      await receive(entry, entry.url, file, options);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return target;
}

/** What is damaged is fetched anew. */
async function isStored(entry: NamedFile, folder: string): Promise<boolean> {
  try {
    return (await readVerifiedModel(join(folder, entry.fileName), entry)) !== null;
  } catch {
    return false;
  }
}

/** https, or plain http to this very machine; also after redirects. */
function assertSafeUrl(address: string, entry: NamedFile): void {
  const url = new URL(address);
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return;
  throw downloadError(
    'unsupported',
    entry,
    `The server leads to ${url.protocol}//${url.host}, which is not encrypted.`,
  );
}

async function receive(entry: NamedFile, url: string, file: FileHandle, options: DownloadOptions): Promise<void> {
  const idle = new AbortController();
  const idleMs = options.idleTimeoutMs ?? 60_000;
  let timer = setTimeout(() => idle.abort(), idleMs);
  const signal = options.signal ? AbortSignal.any([options.signal, idle.signal]) : idle.signal;
  const hash = createHash('sha256');
  let received = 0;
  try {
    // A compressed body would make its length meaningless.
    const response = await fetch(url, { signal, headers: { 'accept-encoding': 'identity' } });
    assertSafeUrl(response.url, entry);
    if (!response.ok || !response.body) {
      throw downloadError('unreadable', entry, `The server answered ${response.status}.`);
    }
    const announced = Number(response.headers.get('content-length') ?? entry.bytes);
    if (announced !== entry.bytes) throw sizeError(entry, announced);
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      timer = setTimeout(() => idle.abort(), idleMs);
      received += chunk.length;
      if (received > entry.bytes) throw sizeError(entry, received);
      hash.update(chunk);
      await file.writeFile(chunk);
      options.onProgress?.(received, entry.bytes);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ImportError) throw error;
    if (idle.signal.aborted) throw downloadError('unreadable', entry, `No data came for ${idleMs / 1000} s.`);
    const cause = (error as Error).cause;
    const reason = cause instanceof Error ? cause.message : (error as Error).message;
    throw downloadError('unreadable', entry, `The download failed after ${received} bytes (${reason}).`);
  } finally {
    clearTimeout(timer);
    idle.abort();
  }
  if (received < entry.bytes) throw sizeError(entry, received);
  const sha256 = hash.digest('hex');
  if (sha256 !== entry.sha256) {
    throw downloadError('malformed', entry, `The file has sha256 ${sha256}, not ${entry.sha256}: it is another one.`);
  }
}

function sizeError(entry: NamedFile, bytes: number): ImportError {
  return downloadError(
    bytes < entry.bytes ? 'truncated' : 'size-mismatch',
    entry,
    `The file has ${entry.bytes} bytes, the server sends ${bytes}${bytes > entry.bytes ? ' or more' : ''}.`,
  );
}

function downloadError(
  code: 'unreadable' | 'truncated' | 'size-mismatch' | 'malformed' | 'unsupported',
  entry: NamedFile,
  problem: string,
): ImportError {
  return new ImportError(code, problem, entry.url ?? entry.name, entry.name, 'Nothing was kept; try again later.');
}

/** Recognising a file's content: where it was moved, or whether it is still what it was. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { Fingerprint } from './import-plan.js';

/** Files up to this size are hashed whole; of larger ones the first and the last {@link END_BYTES}. */
export const WHOLE_BYTES = 64 * 1024 * 1024;
const END_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/** Of content that is in memory already; the same as {@link fingerprintFile} gives for a file of it. */
export function fingerprintBytes(content: Uint8Array): Fingerprint {
  const hash = createHash('sha256');
  const isWhole = content.length <= WHOLE_BYTES;
  if (isWhole) hash.update(content);
  else hash.update(content.subarray(0, END_BYTES)).update(content.subarray(content.length - END_BYTES));
  return { bytes: content.length, sha256: hash.digest('hex'), covers: isWhole ? 'whole' : 'ends' };
}

/** @throws the system's error when the file cannot be read; the signal's reason. */
export async function fingerprintFile(path: string, signal?: AbortSignal): Promise<Fingerprint> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const hash = createHash('sha256');
    const isWhole = size <= WHOLE_BYTES;
    const stretches: [number, number][] = isWhole
      ? [[0, size]]
      : [
          [0, END_BYTES],
          [size - END_BYTES, size],
        ];
    for (const [start, end] of stretches)
      for await (const chunk of readChunks(handle, start, end, signal)) hash.update(chunk);
    return { bytes: size, sha256: hash.digest('hex'), covers: isWhole ? 'whole' : 'ends' };
  } finally {
    await handle.close();
  }
}

async function* readChunks(
  handle: FileHandle,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let position = start; position < end;) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, Math.min(CHUNK_BYTES, end - position), position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

export function isSameContent(a: Fingerprint, b: Fingerprint): boolean {
  return a.bytes === b.bytes && a.sha256 === b.sha256 && a.covers === b.covers;
}

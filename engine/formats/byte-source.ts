/** A file that is read in pieces: clouds are larger than memory. */
import { ImportError } from '../scene/errors.js';

export interface ByteSource {
  /** Path as the user would know it, for messages. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Exactly `length` bytes from `offset`. @throws ImportError 'truncated' past the end, 'unreadable' where the host cannot read. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A source over bytes in memory; what it gives are views of them. */
export function bytesAsSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    read: (offset, length) =>
      holdsRange(bytes.length, offset, length)
        ? Promise.resolve(bytes.subarray(offset, offset + length))
        : Promise.reject(pastEnd(name, offset, length, bytes.length)),
  };
}

/** Whether `length` bytes from `offset` lie within a file of `sizeBytes`; false for anything but whole numbers. */
export function holdsRange(sizeBytes: number, offset: number, length: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= sizeBytes
  );
}

/** What a source throws for a range that its file does not hold. */
export function pastEnd(name: string, offset: number, length: number, sizeBytes: number): ImportError {
  return new ImportError(
    'truncated',
    `${length} bytes are needed here and the file has ${sizeBytes} in all.`,
    name,
    `byte ${offset}`,
    'Copy or export the file again.',
  );
}

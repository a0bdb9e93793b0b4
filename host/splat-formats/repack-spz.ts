import { gzipSync } from 'node:zlib';

/** "NGSP", then the version. */
const MAGIC = [0x4e, 0x47, 0x53, 0x50];

/** Versions before 4 are one gzip stream; some programs hand them on unpacked, which the reader does not take. */
export function repackSpz(bytes: Uint8Array): Uint8Array {
  const isBare = MAGIC.every((byte, i) => bytes[i] === byte);
  const version = bytes[4] ?? 0;
  return isBare && version < 4 ? new Uint8Array(gzipSync(bytes, { level: 1 })) : bytes;
}

/**
 * A LAZ file in memory that holds one chunk of another. The decompressor takes whole files; given one chunk at a time it needs no more memory
 * than that, and it cannot read on into the next chunk: damage that makes it run over is an error instead of invented points.
 */
import type { LazChunk } from '../../engine/formats/laz-decoder.js';

const HEADER_BYTES = 375;
const RECORD_HEADER_BYTES = 54;
const LASZIP_FIXED_BYTES = 34;
const COMPRESSED_FLAG = 0x80;

/** LAS 1.4 with LASzip's record, and after it the chunk; the chunk table is not there, and a decoder that reads on has no use for it. */
export function wrapChunk(chunk: LazChunk): Uint8Array<ArrayBuffer> {
  const { bytes, points, pointFormat, recordBytes, items } = chunk;
  const laszipBytes = LASZIP_FIXED_BYTES + items.length;
  const pointsOffset = HEADER_BYTES + RECORD_HEADER_BYTES + laszipBytes;
  const file = new Uint8Array(pointsOffset + 8 + bytes.length);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode('LASF'));
  file[24] = 1;
  file[25] = 4;
  view.setUint16(94, HEADER_BYTES, true);
  view.setUint32(96, pointsOffset, true);
  view.setUint32(100, 1, true);
  file[104] = pointFormat | COMPRESSED_FLAG;
  view.setUint16(105, recordBytes, true);
  view.setUint32(107, points, true);
  view.setBigUint64(247, BigInt(points), true);

  file.set(new TextEncoder().encode('laszip encoded'), HEADER_BYTES + 2);
  view.setUint16(HEADER_BYTES + 18, 22204, true);
  view.setUint16(HEADER_BYTES + 20, laszipBytes, true);
  const laszip = HEADER_BYTES + RECORD_HEADER_BYTES;
  view.setUint16(laszip, pointFormat >= 6 ? 3 : 2, true);
  file[laszip + 4] = 2;
  file[laszip + 5] = 2;
  view.setUint32(laszip + 12, points, true);
  view.setBigInt64(laszip + 16, -1n, true);
  view.setBigInt64(laszip + 24, -1n, true);
  view.setUint16(laszip + 32, items.length / 6, true);
  file.set(items, laszip + LASZIP_FIXED_BYTES);

  view.setBigInt64(pointsOffset, BigInt(file.length), true);
  file.set(bytes, pointsOffset + 8);
  return file;
}

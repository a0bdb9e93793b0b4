/** The data of a binary_compressed PCD file: one LZF block in which each field's numbers stand together. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import { MAX_LZF_GROWTH, decompressLzf } from './lzf.js';
import type { PackedColumn } from './packed-records.js';
import { READ_PACKED } from './packed-records.js';
import type { PcdHeader } from './pcd-header.js';
import type { NumberTable } from './tabular-cloud.js';

/** The whole block must be in memory; a larger one would not fit beside the points that come of it. */
const MAX_BLOCK_BYTES = 2 ** 30;
const SIZES_BYTES = 8;
const BLOCK_ROWS = 8192;
const HINT = 'Copy the file again, or save it as binary PCD.';

async function decompressData(source: ByteSource, header: PcdHeader): Promise<Uint8Array> {
  const fail = (code: 'malformed' | 'truncated' | 'too-large', problem: string, byte: number): ImportError =>
    new ImportError(code, problem, source.name, `byte ${byte}`, HINT);
  const sizes = await source.read(header.dataOffset, SIZES_BYTES);
  const view = new DataView(sizes.buffer, sizes.byteOffset, SIZES_BYTES);
  const [compressed, whole] = [view.getUint32(0, true), view.getUint32(4, true)];
  const start = header.dataOffset + SIZES_BYTES;
  if (whole !== header.points * header.recordBytes)
    throw fail(
      'malformed',
      `${whole} bytes are announced for ${header.points} points of ${header.recordBytes} bytes.`,
      header.dataOffset + 4,
    );
  if (whole > MAX_BLOCK_BYTES) throw fail('too-large', `A compressed block of ${whole} bytes is too large.`, start);
  if (start + compressed > source.sizeBytes)
    throw fail('truncated', `${compressed} compressed bytes are announced and the file ends before them.`, start);
  if (whole > compressed * MAX_LZF_GROWTH)
    throw fail('malformed', `${compressed} compressed bytes cannot hold ${whole} bytes.`, header.dataOffset);
  const bytes = decompressLzf(await source.read(start, compressed), whole);
  if (bytes instanceof Uint8Array) return bytes;
  throw fail('malformed', 'The compressed data are damaged.', start + bytes.badOffset);
}

/**
 * The table of a compressed file. The block is decompressed anew for each pass, so that an opened file holds no memory.
 *
 * @param columns offsets within a record, as if it were not compressed: those of the field plus `number · bytes`.
 * @throws (while reading) ImportError 'malformed', 'truncated', 'too-large'.
 */
export function openCompressedPcd(
  source: ByteSource,
  header: PcdHeader,
  columns: readonly (PackedColumn & { readonly fieldOffset: number; readonly fieldBytes: number })[],
): NumberTable {
  const width = columns.length;
  const { points } = header;
  return {
    width,
    atMostRows: points,
    async *rows(signal) {
      if (points === 0) return;
      const bytes = await decompressData(source, header);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const values = new Float64Array(Math.min(points, BLOCK_ROWS) * width);
      for (let from = 0; from < points; from += BLOCK_ROWS) {
        signal?.throwIfAborted();
        const count = Math.min(BLOCK_ROWS, points - from);
        columns.forEach(({ type, offset, fieldOffset, fieldBytes }, column) => {
          const read = READ_PACKED[type];
          let at = fieldOffset * points + from * fieldBytes + (offset - fieldOffset);
          for (let i = 0; i < count; i++, at += fieldBytes) values[i * width + column] = read(view, at, true);
        });
        yield { count, values };
      }
    },
  };
}

/** Binary records of one size, packed without padding: PCD, PLY without lists, and headerless files of floats. */
import type { ByteSource } from './byte-source.js';
import type { NumberTable } from './tabular-cloud.js';

export type PackedType =
  'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64';

export const PACKED_TYPE_BYTES: Readonly<Record<PackedType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

type ReadNumber = (view: DataView, at: number, littleEndian: boolean) => number;

/** One number at a byte offset; 64-bit integers are rounded to float64. */
export const READ_PACKED: Readonly<Record<PackedType, ReadNumber>> = {
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  int16: (view, at, littleEndian) => view.getInt16(at, littleEndian),
  uint16: (view, at, littleEndian) => view.getUint16(at, littleEndian),
  int32: (view, at, littleEndian) => view.getInt32(at, littleEndian),
  uint32: (view, at, littleEndian) => view.getUint32(at, littleEndian),
  int64: (view, at, littleEndian) => Number(view.getBigInt64(at, littleEndian)),
  uint64: (view, at, littleEndian) => Number(view.getBigUint64(at, littleEndian)),
  float32: (view, at, littleEndian) => view.getFloat32(at, littleEndian),
  float64: (view, at, littleEndian) => view.getFloat64(at, littleEndian),
};

/** Whether float32 rounds some of the type's numbers. */
export function isWideType(type: PackedType): boolean {
  return PACKED_TYPE_BYTES[type] > 4 || type === 'int32' || type === 'uint32';
}

/** A number within a record. */
export interface PackedColumn {
  readonly type: PackedType;
  readonly offset: number;
}

export interface PackedLayout {
  readonly start: number;
  readonly records: number;
  /** Above 0; the caller has held `start + records · recordBytes` against the file's size. */
  readonly recordBytes: number;
  readonly littleEndian: boolean;
  readonly columns: readonly PackedColumn[];
}

const BLOCK_BYTES = 1 << 20;
const MAX_BLOCK_ROWS = 16_384;

/** The table of a run of records. @throws (while reading) what the source throws. */
export function openPackedRecords(source: ByteSource, layout: PackedLayout): NumberTable {
  const { start, records, recordBytes, littleEndian, columns } = layout;
  const width = columns.length;
  const blockRows = Math.max(1, Math.min(records, MAX_BLOCK_ROWS, Math.floor(BLOCK_BYTES / recordBytes)));
  return {
    width,
    atMostRows: records,
    async *rows(signal) {
      const values = new Float64Array(blockRows * width);
      for (let from = 0; from < records; from += blockRows) {
        signal?.throwIfAborted();
        const count = Math.min(blockRows, records - from);
        const bytes = await source.read(start + from * recordBytes, count * recordBytes);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        columns.forEach(({ type, offset }, column) => {
          const read = READ_PACKED[type];
          for (let i = 0, at = offset; i < count; i++, at += recordBytes)
            values[i * width + column] = read(view, at, littleEndian);
        });
        yield { count, values };
      }
    },
  };
}

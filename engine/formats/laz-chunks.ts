/**
 * How a compressed LAS file is cut into chunks: LASzip's own record and the chunk table (Martin Isenburg, "LASzip: lossless compression of
 * LiDAR data", PE&RS 79(2), 2013; "COPC specification 1.0" for the variable ones). All of it is held against the file's size before any
 * chunk is read.
 */
import { ImportError } from '../scene/errors.js';
import { ArithmeticIntegers, CodeEndError } from './arithmetic-integers.js';
import type { ByteSource } from './byte-source.js';
import { holdsRange } from './byte-source.js';
import type { LasHeader } from './las-header.js';
import type { LasRecords } from './las-records.js';
import { readLasRecord } from './las-records.js';

/** Where each chunk lies. */
export interface LazChunkList {
  /** [C + 1] first byte of each, and the end of the last. */
  readonly starts: Float64Array;
  /** [C] */
  readonly points: Float64Array;
  /** Checked: its parts make up a record. Six bytes each: type, size, version. */
  readonly items: Uint8Array;
}

const LASZIP_RECORD: readonly [string, number] = ['laszip encoded', 22204];
const FIXED_BYTES = 34;
const ITEM_BYTES = 6;
/** Two kinds of compression by chunks: all of a point in one code (formats 0 to 5), a code for each part (6 to 10). */
const COMPRESSORS = new Set([2, 3]);
/** Sizes of the parts by LASzip's type numbers; null: any. */
const ITEM_SIZES: ReadonlyMap<number, number | null> = new Map([
  [0, null],
  [6, 20],
  [7, 8],
  [8, 6],
  [9, 29],
  [10, 30],
  [11, 6],
  [12, 8],
  [13, 29],
  [14, null],
]);
const WAVE_PACKETS = new Set([9, 13]);
/** Parts of point formats 6 to 10; the others are of the formats before. */
const FIRST_LAYERED_TYPE = 10;
const FIRST_LAYERED_FORMAT = 6;
const VARIABLE_SIZE = 0xffffffff;
/** A chunk begins with a point as it is and the first bytes of a code. */
const LEAST_CODE_BYTES = 4;
const MAX_TABLE_BYTES = 1 << 28;
const HINT = 'Copy or export the file again.';

type Fail = (problem: string, byte: number, code?: 'malformed' | 'unsupported' | 'truncated') => never;

/**
 * Reads the list of chunks.
 *
 * @throws ImportError 'malformed' or 'truncated' with the byte where the table, its sizes or its points do not fit the file; 'unsupported'
 * for compression that nobody writes any more and for full waveforms.
 */
export async function readLazChunks(source: ByteSource, header: LasHeader, records: LasRecords): Promise<LazChunkList> {
  const fail: Fail = (problem, byte, code = 'malformed') => {
    throw new ImportError(code, problem, source.name, `byte ${byte}`, HINT);
  };
  const { items, chunkPoints } = await readLaszipRecord(source, header, { records, fail });
  if (header.points === 0) return { starts: Float64Array.of(0), points: new Float64Array(0), items };
  const tableOffset = await findTable(source, header, fail);
  const isVariable = chunkPoints === VARIABLE_SIZE;
  const table = await readTable(source, header, { tableOffset, isVariable, fail });
  const list = { ...placeChunks(header, table, chunkPoints), items };
  checkChunks(header, list, tableOffset, fail);
  return list;
}

async function readLaszipRecord(
  source: ByteSource,
  header: LasHeader,
  { records, fail }: { records: LasRecords; fail: Fail },
): Promise<{ items: Uint8Array; chunkPoints: number }> {
  const bytes = await readLasRecord(source, records, LASZIP_RECORD, 1 << 16);
  const place = records.records.find(({ recordId }) => recordId === LASZIP_RECORD[1])?.offset ?? header.headerBytes;
  if (bytes === null || bytes.length < FIXED_BYTES)
    return fail('The points are compressed, and the record that says how is missing.', place);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const compressor = view.getUint16(0, true);
  if (!COMPRESSORS.has(compressor)) fail(`Compression of kind ${compressor} is not known.`, place, 'unsupported');
  const chunkPoints = view.getUint32(12, true);
  if (chunkPoints === 0) fail('Its chunks hold no points.', place + 12);
  const count = view.getUint16(32, true);
  if (FIXED_BYTES + count * ITEM_BYTES > bytes.length)
    fail('The list of what a point is made of is cut off.', place + 32);
  const items = bytes.slice(FIXED_BYTES, FIXED_BYTES + count * ITEM_BYTES);
  let sum = 0;
  for (let item = 0; item < count; item++) {
    const at = FIXED_BYTES + item * ITEM_BYTES;
    const [type, size] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    const expected = ITEM_SIZES.get(type);
    if (expected === undefined || (expected !== null && expected !== size))
      fail(`A part of kind ${type} with ${size} bytes is not known.`, place + at, 'unsupported');
    if (WAVE_PACKETS.has(type))
      fail('Compressed points with full waveforms cannot be read.', place + at, 'unsupported');
    if (type >= FIRST_LAYERED_TYPE !== header.pointFormat >= FIRST_LAYERED_FORMAT)
      fail(`A part of kind ${type} is none of point format ${header.pointFormat}.`, place + at);
    sum += size;
  }
  if (sum !== header.recordBytes)
    fail(
      `The parts of a compressed point are ${sum} bytes, those of a point ${header.recordBytes}.`,
      place + FIXED_BYTES,
    );
  return { items, chunkPoints };
}

/** Eight bytes before the first chunk say where the table is; a writer that could not go back to them put them at the file's end. */
async function findTable(source: ByteSource, header: LasHeader, fail: Fail): Promise<number> {
  const readOffset = async (at: number): Promise<number> => {
    if (!holdsRange(source.sizeBytes, at, 8)) fail('The file ends before its first chunk.', at, 'truncated');
    const bytes = await source.read(at, 8);
    return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true));
  };
  const stated = await readOffset(header.pointsOffset);
  const at = stated === -1 ? await readOffset(source.sizeBytes - 8) : stated;
  if (at < header.pointsOffset + 8) fail('The table of its chunks lies before them.', header.pointsOffset);
  if (!holdsRange(source.sizeBytes, at, 8))
    fail('The table of its chunks lies beyond the end of the file.', header.pointsOffset, 'truncated');
  return at;
}

interface ChunkTable {
  readonly bytes: Float64Array;
  /** Null where all chunks but the last have the same number. */
  readonly points: Float64Array | null;
}

async function readTable(
  source: ByteSource,
  header: LasHeader,
  { tableOffset, isVariable, fail }: { tableOffset: number; isVariable: boolean; fail: Fail },
): Promise<ChunkTable> {
  const head = await source.read(tableOffset, 8);
  const view = new DataView(head.buffer, head.byteOffset, 8);
  const count = view.getUint32(4, true);
  if (view.getUint32(0, true) !== 0)
    fail('The table of its chunks has an unknown version.', tableOffset, 'unsupported');
  // Each chunk holds a whole point, so more of them than fit are a lie; the arrays below are bounded by the file.
  const leastBytes = header.recordBytes + LEAST_CODE_BYTES;
  if (count * leastBytes > tableOffset - header.pointsOffset - 8)
    fail(`The table announces ${count} chunks, which do not fit before it.`, tableOffset + 4);
  const sizes = new Float64Array(count);
  const points = isVariable ? new Float64Array(count) : null;
  const codeBytes = Math.min(source.sizeBytes - tableOffset - 8, MAX_TABLE_BYTES, 64 + count * 20);
  try {
    if (count > 0) {
      const integers = new ArithmeticIntegers(await source.read(tableOffset + 8, codeBytes), 2);
      for (let i = 0; i < count; i++) {
        if (points !== null) points[i] = integers.next(i === 0 ? 0 : points[i - 1]!, 0);
        sizes[i] = integers.next(i === 0 ? 0 : sizes[i - 1]!, 1);
      }
    }
  } catch (error) {
    if (error instanceof CodeEndError) fail('The table of its chunks is cut off.', tableOffset + 8, 'truncated');
    throw error;
  }
  return { bytes: sizes, points };
}

function placeChunks(
  header: LasHeader,
  table: ChunkTable,
  chunkPoints: number,
): { starts: Float64Array; points: Float64Array } {
  const count = table.bytes.length;
  const starts = new Float64Array(count + 1);
  starts[0] = header.pointsOffset + 8;
  for (let i = 0; i < count; i++) starts[i + 1] = starts[i]! + table.bytes[i]!;
  const points =
    table.points ??
    Float64Array.from({ length: count }, (_, i) => Math.min(chunkPoints, Math.max(0, header.points - i * chunkPoints)));
  return { starts, points };
}

/** All points are in chunks, and all chunks before the table; an empty last one is what some writers leave. */
function checkChunks(header: LasHeader, list: LazChunkList, tableOffset: number, fail: Fail): void {
  const { starts, points } = list;
  const total = points.reduce((sum, value) => sum + value, 0);
  if (total !== header.points)
    fail(
      `The header announces ${header.points} points and the table of its chunks ${total}.`,
      tableOffset,
      total < header.points ? 'truncated' : 'malformed',
    );
  for (let i = 0; i < points.length; i++) {
    const bytes = starts[i + 1]! - starts[i]!;
    if (starts[i + 1]! > tableOffset) fail(`Chunk ${i} does not end before the table of the chunks.`, starts[i]!);
    if (points[i]! > 0 && bytes < header.recordBytes) fail(`Chunk ${i} is shorter than its first point.`, starts[i]!);
  }
}

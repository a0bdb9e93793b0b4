/**
 * Variable-length records of a LAS file, before its points and (extended, LAS 1.4) after them: "LAS Specification 1.4 - R15", sections 2.5
 * and 2.7. They describe the points and are not the points, so a damaged one is a warning.
 */
import type { ByteSource } from './byte-source.js';
import { holdsRange } from './byte-source.js';
import type { LasHeader } from './las-header.js';

export interface LasRecord {
  readonly userId: string;
  readonly recordId: number;
  /** First byte of its content in the file. */
  readonly offset: number;
  readonly lengthBytes: number;
}

export interface LasRecords {
  readonly records: readonly LasRecord[];
  readonly warnings: readonly string[];
}

const RECORD_HEADER_BYTES = 54;
const EXTENDED_HEADER_BYTES = 60;
/** Real files have a dozen; a bound on what a hostile one costs. */
const MAX_RECORDS = 4096;

/** Where records of one kind stand and how each of them begins. */
interface RecordRun {
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly headerBytes: number;
  readonly lengthOf: (view: DataView) => number;
}

/**
 * Lists the records of both kinds. A record that does not end before the points (or the file's end) ends the list with a warning: it was
 * announced and is not there.
 *
 * @throws ImportError only where the file cannot be read.
 */
export async function listLasRecords(source: ByteSource, header: LasHeader): Promise<LasRecords> {
  const warnings: string[] = [];
  const before = await walkRecords(source, {
    start: header.headerBytes,
    end: header.pointsOffset,
    count: header.recordCount,
    headerBytes: RECORD_HEADER_BYTES,
    lengthOf: (view) => view.getUint16(20, true),
  });
  if (before.length < header.recordCount)
    warnings.push(
      `The header announces ${header.recordCount} variable-length records; ${before.length} are there before the points.`,
    );
  const after = await walkRecords(source, {
    start: header.extended.offset,
    end: source.sizeBytes,
    count: header.extended.count,
    headerBytes: EXTENDED_HEADER_BYTES,
    lengthOf: (view) => Number(view.getBigUint64(20, true)),
  });
  if (after.length < header.extended.count)
    warnings.push(
      `The header announces ${header.extended.count} extended variable-length records; ${after.length} are there after the points.`,
    );
  return { records: [...before, ...after], warnings };
}

async function walkRecords(source: ByteSource, run: RecordRun): Promise<LasRecord[]> {
  const found: LasRecord[] = [];
  let at = run.start;
  while (found.length < Math.min(run.count, MAX_RECORDS)) {
    if (!holdsRange(run.end, at, run.headerBytes)) break;
    const bytes = await source.read(at, run.headerBytes);
    const lengthBytes = run.lengthOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const offset = at + run.headerBytes;
    if (!holdsRange(run.end, offset, lengthBytes)) break;
    const recordId = (bytes[18] as number) | ((bytes[19] as number) << 8);
    found.push({ userId: zeroTerminated(bytes.subarray(2, 18)), recordId, offset, lengthBytes });
    at = offset + lengthBytes;
  }
  return found;
}

/** Text of a fixed field; what is not UTF-8 becomes U+FFFD. */
export function zeroTerminated(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder('utf-8').decode(end < 0 ? bytes : bytes.subarray(0, end)).trim();
}

/** The content of the first record of that name that is at most `maxBytes` long; null where there is none. */
export async function readLasRecord(
  source: ByteSource,
  { records }: LasRecords,
  [userId, recordId]: readonly [string, number],
  maxBytes: number,
): Promise<Uint8Array | null> {
  const record = records.find(
    (candidate) => candidate.userId === userId && candidate.recordId === recordId && candidate.lengthBytes <= maxBytes,
  );
  return record === undefined ? null : source.read(record.offset, record.lengthBytes);
}

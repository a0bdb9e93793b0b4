/** LAS 1.0 to 1.4, LAZ and COPC, point formats 0 to 10, in batches: "LAS Specification 1.4 - R15" (ASPRS), "COPC specification 1.0". */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import type { CloudHeader, CloudReader, CloudSummary, PointBatch } from './cloud-reader.js';
import { readLasFrame } from './las-crs.js';
import { readExtraFields } from './las-extra-bytes.js';
import type { LasHeader } from './las-header.js';
import { LAS_POINT_BYTES, readLasHeader } from './las-header.js';
import type { ColorDepth, LasDecoder, LasLayout } from './las-points.js';
import { createLasDecoder, layoutOfLas } from './las-points.js';
import type { LasRecordStream } from './las-record-stream.js';
import { streamLasRecords, streamLazRecords } from './las-record-stream.js';
import type { LasRecords } from './las-records.js';
import { listLasRecords, readLasRecord } from './las-records.js';
import { readLazChunks } from './laz-chunks.js';
import type { LazDecoder } from './laz-decoder.js';
import { LazBoundsGuard } from './laz-bounds-guard.js';

export interface OpenLasOptions {
  /** Starts what decompresses LAZ; without it LAZ is an ImportError 'unsupported'. */
  readonly openLazDecoder?: (() => LazDecoder) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const EXTRA_BYTES_RECORD: readonly [string, number] = ['LASF_Spec', 4];
const COPC_RECORD: readonly [string, number] = ['copc', 1];
const MAX_EXTRA_BYTES = 1 << 20;

/**
 * Opens a LAS, LAZ or COPC file. Coordinates are `stored · scale + offset` in float64, in the file's frame, z up. Fields: intensity,
 * classification, returnNumber, where the format has them time (GPS) and nir, and the file's extra bytes by their names. NaN in a field
 * means that the file has no number there; the point stays.
 *
 * Colours are 16 bits by the specification; many writers store 0..255. Whether this file does is judged from points all over it.
 *
 * @throws ImportError with the byte: a file shorter than its points is refused here, before the first of them.
 */
export async function openLas(source: ByteSource, options: OpenLasOptions = {}): Promise<CloudReader> {
  const header = await readLasHeader(source);
  const records = await listLasRecords(source, header);
  const { frame, warnings: frameWarnings } = await readLasFrame(source, header, records);
  const stream = await openStream(source, header, { records, options });
  const descriptors = await readLasRecord(source, records, EXTRA_BYTES_RECORD, MAX_EXTRA_BYTES);
  const standardBytes = LAS_POINT_BYTES[header.pointFormat] as number;
  const extra = readExtraFields(descriptors ?? new Uint8Array(0), standardBytes, header.recordBytes);
  const layout = layoutOfLas(header, extra.fields);
  const { depth, warnings: colorWarnings } = await judgeColors(stream, layout, options.signal);
  const decoder = createLasDecoder(layout, depth);
  const bounds = boundsOf(header);
  const warnings = [...header.warnings, ...records.warnings, ...frameWarnings, ...extra.warnings, ...colorWarnings];
  if (bounds === null && header.points > 0) warnings.push('The bounds in its header are no bounds.');
  const cloudHeader: CloudHeader = {
    format: formatOf(header, records),
    variant: `LAS 1.${header.minorVersion}, point format ${header.pointFormat}`,
    points: header.points,
    hasColors: depth !== 'none',
    fieldNames: decoder.fieldNames,
    bounds,
    frame,
    sensorOrigins: [],
    warnings,
  };
  return {
    header: cloudHeader,
    batches: (signal) => readBatches(stream, decoder, { header, fileName: source.name }, signal),
  };
}

function formatOf(header: LasHeader, { records }: LasRecords): CloudHeader['format'] {
  if (!header.isCompressed) return 'las';
  const [userId, recordId] = COPC_RECORD;
  return records.some((record) => record.userId === userId && record.recordId === recordId) ? 'copc' : 'laz';
}

function boundsOf({ min, max, points }: LasHeader): CloudHeader['bounds'] {
  const isBox = min.every((low, axis) => Number.isFinite(low) && Number.isFinite(max[axis]) && low <= max[axis]!);
  return isBox && points > 0 ? { min, max } : null;
}

async function openStream(
  source: ByteSource,
  header: LasHeader,
  { records, options }: { records: LasRecords; options: OpenLasOptions },
): Promise<LasRecordStream> {
  if (!header.isCompressed) return streamLasRecords(source, header);
  const chunks = await readLazChunks(source, header, records);
  const { openLazDecoder } = options;
  if (openLazDecoder === undefined)
    throw new ImportError('unsupported', 'Compressed LAS cannot be read here.', source.name, '', 'Save it as .las.');
  return streamLazRecords(source, header, chunks, openLazDecoder);
}

/** All zero: the format has room for colours and nobody filled it. None above 255: eight bits in sixteen. */
async function judgeColors(
  stream: LasRecordStream,
  { colorByte, recordBytes }: LasLayout,
  signal?: AbortSignal,
): Promise<{ depth: ColorDepth; warnings: string[] }> {
  if (colorByte === null) return { depth: 'none', warnings: [] };
  let sampled = 0;
  let largest = 0;
  for await (const { bytes, count } of stream.sample(signal)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    sampled += count;
    for (let i = 0; i < count; i++)
      for (let channel = 0; channel < 3; channel++)
        largest = Math.max(largest, view.getUint16(i * recordBytes + colorByte + 2 * channel, true));
    if (largest > 255) return { depth: '16-bit', warnings: [] };
  }
  if (sampled === 0) return { depth: 'none', warnings: [] };
  if (largest === 0)
    return { depth: 'none', warnings: ['The points have room for colours, and all that were looked at are zero.'] };
  return {
    depth: '8-bit',
    warnings: ['Its colours are 0 to 255 where LAS has 0 to 65535; they were taken as they are.'],
  };
}

async function* readBatches(
  stream: LasRecordStream,
  decoder: LasDecoder,
  { header, fileName }: { header: LasHeader; fileName: string },
  signal?: AbortSignal,
): AsyncGenerator<PointBatch, CloudSummary> {
  const guard = header.isCompressed ? new LazBoundsGuard(header, fileName) : null;
  let [points, leftOut] = [0, 0];
  for await (const piece of stream.pieces(signal)) {
    const decoded = decoder.decode(piece.bytes, piece.count);
    guard?.check(decoded.batch.positions, piece.byte);
    points += decoded.batch.count;
    leftOut += decoded.leftOut;
    if (decoded.batch.count > 0) yield decoded.batch;
  }
  return { points, leftOut };
}

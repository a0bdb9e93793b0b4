/** The records of a LAS file's points in the file's order, whether they are compressed or not, a few megabytes at a time. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import { pastEnd } from './byte-source.js';
import { MAX_BATCH_POINTS } from './cloud-reader.js';
import type { LasHeader } from './las-header.js';
import type { LazChunkList } from './laz-chunks.js';
import type { LazDecoder } from './laz-decoder.js';
import { findLayerProblem } from './laz-layers.js';
import { LazDecodeError } from './laz-decoder.js';

/** Records that lie one after the other, and where in the file they came from. */
export interface LasRecordPiece {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Of the piece, or of the compressed chunk that it is a part of. */
  readonly byte: number;
}

export interface LasRecordStream {
  /** @throws ImportError with the byte; the signal's reason when stopped. */
  pieces(signal?: AbortSignal): AsyncGenerator<LasRecordPiece>;
  /** A few tens of thousands of records from all over the file, as cheaply as its kind allows. */
  sample(signal?: AbortSignal): AsyncGenerator<LasRecordPiece>;
}

const MAX_PIECE_BYTES = 1 << 23;
/** Chunks hold some ten thousand points; one of this size was made to fill memory. */
const MAX_CHUNK_BYTES = 1 << 29;
const FIRST_LAYERED_FORMAT = 6;
const SAMPLE_BLOCKS = 16;
const SAMPLE_BLOCK_POINTS = 4096;
const SAMPLE_CHUNKS = 256;
const HINT = 'Copy or export the file again.';

/** Records as they are. @throws ImportError 'truncated' at once where the file is too short for what its header announces. */
export function streamLasRecords(source: ByteSource, header: LasHeader): LasRecordStream {
  const { pointsOffset, points, recordBytes } = header;
  const room = source.sizeBytes - pointsOffset;
  if (points * recordBytes > room) {
    const whole = Math.floor(room / recordBytes);
    throw new ImportError(
      'truncated',
      `The header announces ${points} points of ${recordBytes} bytes; the file ends after ${whole} of them.`,
      source.name,
      `byte ${pointsOffset + whole * recordBytes}`,
      HINT,
    );
  }
  const readPiece = async (first: number, count: number): Promise<LasRecordPiece> => {
    const byte = pointsOffset + first * recordBytes;
    return { bytes: await source.read(byte, count * recordBytes), count, byte };
  };
  const pieceOf = (limit: number): number => Math.max(1, Math.min(limit, Math.floor(MAX_PIECE_BYTES / recordBytes)));
  return {
    async *pieces(signal) {
      const piecePoints = pieceOf(MAX_BATCH_POINTS);
      for (let first = 0; first < points; first += piecePoints) {
        signal?.throwIfAborted();
        yield await readPiece(first, Math.min(piecePoints, points - first));
      }
    },
    async *sample(signal) {
      const block = pieceOf(SAMPLE_BLOCK_POINTS);
      const step = Math.max(block, Math.floor(points / SAMPLE_BLOCKS));
      for (let first = 0; first < points; first += step) {
        signal?.throwIfAborted();
        yield await readPiece(first, Math.min(block, points - first));
      }
    },
  };
}

/** Records out of compressed chunks, each by the decoder that `openDecoder` starts when it is needed. */
export function streamLazRecords(
  source: ByteSource,
  header: LasHeader,
  list: LazChunkList,
  openDecoder: () => LazDecoder,
): LasRecordStream {
  const decodeChunks = async function* (end: number, signal?: AbortSignal): AsyncGenerator<LasRecordPiece> {
    const decoder = openDecoder();
    try {
      for (let i = 0; i < end; i++)
        if (list.points[i]! > 0) yield* decodeChunk({ source, header, list, decoder }, i, signal);
    } finally {
      await decoder.close();
    }
  };
  return {
    pieces: (signal) => decodeChunks(list.points.length, signal),
    // The first chunk, and of the others their first point, which stands uncompressed.
    async *sample(signal) {
      const count = list.points.length;
      yield* decodeChunks(Math.min(1, count), signal);
      const step = Math.max(1, Math.floor(count / SAMPLE_CHUNKS));
      for (let i = step; i < count; i += step) {
        signal?.throwIfAborted();
        const byte = list.starts[i]!;
        if (list.points[i]! > 0) yield { bytes: await source.read(byte, header.recordBytes), count: 1, byte };
      }
    },
  };
}

interface ChunkWork {
  readonly source: ByteSource;
  readonly header: LasHeader;
  readonly list: LazChunkList;
  readonly decoder: LazDecoder;
}

async function* decodeChunk(
  { source, header, list, decoder }: ChunkWork,
  i: number,
  signal?: AbortSignal,
): AsyncGenerator<LasRecordPiece> {
  signal?.throwIfAborted();
  const byte = list.starts[i]!;
  const { recordBytes, pointFormat } = header;
  const fail = (code: 'malformed' | 'too-large' | 'unsupported', problem: string): never => {
    throw new ImportError(code, problem, source.name, `byte ${byte}`, HINT);
  };
  const length = list.starts[i + 1]! - byte;
  if (length > MAX_CHUNK_BYTES) fail('too-large', `Chunk ${i} has ${length} bytes, more than can be taken at once.`);
  if (byte + length > source.sizeBytes) throw pastEnd(source.name, byte, length, source.sizeBytes);
  const points = list.points[i]!;
  const bytes = await source.read(byte, length);
  if (pointFormat >= FIRST_LAYERED_FORMAT) {
    const problem = findLayerProblem(bytes, { points, recordBytes, items: list.items });
    if (problem !== null) fail('malformed', `Chunk ${i} of the compressed points is damaged: ${problem}.`);
  }
  let decoded = 0;
  try {
    for await (const records of decoder.decode(
      { bytes, points, pointFormat, recordBytes, items: list.items },
      signal,
    )) {
      const count = records.length / recordBytes;
      decoded += count;
      if (!Number.isInteger(count) || decoded > points) fail('malformed', `Chunk ${i} does not hold its points.`);
      yield { bytes: records, count, byte };
    }
  } catch (error) {
    if (!(error instanceof LazDecodeError)) throw error;
    const code = { damaged: 'malformed', 'too-large': 'too-large', unavailable: 'unsupported' } as const;
    fail(code[error.kind], `Chunk ${i} of the compressed points cannot be read: ${error.message}.`);
  }
  if (decoded !== points) fail('malformed', `Chunk ${i} holds ${decoded} of its ${points} points.`);
}

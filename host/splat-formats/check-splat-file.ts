/** What a splat file claims about itself, held against its size before anyone takes memory for it. */
import { totalmem } from 'node:os';
import { constants, gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { readPlyHeader } from '../../engine/formats/ply-header.js';
import { PACKED_TYPE_BYTES } from '../../engine/formats/packed-records.js';
import { ImportError } from '../../engine/scene/errors.js';
import { shCoefficientCount } from '../../engine/scene/splats.js';
import type { ReadFormat } from './format-names.js';

/** More would not be drawn anywhere. */
const MAX_COUNT = 30_000_000;
/** Copies of a scene that stand in memory while it is read. */
const COPIES = 3;
const MAX_MEMORY_SHARE = 0.75;
/** DEFLATE makes at most this much of a byte. */
const MAX_DEFLATE_RATIO = 1032;
const MAX_META_BYTES = 16 * 2 ** 20;
const MAX_TEXTURE_BYTES = 2 ** 29;

const KSPLAT_HEADER_BYTES = 4096;
const KSPLAT_SECTION_BYTES = 1024;
/** Bytes a record by compression level, without harmonics. */
const KSPLAT_RECORD_BYTES = [44, 24, 24];
const SPZ_HEADER_BYTES = 16;
const SPZ_MAGIC = 0x5053474e;
/** Position, opacity, colour, scale and rotation in the smallest version. */
const SPZ_RECORD_BYTES = 16;

function malformed(file: string, problem: string): ImportError {
  return new ImportError('malformed', problem, file, '', 'Export the file again.');
}

function truncated(file: string, claimed: number): ImportError {
  const problem = `The file is too short for the ${claimed.toLocaleString('en-US')} splats that it says it holds.`;
  return new ImportError('truncated', problem, file, '', 'Copy or export the file again.');
}

function checkCount(count: number, shDegree: number, file: string): void {
  if (!(count > 0)) throw malformed(file, 'The file holds no splats.');
  const bytes = count * (11 + 3 * shCoefficientCount(shDegree)) * 4 * COPIES;
  if (count <= MAX_COUNT && bytes <= totalmem() * MAX_MEMORY_SHARE) return;
  throw new ImportError(
    'too-large',
    `The file says that it holds ${count.toLocaleString('en-US')} splats, more than this computer can take.`,
    file,
    '',
    'Thin it out in the program that made it.',
  );
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function checkCompressedPly(bytes: Uint8Array, file: string): void {
  const header = readPlyHeader(bytes, file);
  let needed = header.dataOffset;
  for (const element of header.elements) {
    const record = element.properties.reduce(
      (sum, property) => sum + (property.kind === 'scalar' ? PACKED_TYPE_BYTES[property.type] : Infinity),
      0,
    );
    needed += element.count * record;
  }
  const count = header.elements.find((element) => element.name === 'vertex')?.count ?? 0;
  checkCount(count, 3, file);
  if (!(needed <= bytes.length)) throw truncated(file, count);
}

function checkSplat(bytes: Uint8Array, file: string): void {
  if (bytes.length % 32 !== 0)
    throw malformed(file, `A .splat has 32 bytes a record; ${bytes.length} bytes are no whole number of records.`);
  checkCount(bytes.length / 32, 0, file);
}

function checkKsplat(bytes: Uint8Array, file: string): void {
  if (bytes.length < KSPLAT_HEADER_BYTES) throw malformed(file, 'The file is shorter than the header of a .ksplat.');
  const view = viewOf(bytes);
  if (view.getUint8(0) !== 0 || view.getUint8(1) < 1) throw malformed(file, 'This is no .ksplat of a known version.');
  const [sections, count, level] = [view.getUint32(4, true), view.getUint32(16, true), view.getUint16(20, true)];
  checkCount(count, 3, file);
  const record = KSPLAT_RECORD_BYTES[level];
  if (record === undefined) throw malformed(file, `Its compression level ${level} is unknown.`);
  const needed = KSPLAT_HEADER_BYTES + sections * KSPLAT_SECTION_BYTES + count * record;
  if (needed > bytes.length) throw truncated(file, count);
}

function checkSpz(bytes: Uint8Array, file: string): void {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const header = isPacked ? unpackSpzHeader(bytes, file) : bytes;
  if (header.length < SPZ_HEADER_BYTES) throw malformed(file, 'The file ends within its header.');
  const view = viewOf(header);
  const [magic, version, count] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
  if (magic !== SPZ_MAGIC) throw malformed(file, 'This is compressed data, but no SPZ.');
  if (version < 1 || version > 4)
    throw new ImportError('unsupported', `SPZ version ${version} is unknown.`, file, 'header', 'Export it as .ply.');
  checkCount(count, Math.min(3, view.getUint8(12)), file);
  const ratio = isPacked ? MAX_DEFLATE_RATIO : 1;
  // Version 4 packs with Zstandard, which has no such limit.
  if (version < 4 && count * SPZ_RECORD_BYTES > bytes.length * ratio) throw truncated(file, count);
}

function unpackSpzHeader(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(bytes.subarray(0, 4096), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    throw malformed(file, 'Its compressed data is damaged.');
  }
}

/** The names of the pictures that a SOG's description lists; all in its own folder. */
export function sogFileNames(meta: unknown, file: string): string[] {
  const names = Object.values(meta as Record<string, unknown>).flatMap((part) => {
    const files = (part as { files?: unknown } | null)?.files;
    return Array.isArray(files) ? (files as unknown[]) : [];
  });
  for (const name of names)
    if (typeof name !== 'string' || !/^[\w.-]{1,200}$/.test(name) || name.startsWith('.'))
      throw malformed(file, 'It names pictures outside of its own folder.');
  return names as string[];
}

/** A SOG's description, checked as far as sizes go. */
export function readSogMeta(json: Uint8Array, file: string): object {
  let meta: unknown;
  try {
    meta = JSON.parse(new TextDecoder().decode(json));
  } catch {
    throw malformed(file, 'Its meta.json is no JSON.');
  }
  if (typeof meta !== 'object' || meta === null || !('means' in meta))
    throw malformed(file, 'Its meta.json does not describe splats.');
  const { count, means } = meta as { count?: unknown; means: { shape?: unknown } | null };
  const shape = means?.shape;
  const stated = count ?? (Array.isArray(shape) ? (shape as unknown[])[0] : 0);
  checkCount(typeof stated === 'number' && Number.isInteger(stated) ? stated : 0, 3, file);
  return meta;
}

function checkSogBundle(bytes: Uint8Array, file: string): void {
  let meta: Uint8Array | undefined;
  try {
    const found = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (originalSize > MAX_TEXTURE_BYTES) throw malformed(file, `${name} in it is too large.`);
        return name === 'meta.json' && originalSize <= MAX_META_BYTES;
      },
    });
    meta = found['meta.json'];
  } catch (error) {
    throw error instanceof ImportError ? error : malformed(file, 'Its ZIP archive is damaged.');
  }
  if (meta === undefined) throw malformed(file, 'It is a ZIP archive without the meta.json of a SOG.');
  sogFileNames(readSogMeta(meta, file), file);
}

/**
 * Refuses a file whose description cannot be true or would take more memory than there is. The file is not read further than needed.
 *
 * @throws ImportError 'malformed', 'truncated', 'unsupported' or 'too-large'.
 */
export function checkSplatFile(bytes: Uint8Array, format: ReadFormat, file: string): void {
  if (format === 'compressed-ply') checkCompressedPly(bytes, file);
  else if (format === 'splat') checkSplat(bytes, file);
  else if (format === 'ksplat') checkKsplat(bytes, file);
  else if (format === 'spz') checkSpz(bytes, file);
  else if (format === 'sog') checkSogBundle(bytes, file);
}

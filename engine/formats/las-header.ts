/**
 * The public header block of a LAS file, versions 1.0 to 1.4 (ASPRS, "LAS Specification 1.4 - R15", section 2.4; the earlier versions are
 * its beginning). Little-endian. Nothing is allocated from what it claims.
 */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';

export interface LasHeader {
  readonly minorVersion: number;
  readonly headerBytes: number;
  /** First byte of the points (of a compressed file: of the chunk table's offset). */
  readonly pointsOffset: number;
  /** As announced; not yet held against the room before the points. */
  readonly recordCount: number;
  /** 0..10. */
  readonly pointFormat: number;
  readonly isCompressed: boolean;
  /** Of one point. */
  readonly recordBytes: number;
  readonly points: number;
  /** `coordinate = stored integer · scale + offset`, by axis. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
  /** The file says that its coordinate reference system is in WKT. */
  readonly hasWktFlag: boolean;
  /** Records after the points (LAS 1.4), `count` of them as announced. */
  readonly extended: { readonly offset: number; readonly count: number };
  readonly warnings: readonly string[];
}

/** Bytes of a point by format, without the extra ones that a file may add: section 2.6, tables 7 to 17. */
export const LAS_POINT_BYTES: readonly number[] = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

const MAGIC = [0x4c, 0x41, 0x53, 0x46];
/** The header of LAS 1.0 to 1.2, all of which every later one begins with. */
const BASE_HEADER_BYTES = 227;
const HEADER_BYTES_OF_MINOR: readonly number[] = [227, 227, 227, 235, 375];
const COMPRESSED_FLAG = 0x80;
/** LASzip's first, experimental compression. */
const OLD_COMPRESSED_FLAG = 0x40;
const WKT_FLAG = 1 << 4;
const HINT = 'Copy or export the file again.';

/** Whether a file begins as LAS and LAZ do. */
export function isLas(firstBytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => firstBytes[i] === byte);
}

/**
 * Reads and checks the header.
 *
 * @returns counts of 64 bits where the file has them; coordinates' scale and offset as float64.
 * @throws ImportError 'malformed' (no LAS, sizes that contradict each other, a scale that is no number), 'unsupported' (another version, an
 * unknown point format), 'truncated', each with its byte.
 */
export async function readLasHeader(source: ByteSource): Promise<LasHeader> {
  const { name, sizeBytes } = source;
  const fail = (
    problem: string,
    byte: number,
    code: 'malformed' | 'unsupported' | 'truncated' = 'malformed',
  ): never => {
    throw new ImportError(code, problem, name, `byte ${byte}`, HINT);
  };
  const first = await source.read(0, Math.min(sizeBytes, MAGIC.length));
  if (!isLas(first)) fail('This is no LAS file: it does not begin with "LASF".', 0);
  if (sizeBytes < BASE_HEADER_BYTES) fail('The file ends within its header.', sizeBytes, 'truncated');
  const bytes = await source.read(0, Math.min(sizeBytes, 375));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [major, minor] = [view.getUint8(24), view.getUint8(25)];
  const needed = HEADER_BYTES_OF_MINOR[minor];
  if (major !== 1 || needed === undefined) return fail(`LAS ${major}.${minor} is not known.`, 24, 'unsupported');
  const headerBytes = view.getUint16(94, true);
  if (headerBytes < needed) fail(`A header of LAS 1.${minor} has ${needed} bytes, and this one ${headerBytes}.`, 94);
  if (bytes.length < needed) fail('The file ends within its header.', sizeBytes, 'truncated');
  const pointsOffset = view.getUint32(96, true);
  if (pointsOffset < headerBytes) fail('The points begin within the header.', 96);
  if (pointsOffset > sizeBytes) fail(`The points begin after the file's end.`, 96, 'truncated');

  const kind = view.getUint8(104);
  if ((kind & OLD_COMPRESSED_FLAG) !== 0) fail('This early kind of compression is not known.', 104, 'unsupported');
  const pointFormat = kind & ~COMPRESSED_FLAG;
  const leastBytes = LAS_POINT_BYTES[pointFormat];
  if (leastBytes === undefined) return fail(`Point format ${pointFormat} is not known.`, 104, 'unsupported');
  const recordBytes = view.getUint16(105, true);
  if (recordBytes < leastBytes)
    fail(`A point of format ${pointFormat} has ${leastBytes} bytes, and these ${recordBytes}.`, 105);
  const warnings: string[] = [];
  const { scale, offset } = readTransform(view, fail);
  return {
    minorVersion: minor,
    headerBytes,
    pointsOffset,
    recordCount: view.getUint32(100, true),
    pointFormat,
    isCompressed: (kind & COMPRESSED_FLAG) !== 0,
    recordBytes,
    points: readPointCount(view, minor, warnings, fail),
    scale,
    offset,
    max: [179, 195, 211].map((at) => view.getFloat64(at, true)),
    min: [187, 203, 219].map((at) => view.getFloat64(at, true)),
    hasWktFlag: minor >= 4 && (view.getUint16(6, true) & WKT_FLAG) !== 0,
    extended:
      minor >= 4
        ? { offset: Number(view.getBigUint64(235, true)), count: view.getUint32(243, true) }
        : { offset: 0, count: 0 },
    warnings,
  };
}

type Fail = (problem: string, byte: number) => never;

function readTransform(view: DataView, fail: Fail): { scale: number[]; offset: number[] } {
  const scale = [131, 139, 147].map((at) => view.getFloat64(at, true));
  const offset = [155, 163, 171].map((at) => view.getFloat64(at, true));
  scale.forEach((value, axis) => {
    if (!Number.isFinite(value) || value === 0)
      fail(`The scale of ${'xyz'[axis]} is ${value}, with which no coordinate can be made.`, 131 + 8 * axis);
  });
  offset.forEach((value, axis) => {
    if (!Number.isFinite(value)) fail(`The offset of ${'xyz'[axis]} is not a number.`, 155 + 8 * axis);
  });
  return { scale, offset };
}

/**
 * LAS 1.4 keeps the count twice. Section 2.1: where the old field is not zero and contradicts the new one, the old one counts, as it does
 * for every reader of earlier versions.
 */
function readPointCount(view: DataView, minor: number, warnings: string[], fail: Fail): number {
  const legacy = view.getUint32(107, true);
  if (minor < 4) return legacy;
  const points = Number(view.getBigUint64(247, true));
  if (!Number.isSafeInteger(points)) fail(`The file announces ${points} points, which no file can hold.`, 247);
  if (legacy === 0 || legacy === points) return points;
  warnings.push(
    `The header states two numbers of points, ${legacy} and ${points}; the first was taken, as LAS 1.4 asks.`,
  );
  return legacy;
}

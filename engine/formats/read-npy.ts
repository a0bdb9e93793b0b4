/** NumPy's .npy (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3. */
import { ImportError } from '../scene/errors.js';
import { printable } from './capture-files.js';

export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major, whatever the file's order; NaN and infinity as stored. */
  readonly data: Float64Array;
}

/** `\x93NUMPY` */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const HINT = 'Save the array again with numpy.save as float64.';
const MAX_HEADER_BYTES = 65536;
const MAX_DIMENSIONS = 8;

interface NpyHeader {
  readonly littleEndian: boolean;
  readonly itemBytes: 4 | 8;
  readonly isFortranOrder: boolean;
  readonly shape: number[];
}

function parseShape(text: string, file: string): number[] {
  const words = text.split(',').map((word) => word.trim());
  if (words.at(-1) === '') words.pop();
  const shape = words.map((word) => (/^\d{1,15}$/.test(word) ? Number(word) : NaN));
  if (shape.length > MAX_DIMENSIONS || shape.some(Number.isNaN))
    throw new ImportError(
      'malformed',
      `The array's shape (${printable(text, 60)}) makes no sense.`,
      file,
      'header',
      HINT,
    );
  return shape;
}

function parseHeader(text: string, file: string): NpyHeader {
  const descr = /'descr'\s*:\s*'([^']{1,16})'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (order === undefined || shape === undefined || !text.includes("'descr'"))
    throw new ImportError('malformed', 'The array header is not one that NumPy writes.', file, 'header', HINT);
  const type = /^([<>])f([48])$/.exec(descr ?? '');
  if (type === null)
    throw new ImportError(
      'unsupported',
      `The array holds ${descr === undefined ? 'records' : `"${printable(descr)}"`} instead of float32 or float64.`,
      file,
      'header',
      HINT,
    );
  return {
    littleEndian: type[1] === '<',
    itemBytes: type[2] === '4' ? 4 : 8,
    isFortranOrder: order === 'True',
    shape: parseShape(shape, file),
  };
}

/** Start and length of the header text. */
function headerSpan(bytes: Uint8Array, file: string): { start: number; length: number } {
  const isCutMagic = MAGIC.every((byte, i) => i >= bytes.length || bytes[i] === byte);
  if (!isCutMagic) throw new ImportError('malformed', 'This is not a NumPy .npy file.', file, 'byte 0', HINT);
  if (bytes.length < 8) throw new ImportError('truncated', 'The file ends in its header.', file, 'header', HINT);
  const major = bytes[6] ?? 0;
  const start = major === 1 ? 10 : 12;
  if (major < 1 || major > 3)
    throw new ImportError('unsupported', `Version ${major} of .npy is not known.`, file, 'byte 6', HINT);
  if (bytes.length < start) throw new ImportError('truncated', 'The file ends in its header.', file, 'header', HINT);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES)
    throw new ImportError('malformed', `A header of ${length} bytes is no array's.`, file, 'byte 8', HINT);
  if (start + length > bytes.length)
    throw new ImportError('truncated', 'The file ends in its header.', file, 'header', HINT);
  return { start, length };
}

/** Index into a column-major array for each position of the row-major one. */
function fromFortranOrder(data: Float64Array, shape: readonly number[]): Float64Array {
  const ordered = new Float64Array(data.length);
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, side) => product * side, 1));
  for (let i = 0; i < data.length; i++) {
    ordered[i] = data[index.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0)] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return ordered;
}

/**
 * Reads an array of float32 or float64, little- or big-endian, C or Fortran order. Pickled objects are never unpacked.
 *
 * @throws ImportError 'malformed', 'truncated' (fewer numbers than the shape asks for), 'size-mismatch' (more),
 * 'unsupported' (other number types, unknown versions).
 */
export function readNpy(bytes: Uint8Array, file: string): NpyArray {
  const { start, length } = headerSpan(bytes, file);
  const header = parseHeader(new TextDecoder('utf-8').decode(bytes.subarray(start, start + length)), file);
  const count = header.shape.reduce((product, side) => product * side, 1);
  const available = bytes.length - start - length;
  const needed = count * header.itemBytes;
  if (needed !== available)
    throw new ImportError(
      needed > available ? 'truncated' : 'size-mismatch',
      `An array of ${header.shape.join(' × ')} needs ${needed} bytes and the file holds ${available}.`,
      file,
      `byte ${start + length}`,
      'Copy the file again, or save it again with numpy.save.',
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset + start + length, available);
  const data = new Float64Array(count);
  for (let i = 0; i < count; i++)
    data[i] =
      header.itemBytes === 8
        ? view.getFloat64(i * 8, header.littleEndian)
        : view.getFloat32(i * 4, header.littleEndian);
  return { shape: header.shape, data: header.isFortranOrder ? fromFortranOrder(data, header.shape) : data };
}

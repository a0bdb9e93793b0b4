/** The records behind a PLY header: where an element starts, and one column of it at a time. */
import { ImportError } from '../scene/errors.js';
import type { PlyElement, PlyHeader, PlyScalarType } from './ply-header.js';
import { PACKED_TYPE_BYTES, READ_PACKED } from './packed-records.js';

/** Where one scalar property goes: record i into `target[i * stride + offset]`, as float32. */
export interface PlyColumn {
  readonly property: string;
  readonly target: Float32Array;
  readonly stride: number;
  readonly offset: number;
}

/** Copies the named properties of every record. */
export type PlyColumnsReader = (columns: readonly PlyColumn[]) => void;

/** Records are read a block at a time, every column of it, so that the bytes are still in the cache. */
const BLOCK_RECORDS = 1024;

function truncated(file: string, element: PlyElement): ImportError {
  return new ImportError(
    'truncated',
    `The header promises ${element.count} records of "${element.name}", but the file ends before them.`,
    file,
    `element ${element.name}`,
    'Copy or download the file again.',
  );
}

/** Bytes of one record, or null when a list makes records of different lengths. */
function recordBytesOf(element: PlyElement): number | null {
  let bytes = 0;
  for (const property of element.properties) {
    if (property.kind === 'list') return null;
    bytes += PACKED_TYPE_BYTES[property.type];
  }
  return bytes;
}

/** First byte after an element with lists, found by walking its records. */
function walkLists(view: DataView, start: number, element: PlyElement, littleEndian: boolean, file: string): number {
  let at = start;
  for (let record = 0; record < element.count; record++) {
    for (const property of element.properties) {
      if (property.kind === 'scalar') {
        at += PACKED_TYPE_BYTES[property.type];
        continue;
      }
      if (at + PACKED_TYPE_BYTES[property.countType] > view.byteLength) throw truncated(file, element);
      const items = READ_PACKED[property.countType](view, at, littleEndian);
      if (!(items >= 0)) throw truncated(file, element);
      at += PACKED_TYPE_BYTES[property.countType] + items * PACKED_TYPE_BYTES[property.itemType];
    }
    // Every record of an element with lists takes a byte at least, so a huge count cannot spin here.
    if (at > view.byteLength) throw truncated(file, element);
  }
  return at;
}

function openBinary(bytes: Uint8Array, header: PlyHeader, element: PlyElement, file: string): PlyColumnsReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = header.encoding === 'binary_little_endian';
  let start = header.dataOffset;
  for (const earlier of header.elements) {
    if (earlier === element) break;
    const recordBytes = recordBytesOf(earlier);
    start =
      recordBytes === null ? walkLists(view, start, earlier, littleEndian, file) : start + recordBytes * earlier.count;
    if (start > bytes.length) throw truncated(file, earlier);
  }
  const recordBytes = recordBytesOf(element) as number;
  if (start + recordBytes * element.count > bytes.length) throw truncated(file, element);
  const places = new Map<string, { type: PlyScalarType; offset: number }>();
  let offset = 0;
  for (const property of element.properties) {
    const type = (property as { type: PlyScalarType }).type;
    places.set(property.name, { type, offset });
    offset += PACKED_TYPE_BYTES[type];
  }
  return (columns) => {
    for (let from = 0; from < element.count; from += BLOCK_RECORDS) {
      const to = Math.min(element.count, from + BLOCK_RECORDS);
      for (const { property, target, stride, offset } of columns) {
        const place = places.get(property) as { type: PlyScalarType; offset: number };
        const read = READ_PACKED[place.type];
        let at = start + from * recordBytes + place.offset;
        for (let i = from; i < to; i++, at += recordBytes) target[i * stride + offset] = read(view, at, littleEndian);
      }
    }
  };
}

function openAscii(bytes: Uint8Array, header: PlyHeader, element: PlyElement, file: string): PlyColumnsReader {
  const earlier = header.elements.slice(0, header.elements.indexOf(element));
  // One record a line: the least that lines take bounds the counts before anything is allocated.
  const linesBefore = earlier.reduce((sum, other) => sum + other.count, 0);
  const width = element.properties.length;
  if (linesBefore + element.count * width * 2 - 1 > bytes.length - header.dataOffset) throw truncated(file, element);
  const lines = new TextDecoder('utf-8')
    .decode(bytes.subarray(header.dataOffset))
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '');
  if (lines.length < linesBefore + element.count) throw truncated(file, element);
  const values = new Float64Array(element.count * width);
  for (let i = 0; i < element.count; i++) {
    const words = (lines[linesBefore + i] as string).trim().split(/\s+/);
    if (words.length < width)
      throw new ImportError(
        'malformed',
        `A record has ${words.length} numbers, ${width} are needed.`,
        file,
        `element ${element.name}, record ${i}`,
        'Export the file again.',
      );
    for (let j = 0; j < width; j++) values[i * width + j] = parseAsciiNumber(words[j] as string);
  }
  return (columns) => {
    for (const { property, target, stride, offset } of columns) {
      const column = element.properties.findIndex((other) => other.name === property);
      for (let i = 0; i < element.count; i++) target[i * stride + offset] = values[i * width + column] as number;
    }
  };
}

/** C's spellings of infinity count too; anything else that is no number is NaN. */
function parseAsciiNumber(word: string): number {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(word);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return Number(word);
}

/**
 * Opens one element of a PLY file for reading by property name, in any of the three encodings.
 * The element's own properties must be scalars; elements before it may hold lists.
 *
 * @throws ImportError 'truncated' when the file is shorter than its header says (checked before any allocation),
 * 'malformed' for an ascii record with too few numbers, 'unsupported' when the element holds a list.
 */
export function openPlyElement(
  bytes: Uint8Array,
  header: PlyHeader,
  element: PlyElement,
  file: string,
): PlyColumnsReader {
  if (recordBytesOf(element) === null)
    throw new ImportError(
      'unsupported',
      'A list property inside the records cannot be read.',
      file,
      `element ${element.name}`,
      'Export it without that property.',
    );
  return header.encoding === 'ascii'
    ? openAscii(bytes, header, element, file)
    : openBinary(bytes, header, element, file);
}

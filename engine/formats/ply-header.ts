/**
 * The text header of a PLY file (Greg Turk, "The PLY Polygon File Format", 1994): elements, their properties in file
 * order, and comments. Nothing is allocated from a count that the file merely claims.
 */
import { ImportError } from '../scene/errors.js';
import type { PackedType } from './packed-records.js';

/** Numbers of a PLY: those of other binary records but for 64-bit integers; PACKED_TYPE_BYTES has their sizes. */
export type PlyScalarType = Exclude<PackedType, 'int64' | 'uint64'>;

const SCALAR_TYPES: readonly PlyScalarType[] = [
  ...(['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'float32', 'float64'] as const),
];

export interface PlyScalarProperty {
  readonly kind: 'scalar';
  readonly name: string;
  readonly type: PlyScalarType;
}

export interface PlyListProperty {
  readonly kind: 'list';
  readonly name: string;
  readonly countType: PlyScalarType;
  readonly itemType: PlyScalarType;
}

export interface PlyElement {
  readonly name: string;
  /** Records as stated by the header; not yet held against the file's size. */
  readonly count: number;
  readonly properties: readonly (PlyScalarProperty | PlyListProperty)[];
}

export interface PlyHeader {
  readonly encoding: 'ascii' | 'binary_little_endian' | 'binary_big_endian';
  readonly comments: readonly string[];
  readonly elements: readonly PlyElement[];
  /** First byte after the header. */
  readonly dataOffset: number;
}

/** Both spellings in use: Turk's C names and the sized ones. */
const TYPE_OF_NAME: ReadonlyMap<string, PlyScalarType> = new Map([
  ['char', 'int8'],
  ['uchar', 'uint8'],
  ['short', 'int16'],
  ['ushort', 'uint16'],
  ['int', 'int32'],
  ['uint', 'uint32'],
  ['float', 'float32'],
  ['double', 'float64'],
  ...SCALAR_TYPES.map((type): [string, PlyScalarType] => [type, type]),
]);

/** Real headers are a few kilobytes; a longer one is not a PLY or is out to waste memory. */
const MAX_HEADER_BYTES = 1 << 20;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

interface HeaderLine {
  readonly text: string;
  readonly number: number;
  readonly end: number;
}

/** Lines end in LF, CR LF or, from old Macs, CR alone; the first line tells which. */
function* linesOf(bytes: Uint8Array): Generator<HeaderLine> {
  const limit = Math.min(bytes.length, MAX_HEADER_BYTES);
  const decoder = new TextDecoder('utf-8');
  let start = 0;
  let lineNumber = 1;
  for (let at = 0; at < limit; at++) {
    if (bytes[at] !== LINE_FEED && bytes[at] !== CARRIAGE_RETURN) continue;
    const text = decoder.decode(bytes.subarray(start, at));
    // After "end_header\r" a lone LF is data only when the earlier lines ended in CR alone.
    if (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED) at++;
    start = at + 1;
    yield { text: text.trim(), number: lineNumber++, end: start };
  }
}

/**
 * Reads a PLY header.
 *
 * @param bytes the whole file (or at least its header).
 * @param file its name, for messages.
 * @throws ImportError 'malformed' (not a PLY, a bad line, no end_header), 'unsupported' (an encoding or type that the
 * format does not know).
 */
export function readPlyHeader(bytes: Uint8Array, file: string): PlyHeader {
  const fail = (line: HeaderLine | null, problem: string, code: 'malformed' | 'unsupported' = 'malformed'): never => {
    const where = line === null ? 'header' : `header line ${line.number}`;
    throw new ImportError(code, problem, file, where, 'Export the file again, or open it in the tool that wrote it.');
  };
  const typeOf = (name: string | undefined, line: HeaderLine): PlyScalarType =>
    TYPE_OF_NAME.get(name ?? '') ?? fail(line, `"${shorten(name)}" is no PLY number type.`, 'unsupported');

  let encoding: PlyHeader['encoding'] | null = null;
  const comments: string[] = [];
  const elements: { name: string; count: number; properties: (PlyScalarProperty | PlyListProperty)[] }[] = [];
  for (const line of linesOf(bytes)) {
    if (line.number === 1) {
      if (line.text !== 'ply') fail(null, 'This is not a PLY file: it does not start with "ply".');
      continue;
    }
    const [keyword = '', ...words] = line.text.split(/\s+/);
    if (keyword === 'comment') comments.push(line.text.slice('comment'.length).trim());
    else if (keyword === 'obj_info' || keyword === '') continue;
    else if (keyword === 'format') {
      const name = words[0];
      if (name !== 'ascii' && name !== 'binary_little_endian' && name !== 'binary_big_endian')
        return fail(line, `The encoding "${shorten(name)}" is not known.`, 'unsupported');
      encoding = name;
    } else if (keyword === 'element') {
      const count = Number(words[1]);
      if (words.length !== 2 || !Number.isSafeInteger(count) || count < 0)
        fail(line, 'An element needs a name and a whole number of records.');
      elements.push({ name: words[0] as string, count, properties: [] });
    } else if (keyword === 'property') {
      const element = elements.at(-1);
      if (element === undefined) return fail(line, 'A property stands before any element.');
      const isList = words[0] === 'list';
      if (words.length !== (isList ? 4 : 2)) fail(line, 'A property needs a type and a name.');
      const name = words.at(-1) as string;
      if (element.properties.some((property) => property.name === name))
        fail(line, `The property "${shorten(name)}" is there twice.`);
      element.properties.push(
        isList
          ? { kind: 'list', name, countType: typeOf(words[1], line), itemType: typeOf(words[2], line) }
          : { kind: 'scalar', name, type: typeOf(words[0], line) },
      );
    } else if (keyword === 'end_header') {
      if (encoding === null) return fail(line, 'The header names no format.');
      return { encoding, comments, elements, dataOffset: line.end };
    } else fail(line, `The word "${shorten(keyword)}" is not part of a PLY header.`);
  }
  return fail(null, bytes.length < 4 ? 'The file is empty or cut off.' : 'The header does not end ("end_header").');
}

/** What a hostile file says is not echoed at length. */
function shorten(text: string | undefined): string {
  const printable = (text ?? '').replace(/[^\x20-\x7e]/g, '?');
  return printable.length > 40 ? `${printable.slice(0, 40)}…` : printable;
}

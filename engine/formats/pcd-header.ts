/** The text header of a PCD file, versions 0.5 to 0.7 (https://pointclouds.org/documentation/tutorials/pcd_file_format.html). */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import { printable } from './capture-files.js';
import type { PackedType } from './packed-records.js';
import { PACKED_TYPE_BYTES } from './packed-records.js';
import { parseDecimal } from './text-records.js';

export interface PcdField {
  readonly name: string;
  readonly type: PackedType;
  /** Numbers a point; above 1 for descriptors. */
  readonly count: number;
  /** Bytes of one number. */
  readonly numberBytes: number;
  /** Where it starts in a record. */
  readonly offset: number;
}

export interface PcdHeader {
  /** As written, or '' where it is not. */
  readonly version: string;
  readonly fields: readonly PcdField[];
  readonly points: number;
  /** Rows of an organised cloud; 1 otherwise. */
  readonly height: number;
  /** tx ty tz qw qx qy qz, or null. */
  readonly viewpoint: readonly number[] | null;
  readonly encoding: 'ascii' | 'binary' | 'binary_compressed';
  readonly recordBytes: number;
  readonly dataOffset: number;
  /** Line after the header's last, from 1. */
  readonly dataLine: number;
}

const MAX_HEADER_BYTES = 1 << 16;
const MAX_RECORD_BYTES = 1 << 16;
const LINE_FEED = 10;
const HINT = 'Save the cloud again as PCD.';

const TYPE_OF_KEY: Readonly<Record<string, PackedType>> = {
  I1: 'int8',
  U1: 'uint8',
  I2: 'int16',
  U2: 'uint16',
  I4: 'int32',
  U4: 'uint32',
  I8: 'int64',
  U8: 'uint64',
  F4: 'float32',
  F8: 'float64',
};

const KEYWORDS = [
  ...['VERSION', 'FIELDS', 'COLUMNS', 'SIZE', 'TYPE', 'COUNT'],
  ...['WIDTH', 'HEIGHT', 'VIEWPOINT', 'POINTS', 'DATA'],
];

/** Words of each entry, and where it stands. */
type Entries = ReadonlyMap<string, { readonly words: readonly string[]; readonly line: number }>;

interface HeaderText {
  readonly entries: Entries;
  readonly dataOffset: number;
  readonly dataLine: number;
}

function malformed(problem: string, file: string, where: string): ImportError {
  return new ImportError('malformed', problem, file, where, HINT);
}

async function readEntries(source: ByteSource): Promise<HeaderText> {
  const bytes = await source.read(0, Math.min(source.sizeBytes, MAX_HEADER_BYTES));
  const entries = new Map<string, { words: readonly string[]; line: number }>();
  const decoder = new TextDecoder('utf-8');
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const feed = bytes.indexOf(LINE_FEED, start);
    if (feed < 0) break;
    const [keyword = '', ...words] = decoder.decode(bytes.subarray(start, feed)).trim().split(/\s+/);
    start = feed + 1;
    if (keyword === '' || keyword.startsWith('#')) continue;
    if (!KEYWORDS.includes(keyword))
      throw malformed(
        entries.size === 0
          ? 'This is not a PCD file: its header is missing.'
          : `"${printable(keyword, 40)}" is no entry of a PCD header.`,
        source.name,
        `line ${line}`,
      );
    if (entries.has(keyword)) throw malformed(`The entry ${keyword} is there twice.`, source.name, `line ${line}`);
    entries.set(keyword, { words, line });
    if (keyword === 'DATA') return { entries, dataOffset: start, dataLine: line + 1 };
  }
  if (source.sizeBytes <= MAX_HEADER_BYTES && entries.size > 0)
    throw new ImportError('truncated', 'The file ends before its DATA line.', source.name, 'header', HINT);
  throw malformed('This is not a PCD file: its header has no DATA line.', source.name, 'header');
}

/** A whole number ≥ `least` of a header entry; `missing` where there is no such entry. */
function wholeNumber<T>(entries: Entries, keyword: string, missing: T, file: string): number | T {
  const entry = entries.get(keyword);
  if (entry === undefined) return missing;
  const [word = ''] = entry.words;
  if (entry.words.length !== 1 || !/^\d{1,15}$/.test(word))
    throw malformed(`${keyword} needs one whole number.`, file, `line ${entry.line}`);
  return Number(word);
}

function readFields(entries: Entries, file: string): { fields: PcdField[]; recordBytes: number } {
  const names = entries.get('FIELDS') ?? entries.get('COLUMNS');
  if (names === undefined || names.words.length === 0) throw malformed('The header names no FIELDS.', file, 'header');
  const wordsOf = (keyword: string, missing: string): readonly string[] => {
    const entry = entries.get(keyword);
    if (entry === undefined) return names.words.map(() => missing);
    if (entry.words.length !== names.words.length)
      throw malformed(
        `${keyword} has ${entry.words.length} entries for ${names.words.length} fields.`,
        file,
        `line ${entry.line}`,
      );
    return entry.words;
  };
  // What version 0.5 may leave out has these defaults in PCL.
  const [sizes, types, counts] = [wordsOf('SIZE', '4'), wordsOf('TYPE', 'F'), wordsOf('COUNT', '1')];
  const fields: PcdField[] = [];
  let offset = 0;
  names.words.forEach((name, i) => {
    const type = TYPE_OF_KEY[`${types[i]!}${sizes[i]!}`];
    if (type === undefined)
      throw new ImportError(
        'unsupported',
        `The field "${printable(name, 40)}" has type ${printable(types[i]!, 8)} and size ${printable(sizes[i]!, 8)}, which PCD does not know.`,
        file,
        'header',
        HINT,
      );
    if (!/^\d{1,6}$/.test(counts[i]!)) throw malformed('COUNT needs whole numbers.', file, 'header');
    // PCL takes a count of 0 for 1.
    const count = Math.max(1, Number(counts[i]));
    const numberBytes = PACKED_TYPE_BYTES[type];
    fields.push({ name, type, count, numberBytes, offset });
    offset += count * numberBytes;
  });
  if (offset > MAX_RECORD_BYTES)
    throw new ImportError('unsupported', `A point of ${offset} bytes is no point.`, file, 'header', HINT);
  return { fields, recordBytes: offset };
}

function readPointCount(entries: Entries, file: string): { points: number; height: number } {
  const [width, height, points] = ['WIDTH', 'HEIGHT', 'POINTS'].map((word) => wholeNumber(entries, word, null, file));
  const rows = height ?? 1;
  const count = points ?? (width === null || width === undefined ? null : width * rows);
  if (count === null) throw malformed('The header tells neither POINTS nor WIDTH.', file, 'header');
  if (width !== null && width !== undefined && width * rows !== count)
    throw malformed(
      `POINTS is ${count}, but WIDTH × HEIGHT is ${width * rows}.`,
      file,
      `line ${entries.get('POINTS')?.line ?? 0}`,
    );
  return { points: count, height: rows };
}

function readViewpoint(entries: Entries, file: string): readonly number[] | null {
  const entry = entries.get('VIEWPOINT');
  if (entry === undefined) return null;
  const numbers = entry.words.map(parseDecimal);
  if (numbers.length !== 7 || !numbers.every(Number.isFinite))
    throw malformed('VIEWPOINT needs seven numbers.', file, `line ${entry.line}`);
  return numbers;
}

/**
 * Reads the header.
 *
 * @throws ImportError 'malformed' (no PCD, an entry that makes no sense), 'truncated' (no DATA line), 'unsupported' (number types).
 */
export async function readPcdHeader(source: ByteSource): Promise<PcdHeader> {
  const { entries, dataOffset, dataLine } = await readEntries(source);
  const file = source.name;
  const encoding = entries.get('DATA')!.words.join(' ');
  if (encoding !== 'ascii' && encoding !== 'binary' && encoding !== 'binary_compressed')
    throw new ImportError(
      'unsupported',
      `The encoding "${printable(encoding, 40)}" is not known.`,
      file,
      `line ${dataLine - 1}`,
      HINT,
    );
  return {
    version: (entries.get('VERSION')?.words[0] ?? '').replace(/^\./, '0.'),
    ...readFields(entries, file),
    ...readPointCount(entries, file),
    viewpoint: readViewpoint(entries, file),
    encoding,
    dataOffset,
    dataLine,
  };
}

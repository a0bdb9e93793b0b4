/** The header line of a CSV cloud: how its values are separated, and what its columns are. */
import { ImportError } from '../scene/errors.js';
import type { LengthUnit } from '../scene/sensor-points.js';
import { printable } from './capture-files.js';
import { fieldOfName } from './cloud-columns.js';
import { parseNumber, splitWords } from './text-rows.js';

export type CsvSeparator = ',' | ';' | '\t' | ' ';

/** What a column says it holds. */
export interface CsvColumn {
  /** As in the file, without a unit. */
  readonly name: string;
  /** Lower case, from brackets or after the last `_`; null where the header states none. */
  readonly unit: string | null;
  /** Position in a line. */
  readonly word: number;
}

export interface CsvHeader {
  readonly separator: CsvSeparator;
  readonly columns: readonly CsvColumn[];
  readonly width: number;
}

export interface StatedLength {
  readonly scale: number;
  readonly unit: LengthUnit;
}

/** Metres of a unit, or what else a length may be in; feet keep their unit. */
export const LENGTH_UNITS: ReadonlyMap<string, StatedLength> = new Map<string, StatedLength>([
  ...['m', 'meter', 'meters', 'metre', 'metres'].map(
    (name) => [name, { scale: 1, unit: 'metre' }] as [string, StatedLength],
  ),
  ['cm', { scale: 0.01, unit: 'metre' }],
  ['mm', { scale: 0.001, unit: 'metre' }],
  ['km', { scale: 1000, unit: 'metre' }],
  ...['ft', 'foot', 'feet'].map((name) => [name, { scale: 1, unit: 'foot' }] as [string, StatedLength]),
]);

/** Radians of a unit. */
export const ANGLE_UNITS: ReadonlyMap<string, number> = new Map([
  ...['deg', 'degree', 'degrees', '°'].map((name) => [name, Math.PI / 180] as const),
  ...['rad', 'radian', 'radians'].map((name) => [name, 1] as const),
]);

/** m/s of a unit. */
export const SPEED_UNITS: ReadonlyMap<string, number> = new Map([
  ['m/s', 1],
  ['mps', 1],
  ['km/h', 1 / 3.6],
  ['kmh', 1 / 3.6],
  ['kph', 1 / 3.6],
]);

const SUFFIX_UNITS = new Set([...LENGTH_UNITS.keys(), ...ANGLE_UNITS.keys(), 'mps', 'kmh', 'kph']);
const MAX_COLUMNS = 1024;

/** Candidates in the order in which they are tried; a blank only where nothing else stands between values. */
const SEPARATORS: readonly CsvSeparator[] = [';', '\t', ',', ' '];

/**
 * The values of a line: separated, in double quotes where they need it (`""` is a quote within). Blanks around a value go; between
 * blanks as separators any number counts as one.
 */
export function splitCsvLine(line: string, separator: CsvSeparator): string[] {
  if (separator === ' ') {
    return splitWords(line).map((word) => word.replaceAll('"', ''));
  }
  if (!line.includes('"')) return line.split(separator).map((word) => word.trim());
  const words: string[] = [];
  let [word, isQuoted] = ['', false];
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (isQuoted && character === '"' && line[at + 1] === '"') word += line[at++]!;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      words.push(word.trim());
      word = '';
    } else word += character;
  }
  return [...words, word.trim()];
}

/** `Range [m]`, `azimuth(deg)`, `elevation_rad`, `//X` → a name and its unit. */
function readColumn(written: string, word: number): CsvColumn {
  const name = written.replace(/^(\/\/|#|\uFEFF)+/, '').trim();
  const bracketed = /^(.*?)\s*[[(]\s*([^\])]{1,12}?)\s*[\])]$/.exec(name);
  if (bracketed !== null) return { name: bracketed[1]!.trim(), unit: bracketed[2]!.toLowerCase(), word };
  // `v_rad` is a radial speed, no `v` in radians.
  if (fieldOfName(name) !== null) return { name, unit: null, word };
  const suffixed = /^(.+)[_ ]([^_ ]+)$/.exec(name);
  const unit = suffixed?.[2]!.toLowerCase() ?? '';
  return SUFFIX_UNITS.has(unit) ? { name: suffixed![1]!, unit, word } : { name, unit: null, word };
}

/**
 * Reads a header line.
 *
 * @throws ImportError 'malformed' for a line that names no columns (numbers, or a single word).
 */
export function readCsvHeader(line: string, file: string, lineNumber: number): CsvHeader {
  const fail = (problem: string): ImportError =>
    new ImportError(
      'malformed',
      problem,
      file,
      `line ${lineNumber}`,
      'Begin the file with a line of column names such as x,y,z or range_m,azimuth_deg,elevation_deg.',
    );
  const commented = line.replace(/^\s*(\/\/|#)\s*/, '');
  const separator = SEPARATORS.find((one) => commented.trim().includes(one));
  if (separator === undefined) throw fail(`"${printable(line, 40)}" names no columns.`);
  const words = splitCsvLine(commented, separator);
  // A separator at the end of each line is usual; the column behind it has no name.
  if (words.at(-1) === '') words.pop();
  if (words.length > MAX_COLUMNS) throw fail(`${words.length} columns are too many.`);
  if (words.every((word) => parseNumber(word) !== undefined)) throw fail('The first line holds numbers, no names.');
  return { separator, columns: words.map(readColumn), width: words.length };
}

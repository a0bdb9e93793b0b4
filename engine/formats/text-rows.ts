/** Rows of numbers in text: ascii PCD and PLY, PTS, CSV. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import { printable } from './capture-files.js';
import { parseDecimal } from './text-records.js';

/** Spellings of "no value" and of what cannot be a place, by C, Python and Windows. */
const NOT_FINITE = /^[+-]?(?:nan(?:\([a-z0-9]*\))?|inf(?:inity)?|1\.#(?:qnan|snan|ind|inf)\d*)$/i;
const DECIMAL_COMMA = /^[+-]?\d+,\d+(?:[eE][+-]?\d+)?$/;

/** A number as text files write it; NaN for the spellings of NaN and infinity; undefined for what is no number. */
export function parseNumber(word: string): number | undefined {
  const value = parseDecimal(word);
  if (Number.isFinite(value)) return value;
  // A decimal too large for float64 is as little of a place as "inf" is.
  return NOT_FINITE.test(word) || value === Infinity || value === -Infinity ? NaN : undefined;
}

/** @throws always: ImportError 'malformed' with the line; a decimal comma gets a hint of its own. */
export function failNumber(word: string, file: string, line: number): never {
  const isComma = DECIMAL_COMMA.test(word);
  throw new ImportError(
    'malformed',
    `"${printable(word, 40)}" is not a number.`,
    file,
    `line ${line}`,
    isComma ? 'Export the file with decimal points instead of decimal commas.' : 'Correct this entry.',
  );
}

/** @throws always: ImportError for a row with another number of words than the table has columns. */
export function failWidth(found: number, expected: number, at: { file: string; line: number }): never {
  throw new ImportError(
    'malformed',
    `This line has ${found} values, ${expected} are expected.`,
    at.file,
    `line ${at.line}`,
    'Correct this line; numbers must have decimal points, not decimal commas. If it is the last one, the file is cut off.',
  );
}

/** A text is at least this long for so many numbers: a digit and a separator each, the last separator may be missing. */
export function atMostTextRows(source: ByteSource, start: number, columns: number): number {
  return Math.max(0, Math.floor((source.sizeBytes - start + 1) / (2 * Math.max(1, columns))));
}

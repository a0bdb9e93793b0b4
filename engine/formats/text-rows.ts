/** Rows of numbers in text: ascii PCD and PLY, PTS, CSV. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import { printable } from './capture-files.js';
import { parseDecimal } from './text-records.js';

/** Spellings of "no value" and of what cannot be a place, by C, Python and Windows. */
const NOT_FINITE = /^[+-]?(?:nan(?:\([a-z0-9]*\))?|inf(?:inity)?|1\.#(?:qnan|snan|ind|inf)\d*)$/i;
const DECIMAL_COMMA = /^[+-]?\d+,\d+(?:[eE][+-]?\d+)?$/;

const [ZERO, NINE, POINT, MINUS, BLANK] = [48, 57, 46, 45, 32];
/** Whole numbers of so many digits, and powers of ten up to 22, are exact in float64: so is, but for one rounding, their quotient. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/** Digits with at most one point among them, few enough to be exact; NaN for what needs a closer look. Most numbers pass here. */
function parsePlain(word: string): number {
  const start = word.charCodeAt(0) === MINUS ? 1 : 0;
  let [whole, digits, decimals] = [0, 0, -1];
  for (let at = start; at < word.length; at++) {
    const code = word.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      whole = whole * 10 + (code - ZERO);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (code === POINT && decimals < 0) decimals = 0;
    else return NaN;
  }
  if (digits === 0 || digits > EXACT_DIGITS) return NaN;
  const value = decimals > 0 ? whole / POWERS_OF_TEN[decimals]! : whole;
  return start === 1 ? -value : value;
}

/** A number as text files write it; NaN for the spellings of NaN and infinity; undefined for what is no number. */
export function parseNumber(word: string): number | undefined {
  const plain = parsePlain(word);
  if (!Number.isNaN(plain)) return plain;
  const value = parseDecimal(word);
  if (Number.isFinite(value)) return value;
  // A decimal too large for float64 is as little of a place as "inf" is.
  return NOT_FINITE.test(word) || value === Infinity || value === -Infinity ? NaN : undefined;
}

/** Words of a line between blanks, tabs and other control characters; `separator` (of one character) parts words too. */
export function splitWords(line: string, separator = ''): string[] {
  const parting = separator === '' ? BLANK : separator.charCodeAt(0);
  const words: string[] = [];
  let start = -1;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code > BLANK && code !== parting) {
      if (start < 0) start = at;
    } else if (start >= 0) {
      words.push(line.slice(start, at));
      start = -1;
    }
  }
  if (start >= 0) words.push(line.slice(start));
  return words;
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

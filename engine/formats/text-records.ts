/** Plain-text records: lines of words separated by white space. */
import { ImportError } from '../scene/errors.js';
import { printable } from './capture-files.js';

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A decimal number; NaN for anything else, also for what `Number` would let pass (empty, hexadecimal, Infinity). */
export function parseDecimal(word: string): number {
  return DECIMAL.test(word) ? Number(word) : NaN;
}

/** Words of a line. */
export function wordsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

/** Lines of a text file (LF, CR LF or CR). @throws ImportError 'malformed' for a file with zero bytes, which is no text. */
export function linesOf(bytes: Uint8Array, file: string): string[] {
  if (bytes.includes(0))
    throw new ImportError('malformed', 'This is not a text file.', file, '', 'Give the text file, or its binary kind.');
  return new TextDecoder('utf-8').decode(bytes).split(/\r\n|\n|\r/);
}

/** @throws ImportError 'malformed' unless every word is a finite decimal number. */
export function decimalsOf(words: readonly string[], file: string, where: string): number[] {
  return words.map((word) => {
    const value = parseDecimal(word);
    if (!Number.isFinite(value))
      throw new ImportError(
        'malformed',
        `"${printable(word, 40)}" is not a number.`,
        file,
        where,
        'Correct this entry.',
      );
    return value;
  });
}

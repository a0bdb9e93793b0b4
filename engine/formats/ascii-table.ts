/** Tables of numbers in plain text with a known number of columns: ascii PCD and ascii PLY. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import { RowCollector } from './row-collector.js';
import type { NumberTable } from './tabular-cloud.js';
import type { LineStart } from './text-lines.js';
import { readLines } from './text-lines.js';
import { atMostTextRows, failNumber, failWidth, parseNumber, splitWords } from './text-rows.js';

export interface AsciiLayout {
  readonly start: LineStart;
  /** Rows that the header promises. */
  readonly rows: number;
  /** Words of a line. */
  readonly width: number;
  /** PDAL writes commas between them where it is asked to. */
  readonly allowsCommas: boolean;
}

/**
 * Opens rows of `width` numbers, one a line; empty lines are passed over.
 *
 * @throws (while reading) ImportError 'malformed' with the line, 'truncated' where rows are missing; (at once) 'truncated' where the
 * promised rows cannot fit into the file.
 */
export function openAsciiTable(source: ByteSource, layout: AsciiLayout): NumberTable {
  const { start, rows, width, allowsCommas } = layout;
  const truncated = (found: string): ImportError =>
    new ImportError(
      'truncated',
      `The header promises ${rows} points and the file has ${found}.`,
      source.name,
      `byte ${source.sizeBytes}`,
      'Copy or export the file again.',
    );
  if (rows > atMostTextRows(source, start.offset, width)) throw truncated('no room for them');
  return {
    width,
    atMostRows: rows,
    async *rows(signal) {
      const collector = new RowCollector(width, rows);
      let seen = 0;
      for await (const { lines, firstNumber } of readLines(source, start, signal)) {
        for (let i = 0; i < lines.length && seen < rows; i++) {
          const words = splitWords(lines[i]!, allowsCommas ? ',' : '');
          if (words.length === 0) continue;
          if (words.length !== width) failWidth(words.length, width, { file: source.name, line: firstNumber + i });
          const { values, at } = collector.next();
          for (let column = 0; column < width; column++)
            values[at + column] =
              parseNumber(words[column]!) ?? failNumber(words[column]!, source.name, firstNumber + i);
          seen++;
          if (collector.isFull) yield collector.take();
        }
        if (seen >= rows) break;
      }
      if (seen < rows) throw truncated(`${seen}`);
      yield collector.take();
    },
  };
}

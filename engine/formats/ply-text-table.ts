/** The scalars of one element of an ascii PLY file; one record a line, as Turk's own reader has it. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import type { PlyElement, PlyHeader } from './ply-header.js';
import { RowCollector } from './row-collector.js';
import type { NumberTable } from './tabular-cloud.js';
import type { LineStart } from './text-lines.js';
import { readLines } from './text-lines.js';
import { failNumber, failWidth, parseNumber, splitWords } from './text-rows.js';

interface RecordPlace {
  readonly file: string;
  readonly line: number;
}

/** The scalars of a record in order, lists passed over. @throws ImportError 'malformed'. */
function scalarsOf(words: readonly string[], element: PlyElement, place: RecordPlace): string[] {
  const scalars: string[] = [];
  let at = 0;
  for (const property of element.properties) {
    if (property.kind === 'scalar') {
      scalars.push(words[at++] ?? '');
      continue;
    }
    const items = parseNumber(words[at] ?? '');
    if (items === undefined || !Number.isInteger(items) || items < 0)
      failNumber(words[at] ?? '', place.file, place.line);
    at += 1 + items;
    if (at > words.length) break;
  }
  if (at !== words.length) failWidth(words.length, at, place);
  return scalars;
}

/**
 * Opens the scalar properties of one element, a column each in the header's order. All elements' records are counted in each pass,
 * so that a file that is cut off anywhere is found out.
 *
 * @throws ImportError 'truncated' where the promised records cannot fit; (while reading) 'truncated', 'malformed' with the line.
 */
export function openPlyTextTable(
  source: ByteSource,
  header: PlyHeader,
  element: PlyElement,
  start: LineStart,
): NumberTable {
  const elements = header.elements.filter(({ properties, count }) => properties.length > 0 && count > 0);
  const truncated = (): ImportError =>
    new ImportError(
      'truncated',
      'The file ends before the records that its header promises.',
      source.name,
      `byte ${source.sizeBytes}`,
      'Copy or export the file again.',
    );
  const least = elements.reduce((sum, { count, properties }) => sum + 2 * count * properties.length, 0);
  if (start.offset + least - 1 > source.sizeBytes) throw truncated();
  const width = element.properties.filter(({ kind }) => kind === 'scalar').length;
  return {
    width,
    atMostRows: element.count,
    async *rows(signal) {
      const collector = new RowCollector(width, element.count);
      let [current, seen] = [0, 0];
      for await (const { lines, firstNumber } of readLines(source, start, signal)) {
        for (let i = 0; i < lines.length && current < elements.length; i++) {
          const words = splitWords(lines[i]!);
          if (words.length === 0) continue;
          const place = { file: source.name, line: firstNumber + i };
          const scalars = scalarsOf(words, elements[current]!, place);
          if (elements[current] === element) {
            const { values, at } = collector.next();
            scalars.forEach((word, column) => {
              values[at + column] = parseNumber(word) ?? failNumber(word, place.file, place.line);
            });
            if (collector.isFull) yield collector.take();
          }
          if (++seen < elements[current]!.count) continue;
          current++;
          seen = 0;
        }
        if (current === elements.length) break;
      }
      if (current < elements.length) throw truncated();
      yield collector.take();
    },
  };
}

/** Clouds and radar returns in CSV with a line of column names. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import type { CloudReader } from './cloud-reader.js';
import type { CsvColumn, CsvHeader } from './csv-header.js';
import { readCsvHeader, splitCsvLine } from './csv-header.js';
import { planCsvColumns } from './csv-plan.js';
import { RowCollector } from './row-collector.js';
import type { NumberTable } from './tabular-cloud.js';
import { openTabularCloud } from './tabular-cloud.js';
import type { LineStart } from './text-lines.js';
import { readLines } from './text-lines.js';
import { failNumber, failWidth, parseNumber } from './text-rows.js';

interface CsvStart {
  readonly header: CsvHeader;
  /** Values of the first line after it; null in a file without points. */
  readonly first: readonly string[] | null;
  /** Lines up to and with the header. */
  readonly headerLines: number;
}

const FILE_START: LineStart = { offset: 0, number: 1 };

/** Words of a row; a separator at the line's end is none too many. */
function wordsOfRow(line: string, { separator, width }: CsvHeader): string[] {
  const words = splitCsvLine(line, separator);
  if (words.length === width + 1 && words.at(-1) === '') words.pop();
  return words;
}

async function readStart(source: ByteSource): Promise<CsvStart> {
  let header: CsvHeader | null = null;
  let headerLines = 0;
  for await (const { lines, firstNumber } of readLines(source, FILE_START))
    for (const [i, line] of lines.entries()) {
      if (line.trim() === '') continue;
      if (header !== null) return { header, first: wordsOfRow(line, header), headerLines };
      header = readCsvHeader(line, source.name, firstNumber + i);
      headerLines = firstNumber + i;
    }
  if (header === null)
    throw new ImportError('malformed', 'The file is empty.', source.name, '', 'Give a CSV file with a header line.');
  return { header, first: null, headerLines };
}

function openTable(source: ByteSource, { header, headerLines }: CsvStart, columns: readonly CsvColumn[]): NumberTable {
  const width = columns.length;
  // A row has a separator or a line's end for each value, the last may lack it; values may be empty.
  const atMostRows = Math.floor((source.sizeBytes + 1) / header.width);
  return {
    width,
    atMostRows,
    async *rows(signal) {
      const collector = new RowCollector(width, atMostRows);
      for await (const { lines, firstNumber } of readLines(source, FILE_START, signal))
        for (const [i, line] of lines.entries()) {
          const number = firstNumber + i;
          if (number <= headerLines || line.trim() === '') continue;
          const words = wordsOfRow(line, header);
          if (words.length !== header.width) failWidth(words.length, header.width, { file: source.name, line: number });
          const { values, at } = collector.next();
          columns.forEach(({ word }, column) => {
            const written = words[word]!;
            // An empty value is one that was not measured.
            values[at + column] =
              written === '' ? NaN : (parseNumber(written) ?? failNumber(written, source.name, number));
          });
          if (collector.isFull) yield collector.take();
        }
      yield collector.take();
    },
  };
}

/**
 * Opens a CSV file.
 *
 * - Separators: comma, semicolon, tab or blanks; values may stand in double quotes; decimal commas are refused.
 * - Places: `x, y, z` in any letter case, or `range, azimuth, elevation` (azimuth from +x towards +y, elevation above the xy plane),
 *   whose angles must say `deg` or `rad`: `azimuth_deg`, `elevation [rad]`. Units of length: `m`, `cm`, `mm`, `km` (given in metres) or
 *   `ft`, in the name (`x [m]`, `range_m`); without one the unit is unknown.
 * - Fields: the names that engine/formats/cloud-columns.ts lists become those of `POINT_FIELDS`, others keep theirs. Radial speeds
 *   are taken to be positive when the distance grows; `km/h` becomes m/s. Columns whose first value is no number are passed over.
 *   Empty values are NaN; points without coordinates are left out and counted.
 *
 * @throws ImportError 'malformed' with the line, 'unsupported' (angles or units that are not stated clearly); reading throws
 * 'malformed' with the line.
 */
export async function openCsvCloud(source: ByteSource): Promise<CloudReader> {
  const start = await readStart(source);
  const { header, first, headerLines } = start;
  if (first !== null && first.length !== header.width)
    failWidth(first.length, header.width, { file: source.name, line: headerLines + 1 });
  const isNumber = ({ word }: CsvColumn): boolean =>
    first === null || first[word] === '' || parseNumber(first[word]!) !== undefined;
  const isComma = ({ word }: CsvColumn): boolean => /^[+-]?\d+,\d+$/.test(first?.[word] ?? '');
  const comma = header.columns.find(isComma);
  if (comma !== undefined) failNumber(first![comma.word]!, source.name, headerLines + 1);
  const columns = header.columns.filter(isNumber);
  const table = openTable(source, start, columns);
  const { plan, unit, warnings } = await planCsvColumns(columns, table, source.name);
  const passed = header.columns.length - columns.length;
  if (passed > 0) warnings.push(`${passed} columns that hold no numbers are passed over.`);
  return openTabularCloud(
    {
      format: 'csv',
      variant: `CSV, ${header.width} columns`,
      points: null,
      bounds: null,
      frame: { unit, upAxis: plan.place.kind === 'polar' ? 'z' : 'unknown', crs: null },
      sensorOrigins: plan.place.kind === 'polar' ? [[0, 0, 0]] : [],
      warnings,
    },
    table,
    plan,
  );
}

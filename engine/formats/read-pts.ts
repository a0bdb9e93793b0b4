/**
 * PTS of Leica Cyclone: a line with the number of points, then `x y z [intensity] [r g b]`, one a line; several scans may follow one
 * another, each with its number. Without a number it is what people call XYZ.
 */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import type { CloudReader } from './cloud-reader.js';
import { RowCollector } from './row-collector.js';
import type { CloudPlan, NumberRows, NumberTable, PlannedField } from './tabular-cloud.js';
import { openTabularCloud } from './tabular-cloud.js';
import { readLines } from './text-lines.js';
import { atMostTextRows, failNumber, failWidth, parseNumber, splitWords } from './text-rows.js';

const HINT = 'Give lines of x y z, x y z intensity, x y z r g b, or x y z intensity r g b.';
const START = { offset: 0, number: 1 };

/** What the first lines tell. */
interface PtsShape {
  /** Of the first scan; null without a number in the first line. */
  readonly stated: number | null;
  /** Words of a point's line; 0 in a file without points. */
  readonly width: number;
}

/** The number of points that a line states, or null for a line that is none. */
function countOf(words: readonly string[]): number | null {
  return words.length === 1 && /^\d{1,15}$/.test(words[0]!) ? Number(words[0]) : null;
}

async function readShape(source: ByteSource): Promise<PtsShape> {
  let stated: number | null = null;
  for await (const { lines, firstNumber } of readLines(source, START))
    for (const [i, line] of lines.entries()) {
      const words = splitWords(line);
      if (words.length === 0) continue;
      const count = countOf(words);
      if (count !== null) {
        stated ??= count;
        continue;
      }
      if (![3, 4, 6, 7].includes(words.length))
        throw new ImportError(
          'malformed',
          `A line has ${words.length} values.`,
          source.name,
          `line ${firstNumber + i}`,
          HINT,
        );
      return { stated, width: words.length };
    }
  if (stated === null) throw new ImportError('malformed', 'The file has no points.', source.name, '', HINT);
  return { stated, width: 0 };
}

/** Counts points against the numbers that the file states. */
class StatedCounts {
  private left = Infinity;

  constructor(private readonly file: string) {}

  /** A line with a number starts a scan. */
  start(count: number, line: number): void {
    if (Number.isFinite(this.left) && this.left > 0) throw this.mismatch(`line ${line}`);
    this.left = count;
  }

  /** More points than stated lose nothing, so they count: writers are known to miscount. */
  countPoint(): void {
    this.left--;
  }

  finish(sizeBytes: number): void {
    if (Number.isFinite(this.left) && this.left > 0) throw this.mismatch(`byte ${sizeBytes}`);
  }

  private mismatch(where: string): ImportError {
    return new ImportError(
      'truncated',
      `${this.left} of the points that the file states are missing.`,
      this.file,
      where,
      'Copy or export the file again.',
    );
  }
}

function openTable(source: ByteSource, width: number): NumberTable {
  const atMostRows = atMostTextRows(source, 0, Math.max(3, width));
  async function* rows(signal?: AbortSignal): AsyncGenerator<NumberRows> {
    const collector = new RowCollector(width, atMostRows);
    const counts = new StatedCounts(source.name);
    for await (const { lines, firstNumber } of readLines(source, START, signal))
      for (const [i, line] of lines.entries()) {
        const words = splitWords(line);
        if (words.length === 0) continue;
        const number = firstNumber + i;
        const count = countOf(words);
        if (count !== null) {
          counts.start(count, number);
          continue;
        }
        if (words.length !== width) failWidth(words.length, width, { file: source.name, line: number });
        counts.countPoint();
        const { values, at } = collector.next();
        words.forEach((word, column) => {
          values[at + column] = parseNumber(word) ?? failNumber(word, source.name, number);
        });
        if (collector.isFull) yield collector.take();
      }
    counts.finish(source.sizeBytes);
    yield collector.take();
  }
  return { width, atMostRows, rows };
}

function planOf(width: number): CloudPlan {
  const intensity: PlannedField = {
    name: 'intensity',
    isWide: false,
    source: { kind: 'column', column: 3, scale: 1 },
  };
  const firstColor = width - 3;
  return {
    place: { kind: 'cartesian', columns: [0, 1, 2], scale: 1 },
    colors: width >= 6 ? { kind: 'channels', columns: [firstColor, firstColor + 1, firstColor + 2], scale: 1 } : null,
    fields: width === 4 || width === 7 ? [intensity] : [],
  };
}

/**
 * Opens a PTS or XYZ file. Intensity stays as in the file: −2048..2047 from Cyclone, 0..255 or 0..1 from others. The format states
 * neither unit nor axis. Where it states a number of points, fewer of them are an error; the header's `points` is null, for further
 * scans may follow with numbers of their own.
 *
 * @throws ImportError 'malformed' with the line; reading throws that, and 'truncated' where stated points are missing.
 */
export async function openPts(source: ByteSource): Promise<CloudReader> {
  const { stated, width } = await readShape(source);
  return openTabularCloud(
    {
      format: 'pts',
      variant: stated === null ? 'XYZ text' : 'PTS',
      points: null,
      bounds: null,
      frame: { unit: 'unknown', upAxis: 'unknown', crs: null },
      sensorOrigins: [],
      warnings: [],
    },
    openTable(source, width),
    planOf(width),
  );
}

/** Lines of a text file that may be larger than memory. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';

/** Lines that were read together. */
export interface LineBlock {
  readonly lines: readonly string[];
  /** Number of the first of them in the file, from 1. */
  readonly firstNumber: number;
}

/** No record of numbers is longer; a longer line is no text or is out to waste memory. */
export const MAX_LINE_BYTES = 1 << 16;
const BLOCK_BYTES = 1 << 18;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export interface LineStart {
  readonly offset: number;
  /** Number of the line that starts there. */
  readonly number: number;
}

/** End of the last whole line in `bytes`; a CR at the very end may be half of a CR LF and does not count. */
function lastLineEnd(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= 0; at--) {
    if (bytes[at] === LINE_FEED) return at + 1;
    if (bytes[at] === CARRIAGE_RETURN && at + 1 < bytes.length) return at + 1;
  }
  return 0;
}

/**
 * The lines of a text file (LF, CR LF or CR), without their ends, some at a time. Bytes that are not UTF-8 become U+FFFD.
 *
 * @throws ImportError 'malformed' for zero bytes (no text) and for lines over MAX_LINE_BYTES; what the source throws.
 */
export async function* readLines(
  source: ByteSource,
  start: LineStart,
  signal?: AbortSignal,
): AsyncGenerator<LineBlock> {
  const decoder = new TextDecoder('utf-8');
  let firstNumber = start.number;
  let rest = new Uint8Array(0);
  for (let at = start.offset; at < source.sizeBytes;) {
    signal?.throwIfAborted();
    const block = await source.read(at, Math.min(BLOCK_BYTES, source.sizeBytes - at));
    const zero = block.indexOf(0);
    if (zero >= 0) throw notText(source.name, at + zero);
    at += block.length;
    const bytes = new Uint8Array(rest.length + block.length);
    bytes.set(rest);
    bytes.set(block, rest.length);
    const end = at >= source.sizeBytes ? bytes.length : lastLineEnd(bytes);
    rest = bytes.slice(end);
    if (rest.length > MAX_LINE_BYTES) throw lineTooLong(source.name, firstNumber);
    if (end === 0) continue;
    const lines = decoder.decode(bytes.subarray(0, end)).split(/\r\n|\n|\r/);
    // What follows the last line's end is no line.
    if (lines.at(-1) === '') lines.pop();
    const long = lines.findIndex((line) => line.length > MAX_LINE_BYTES);
    if (long >= 0) throw lineTooLong(source.name, firstNumber + long);
    yield { lines, firstNumber };
    firstNumber += lines.length;
  }
}

function notText(file: string, byte: number): ImportError {
  return new ImportError(
    'malformed',
    'This is not a text file: it holds a zero byte.',
    file,
    `byte ${byte}`,
    'Give the text file, or its binary kind.',
  );
}

function lineTooLong(file: string, line: number): ImportError {
  return new ImportError(
    'malformed',
    `A line is longer than ${MAX_LINE_BYTES} bytes.`,
    file,
    `line ${line}`,
    'Check that this is a text file of points, one a line.',
  );
}

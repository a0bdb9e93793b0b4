/** The binary section of an E57 scan (ASTM E2807, 9.3 to 9.7): data, index and empty packets. */
import { ImportError } from '../scene/errors.js';
import { E57BitStream } from './e57-bit-stream.js';
import type { E57Pages } from './e57-pages.js';
import type { E57Scan } from './e57-scans.js';
import type { NumberRows } from './tabular-cloud.js';

const SECTION_HEADER_BYTES = 32;
const COMPRESSED_VECTOR_SECTION = 1;
const PACKET_HEADER_BYTES = 4;
const [INDEX_PACKET, DATA_PACKET, EMPTY_PACKET] = [0, 1, 2];
const BLOCK_ROWS = 4096;
/** Writers fill the streams of a packet alike; one that runs so far ahead of another wastes memory. */
const MAX_PENDING_BYTES = 1 << 22;
const HINT = 'Copy or export the file again.';

interface Section {
  /** Logical. */
  readonly dataStart: number;
  readonly end: number;
}

function fail(
  pages: E57Pages,
  problem: string,
  at: number,
  code: 'malformed' | 'truncated' = 'malformed',
): ImportError {
  return new ImportError(code, problem, pages.file, pages.placeOf(at), HINT);
}

/**
 * Reads the section's header and holds the number of records against it.
 *
 * @throws ImportError 'malformed', 'truncated'.
 */
export async function openE57Section(pages: E57Pages, scan: E57Scan): Promise<Section> {
  const start = pages.logicalOf(scan.fileOffset, "a scan's points");
  const bytes = await pages.read(start, SECTION_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  if (view.getUint8(0) !== COMPRESSED_VECTOR_SECTION) throw fail(pages, 'No points begin here.', start);
  const end = start + Number(view.getBigUint64(8, true));
  if (end > pages.logicalBytes)
    throw fail(pages, "A scan's points reach past the end of the file.", start, 'truncated');
  const dataStart = pages.logicalOf(Number(view.getBigUint64(16, true)), 'the packets');
  const bits = scan.fields.reduce((sum, field) => sum + field.bits, 0);
  // Without this, a few bytes could announce any number of points.
  if (bits === 0) throw fail(pages, 'The points of a scan take no bits.', start);
  if (scan.records * bits > (end - dataStart) * 8)
    throw fail(pages, `${scan.records} points of ${bits} bits do not fit into their section.`, start, 'truncated');
  return { dataStart, end };
}

/** Hands a data packet's bytes to the streams. */
function pushPacket(
  packet: Uint8Array,
  streams: readonly E57BitStream[],
  broken: (problem: string) => ImportError,
): void {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const headerBytes = 6 + 2 * streams.length;
  if (packet.length < headerBytes || view.getUint16(4, true) !== streams.length)
    throw broken(`A packet does not have the ${streams.length} streams of its scan.`);
  let at = headerBytes;
  streams.forEach((stream, i) => {
    const length = view.getUint16(6 + 2 * i, true);
    if (at + length > packet.length) throw broken('The streams of a packet are longer than the packet.');
    stream.push(packet.subarray(at, at + length));
    at += length;
    if (stream.pendingBytes > MAX_PENDING_BYTES) throw broken('The streams of the packets run too far apart.');
  });
}

/**
 * All records of a scan, a column a field in the prototype's order (NaN for strings). The array is used again for the next rows.
 *
 * @throws ImportError 'malformed' or 'truncated' with the byte.
 */
export async function* readE57Records(
  pages: E57Pages,
  scan: E57Scan,
  signal?: AbortSignal,
): AsyncGenerator<NumberRows> {
  if (scan.records === 0) return;
  const { dataStart, end } = await openE57Section(pages, scan);
  const streams = scan.fields.map((field) => new E57BitStream(field));
  const width = streams.length;
  const values = new Float64Array(Math.min(BLOCK_ROWS, scan.records) * width);
  let left = scan.records;
  for (let at = dataStart; left > 0;) {
    signal?.throwIfAborted();
    if (at + PACKET_HEADER_BYTES > end)
      throw fail(pages, `The packets end with ${left} of ${scan.records} points missing.`, at, 'truncated');
    const head = await pages.read(at, PACKET_HEADER_BYTES);
    const [type, length] = [head[0]!, head[2]! + 256 * head[3]! + 1];
    if (type !== INDEX_PACKET && type !== DATA_PACKET && type !== EMPTY_PACKET)
      throw fail(pages, `Packets of type ${type} are not known.`, at);
    if (length % 4 !== 0 || at + length > end) throw fail(pages, `A packet has a wrong length of ${length} bytes.`, at);
    if (type === DATA_PACKET) {
      const packetAt = at;
      pushPacket(await pages.read(at, length), streams, (problem) => fail(pages, problem, packetAt));
      let ready = Math.min(left, ...streams.map(({ available }) => available));
      left -= ready;
      while (ready > 0) {
        const count = Math.min(ready, values.length / width);
        streams.forEach((stream, i) => stream.take(count, values, i, width));
        ready -= count;
        yield { count, values };
      }
    }
    at += length;
  }
}

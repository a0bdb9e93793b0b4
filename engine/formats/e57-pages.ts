/**
 * The pages of an E57 file (ASTM E2807, 6.2 and 7.1): each has 1020 bytes of content and their CRC-32C, big-endian. Offsets in the file
 * are physical where checksums count, logical where they do not.
 */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import { crc32c } from './crc32c.js';

const PAGE_BYTES = 1024;
const CONTENT_BYTES = 1020;
const CACHED_PAGES = 64;
const HEADER_BYTES = 48;
const SIGNATURE = 'ASTM-E57';
const HINT = 'Copy or export the file again.';

export interface E57Header {
  readonly version: string;
  /** Logical. */
  readonly xmlOffset: number;
  readonly xmlBytes: number;
}

/** Contents by logical offset; every page that is read is held against its checksum. */
export class E57Pages {
  readonly logicalBytes: number;
  private cache: Uint8Array = new Uint8Array(0);
  private firstCached = 0;

  /** @param physicalBytes a whole number of pages within the file. */
  constructor(
    private readonly source: ByteSource,
    private readonly physicalBytes: number,
  ) {
    this.logicalBytes = (physicalBytes / PAGE_BYTES) * CONTENT_BYTES;
  }

  get file(): string {
    return this.source.name;
  }

  /** @throws ImportError 'malformed' for an offset outside the file or within a checksum. */
  logicalOf(physicalOffset: number, what: string): number {
    const inPage = physicalOffset % PAGE_BYTES;
    if (!Number.isSafeInteger(physicalOffset) || physicalOffset >= this.physicalBytes || inPage >= CONTENT_BYTES)
      throw new ImportError('malformed', `The offset ${physicalOffset} of ${what} is wrong.`, this.file, '', HINT);
    return Math.floor(physicalOffset / PAGE_BYTES) * CONTENT_BYTES + inPage;
  }

  /** Where a logical offset is in the file, for messages. */
  placeOf(logicalOffset: number): string {
    return `byte ${Math.floor(logicalOffset / CONTENT_BYTES) * PAGE_BYTES + (logicalOffset % CONTENT_BYTES)}`;
  }

  /** @throws ImportError 'truncated' past the end, 'malformed' for a wrong checksum. */
  async read(logicalOffset: number, length: number): Promise<Uint8Array> {
    if (!(logicalOffset + length <= this.logicalBytes))
      throw new ImportError(
        'truncated',
        `${length} bytes are needed here and the file ends before.`,
        this.file,
        this.placeOf(logicalOffset),
        HINT,
      );
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const at = logicalOffset + done;
      const page = Math.floor(at / CONTENT_BYTES);
      const content = await this.page(page);
      const from = at - page * CONTENT_BYTES;
      const piece = content.subarray(from, Math.min(CONTENT_BYTES, from + length - done));
      bytes.set(piece, done);
      done += piece.length;
    }
    return bytes;
  }

  private async page(index: number): Promise<Uint8Array> {
    const cachedPages = this.cache.length / PAGE_BYTES;
    if (index < this.firstCached || index >= this.firstCached + cachedPages) {
      const pages = Math.min(CACHED_PAGES, this.physicalBytes / PAGE_BYTES - index);
      this.cache = checkPages(await this.source.read(index * PAGE_BYTES, pages * PAGE_BYTES), index, this.file);
      this.firstCached = index;
    }
    const start = (index - this.firstCached) * PAGE_BYTES;
    return this.cache.subarray(start, start + CONTENT_BYTES);
  }
}

function checkPages(bytes: Uint8Array, firstPage: number, file: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start < bytes.length; start += PAGE_BYTES)
    if (crc32c(bytes.subarray(start, start + CONTENT_BYTES)) !== view.getUint32(start + CONTENT_BYTES))
      throw new ImportError(
        'malformed',
        'The checksum (CRC-32C) of a page is wrong: its bytes were changed since it was written.',
        file,
        `byte ${firstPage * PAGE_BYTES + start}`,
        HINT,
      );
  return bytes;
}

/**
 * Opens the pages and reads the header.
 *
 * @throws ImportError 'malformed' (no E57, wrong checksum, sizes that make no sense), 'truncated', 'unsupported' (page size, version).
 */
export async function openE57Pages(source: ByteSource): Promise<{ pages: E57Pages; header: E57Header }> {
  const fail = (code: 'malformed' | 'truncated' | 'unsupported', problem: string, byte: number): ImportError =>
    new ImportError(code, problem, source.name, `byte ${byte}`, HINT);
  const bytes = await source.read(0, Math.min(HEADER_BYTES, source.sizeBytes));
  const signature = new TextDecoder('latin1').decode(bytes.subarray(0, SIGNATURE.length));
  if (!SIGNATURE.startsWith(signature)) throw fail('malformed', 'This is not an E57 file.', 0);
  if (bytes.length < HEADER_BYTES) throw fail('truncated', 'The file ends within its header.', bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const [major, minor] = [view.getUint32(8, true), view.getUint32(12, true)];
  const [physicalBytes, xmlOffset, xmlBytes, pageBytes] = [16, 24, 32, 40].map((at) =>
    Number(view.getBigUint64(at, true)),
  ) as [number, number, number, number];
  if (major !== 1) throw fail('unsupported', `Version ${major} of E57 is not known.`, 8);
  if (pageBytes !== PAGE_BYTES) throw fail('unsupported', `Pages of ${pageBytes} bytes are not known.`, 40);
  if (physicalBytes > source.sizeBytes)
    throw fail(
      'truncated',
      `The file should have ${physicalBytes} bytes and has ${source.sizeBytes}.`,
      source.sizeBytes,
    );
  if (physicalBytes % PAGE_BYTES !== 0 || physicalBytes < PAGE_BYTES)
    throw fail('malformed', `The file's stated length ${physicalBytes} is no number of pages.`, 16);
  const pages = new E57Pages(source, physicalBytes);
  // Read again, through the checksum.
  await pages.read(0, HEADER_BYTES);
  return {
    pages,
    header: { version: `${major}.${minor}`, xmlOffset: pages.logicalOf(xmlOffset, 'the XML'), xmlBytes },
  };
}

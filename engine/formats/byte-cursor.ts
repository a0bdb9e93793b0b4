import { ImportError } from '../scene/errors.js';

/** Reads little-endian records front to back; every read is held against the file's end first. */
export class ByteCursor {
  private readonly view: DataView;
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  get position(): number {
    return this.at;
  }

  /** Moves past `byteCount` bytes and returns where they start. @throws ImportError 'truncated'. */
  take(byteCount: number, what: string): number {
    if (!(byteCount <= this.remaining))
      throw new ImportError(
        'truncated',
        `The file ends within ${what}: ${byteCount} bytes are needed and ${this.remaining} are left.`,
        this.file,
        `byte ${this.at}`,
        'Copy or export the file again.',
      );
    const start = this.at;
    this.at += byteCount;
    return start;
  }

  uint8(what: string): number {
    return this.view.getUint8(this.take(1, what));
  }

  int32(what: string): number {
    return this.view.getInt32(this.take(4, what), true);
  }

  uint32(what: string): number {
    return this.view.getUint32(this.take(4, what), true);
  }

  float64(what: string): number {
    return this.view.getFloat64(this.take(8, what), true);
  }

  /** A uint64 as a number; beyond 2⁵³ it is rounded, which only a nonsensical count would notice. */
  uint64(what: string): number {
    return Number(this.view.getBigUint64(this.take(8, what), true));
  }

  /** A uint64 count of records of at least `recordBytes` each. @throws ImportError 'truncated' when they cannot fit. */
  count(recordBytes: number, what: string): number {
    const start = this.at;
    const count = this.uint64(`the number of ${what}`);
    if (count * recordBytes > this.remaining)
      throw new ImportError(
        'truncated',
        `The file announces ${count} ${what}, which do not fit into its remaining ${this.remaining} bytes.`,
        this.file,
        `byte ${start}`,
        'Copy or export the file again.',
      );
    return count;
  }

  /** A zero-terminated UTF-8 string; bytes that are not UTF-8 become U+FFFD. */
  cString(maxBytes: number, what: string): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0 || end - this.at > maxBytes)
      throw new ImportError(
        end < 0 ? 'truncated' : 'malformed',
        `${what} does not end within ${end < 0 ? 'the file' : `${maxBytes} bytes`}.`,
        this.file,
        `byte ${this.at}`,
        'Copy or export the file again.',
      );
    const text = new TextDecoder('utf-8').decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  /** @throws ImportError 'malformed' when bytes are left over. */
  expectEnd(): void {
    if (this.remaining > 0)
      throw new ImportError(
        'malformed',
        `${this.remaining} bytes follow the last record.`,
        this.file,
        `byte ${this.at}`,
        'Copy or export the file again.',
      );
  }
}

/** A file read front to back through a window, for records whose length only reading tells. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';

const WINDOW_BYTES = 1 << 18;

/** Holds at least the bytes that were asked for last; every move is held against the file's end. */
export class ByteWindow {
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Within the view. */
  at = 0;
  private base: number;

  constructor(
    private readonly source: ByteSource,
    start: number,
    /** What is being read, for messages. */
    private readonly what: string,
  ) {
    this.base = start;
  }

  /** In the file. */
  get position(): number {
    return this.base + this.at;
  }

  /** Whether `length` bytes from here lie in the view; if not, `await fill(length)`. */
  has(length: number): boolean {
    return this.at + length <= this.view.byteLength;
  }

  /** Moves the window so that `length` bytes (at most a window) from here lie in it. @throws ImportError 'truncated'. */
  async fill(length: number): Promise<void> {
    const from = this.position;
    if (from + length > this.source.sizeBytes) throw this.truncated();
    const bytes = await this.source.read(from, Math.min(WINDOW_BYTES, this.source.sizeBytes - from));
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.base = from;
    this.at = 0;
  }

  /** Moves on without reading. @throws ImportError 'truncated' past the file's end. */
  skip(length: number): void {
    if (!(this.position + length <= this.source.sizeBytes)) throw this.truncated();
    this.at += length;
    if (this.at <= this.view.byteLength) return;
    this.base += this.at;
    this.at = 0;
    this.view = new DataView(new ArrayBuffer(0));
  }

  private truncated(): ImportError {
    return new ImportError(
      'truncated',
      `The file ends within ${this.what}.`,
      this.source.name,
      `byte ${this.position}`,
      'Copy or export the file again.',
    );
  }
}

/** What the engine asks of whoever decompresses LAZ: other people's code, which a host runs where it can crash or hang without harm. */

/** One compressed chunk: points that were compressed together and need no other chunk. */
export interface LazChunk {
  readonly bytes: Uint8Array;
  readonly points: number;
  readonly pointFormat: number;
  readonly recordBytes: number;
  /** LASzip's list of what a record is made of, as it stands in the file, six bytes each; checked. */
  readonly items: Uint8Array;
}

export interface LazDecoder {
  /**
   * The chunk's records, uncompressed, one after the other, at most `MAX_BATCH_POINTS` of them at a time. A chunk at a time.
   *
   * @throws LazDecodeError; the signal's reason when stopped.
   */
  decode(chunk: LazChunk, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Ends whatever is at work. The decoder must not be used again. */
  close(): Promise<void>;
}

/** The chunk is damaged, or too much for this machine; the reader that asked knows the file and the byte. */
export class LazDecodeError extends Error {
  override readonly name = 'LazDecodeError';
  constructor(
    message: string,
    readonly kind: 'damaged' | 'too-large' | 'unavailable',
  ) {
    super(message);
  }
}

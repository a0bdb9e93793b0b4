/** Decompresses LAZ in a thread of its own: other people's code, which damaged data may make trap, hang or take all memory. */
import { Worker } from 'node:worker_threads';
import { MAX_BATCH_POINTS } from '../../engine/formats/cloud-reader.js';
import type { LazChunk, LazDecoder } from '../../engine/formats/laz-decoder.js';
import { LazDecodeError } from '../../engine/formats/laz-decoder.js';
import { wrapChunk } from './single-chunk-file.js';

const WORKER_URL = new URL('./laz-worker.mjs', import.meta.url);
const MAX_PIECE_BYTES = 1 << 23;
/** A piece takes a fraction of a second on an old core; only a decoder that hangs gets there. */
const LIMIT_MS = 60_000;

type Answer =
  { readonly records: Uint8Array<ArrayBuffer> } | { readonly error: string; readonly isOutOfMemory: boolean };

export interface LazThreadOptions {
  /** For tests: the thread's program and how long it may take over a piece. */
  readonly workerUrl?: URL;
  readonly limitMs?: number;
}

/** Starts a decoder; its thread ends with `close`, with the first error, and with the process. */
export function openLazThread(options: LazThreadOptions = {}): LazDecoder {
  return new LazThread(options);
}

class LazThread implements LazDecoder {
  private readonly worker: Worker;
  private readonly limitMs: number;
  private failure: LazDecodeError | null = null;
  private settle: ((answer: Answer | LazDecodeError) => void) | null = null;

  constructor({ workerUrl = WORKER_URL, limitMs = LIMIT_MS }: LazThreadOptions) {
    this.limitMs = limitMs;
    // Plain JavaScript: it must not inherit a TypeScript loader, and its complaints are not the user's.
    this.worker = new Worker(workerUrl, { execArgv: [], stdout: true, stderr: true });
    this.worker.unref();
    this.worker.on('message', (answer: Answer) => this.settle?.(answer));
    this.worker.on('error', (error) => {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
      this.fail(
        isMissing
          ? new LazDecodeError('the package @loaders.gl/las is not installed', 'unavailable')
          : new LazDecodeError(`the decompressor broke down (${error.message})`, 'damaged'),
      );
    });
    this.worker.on('exit', () => this.fail(new LazDecodeError('the decompressor ended', 'damaged')));
  }

  async *decode(chunk: LazChunk, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { points, recordBytes } = chunk;
    const piecePoints = Math.max(1, Math.min(MAX_BATCH_POINTS, Math.floor(MAX_PIECE_BYTES / recordBytes)));
    let file: Uint8Array<ArrayBuffer> | undefined = wrapChunk(chunk);
    let left = points;
    while (left > 0) {
      const piece = Math.min(piecePoints, left);
      const records = await this.ask(file, piece * recordBytes, signal);
      file = undefined;
      left -= piece;
      yield records;
    }
  }

  async close(): Promise<void> {
    this.failure ??= new LazDecodeError('the decompressor was closed', 'damaged');
    await this.worker.terminate();
  }

  private fail(error: LazDecodeError): void {
    this.failure ??= error;
    this.settle?.(this.failure);
  }

  private async ask(
    file: Uint8Array<ArrayBuffer> | undefined,
    pieceBytes: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (this.failure !== null) throw this.failure;
    const answered = new Promise<Answer | LazDecodeError>((resolve) => (this.settle = resolve));
    const late = new LazDecodeError(`no end after ${Math.round(this.limitMs / 1000)} s`, 'damaged');
    const timer = setTimeout(() => this.fail(late), this.limitMs);
    const onAbort = (): void => this.settle?.(new LazDecodeError('stopped', 'damaged'));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (file === undefined) this.worker.postMessage({ pieceBytes });
      else this.worker.postMessage({ file, pieceBytes }, [file.buffer]);
      const answer = await answered;
      signal?.throwIfAborted();
      if (answer instanceof LazDecodeError) throw answer;
      if ('records' in answer) return answer.records;
      throw new LazDecodeError(
        answer.isOutOfMemory ? 'there is not enough memory' : 'they are damaged',
        answer.isOutOfMemory ? 'too-large' : 'damaged',
      );
    } catch (error) {
      // After a trap the decompressor's memory is in no known state.
      await this.close();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.settle = null;
    }
  }
}

/** OpenCV in threads of its own: it blocks for a second a photo, and holds memory that only a thread's end frees. */
import { Worker } from 'node:worker_threads';
import type { GreyImage } from '../../engine/scene/grey-image.js';

const WORKER_URL = new URL('./akaze-worker.mjs', import.meta.url);

/** What one search found; pixels as OpenCV counts them, from the centre of the first one. */
export interface AkazeFindings {
  /** [N, 2] */
  readonly points: Float32Array;
  readonly scores: Float32Array;
  readonly bytes: Uint8Array;
}

/** OpenCV could not be loaded on this machine, or failed at its work. */
export class OpenCvError extends Error {
  override readonly name = 'OpenCvError';
}

type Answer = { readonly found: AkazeFindings } | { readonly error: string };

interface Search {
  readonly image: GreyImage;
  readonly threshold: number;
  readonly resolve: (found: AkazeFindings) => void;
  readonly reject: (error: Error) => void;
}

export class AkazeThreads {
  private readonly waiting: Search[] = [];
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, Search>();
  private isClosed = false;

  /** Begins to load OpenCV at once: that takes half a second, while photos are still being read. */
  constructor(readonly threads: number) {
    for (let i = 0; i < threads; i++) {
      const worker = this.start();
      worker.unref();
      this.idle.push(worker);
    }
  }

  /** @throws OpenCvError when OpenCV does not load or fails, or the threads were closed. */
  detect(image: GreyImage, threshold: number): Promise<AkazeFindings> {
    if (this.isClosed) return Promise.reject(new OpenCvError('OpenCV was closed'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ image, threshold, resolve, reject });
      this.next();
    });
  }

  /** Ends whatever is at work. */
  async close(): Promise<void> {
    this.isClosed = true;
    const workers = [...this.idle, ...this.busy.keys()];
    for (const { reject } of [...this.waiting, ...this.busy.values()]) reject(new OpenCvError('OpenCV was closed'));
    this.waiting.length = 0;
    this.busy.clear();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  private next(): void {
    while (this.waiting.length > 0 && (this.idle.length > 0 || this.busy.size < this.threads)) {
      const search = this.waiting.shift()!;
      const worker = this.idle.pop() ?? this.start();
      this.busy.set(worker, search);
      const { width, height, data } = search.image;
      worker.ref();
      worker.postMessage({ width, height, data, threshold: search.threshold });
    }
  }

  private start(): Worker {
    // The worker is plain JavaScript: it must not inherit a TypeScript loader from the parent's flags.
    const worker = new Worker(WORKER_URL, { execArgv: [] });
    worker.on('message', (answer: Answer) => {
      this.finish(worker, answer);
      if (this.isClosed) return;
      this.idle.push(worker);
      // Idle threads must not keep a finished program alive.
      worker.unref();
      this.next();
    });
    worker.on('error', (error) => {
      this.finish(worker, { error: `OpenCV (@techstark/opencv-js) does not run: ${error.message}` });
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
      this.next();
    });
    return worker;
  }

  private finish(worker: Worker, answer: Answer): void {
    const search = this.busy.get(worker);
    this.busy.delete(worker);
    if ('found' in answer) search?.resolve(answer.found);
    else search?.reject(new OpenCvError(answer.error));
  }
}

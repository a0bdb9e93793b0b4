/** Threads that check pairs of photos beside the one that asks. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { PairToVerify, VerifiedPair, VerifyPairOptions } from '../../engine/poses/verify-pair.js';
import { verifyPair } from '../../engine/poses/verify-pair.js';
import type { PairVerifier } from '../../engine/poses/verify-pairs.js';
import type { PairAnswer, PairTask } from './serve-pairs.js';

const WORKER_URL = new URL('./pair-worker.mjs', import.meta.url);
/** A thread takes half a second to start, and a pair 30 ms. On two cores 66 pairs gain nothing, 190 three seconds of 26; 15 photos have 105. */
const FEWEST_PAIRS = 100;
const MAX_THREADS = 7;
/** So that a thread has its next pair when it is done with one. */
const PAIRS_EACH = 2;

interface Waiting {
  readonly task: PairTask;
  readonly resolve: (verified: VerifiedPair) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread, and what it was given. */
interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

export class PairThreads implements PairVerifier {
  readonly atOnce: number;
  private threads: readonly Thread[];
  private count = 0;

  constructor(threads: number) {
    this.atOnce = PAIRS_EACH * threads;
    this.threads = Array.from({ length: threads }, () => this.start());
  }

  /** Where no thread is left, here. @throws what `verifyPair` throws; Error after `close`. */
  verify(pair: PairToVerify, { signal: _, ...options }: VerifyPairOptions): Promise<VerifiedPair> {
    const [first, ...others] = this.threads;
    return new Promise((resolve, reject) => {
      const waiting = { task: { id: this.count++, pair, options }, resolve, reject };
      if (first === undefined) {
        verifyHere(waiting);
        return;
      }
      const { worker, waiting: queue } = others.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a), first);
      queue.set(waiting.task.id, waiting);
      // Whoever waits for nothing else must not see the program end.
      worker.ref();
      worker.postMessage(waiting.task);
    });
  }

  /** Ends whatever is at work. */
  async close(): Promise<void> {
    const { threads } = this;
    this.threads = [];
    for (const { waiting } of threads)
      for (const { reject } of waiting.values()) reject(new Error('the threads were closed'));
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  private start(): Thread {
    // Neither a TypeScript loader nor a debugger of ours.
    const worker = new Worker(WORKER_URL, { execArgv: [] });
    const thread: Thread = { worker, waiting: new Map() };
    worker.on('message', ({ id, verified }: PairAnswer) => {
      thread.waiting.get(id)?.resolve(verified);
      thread.waiting.delete(id);
      if (thread.waiting.size === 0) worker.unref();
    });
    worker.on('error', () => {
      this.threads = this.threads.filter((other) => other !== thread);
      for (const waiting of thread.waiting.values()) verifyHere(waiting);
      thread.waiting.clear();
    });
    // Idle threads must not keep a finished program alive.
    worker.unref();
    return thread;
  }
}

function verifyHere({ task, resolve, reject }: Waiting): void {
  try {
    resolve(verifyPair(task.pair, task.options));
  } catch (error) {
    reject(error);
  }
}

/**
 * Threads for so many pairs, one less than there are cores; they load while photos are read.
 *
 * @param threads that may be at work at all; the machine's when left out.
 * @returns null where they would not pay.
 */
export function startPairThreads(pairCount: number, threads = availableParallelism()): PairThreads | null {
  const beside = Math.min(MAX_THREADS, threads - 1);
  return pairCount < FEWEST_PAIRS || beside < 1 ? null : new PairThreads(beside);
}

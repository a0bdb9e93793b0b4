/** Runs other people's format code where it can crash, hang or run out of memory without harm. */
import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import type { WorkerJob, WorkerMessage } from './worker-jobs.js';

export type WorkerHost = 'process' | 'thread';

export interface WorkerRunOptions {
  /** It is stopped after that. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Default: a process; in Electron, whose packaged binary starts no Node processes, a thread. */
  readonly host?: WorkerHost | undefined;
}

/** The job was not done. */
export class SplatWorkerError extends Error {
  override readonly name = 'SplatWorkerError';
  constructor(
    message: string,
    readonly kind: 'failed' | 'crashed' | 'timed-out' | 'out-of-memory',
    readonly importError: Extract<WorkerMessage, { type: 'failed' }>['importError'] = null,
  ) {
    super(message);
  }
}

interface RunningWorker {
  onMessage(listener: (message: WorkerMessage) => void): void;
  /** Called once, with what is known of why. */
  onEnd(listener: (reason: string) => void): void;
  stop(): void;
}

const WORKER_ENTRY = new URL('./splat-worker.mjs', import.meta.url);

/** What is kept of a dying process's complaints. */
const MAX_COMPLAINT = 4000;

function startProcess(job: WorkerJob): RunningWorker {
  // Neither a TypeScript loader nor a debugger of ours.
  const child = fork(WORKER_ENTRY, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-MAX_COMPLAINT)));
  child.send(job);
  return {
    onMessage: (listener) => child.on('message', (message) => listener(message as WorkerMessage)),
    onEnd: (listener) => {
      child.once('error', (error) => listener(error.message));
      child.once('close', (code, signal) => listener(`${signal ?? `exit code ${code}`}\n${complaint}`));
    },
    stop: () => child.kill('SIGKILL'),
  };
}

function startThread(job: WorkerJob): RunningWorker {
  const worker = new Worker(WORKER_ENTRY, { workerData: job, execArgv: [], stdout: true, stderr: true });
  return {
    onMessage: (listener) => worker.on('message', (message) => listener(message as WorkerMessage)),
    onEnd: (listener) => {
      worker.once('error', (error: Error) => listener(`${(error as NodeJS.ErrnoException).code} ${error.message}`));
      worker.once('exit', (code) => listener(`exit code ${code}`));
    },
    stop: () => void worker.terminate(),
  };
}

/** V8's own words, a killer's signal, and a thread's error. */
const OUT_OF_MEMORY = /heap out of memory|SIGABRT|SIGKILL|ERR_WORKER_OUT_OF_MEMORY/;

function failureOf(message: Extract<WorkerMessage, { type: 'failed' }>): SplatWorkerError {
  const kind = message.isOutOfMemory ? 'out-of-memory' : 'failed';
  return new SplatWorkerError(message.message, kind, message.importError);
}

/**
 * Has one job done.
 *
 * @throws SplatWorkerError when it was not; the signal's reason when stopped, within moments whatever the code is at.
 */
export async function runSplatWorker(job: WorkerJob, options: WorkerRunOptions): Promise<void> {
  const { signal, onProgress, limitMs } = options;
  signal?.throwIfAborted();
  const host = options.host ?? (process.versions['electron'] === undefined ? 'process' : 'thread');
  const worker = host === 'process' ? startProcess(job) : startThread(job);
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      worker.onMessage((message) => {
        if (message.type === 'progress') onProgress?.(message.fraction);
        else if (message.type === 'done') resolve();
        else reject(failureOf(message));
      });
      worker.onEnd((reason) =>
        reject(new SplatWorkerError(reason, OUT_OF_MEMORY.test(reason) ? 'out-of-memory' : 'crashed')),
      );
      timer = setTimeout(
        () => reject(new SplatWorkerError(`not done after ${Math.round(limitMs / 1000)} s`, 'timed-out')),
        limitMs,
      );
      onAbort = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
    worker.stop();
  }
}

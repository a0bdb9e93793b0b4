import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { WorkerThread, WorkerThreadStart } from '../engine/wasm/wasm-runtime.js';
import { WasmRuntime } from '../engine/wasm/wasm-runtime.js';

const MODULE_URL = new URL('../engine/wasm/vantage.wasm', import.meta.url);
const WORKER_URL = new URL('./wasm-worker.mjs', import.meta.url);
/** More threads than this gain nothing at our image sizes, and each holds a stack. */
const MAX_THREADS = 16;

function spawnNodeThread(start: WorkerThreadStart): WorkerThread {
  // The worker is plain JavaScript: it must not inherit a TypeScript loader from the parent's flags.
  const worker = new Worker(WORKER_URL, { workerData: start, execArgv: [] });
  // Idle threads must not keep a finished program alive.
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => {
      worker.unref();
      resolve();
    });
    worker.once('error', reject);
  });
  return {
    ready,
    terminate: async () => {
      await worker.terminate();
    },
  };
}

/** Starts the engine's WASM core on Node's threads; `threads` defaults to the machine's. */
export async function startWasmRuntime(options: { readonly threads?: number } = {}): Promise<WasmRuntime> {
  const threads = Math.max(1, Math.min(MAX_THREADS, options.threads ?? availableParallelism()));
  // The baseline compiler's SIMD code is 3 to 5 times slower and stays in use for seconds: compile with the optimiser at once.
  setFlagsFromString('--no-liftoff');
  const bytes = new Uint8Array(await readFile(MODULE_URL));
  return WasmRuntime.start(bytes, threads, spawnNodeThread);
}

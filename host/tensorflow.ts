/** Loads TensorFlow.js: with CUDA where the user has installed it, else on WebAssembly. */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { TensorFlow } from '../engine/training/decoder/tensorflow.js';

export interface LoadedTensorFlow {
  readonly tf: TensorFlow;
  /** For reports: 'tensorflow (CUDA)', 'wasm' or 'cpu'. */
  readonly backend: string;
}

export interface TensorFlowOptions {
  /** 'auto': tfjs-node-gpu when it is installed, else 'wasm'. 'cpu' is plain JavaScript: slow, for comparison. */
  readonly backend?: 'auto' | 'gpu' | 'wasm' | 'cpu';
}

/** An optional peer dependency: its absence is the normal case, any other failure is told. */
async function importNodeGpu(): Promise<TensorFlow | null> {
  // Not a literal: the compiler must not ask for types of a package that is rarely there.
  const name: string = '@tensorflow/tfjs-node-gpu';
  try {
    createRequire(import.meta.url).resolve(name);
  } catch {
    return null;
  }
  const loaded = (await import(name)) as { default?: unknown };
  return (loaded.default ?? loaded) as TensorFlow;
}

/**
 * TensorFlow.js ready to use. The WASM backend's binaries are taken from node_modules (SIMD; the library offers no threads in
 * Node), and the filter gradient that it lacks is registered.
 *
 * @throws Error when backend 'gpu' is asked for and `@tensorflow/tfjs-node-gpu` is not installed
 */
export async function loadTensorFlow(options: TensorFlowOptions = {}): Promise<LoadedTensorFlow> {
  const wanted = options.backend ?? 'auto';
  if (wanted === 'auto' || wanted === 'gpu') {
    const gpu = await importNodeGpu();
    if (gpu !== null) return { tf: gpu, backend: 'tensorflow (CUDA)' };
    if (wanted === 'gpu')
      throw new Error('@tensorflow/tfjs-node-gpu is not installed; run: npm install @tensorflow/tfjs-node-gpu');
  }
  const core = await import('@tensorflow/tfjs-core');
  if (wanted === 'cpu') {
    await import('@tensorflow/tfjs-backend-cpu');
    await core.setBackend('cpu');
  } else {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(join(dirname(entry), sep));
    const { registerMissingWasmKernels } = await import('./tensorflow-kernels.js');
    registerMissingWasmKernels();
    if (!(await core.setBackend('wasm'))) throw new Error('the WASM backend of TensorFlow.js did not start');
  }
  await core.ready();
  // The engine's interface is a hand-written subset of the library's own types.
  return { tf: core as unknown as TensorFlow, backend: core.getBackend() };
}

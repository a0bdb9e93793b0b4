import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { createRequire } from 'node:module';

/** The address is written out, so that a bundler sees which file must come along. */
const PACKAGE_FILE = new URL('../package.json', import.meta.url);

export const VANTAGE_VERSION = (JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { version: string }).version;

/** The libraries whose version can change a result or a speed. */
const REPORTED_PACKAGES = ['sharp', 'onnxruntime-node', '@tensorflow/tfjs-core', '@tensorflow/tfjs-node-gpu'];

/** Part of the memory still free that a run may fill; the rest is for photos, the viewer, everyone else. */
const MEMORY_SHARE = 0.6;
/** A run with less cannot do anything useful, so it tries. */
const MIN_BUDGET_BYTES = 512 * 2 ** 20;
/** WASM's address space, less what the runtime keeps. */
const MAX_BUDGET_BYTES = 3.5 * 2 ** 30;

export interface MachineDescription {
  readonly platform: string;
  readonly architecture: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
}

/** Memory that this process could still take, containers' limits included. */
function availableMemoryBytes(): number {
  // Since Node 20.13; `freemem` alone knows nothing of a container's limit.
  const { availableMemory } = process as { availableMemory?: () => number };
  const available = availableMemory?.() ?? freemem();
  return available > 0 ? available : freemem();
}

export function describeMachine(): MachineDescription {
  const constrained = process.constrainedMemory?.() ?? 0;
  const total = totalmem();
  return {
    platform: process.platform,
    architecture: process.arch,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: constrained > 0 ? Math.min(constrained, total) : total,
    freeMemoryBytes: availableMemoryBytes(),
  };
}

/** Bytes that a reconstruction may use when the user does not say. */
export function defaultMemoryBudgetBytes(): number {
  return Math.round(Math.min(MAX_BUDGET_BYTES, Math.max(MIN_BUDGET_BYTES, availableMemoryBytes() * MEMORY_SHARE)));
}

/** Versions of Vantage, Node and the libraries that are installed. */
export function readVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versions: Record<string, string> = { vantage: VANTAGE_VERSION, node: process.versions.node };
  for (const name of REPORTED_PACKAGES) {
    for (const folder of require.resolve.paths(name) ?? []) {
      try {
        const { version } = JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as { version: string };
        versions[name] = version;
        break;
      } catch {
        // Not in this folder; a package that is nowhere is not listed.
      }
    }
  }
  return versions;
}

const WASM_PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A function that returns a v128 constant: sections of types, functions and code. */
const SIMD_MODULE = [
  ...WASM_PREAMBLE,
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 22, 1, 20, 0, 0xfd, 0x0c, ...new Array<number>(16).fill(0), 0x0b],
];
/** One shared memory of one page. */
const THREADS_MODULE = [...WASM_PREAMBLE, 5, 4, 1, 3, 1, 1];

export interface WasmFeatures {
  readonly simd: boolean;
  readonly threads: boolean;
  readonly sharedMemory: boolean;
}

export function probeWasmFeatures(): WasmFeatures {
  // Node's types of this version leave WebAssembly to the DOM's, which are not loaded here.
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } };
  return {
    simd: WebAssembly.validate(new Uint8Array(SIMD_MODULE)),
    threads: WebAssembly.validate(new Uint8Array(THREADS_MODULE)),
    sharedMemory: typeof SharedArrayBuffer === 'function',
  };
}

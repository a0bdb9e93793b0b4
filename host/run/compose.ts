/** The composition root: picks the backend, threads and network that the pipeline is handed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StereoBackend } from '../../engine/correspondence/contract.js';
import type { DepthNetwork } from '../../engine/scene/depth-network.js';
import type { SplattingBackend } from '../../engine/splatting/contract.js';
import type { TensorFlow } from '../../engine/training/decoder/tensorflow.js';
import type { WasmRuntime } from '../../engine/wasm/wasm-runtime.js';
import { probeWasmFeatures } from '../machine.js';
import { DEPTH_NETWORKS } from '../../native-models/manifest.js';
import { locateModelFolder } from '../../native-models/store.js';

export const BACKEND_CHOICES = ['auto', 'wasm', 'reference'] as const;
export type BackendChoice = (typeof BACKEND_CHOICES)[number];

/** Takes a network if the model folder has one. */
export const AUTOMATIC_DEPTH_MODEL = 'auto';
export const NO_DEPTH_MODEL = 'none';

export interface Engine {
  readonly splatting: SplattingBackend;
  readonly threads: number;
  /** Starts stereo, which drawing and scoring can do without. */
  openStereo(): Promise<StereoBackend>;
  dispose(): Promise<void>;
}

/** The backend that `auto` means on this machine. */
export function chooseBackend(): Exclude<BackendChoice, 'auto'> {
  const features = probeWasmFeatures();
  return features.simd && features.threads && features.sharedMemory ? 'wasm' : 'reference';
}

async function startRuntime(threads: number | undefined): Promise<WasmRuntime> {
  const { startWasmRuntime } = await import('../wasm-runtime.js');
  return startWasmRuntime(threads === undefined ? {} : { threads });
}

async function openStereoOn(runtime: WasmRuntime): Promise<StereoBackend> {
  const { createWasmStereo } = await import('../../engine/correspondence/wasm/wasm-stereo.js');
  return createWasmStereo(runtime);
}

async function openWasmEngine(threads: number | undefined): Promise<Engine> {
  const { createWasmBackend } = await import('../../engine/splatting/wasm/wasm-backend.js');
  const runtime = await startRuntime(threads);
  const splatting = createWasmBackend(runtime);
  return {
    splatting,
    threads: runtime.threads,
    openStereo: () => openStereoOn(runtime),
    dispose: async () => {
      await splatting.dispose();
      await runtime.dispose();
    },
  };
}

/** The float64 rasterizer, slow and obviously right; stereo stays on WASM, for it is no part of what is checked with it. */
async function openReferenceEngine(threads: number | undefined): Promise<Engine> {
  const { createReferenceBackend } = await import('../../engine/splatting/reference/reference-backend.js');
  const splatting = createReferenceBackend();
  let runtime: WasmRuntime | null = null;
  return {
    splatting,
    threads: 1,
    openStereo: async () => {
      runtime ??= await startRuntime(threads);
      return openStereoOn(runtime);
    },
    dispose: async () => {
      await splatting.dispose();
      await runtime?.dispose();
    },
  };
}

/** Starts a backend; it must be disposed of, or its threads keep their memory. */
export async function openEngine(choice: BackendChoice, threads?: number): Promise<Engine> {
  const backend = choice === 'auto' ? chooseBackend() : choice;
  return backend === 'reference' ? openReferenceEngine(threads) : openWasmEngine(threads);
}

/** What the motion 'decoder' computes with; nothing of it is loaded before. */
export async function openDecoderTensors(): Promise<TensorFlow> {
  const { loadTensorFlow } = await import('../tensorflow.js');
  return (await loadTensorFlow()).tf;
}

/** Names of the manifest's networks whose files are in the user's model folder, best first. */
export function findInstalledDepthModels(): string[] {
  const folder = locateModelFolder();
  return DEPTH_NETWORKS.filter((entry) => existsSync(join(folder, entry.fileName))).map((entry) => entry.name);
}

export interface OpenedDepthModel {
  readonly network: DepthNetwork | null;
  /** What is used, for reports: a name, a path as typed, or "none". */
  readonly name: string;
  readonly warnings: readonly string[];
  dispose(): Promise<void>;
}

const WITHOUT_NETWORK: Omit<OpenedDepthModel, 'warnings'> = {
  network: null,
  name: NO_DEPTH_MODEL,
  dispose: () => Promise.resolve(),
};

/**
 * Opens the depth network that was asked for. Where ONNX Runtime does not load, the run goes on without a network and says so;
 * a file that is missing or damaged is the user's to mend.
 */
export async function openDepthModel(choice: string, threads: number): Promise<OpenedDepthModel> {
  const nameOrPath = choice === AUTOMATIC_DEPTH_MODEL ? findInstalledDepthModels()[0] : choice;
  if (nameOrPath === undefined || nameOrPath === NO_DEPTH_MODEL) return { ...WITHOUT_NETWORK, warnings: [] };
  const { openDepthNetwork, OnnxRuntimeMissingError } = await import('../../native-models/depth/onnx-depth.js');
  try {
    const network = await openDepthNetwork(nameOrPath, { threads });
    return { network, name: nameOrPath, warnings: network.warnings, dispose: () => network.dispose() };
  } catch (error) {
    if (!(error instanceof OnnxRuntimeMissingError)) throw error;
    return { ...WITHOUT_NETWORK, warnings: [error.message] };
  }
}

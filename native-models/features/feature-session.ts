/** Opens the ONNX networks of features, which are optional: without their files there are other features. */
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { ImportError } from '../../engine/scene/errors.js';
import type { OnnxRuntime } from '../depth/onnx-depth.js';
import { OnnxRuntimeMissingError } from '../depth/onnx-depth.js';
import type { ModelFile } from '../manifest.js';
import { locateModelFolder } from '../store.js';
import { readVerifiedModel } from '../verified-model.js';

export interface OpenFeatureNetworkOptions {
  /** Threads of the network; 0: ONNX Runtime decides. */
  readonly threads: number;
  /** Where models live; by default {@link locateModelFolder}. */
  readonly folder?: string;
  /** How the runtime is loaded, by default `import('onnxruntime-node')`. */
  readonly loadRuntime?: () => Promise<OnnxRuntime>;
}

export interface FeatureSession {
  readonly runtime: OnnxRuntime;
  readonly session: InferenceSession;
  readonly path: string;
}

/**
 * A session of the manifest's model from the model folder, or null when its file is not there.
 *
 * @throws ImportError 'unreadable', 'size-mismatch' or 'malformed' when the file is there and is not what the manifest says or does not load;
 * OnnxRuntimeMissingError when the runtime does not load.
 */
export async function openFeatureSession(
  model: ModelFile,
  options: OpenFeatureNetworkOptions,
): Promise<FeatureSession | null> {
  const path = join(options.folder ?? locateModelFolder(), model.fileName);
  const bytes = await readVerifiedModel(path, model);
  if (bytes === null) return null;
  const runtime = await loadRuntime(options);
  try {
    const session = await runtime.InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      interOpNumThreads: 1,
      // What it prints would land on the user's terminal beside our own error.
      logSeverityLevel: 4,
      ...(options.threads > 0 ? { intraOpNumThreads: options.threads } : {}),
    });
    return { runtime, session, path };
  } catch (error) {
    const problem = `ONNX Runtime cannot read it: ${error instanceof Error ? error.message : String(error)}.`;
    throw new ImportError('malformed', problem, path, '', 'Delete it; features then come from AKAZE.');
  }
}

async function loadRuntime({ loadRuntime: load }: OpenFeatureNetworkOptions): Promise<OnnxRuntime> {
  try {
    return load ? await load() : await import('onnxruntime-node');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OnnxRuntimeMissingError(`ONNX Runtime (onnxruntime-node) does not load: ${reason}.`);
  }
}

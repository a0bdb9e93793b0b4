/** Runs a monocular depth network through ONNX Runtime. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DepthNetwork } from '../../engine/scene/depth-network.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { RgbImage } from '../../engine/scene/view.js';
import type { DepthNetworkSettings } from '../manifest.js';
import type { StoredModel, StoreOptions } from '../store.js';
import { loadStoredModel } from '../store.js';
import { inferNetworkSettings } from './infer-settings.js';
import type { TensorDescription } from './infer-settings.js';
import { prepareNetworkInput } from './prepare-input.js';
import { resampleImage } from './resample-image.js';

/** ONNX Runtime's native module could not be loaded on this machine; go on without a network. */
export class OnnxRuntimeMissingError extends Error {
  override readonly name = 'OnnxRuntimeMissingError';
}

/** The part of ONNX Runtime that is used; `onnxruntime-node` and `onnxruntime-web` both have it. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor;
}

export interface OpenDepthNetworkOptions extends StoreOptions {
  /** Threads of the network; 0: ONNX Runtime decides. */
  readonly threads: number;
  /** How the runtime is loaded, by default `import('onnxruntime-node')`. */
  readonly loadRuntime?: () => Promise<OnnxRuntime>;
}

export interface OnnxDepthNetwork extends DepthNetwork {
  readonly settings: DepthNetworkSettings;
  /** What was guessed about a network that the manifest does not know; one sentence each. */
  readonly warnings: readonly string[];
  /** Frees the session; estimates after that are refused. */
  dispose(): Promise<void>;
}

/**
 * Opens a depth network by manifest name or path, see loadStoredModel and inferNetworkSettings.
 *
 * `estimate` resizes the photo (antialiased) to the network's input, normalises, runs, and resizes the answer bilinearly, with pixel
 * centres kept, to the photo's size: [H, W] in the meaning of `outputKind`. Non-finite answers become 0.
 *
 * @throws OnnxRuntimeMissingError when the runtime does not load; ImportError when the file is missing, damaged, or not a depth network.
 */
export async function openDepthNetwork(
  nameOrPath: string,
  options: OpenDepthNetworkOptions,
): Promise<OnnxDepthNetwork> {
  const model = await loadStoredModel(nameOrPath, options);
  const runtime = await loadOnnxRuntime(options.loadRuntime);
  const session = await createSession(runtime, model, options.threads);
  try {
    const inputs = describeTensors(session.inputMetadata);
    const outputs = describeTensors(session.outputMetadata);
    const { settings, warnings } = model.entry
      ? { settings: model.entry, warnings: [] }
      : inferNetworkSettings(inputs, outputs, model.path);
    const names = {
      input: settings.inputName ?? (inputs[0]?.name as string),
      output: settings.outputName ?? (outputs[0]?.name as string),
    };
    let disposed = false;
    return {
      name: model.entry?.name ?? model.path,
      outputKind: settings.outputKind,
      settings,
      warnings,
      async estimate(image: RgbImage, signal?: AbortSignal): Promise<Float32Array> {
        signal?.throwIfAborted();
        if (disposed) throw new Error('the depth network was disposed of');
        const answer = await runOnce(runtime, session, model, settings, names, image);
        signal?.throwIfAborted();
        return answer;
      },
      async dispose(): Promise<void> {
        if (disposed) return;
        disposed = true;
        await session.release();
      },
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function loadOnnxRuntime(load: OpenDepthNetworkOptions['loadRuntime']): Promise<OnnxRuntime> {
  try {
    // Imported late: a machine without the native module still reconstructs, without a network.
    return load ? await load() : await import('onnxruntime-node');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = 'Depth then comes from matching the photos alone; reinstalling the package may help.';
    throw new OnnxRuntimeMissingError(`ONNX Runtime (onnxruntime-node) does not load: ${reason}. ${hint}`);
  }
}

async function createSession(runtime: OnnxRuntime, model: StoredModel, threads: number): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(model.bytes, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      interOpNumThreads: 1,
      // What it prints would land on the user's terminal beside our own error.
      logSeverityLevel: 4,
      ...(threads > 0 ? { intraOpNumThreads: threads } : {}),
    });
  } catch (error) {
    const hint = 'Use a complete ONNX file that holds its own weights.';
    throw new ImportError('malformed', `ONNX Runtime cannot read it: ${firstLine(error)}.`, model.path, '', hint);
  }
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] as string).slice(0, 300).replace(/\.$/, '');
}

function describeTensors(metadata: readonly InferenceSession.ValueMetadata[]): TensorDescription[] {
  return metadata.map((value) =>
    value.isTensor
      ? { name: value.name, type: value.type, shape: value.shape }
      : { name: value.name, type: 'non-tensor', shape: [] },
  );
}

async function runOnce(
  runtime: OnnxRuntime,
  session: InferenceSession,
  model: StoredModel,
  settings: DepthNetworkSettings,
  names: { readonly input: string; readonly output: string },
  image: RgbImage,
): Promise<Float32Array> {
  const input = prepareNetworkInput(image, settings);
  const tensor = new runtime.Tensor('float32', input.data, [1, 3, input.height, input.width]);
  let results;
  try {
    results = await session.run({ [names.input]: tensor }, [names.output]);
  } catch (error) {
    const problem = `It does not run on a photo of ${image.width} × ${image.height}: ${firstLine(error)}.`;
    throw new ImportError('unsupported', problem, model.path, '', 'Try another depth network, or none.');
  } finally {
    tensor.dispose();
  }
  const output = results[names.output];
  const map = output ? readMap(output) : null;
  if (!map) {
    const found = output ? `${output.type} [${output.dims.join(', ')}]` : 'nothing';
    const problem = `Its output "${names.output}" is ${found}, not one float32 map.`;
    throw new ImportError('unsupported', problem, model.path, '', 'Use a monocular depth network.');
  }
  const data = map.data.map((value) => (Number.isFinite(value) ? value : 0));
  return resampleImage(data, { ...map, channels: 1 }, image, 'bilinear');
}

/** The output as [height, width], or null when it is not a single map. */
function readMap(output: Tensor): { width: number; height: number; data: Float32Array } | null {
  if (output.type !== 'float32' || output.dims.length < 2) return null;
  const [height, width] = output.dims.slice(-2) as [number, number];
  const data = output.data as Float32Array;
  return width > 0 && height > 0 && data.length === width * height ? { width, height, data } : null;
}

/** Guesses cameras of photos with a network of Depth Anything 3's kind, through ONNX Runtime. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { CameraNetwork, GuessedCamera } from '../../engine/scene/camera-network.js';
import { ImportError, ShapeError } from '../../engine/scene/errors.js';
import type { RgbImage } from '../../engine/scene/view.js';
import type { OnnxRuntime } from '../depth/onnx-depth.js';
import { OnnxRuntimeMissingError } from '../depth/onnx-depth.js';
import type { CameraModelFiles, CameraStoreOptions } from './camera-model-files.js';
import { readCameraModel } from './camera-model-files.js';
import { fillBatch, layOutViews, MAX_VIEWS } from './lay-out-views.js';
import { CAMERA_OUTPUTS, readCameras } from './read-cameras.js';

export interface OpenCameraNetworkOptions extends CameraStoreOptions {
  /** Threads of the network; 0: ONNX Runtime decides. */
  readonly threads: number;
  /** How the runtime is loaded, by default `import('onnxruntime-node')`. */
  readonly loadRuntime?: () => Promise<OnnxRuntime>;
}

export interface OnnxCameraNetwork extends CameraNetwork {
  /** Frees the session; estimates after that are refused. */
  dispose(): Promise<void>;
}

const INPUT = 'pixel_values';

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0]!.slice(0, 300).replace(/\.$/, '');
}

async function loadRuntime({ loadRuntime: load }: OpenCameraNetworkOptions): Promise<OnnxRuntime> {
  try {
    return load ? await load() : await import('onnxruntime-node');
  } catch (error) {
    throw new OnnxRuntimeMissingError(`ONNX Runtime (onnxruntime-node) does not load: ${reasonOf(error)}.`);
  }
}

async function createSession(
  runtime: OnnxRuntime,
  { path, bytes, external }: CameraModelFiles,
  threads: number,
): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      interOpNumThreads: 1,
      // What it prints would land on the user's terminal beside our own error.
      logSeverityLevel: 4,
      ...(external.length > 0 ? { externalData: [...external] } : {}),
      ...(threads > 0 ? { intraOpNumThreads: threads } : {}),
    });
  } catch (error) {
    const problem = `ONNX Runtime cannot read it: ${reasonOf(error)}.`;
    throw new ImportError('malformed', problem, path, '', 'Weights that are kept apart belong beside it.');
  }
}

/** @throws ImportError 'unsupported' for a network of another kind */
function assertKind({ inputNames, outputNames }: InferenceSession, path: string): void {
  const lacking = [
    ...(inputNames.length === 1 && inputNames[0] === INPUT ? [] : [`the input "${INPUT}"`]),
    ...CAMERA_OUTPUTS.filter((name) => !outputNames.includes(name)).map((name) => `the output "${name}"`),
  ];
  if (lacking.length === 0) return;
  const found = `its inputs are ${inputNames.join(', ')}, its outputs ${outputNames.join(', ')}`;
  const hint = 'Use a network that returns cameras, such as Depth Anything 3.';
  throw new ImportError('unsupported', `It lacks ${lacking.join(' and ')}: ${found}.`, path, '', hint);
}

/**
 * Opens a camera network by manifest name or path.
 *
 * `estimate` brings all photos to one size (see `layOutViews`), feeds them as `pixel_values` [1, N, 3, H, W], and reads the cameras (see
 * `readCameras`); null for photos of too different shapes. It throws ShapeError for fewer than two photos, more than `maxPhotos` or data that
 * does not fit its size, ImportError 'unsupported' when the network does not run or its answer is no cameras, and the signal's reason.
 *
 * @throws OnnxRuntimeMissingError when the runtime does not load; ImportError when a file is missing or damaged, or of another kind.
 */
export async function openCameraNetwork(
  nameOrPath: string,
  options: OpenCameraNetworkOptions,
): Promise<OnnxCameraNetwork> {
  const model = await readCameraModel(nameOrPath, options);
  const runtime = await loadRuntime(options);
  const session = await createSession(runtime, model, options.threads);
  try {
    assertKind(session, model.path);
  } catch (error) {
    await session.release();
    throw error;
  }
  let isDisposed = false;
  return {
    name: model.entry?.name ?? nameOrPath,
    maxPhotos: MAX_VIEWS,
    async estimate(images, signal) {
      if (images.length < 2 || images.length > MAX_VIEWS) throw new ShapeError(`cameras of ${images.length} photos`);
      if (isDisposed) throw new Error('the camera network was disposed of');
      signal?.throwIfAborted();
      const cameras = await guessCameras(runtime, session, model.path, images);
      signal?.throwIfAborted();
      return cameras;
    },
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      await session.release();
    },
  };
}

async function guessCameras(
  runtime: OnnxRuntime,
  session: InferenceSession,
  path: string,
  images: readonly RgbImage[],
): Promise<GuessedCamera[] | null> {
  const layout = layOutViews(images);
  if (layout === null) return null;
  const { width, height } = layout.view;
  const tensor = new runtime.Tensor('float32', fillBatch(images, layout), [1, images.length, 3, height, width]);
  let outputs: Readonly<Record<string, Tensor>>;
  try {
    outputs = await session.run({ [INPUT]: tensor }, [...CAMERA_OUTPUTS]);
  } catch (error) {
    const problem = `It does not run on ${images.length} photos of ${width} × ${height}: ${reasonOf(error)}.`;
    throw new ImportError('unsupported', problem, path, '', 'Cameras then come from matching the photos alone.');
  } finally {
    tensor.dispose();
  }
  return readCameras(outputs, layout, images, path);
}

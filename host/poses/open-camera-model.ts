/** The network that guesses cameras, opened as the user chose. */
import type { CameraNetwork } from '../../engine/scene/camera-network.js';
import { ImportError } from '../../engine/scene/errors.js';
import { missingFiles } from '../../native-models/install-model.js';
import { CAMERA_MODELS } from '../../native-models/manifest.js';

/** One that is installed; the choice when nothing is said. */
export const AUTOMATIC_CAMERA_MODEL = 'auto';
export const NO_CAMERA_MODEL = 'none';

export interface OpenedCameraModel {
  readonly network: CameraNetwork | null;
  /** What went wrong, one sentence each; grows while the network is used. */
  readonly warnings: readonly string[];
  dispose(): Promise<void>;
}

/** Names of the manifest's networks all of whose files are in the user's model folder, best first. */
export function findInstalledCameraModels(): string[] {
  return CAMERA_MODELS.filter((model) => missingFiles(model).length === 0).map(({ name }) => name);
}

/** What the network cannot do is a warning: cameras then come from matches alone. */
function withWarnings(network: CameraNetwork, warnings: string[]): CameraNetwork {
  const { name, maxPhotos } = network;
  return {
    name,
    maxPhotos,
    async estimate(images, signal) {
      try {
        return await network.estimate(images, signal);
      } catch (error) {
        if (!(error instanceof ImportError)) throw error;
        warnings.push(error.message);
        return null;
      }
    },
  };
}

/**
 * Opens the camera network that was asked for. Where ONNX Runtime does not load, or the network has no answer, the search goes on without and
 * says so; a file that is missing or damaged is the user's to mend.
 *
 * @param choice a name of the manifest, a path, 'none', or 'auto'.
 * @throws ImportError as `openCameraNetwork`.
 */
export async function openCameraModel(choice: string, threads: number): Promise<OpenedCameraModel> {
  const without = { network: null, dispose: () => Promise.resolve() };
  const nameOrPath = choice === AUTOMATIC_CAMERA_MODEL ? findInstalledCameraModels()[0] : choice;
  if (nameOrPath === undefined || nameOrPath === NO_CAMERA_MODEL) return { ...without, warnings: [] };
  const [{ openCameraNetwork }, { OnnxRuntimeMissingError }] = await Promise.all([
    import('../../native-models/cameras/onnx-cameras.js'),
    import('../../native-models/depth/onnx-depth.js'),
  ]);
  try {
    const network = await openCameraNetwork(nameOrPath, { threads });
    const warnings: string[] = [];
    return { network: withWarnings(network, warnings), warnings, dispose: () => network.dispose() };
  } catch (error) {
    if (!(error instanceof OnnxRuntimeMissingError)) throw error;
    return { ...without, warnings: [error.message] };
  }
}

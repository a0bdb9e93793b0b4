/** What a command is given to reconstruct: a capture, or photos whose cameras a calibration tells or are found first. */
import type { PipelineListener } from '../engine/pipeline/events.js';
import { ImportError } from '../engine/scene/errors.js';
import type { SearchedCameras } from '../host/poses/find-cameras-with.js';
import type { OpenedInput } from '../host/poses/unposed-capture.js';
import type { OpenedSensors } from '../host/sensors/open-sensors.js';
import type { OpenedCapture } from '../host/run/capture-input.js';
import type { PoseStageOptions } from './pose-stage.js';
import { besideScene } from './keep-cameras.js';
import { noteLog, poseSettings, watchPoseStage } from './pose-stage.js';

export interface PoseInputOptions extends PoseStageOptions {
  /** The scene's file. */
  readonly output: string;
  /** What the user named: a folder with photos. */
  readonly capturePath: string;
  /** Where the photos are, when they are elsewhere. */
  readonly images?: string;
  /** Whose calibration may tell the cameras. */
  readonly sensors?: OpenedSensors | null;
}

export interface PosedInput {
  readonly capture: OpenedCapture;
  /** null where the capture had its cameras. */
  readonly found: SearchedCameras | null;
}

/**
 * Finds the cameras where the input has none, and says what became of photos that were not placed or are doubted.
 *
 * @throws ImportError 'not-found' for one photo with sensors whose calibration does not tell its camera; what `poseCapture` throws
 */
export async function poseInput(
  input: OpenedInput,
  options: PoseInputOptions,
  listener: PipelineListener,
  signal: AbortSignal,
): Promise<PosedInput> {
  if (input.kind === 'capture') {
    if (options.camerasWith !== 'vantage')
      listener({ type: 'warning', message: 'The capture has its cameras: --cameras-with was not needed.' });
    return { capture: input.capture, found: null };
  }
  const { sensors = null } = options;
  if (sensors !== null) {
    const { poseByRig } = await import('../host/sensors/place-sensors.js');
    const capture = poseByRig(input.photos, sensors);
    if (capture !== null) return { capture, found: null };
    if (input.photos.imagePaths.length === 1)
      throw new ImportError(
        'not-found',
        'One photo with a scan needs a calibration that says how the sensor sits to its camera, and what the lens is.',
        input.photos.imagePaths[0]!,
        '',
        'Give --calibration FILE that names the photo and has its intrinsics (docs/calibration.md), or add photos of the same place.',
      );
  }
  const [{ poseCapture }, { describeOutcome }] = await Promise.all([
    import('../host/poses/unposed-capture.js'),
    import('../host/poses/describe-outcome.js'),
  ]);
  const settings = poseSettings(options, besideScene(options.output, 'colmap.log'));
  const posed = await watchPoseStage(listener, signal, (context) => poseCapture(input.photos, settings, context));
  noteLog(settings);
  const { capture, found } = posed.found;
  const doubtful = found.photos.filter((photo) => !photo.isPlaced || photo.doubts.length > 0);
  for (const message of [
    ...found.problems.map((problem) => problem.message),
    ...found.warnings,
    ...doubtful.map(describeOutcome),
  ])
    listener({ type: 'warning', message });
  return { capture, found };
}

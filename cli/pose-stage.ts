/** The pose stage as the command line shows it. */
import { Option } from 'commander';
import type { PipelineListener, PipelineStage } from '../engine/pipeline/events.js';
import type { StageContext } from '../engine/scene/stage.js';
import type { PhotoCamerasOptions } from '../host/poses/find-photo-cameras.js';
import type { FeatureChoice } from '../host/poses/feature-choice.js';
import { FEATURE_CHOICES } from '../host/poses/feature-choice.js';
import { timeStage } from '../host/run/time-stage.js';

/** Which keypoints cameras are found from. */
export function featuresOption(): Option {
  return new Option(
    '--features <WHICH>',
    'keypoints that cameras are found from: akaze; xfeat, a network (see "vantage models"); both; or auto (both where xfeat is installed)',
  )
    .choices(FEATURE_CHOICES)
    .default('auto');
}

/** What the options of a command mean for the stage. */
export function poseSettings({
  seed,
  threads,
  features,
  depthModel,
}: {
  readonly seed: number;
  readonly threads?: number;
  readonly features: FeatureChoice;
  readonly depthModel: string;
}): PhotoCamerasOptions {
  return { seed, features, depthModel, ...(threads === undefined ? {} : { threads }) };
}

/** Finds cameras, with its beginning, progress and end told. */
export async function watchPoseStage<T>(
  listener: PipelineListener,
  signal: AbortSignal,
  find: (context: StageContext) => Promise<T>,
): Promise<{ readonly found: T; readonly elapsedMs: number }> {
  const stageMs: Partial<Record<PipelineStage, number>> = {};
  const onProgress = (fraction: number, detail = ''): void =>
    listener({ type: 'progress', stage: 'poses', fraction, detail });
  const found = await timeStage('poses', 'Finding cameras', stageMs, listener, () => find({ signal, onProgress }));
  return { found, elapsedMs: stageMs.poses ?? 0 };
}

/** The pose stage as the command line shows it. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { PipelineListener, PipelineStage } from '../engine/pipeline/events.js';
import type { StageContext } from '../engine/scene/stage.js';
import type { CameraFinder } from '../host/poses/camera-finders.js';
import { CAMERA_FINDERS, DEFAULT_COLMAP_TIMEOUT_MINUTES } from '../host/poses/camera-finders.js';
import type { FeatureChoice } from '../host/poses/feature-choice.js';
import { FEATURE_CHOICES } from '../host/poses/feature-choice.js';
import type { CameraSearchOptions } from '../host/poses/find-cameras-with.js';
import { AUTOMATIC_CAMERA_MODEL } from '../host/poses/open-camera-model.js';
import { timeStage } from '../host/run/time-stage.js';
import { parseMinutes } from './arguments.js';
import { printNote } from './terminal.js';

export interface PoseStageOptions {
  readonly seed: number;
  readonly threads?: number;
  readonly features: FeatureChoice;
  readonly depthModel: string;
  readonly cameraModel: string;
  readonly camerasWith: CameraFinder;
  /** Minutes. */
  readonly colmapTimeout: number;
}

/** The options of every command that finds cameras. */
export function addFinderOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--cameras-with <NAME>', 'what finds cameras: vantage itself, or COLMAP where it is installed')
        .choices(CAMERA_FINDERS)
        .default('vantage'),
    )
    .addOption(
      new Option(
        '--features <WHICH>',
        'keypoints that cameras are found from: akaze; xfeat, a network (see "vantage models"); both; or auto (both where xfeat is installed)',
      )
        .choices(FEATURE_CHOICES)
        .default('auto'),
    )
    .option(
      '--camera-model <NAME|PATH|none>',
      'network that guesses cameras, for photos that matches alone leave out or in doubt: a known name, an .onnx file, none, or auto (one that is installed)',
      AUTOMATIC_CAMERA_MODEL,
    )
    .option(
      '--colmap-timeout <MINUTES>',
      'ends COLMAP when it takes longer',
      parseMinutes,
      DEFAULT_COLMAP_TIMEOUT_MINUTES,
    );
}

/** What the options of a command mean for the stage. @param logFile where what COLMAP says is kept. */
export function poseSettings(
  { seed, threads, features, depthModel, cameraModel, camerasWith, colmapTimeout }: PoseStageOptions,
  logFile: string,
): CameraSearchOptions {
  const networks = { features, depthModel, cameraModel };
  const own = { seed, ...networks, finder: camerasWith, ...(threads === undefined ? {} : { threads }) };
  return camerasWith === 'vantage' ? own : { ...own, logFile, timeoutMs: colmapTimeout * 60_000 };
}

/** Finds out before anything is written whether the chosen way is there. @throws ImportError with what to do. */
export async function checkFinder(camerasWith: CameraFinder): Promise<void> {
  if (camerasWith !== 'colmap') return;
  const { requireColmap } = await import('../host/poses/run-colmap.js');
  requireColmap();
}

/** Says where what another program said is kept. */
export function noteLog({ logFile }: CameraSearchOptions): void {
  if (logFile !== undefined) printNote(`What COLMAP said is in ${logFile}`);
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

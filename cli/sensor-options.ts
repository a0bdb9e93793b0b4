/** The options of sensors, as commands take them. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { PipelineListener } from '../engine/pipeline/events.js';
import type { Similarity } from '../engine/poses/align-similarity.js';
import type { SparseModel } from '../engine/scene/sparse-model.js';
import type { OpenedCapture } from '../host/run/capture-input.js';
import type { OpenedSensors, SensorFiles } from '../host/sensors/open-sensors.js';
import { DEFAULT_HOLD_OUT_EVERY, DEFAULT_LIDAR_LOSS } from '../host/sensors/sensor-defaults.js';
import type { RunSensors } from '../host/sensors/sense-views.js';
import { timeStage } from '../host/run/time-stage.js';
import { UsageError } from '../host/run/user-errors.js';
import { parseHoldOutStep } from './arguments.js';
import type { CloudFrameOptions } from './cloud-frame-options.js';
import { addCloudFrameOptions, isAnythingSaid, saidOfFiles } from './cloud-frame-options.js';
import type { PosedInput } from './pose-input.js';

export interface SensorOptions extends CloudFrameOptions {
  readonly lidar?: readonly string[];
  readonly radar?: readonly string[];
  readonly calibration?: readonly string[];
  readonly camera?: string;
}

export interface SensorRunOptions extends SensorOptions {
  readonly lidarLoss: number;
  readonly holdOutPoints: number;
  readonly cloud?: string;
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function parseLossWeight(text: string): number {
  if (text === 'off') return 0;
  const weight = Number(text);
  if (text.trim() === '' || !(weight >= 0 && weight <= 100))
    throw new InvalidArgumentError('Give off, or a weight from 0 to 100.');
  return weight;
}

/** The options of every command that takes sensors. */
export function addSensorOptions(command: Command): Command {
  const sensors = command
    .option('--lidar <FILE>', 'a LiDAR cloud (repeatable)', collect)
    .option('--radar <FILE>', 'radar returns (repeatable)', collect)
    .option('--calibration <[lidar=|radar=]FILE>', 'where the sensors sit to the cameras (repeatable)', collect)
    .option('--camera <NAME>', 'which projection of a calib.txt the photos are of (default: P2)');
  return addCloudFrameOptions(sensors);
}

/** The options of a run with sensors. */
export function addSensorRunOptions(command: Command): Command {
  return addSensorOptions(command)
    .option(
      '--lidar-loss <WEIGHT|off>',
      'how strongly rendered depth is held against LiDAR while training; off: it only starts the scene',
      parseLossWeight,
      DEFAULT_LIDAR_LOSS,
    )
    .option(
      '--hold-out-points <N>',
      'every N-th LiDAR point is kept out, and measures the depth in the report; 0: none',
      parseHoldOutStep,
      DEFAULT_HOLD_OUT_EVERY,
    )
    .option('--cloud <FILE.ply>', "write the sensors' points too, in the scene's frame, in the photos' colours");
}

/** The files and what is said of them. @returns null where no cloud was named. @throws UsageError for what is said of no cloud. */
export function sensorFilesOf(options: SensorOptions): SensorFiles | null {
  const { lidar = [], radar = [], calibration = [], camera } = options;
  if (lidar.length + radar.length === 0) {
    if (calibration.length > 0)
      throw new UsageError('--calibration needs --lidar or --radar: the calibration of what?');
    if (isAnythingSaid(options)) throw new UsageError('--cloud-unit and --cloud-up are of --lidar and --radar.');
    return null;
  }
  const files = { lidar, radar, calibrations: calibration, ...(camera === undefined ? {} : { camera }) };
  return { ...files, said: saidOfFiles(options, files), isSaidBinding: true };
}

/** What to say of clouds whose unit nobody knows; null where it is known. */
export function wordOnUnit({ unit }: Pick<OpenedSensors, 'unit'>): string | null {
  return unit === 'unknown'
    ? 'No file states the unit of the clouds: depth comes in it, whatever it is. Say it with --cloud-unit metre, foot or us-survey-foot.'
    : null;
}

/** @returns null where no cloud was named. @throws UsageError for a calibration without a cloud, and units that do not go together. */
export async function openSensorFiles(
  options: SensorOptions,
  listener: PipelineListener,
  signal: AbortSignal,
): Promise<OpenedSensors | null> {
  const files = sensorFilesOf(options);
  if (files === null) return null;
  const { openSensors } = await import('../host/sensors/open-sensors.js');
  const sensors = await timeStage('import', 'Reading sensors', {}, listener, () =>
    openSensors(files, {
      signal,
      onProgress: (fraction, detail = '') => listener({ type: 'progress', stage: 'import', fraction, detail }),
    }),
  );
  const word = wordOnUnit(sensors);
  if (word !== null) listener({ type: 'warning', message: word });
  return sensors;
}

interface PlacedRun {
  readonly capture: OpenedCapture;
  readonly sensors: RunSensors;
  readonly worldFromCapture: Similarity | null;
  readonly placedModel: SparseModel | undefined;
}

/** Brings cameras and sensors into one world. */
export async function placeRunSensors(
  { capture, found }: PosedInput,
  sensors: OpenedSensors,
  options: SensorRunOptions & { readonly seed: number },
  listener: PipelineListener,
  signal: AbortSignal,
): Promise<PlacedRun> {
  const { placeSensors } = await import('../host/sensors/place-sensors.js');
  const model = found?.model ?? null;
  const isUpright = (found?.upConfidence ?? 0) > 0;
  const placed = placeSensors(capture, sensors, { model, isUpright, seed: options.seed, signal });
  for (const message of placed.warnings) listener({ type: 'warning', message });
  const { cameraFromSensor, worldFromCapture, placedModel } = placed;
  const run = { sensors, cameraFromSensor, lossWeight: options.lidarLoss, holdOutEvery: options.holdOutPoints };
  return { capture: placed.capture, sensors: run, worldFromCapture, placedModel };
}

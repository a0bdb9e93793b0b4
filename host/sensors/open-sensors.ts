/** The clouds and calibrations that the user named. */
import { mergeSensorPoints } from '../../engine/scene/merge-sensor-points.js';
import type { LengthUnit, SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorKind, SensorRig } from '../../engine/scene/sensor-rig.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { partOfStage } from '../../engine/scene/stage.js';
import { loadSensorPoints } from '../clouds/load-sensor-points.js';
import { readRig } from '../depth/read-rig.js';
import { UsageError } from '../run/user-errors.js';
import { MAX_RUN_POINTS } from './sensor-defaults.js';

export interface SensorFiles {
  readonly lidar: readonly string[];
  readonly radar: readonly string[];
  /** Each with or without `lidar=` or `radar=` before it. */
  readonly calibrations: readonly string[];
  /** Which projection of a calib.txt the photos are of. */
  readonly camera?: string;
}

export interface OpenedSensors {
  readonly lidar: SensorPoints | null;
  readonly radar: SensorPoints | null;
  readonly rig: SensorRig;
  /** Of both clouds; null without any. */
  readonly unit: LengthUnit | null;
}

async function load(paths: readonly string[], sensor: SensorKind, context: StageContext): Promise<SensorPoints | null> {
  const clouds: SensorPoints[] = [];
  for (const [i, path] of paths.entries()) {
    const part = partOfStage(context, i / paths.length, 1 / paths.length);
    clouds.push(await loadSensorPoints(path, { sensor, maxPoints: MAX_RUN_POINTS }, part));
  }
  const units = [...new Set(clouds.map(({ frame }) => frame.unit))];
  if (units.length > 1) throw new UsageError(`The ${sensor} clouds are in different units: ${units.join(', ')}.`);
  return clouds.length === 0 ? null : mergeSensorPoints(clouds);
}

/**
 * Loads the clouds, those of one sensor as one, and reads the calibrations.
 *
 * @throws ImportError for what is wrong with a file; UsageError for clouds of different units; the signal's reason.
 */
export async function openSensors(files: SensorFiles, context: StageContext = {}): Promise<OpenedSensors> {
  const share = files.radar.length === 0 ? 1 : 0.9;
  const lidar = await load(files.lidar, 'lidar', partOfStage(context, 0, share));
  const radar = await load(files.radar, 'radar', partOfStage(context, share, 1 - share));
  if (lidar !== null && radar !== null && lidar.frame.unit !== radar.frame.unit)
    throw new UsageError(`LiDAR and radar are in different units: ${lidar.frame.unit}, ${radar.frame.unit}.`);
  const rig = await readRig({
    calibrations: files.calibrations,
    sensors: [...(lidar ? (['lidar'] as const) : []), ...(radar ? (['radar'] as const) : [])],
    ...(files.camera === undefined ? {} : { camera: files.camera }),
  });
  return { lidar, radar, rig, unit: (lidar ?? radar)?.frame.unit ?? null };
}

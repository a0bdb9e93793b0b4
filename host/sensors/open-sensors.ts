/** The clouds and calibrations that the user named. */
import { cloudInMetres, metresPerUnit, scaleRigid } from '../../engine/scene/length-units.js';
import { mergeSensorPoints } from '../../engine/scene/merge-sensor-points.js';
import type { CloudFrame, LengthUnit, SensorPoints, UpAxis } from '../../engine/scene/sensor-points.js';
import type { SensorKind, SensorPlacement, SensorRig } from '../../engine/scene/sensor-rig.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { partOfStage } from '../../engine/scene/stage.js';
import { loadSensorPoints } from '../clouds/load-sensor-points.js';
import { openCloudFile } from '../clouds/open-cloud-file.js';
import { readRig } from '../depth/read-rig.js';
import { UsageError } from '../run/user-errors.js';
import { assertSaidAgrees } from './assert-said-agrees.js';
import { MAX_RUN_POINTS } from './sensor-defaults.js';

/** What the user says of a cloud: it counts where the file says nothing. null: nothing. */
export interface SaidOfCloud {
  readonly unit: LengthUnit | null;
  readonly upAxis: UpAxis | null;
}

export interface SensorFiles {
  readonly lidar: readonly string[];
  readonly radar: readonly string[];
  /** Each with or without `lidar=` or `radar=` before it. */
  readonly calibrations: readonly string[];
  /** Which projection of a calib.txt the photos are of. */
  readonly camera?: string;
  /** By the path of the cloud, as `lidar` and `radar` give it. */
  readonly said?: ReadonlyMap<string, SaidOfCloud>;
  /** What is said against a file is refused; else the file counts. */
  readonly isSaidBinding?: boolean;
}

export interface OpenedSensors {
  /** In metres, where the unit is known. */
  readonly lidar: SensorPoints | null;
  readonly radar: SensorPoints | null;
  /** In the same units. */
  readonly rig: SensorRig;
  /** Of both clouds, as they are here: 'metre' or 'unknown'; null without any. */
  readonly unit: LengthUnit | null;
  /** Metres a unit of the files: what else lies in a cloud's own frame is scaled by it. Left out: 1. */
  readonly metresPerUnit?: Readonly<Record<SensorKind, number>>;
}

/** The frame of a cloud, with what was said where its file says nothing. */
export function frameWithSaid(frame: CloudFrame, said: SaidOfCloud | undefined): CloudFrame {
  return {
    ...frame,
    unit: frame.unit === 'unknown' ? (said?.unit ?? 'unknown') : frame.unit,
    upAxis: frame.upAxis === 'unknown' ? (said?.upAxis ?? 'unknown') : frame.upAxis,
  };
}

/** What to do about units that differ because files leave one open. */
function hintForUnits(units: readonly LengthUnit[]): string {
  return units.includes('unknown') ? ' Say what a file does not: --cloud-unit UNIT.' : '';
}

/** A sensor's clouds as one, in metres where the unit is known, and the unit that the files have; null without any. */
async function load(
  files: SensorFiles,
  sensor: SensorKind,
  context: StageContext,
): Promise<{ readonly points: SensorPoints; readonly unit: LengthUnit } | null> {
  const paths = files[sensor];
  const clouds: SensorPoints[] = [];
  for (const [i, path] of paths.entries()) {
    const part = partOfStage(context, i / paths.length, 1 / paths.length);
    const points = await loadSensorPoints(path, { sensor, maxPoints: MAX_RUN_POINTS }, part);
    const said = files.said?.get(path);
    if (files.isSaidBinding === true) assertSaidAgrees(path, points.frame, said);
    clouds.push({ ...points, frame: frameWithSaid(points.frame, said) });
  }
  const units = [...new Set(clouds.map(({ frame }) => frame.unit))];
  if (units.length > 1)
    throw new UsageError(`The ${sensor} clouds are in different units: ${units.join(', ')}.${hintForUnits(units)}`);
  if (clouds.length === 0) return null;
  return { points: mergeSensorPoints(clouds.map(cloudInMetres)), unit: units[0]! };
}

/** A calibration counts in its sensor's unit, whatever that is. */
function rigInMetres(placements: readonly SensorPlacement[], scale: number): readonly SensorPlacement[] {
  if (scale === 1) return placements;
  return placements.map((placement) => ({
    ...placement,
    cameraFromSensor: scaleRigid(placement.cameraFromSensor, scale),
  }));
}

/** The unit of a cloud, by its header or by what was said. @throws ImportError for all that is wrong with the header. */
export async function readCloudUnit(
  path: string,
  sensor: SensorKind,
  said: SaidOfCloud | undefined,
  signal?: AbortSignal,
): Promise<LengthUnit> {
  const { reader, close } = await openCloudFile(path, { sensor, signal });
  try {
    return frameWithSaid(reader.header.frame, said).unit;
  } finally {
    await close();
  }
}

export interface OpenedRig {
  /** As `openSensors` answers it. */
  readonly rig: SensorRig;
  /** Metres a unit of each sensor's files; null where the unit is not known, or there is no cloud. */
  readonly metresPerUnit: Readonly<Record<SensorKind, number | null>>;
}

/** What `openSensors` answers of calibrations and units, with no more than a look at the clouds' headers. @throws what that does. */
export async function openRig(files: SensorFiles, signal?: AbortSignal): Promise<OpenedRig> {
  const kinds = (['lidar', 'radar'] as const).filter((sensor) => files[sensor].length > 0);
  const rig = await readRig({ calibrations: files.calibrations, sensors: kinds });
  const scaleOf = async (sensor: SensorKind): Promise<number | null> => {
    const [path] = files[sensor];
    return path === undefined ? null : metresPerUnit(await readCloudUnit(path, sensor, files.said?.get(path), signal));
  };
  const scales = { lidar: await scaleOf('lidar'), radar: await scaleOf('radar') };
  return {
    rig: { ...rig, lidar: rigInMetres(rig.lidar, scales.lidar ?? 1), radar: rigInMetres(rig.radar, scales.radar ?? 1) },
    metresPerUnit: scales,
  };
}

/**
 * Loads the clouds, those of one sensor as one, and reads the calibrations: all in metres where the unit is known, by the file or by what was said.
 *
 * @throws ImportError for what is wrong with a file; UsageError for clouds of different units, and for what is said against a file where that is binding; the signal's reason.
 */
export async function openSensors(files: SensorFiles, context: StageContext = {}): Promise<OpenedSensors> {
  const share = files.radar.length === 0 ? 1 : 0.9;
  const lidar = await load(files, 'lidar', partOfStage(context, 0, share));
  const radar = await load(files, 'radar', partOfStage(context, share, 1 - share));
  // In metres are both, unless only one of them says its unit.
  if (lidar !== null && radar !== null && lidar.points.frame.unit !== radar.points.frame.unit)
    throw new UsageError(
      `LiDAR and radar are in different units: ${lidar.unit}, ${radar.unit}.${hintForUnits([lidar.unit, radar.unit])}`,
    );
  const rig = await readRig({
    calibrations: files.calibrations,
    sensors: [...(lidar ? (['lidar'] as const) : []), ...(radar ? (['radar'] as const) : [])],
    ...(files.camera === undefined ? {} : { camera: files.camera }),
  });
  const scales = {
    lidar: metresPerUnit(lidar?.unit ?? 'unknown') ?? 1,
    radar: metresPerUnit(radar?.unit ?? 'unknown') ?? 1,
  };
  return {
    lidar: lidar?.points ?? null,
    radar: radar?.points ?? null,
    rig: { ...rig, lidar: rigInMetres(rig.lidar, scales.lidar), radar: rigInMetres(rig.radar, scales.radar) },
    unit: (lidar ?? radar)?.points.frame.unit ?? null,
    metresPerUnit: scales,
  };
}

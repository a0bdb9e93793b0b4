/** The project's clouds, as a run takes them: in the world of the photos' cameras, which stay where they are. */
import { basename } from 'node:path';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { IDENTITY } from '../../engine/math/rigid-transform.js';
import { mergeSensorPoints } from '../../engine/scene/merge-sensor-points.js';
import type { CloudFrame, SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorKind } from '../../engine/scene/sensor-rig.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { transformSensorPoints } from '../../engine/scene/transform-sensor-points.js';
import { loadSensorPoints } from '../../host/clouds/load-sensor-points.js';
import type { OpenedCapture } from '../../host/run/capture-input.js';
import { metresPerUnit } from '../../engine/scene/length-units.js';
import type { OpenedSensors } from '../../host/sensors/open-sensors.js';
import { frameWithSaid, openSensors } from '../../host/sensors/open-sensors.js';
import type { FindSensor } from '../../host/sensors/place-sensors.js';
import { placeSensors } from '../../host/sensors/place-sensors.js';
import { DEFAULT_HOLD_OUT_EVERY, DEFAULT_LIDAR_LOSS, MAX_RUN_POINTS } from '../../host/sensors/sensor-defaults.js';
import type { RunSensors } from '../../host/sensors/sense-views.js';
import type { ReconstructSensor, TaskOf } from '../ipc/job-contract.js';
import { SAME_SCALE, usedSensors } from './place-cameras.js';
import { calibratedKinds, sensorFiles } from './task-sensors.js';

type RunTask = Pick<TaskOf<'reconstruct'>, 'sensors' | 'calibrations' | 'settings'>;

const AS_THEY_ARE: Readonly<Record<SensorKind, number>> = { lidar: 1, radar: 1 };

export interface ProjectSensors {
  /** null: nothing says where any of them lies. */
  readonly sensors: RunSensors | null;
  /** The scene's unit is the metre. */
  readonly isMetric: boolean;
  /** Of clouds that were not placed by picked points: lengths in the scene over lengths in their files. */
  readonly sceneUnitsPerSensorUnit: Readonly<Record<SensorKind, number>>;
  /** One standard deviation of the scale, as a share of it; null where nothing tells. */
  readonly scaleUncertainty: number | null;
  readonly warnings: readonly string[];
}

/** Of what picked points brought into the scene: its unit is the scene's, and its axes are. */
const SCENE_FRAME: CloudFrame = { unit: 'unknown', upAxis: 'unknown', crs: null };

interface PickedCloud {
  readonly points: SensorPoints;
  /** By all clouds of it: their units, as they were picked, are metres of the scene. */
  readonly isMetric: boolean;
}

/** Clouds that were placed by picked points, in the world of the cameras; null where none was. */
async function loadPicked(
  sensors: readonly ReconstructSensor[],
  kind: SensorKind,
  context: StageContext,
): Promise<PickedCloud | null> {
  const clouds: PickedCloud[] = [];
  for (const sensor of sensors) {
    if (sensor.kind !== kind || sensor.worldFromSensor === null) continue;
    const points = await loadSensorPoints(sensor.path, { sensor: kind, maxPoints: MAX_RUN_POINTS }, context);
    const { scale, rotation, translation } = sensor.worldFromSensor;
    const place = {
      scale,
      rotation: [...rotation] as RigidTransform['rotation'],
      translation: [...translation] as Vec3,
    };
    const metres = metresPerUnit(frameWithSaid(points.frame, sensor).unit);
    const isMetric = metres !== null && Math.abs(metres / scale - 1) < SAME_SCALE;
    clouds.push({ points: transformSensorPoints(points, place, SCENE_FRAME), isMetric });
  }
  if (clouds.length === 0) return null;
  return {
    points: mergeSensorPoints(clouds.map(({ points }) => points)),
    isMetric: clouds.every(({ isMetric }) => isMetric),
  };
}

function scaled(points: SensorPoints | null, scale: number): SensorPoints | null {
  return points === null ? null : transformSensorPoints(points, { ...IDENTITY, scale }, points.frame);
}

interface BringOptions {
  readonly seed: number;
  readonly areFound: boolean;
  readonly metresPerFileUnit: Readonly<Record<SensorKind, number>>;
}

/** Placed by calibration or by frame: the sensors come to the cameras' world, not the cameras to the sensors'. */
function bringToCameras(
  capture: OpenedCapture,
  opened: OpenedSensors,
  { seed, areFound, metresPerFileUnit }: BringOptions,
): Omit<ProjectSensors, 'sensors'> & { readonly opened: OpenedSensors; readonly find: FindSensor } {
  const placed = placeSensors(capture, opened, { model: null, isUpright: false, seed });
  const unit = placed.worldFromCapture?.scale ?? 1;
  const cameras = new Map(placed.capture.views.map(({ name, camera }) => [name, camera]));
  const find: FindSensor = (sensor, photo, camera) => {
    const place = placed.cameraFromSensor(sensor, photo, cameras.get(photo) ?? camera);
    if (place === null) return null;
    return { ...place, translation: place.translation.map((value) => value / unit) as Vec3 };
  };
  return {
    opened: { ...opened, lidar: scaled(opened.lidar, 1 / unit), radar: scaled(opened.radar, 1 / unit) },
    find,
    // Cameras that were found have no unit of their own that could be taken for metres.
    isMetric: opened.unit === 'metre' && Math.abs(unit - 1) < SAME_SCALE && (placed.isScaleKnown || !areFound),
    sceneUnitsPerSensorUnit: { lidar: metresPerFileUnit.lidar / unit, radar: metresPerFileUnit.radar / unit },
    scaleUncertainty: placed.scaleUncertainty ?? null,
    warnings: placed.warnings,
  };
}

interface Placeable {
  readonly sensors: readonly ReconstructSensor[];
  /** Of those that are left out, one sentence each. */
  readonly warnings: readonly string[];
}

/** Clouds that something says the place of: picks, a calibration, or the frame that they are in. */
async function leaveOutLost(used: readonly ReconstructSensor[], calibrations: readonly string[]): Promise<Placeable> {
  const isLost = ({ worldFromSensor, frame }: ReconstructSensor): boolean =>
    worldFromSensor === null && frame === 'unknown';
  if (!used.some(isLost)) return { sensors: used, warnings: [] };
  const calibrated = await calibratedKinds(used, calibrations);
  const isLeftOut = (sensor: ReconstructSensor): boolean => isLost(sensor) && !calibrated.has(sensor.kind);
  return {
    sensors: used.filter((sensor) => !isLeftOut(sensor)),
    warnings: used
      .filter(isLeftOut)
      .map(
        ({ path }) =>
          `${basename(path)} is left out: nothing says where it lies. Pick pairs of points in it and in the scene, or drop a file that says how the sensor sits to the cameras.`,
      ),
  };
}

/** Clouds that a calibration or their frame places, in the world of the cameras; null without any. */
async function openPlaced(
  sensors: readonly ReconstructSensor[],
  { calibrations, settings }: RunTask,
  capture: OpenedCapture,
  context: StageContext,
): Promise<ReturnType<typeof bringToCameras> | null> {
  if (sensors.length === 0) return null;
  const opened = await openSensors(sensorFiles(sensors, calibrations), context);
  const isInMetres = sensors.some(({ frame }) => frame === 'metres');
  // A search has brought the cameras to metres: there is nothing left to scale for clouds in their frame.
  const brought = isInMetres ? { ...opened, metresPerUnit: AS_THEY_ARE } : opened;
  const areFound = sensors.some(({ frame = 'cameras' }) => frame !== 'cameras');
  const metresPerFileUnit = opened.metresPerUnit ?? AS_THEY_ARE;
  return bringToCameras(capture, brought, { seed: settings.seed, areFound, metresPerFileUnit });
}

/**
 * @returns null where the project uses no cloud.
 * @throws ImportError for clouds and calibrations that cannot be read or are for other photos; the signal's reason.
 */
export async function openProjectSensors(
  task: RunTask,
  capture: OpenedCapture,
  context: StageContext,
): Promise<ProjectSensors | null> {
  const all = usedSensors(task);
  if (all.length === 0) return null;
  const { sensors: used, warnings } = await leaveOutLost(all, task.calibrations);
  if (used.length === 0)
    return { sensors: null, isMetric: false, sceneUnitsPerSensorUnit: AS_THEY_ARE, scaleUncertainty: null, warnings };
  const picked = { lidar: await loadPicked(used, 'lidar', context), radar: await loadPicked(used, 'radar', context) };
  const others = used.filter(({ kind }) => picked[kind] === null);
  const placed = await openPlaced(others, task, capture, context);
  const cameraFromSensor: FindSensor = (sensor, photo, camera) =>
    picked[sensor] === null ? (placed?.find(sensor, photo, camera) ?? null) : camera.cameraFromWorld;
  const isMetric = placed?.isMetric ?? [picked.lidar, picked.radar].every((cloud) => cloud?.isMetric ?? true);
  return {
    sensors: {
      sensors: {
        rig: placed?.opened.rig ?? { lidar: [], radar: [], warnings: [] },
        lidar: picked.lidar?.points ?? placed?.opened.lidar ?? null,
        radar: picked.radar?.points ?? placed?.opened.radar ?? null,
        unit: isMetric ? 'metre' : 'unknown',
      },
      cameraFromSensor,
      lossWeight: DEFAULT_LIDAR_LOSS,
      holdOutEvery: DEFAULT_HOLD_OUT_EVERY,
    },
    isMetric,
    sceneUnitsPerSensorUnit: placed?.sceneUnitsPerSensorUnit ?? AS_THEY_ARE,
    scaleUncertainty: placed?.scaleUncertainty ?? null,
    warnings: [...warnings, ...(placed?.warnings ?? [])],
  };
}

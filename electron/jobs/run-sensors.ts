/** The project's clouds, as a run takes them: in the world of the photos' cameras, which stay where they are. */
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { mergeSensorPoints } from '../../engine/scene/merge-sensor-points.js';
import type { CloudFrame, SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorKind } from '../../engine/scene/sensor-rig.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { transformSensorPoints } from '../../engine/scene/transform-sensor-points.js';
import { loadSensorPoints } from '../../host/clouds/load-sensor-points.js';
import type { OpenedCapture } from '../../host/run/capture-input.js';
import type { OpenedSensors } from '../../host/sensors/open-sensors.js';
import { openSensors } from '../../host/sensors/open-sensors.js';
import type { FindSensor } from '../../host/sensors/place-sensors.js';
import { placeSensors } from '../../host/sensors/place-sensors.js';
import { DEFAULT_HOLD_OUT_EVERY, DEFAULT_LIDAR_LOSS, MAX_RUN_POINTS } from '../../host/sensors/sensor-defaults.js';
import type { RunSensors } from '../../host/sensors/sense-views.js';
import type { ReconstructSensor, TaskOf } from '../ipc/job-contract.js';

type RunTask = Pick<TaskOf<'reconstruct'>, 'sensors' | 'calibrations' | 'settings'>;

/** A scale that is nearer to 1 leaves the scene in the sensors' unit. */
const SAME_SCALE = 1e-3;

const IDENTITY: RigidTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };

export interface ProjectSensors {
  readonly sensors: RunSensors;
  /** The scene's unit is the metre. */
  readonly isMetric: boolean;
  /** Of clouds that were not placed by picked points: lengths in the scene over lengths in their files. */
  readonly sceneUnitsPerSensorUnit: number;
  /** One standard deviation of the scale, as a share of it; null where nothing tells. */
  readonly scaleUncertainty: number | null;
  readonly warnings: readonly string[];
}

/** Of what picked points brought into the scene: its unit is the scene's, and its axes are. */
const SCENE_FRAME: CloudFrame = { unit: 'unknown', upAxis: 'unknown', crs: null };

/** Clouds that were placed by picked points, in the world of the cameras; null where none was. */
async function loadPicked(
  sensors: readonly ReconstructSensor[],
  kind: SensorKind,
  context: StageContext,
): Promise<SensorPoints | null> {
  const clouds: SensorPoints[] = [];
  for (const sensor of sensors) {
    if (sensor.kind !== kind || sensor.worldFromSensor === null) continue;
    const points = await loadSensorPoints(sensor.path, { sensor: kind, maxPoints: MAX_RUN_POINTS }, context);
    const { scale, rotation, translation } = sensor.worldFromSensor;
    const place = {
      scale,
      rotation: [...rotation] as RigidTransform['rotation'],
      translation: [...translation] as Vec3,
    };
    clouds.push(transformSensorPoints(points, place, SCENE_FRAME));
  }
  return clouds.length === 0 ? null : mergeSensorPoints(clouds);
}

function scaled(points: SensorPoints | null, scale: number): SensorPoints | null {
  return points === null ? null : transformSensorPoints(points, { ...IDENTITY, scale }, points.frame);
}

/** Placed by calibration or by frame: the sensors come to the cameras' world, not the cameras to the sensors'. */
function bringToCameras(
  capture: OpenedCapture,
  opened: OpenedSensors,
  seed: number,
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
    isMetric: opened.unit === 'metre' && Math.abs(unit - 1) < SAME_SCALE,
    sceneUnitsPerSensorUnit: 1 / unit,
    scaleUncertainty: placed.scaleUncertainty ?? null,
    warnings: placed.warnings,
  };
}

/**
 * @returns null where the project uses no cloud.
 * @throws ImportError for clouds and calibrations that cannot be read or are for other photos; the signal's reason.
 */
export async function openProjectSensors(
  { sensors, calibrations, settings }: RunTask,
  capture: OpenedCapture,
  context: StageContext,
): Promise<ProjectSensors | null> {
  const used = sensors.filter(({ isUsed }) => isUsed);
  if (used.length === 0) return null;
  const picked = { lidar: await loadPicked(used, 'lidar', context), radar: await loadPicked(used, 'radar', context) };
  const pathsOf = (kind: SensorKind): string[] =>
    picked[kind] === null ? used.filter((sensor) => sensor.kind === kind).map(({ path }) => path) : [];
  const files = { lidar: pathsOf('lidar'), radar: pathsOf('radar'), calibrations };
  const opened = await openSensors(files, context);
  const needsPlacing = opened.lidar !== null || opened.radar !== null;
  const placed = needsPlacing ? bringToCameras(capture, opened, settings.seed) : null;
  const own = placed?.opened ?? opened;
  const cameraFromSensor: FindSensor = (sensor, photo, camera) =>
    picked[sensor] === null ? (placed?.find(sensor, photo, camera) ?? null) : camera.cameraFromWorld;
  const isMetric = placed?.isMetric ?? false;
  return {
    sensors: {
      sensors: {
        ...own,
        lidar: picked.lidar ?? own.lidar,
        radar: picked.radar ?? own.radar,
        unit: isMetric ? 'metre' : 'unknown',
      },
      cameraFromSensor,
      lossWeight: DEFAULT_LIDAR_LOSS,
      holdOutEvery: DEFAULT_HOLD_OUT_EVERY,
    },
    isMetric,
    sceneUnitsPerSensorUnit: placed?.sceneUnitsPerSensorUnit ?? 1,
    scaleUncertainty: placed?.scaleUncertainty ?? null,
    warnings: placed?.warnings ?? [],
  };
}

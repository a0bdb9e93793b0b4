/** The clouds and calibrations of a task, as host/sensors/ takes them. */
import { readRig } from '../../host/depth/read-rig.js';
import type { SensorFiles } from '../../host/sensors/open-sensors.js';
import type { ReconstructSensor } from '../ipc/job-contract.js';

type SensorKind = ReconstructSensor['kind'];

/** Of clouds that a task uses: their files, with what the user said of them. */
export function sensorFiles(sensors: readonly ReconstructSensor[], calibrations: readonly string[]): SensorFiles {
  const pathsOf = (kind: SensorKind): string[] =>
    sensors.filter((sensor) => sensor.kind === kind).map(({ path }) => path);
  return {
    lidar: pathsOf('lidar'),
    radar: pathsOf('radar'),
    calibrations,
    said: new Map(sensors.map(({ path, unit, upAxis }) => [path, { unit, upAxis }])),
  };
}

/** Which kinds of the sensors a calibration places to a camera. @throws ImportError for what is wrong with a calibration. */
export async function calibratedKinds(
  sensors: readonly ReconstructSensor[],
  calibrations: readonly string[],
): Promise<ReadonlySet<SensorKind>> {
  const kinds = [...new Set(sensors.map(({ kind }) => kind))];
  const rig = await readRig({ calibrations, sensors: kinds });
  return new Set(kinds.filter((kind) => rig[kind].length > 0));
}

/** Calibration files that the user named, as one rig. */
import { basename, dirname } from 'node:path';
import { readCalibration } from '../../engine/formats/read-calibration.js';
import type { SensorKind, SensorRig } from '../../engine/scene/sensor-rig.js';
import { mergeRigs } from '../../engine/scene/sensor-rig.js';
import { readInputFile } from '../read-input-file.js';

export interface RigRequest {
  /** Paths, each with or without `lidar=` or `radar=` before it. */
  readonly calibrations: readonly string[];
  /** Which sensors there are clouds of. */
  readonly sensors: readonly SensorKind[];
  /** Which projection of a calib.txt the photos are of. */
  readonly camera?: string;
}

/** Whose a file is that does not say so: the word before it, the only sensor there is, or the word in its name or folders. */
function sensorOf(path: string, prefix: string | undefined, sensors: readonly SensorKind[]): SensorKind {
  if (prefix === 'lidar' || prefix === 'radar') return prefix;
  if (sensors.length === 1 && sensors[0] !== undefined) return sensors[0];
  for (let part = path; part !== dirname(part); part = dirname(part)) {
    const word = /lidar|velodyne|radar/i.exec(basename(part))?.[0]?.toLowerCase();
    if (word !== undefined) return word === 'radar' ? 'radar' : 'lidar';
  }
  return 'lidar';
}

/** Reads the files. @throws ImportError for what is missing or wrong. */
export async function readRig({ calibrations, sensors, camera }: RigRequest): Promise<SensorRig> {
  const rigs: SensorRig[] = [];
  for (const calibration of calibrations) {
    const [, prefix, path = calibration] = /^(lidar|radar)=(.*)$/.exec(calibration) ?? [];
    const options = { sensor: sensorOf(path, prefix, sensors), ...(camera === undefined ? {} : { camera }) };
    rigs.push(readCalibration(await readInputFile(path), path, options));
  }
  return mergeRigs(rigs);
}

/** Photos with LiDAR (and radar) beside them, found in a folder of driving data by what lies there. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorKind, SensorRig } from '../../engine/scene/sensor-rig.js';
import { mergeRigs } from '../../engine/scene/sensor-rig.js';
import { loadSensorPoints } from '../../host/clouds/load-sensor-points.js';
import type { PhotoSource } from '../../host/depth/open-photos.js';
import { openPhotos } from '../../host/depth/open-photos.js';
import { readRig } from '../../host/depth/read-rig.js';

export interface DepthCase {
  readonly name: string;
  readonly photo: PhotoSource;
  readonly lidar: SensorPoints;
  readonly radar: SensorPoints | null;
  readonly rig: SensorRig;
}

const MAX_POINTS = 20_000_000;

/** A frame's folder: photos, one LiDAR cloud, and radar returns and calibrations as far as there are any. */
async function openFrame(label: string, folder: string): Promise<DepthCase[]> {
  const names = readdirSync(folder).sort();
  const find = (pattern: RegExp): string | undefined => {
    const name = names.find((candidate) => pattern.test(candidate));
    return name === undefined ? undefined : join(folder, name);
  };
  const radarFile = find(/^radar.*\.bin$/i);
  const lidarFile = find(/lidar.*\.bin$/i) ?? find(/^(?!radar).*\.bin$/i);
  if (lidarFile === undefined) return [];
  const calibrations: [SensorKind, string | undefined][] = [
    ['lidar', find(/^lidar_calib/i) ?? find(/calib.*\.json$/i)],
    ['radar', find(/^radar_calib/i)],
  ];
  const rigs: SensorRig[] = [];
  for (const [sensor, path] of calibrations)
    if (path !== undefined) rigs.push(await readRig({ calibrations: [path], sensors: [sensor] }));
  const load = (path: string, sensor: SensorKind) => loadSensorPoints(path, { sensor, maxPoints: MAX_POINTS });
  const lidar = await load(lidarFile, 'lidar');
  const radar = radarFile === undefined ? null : await load(radarFile, 'radar');
  const cases: DepthCase[] = [];
  for (const name of names.filter((candidate) => /\.(jpe?g|png)$/i.test(candidate))) {
    const [photo] = await openPhotos(join(folder, name));
    const camera = /CAM_[A-Z_]*[A-Z]/.exec(name)?.[0] ?? name;
    if (photo) cases.push({ name: `${label} ${camera}`, photo, lidar, radar, rig: mergeRigs(rigs) });
  }
  return cases;
}

/** Cases of the folders that are there; the others are named on the console. */
export async function openDepthCases(data: string, folders: readonly string[]): Promise<DepthCase[]> {
  const cases: DepthCase[] = [];
  for (const folder of folders) {
    const path = join(data, folder);
    if (existsSync(path)) cases.push(...(await openFrame(folder, path)));
    else console.log(`SKIPPED: ${path} is not there`);
  }
  return cases;
}

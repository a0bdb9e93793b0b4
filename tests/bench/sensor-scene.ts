/** The bundled sample with a LiDAR and a radar that look at its analytic scene, as files that a user would bring; for the bench of sensors. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCloudPly } from '../../engine/formats/write-cloud-ply.js';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { composeRigid, transformPoint } from '../../engine/math/rigid-transform.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import { SAMPLE_SHOTS } from '../../scripts/sample-scene/cameras.js';
import { createSampleScene } from '../../scripts/sample-scene/scene.js';
import { sampleSceneRanges, viewpointOf } from '../fixtures/sensors/sample-scene-ranges.js';
import type { LidarOptions, RadarOptions } from '../fixtures/sensors/simulate-sensors.js';
import {
  LIDAR_64,
  RADAR_4D,
  sensorLookingAt,
  simulateLidar,
  simulateRadar,
} from '../fixtures/sensors/simulate-sensors.js';

export const SAMPLE_FOLDER = fileURLToPath(new URL('../../assets/sample', import.meta.url));

/** A hand-held scanner's: more above the horizon than a car's, and no farther than the garden. */
const SCANNER: LidarOptions = {
  ...LIDAR_64,
  rings: 48,
  elevationDeg: [-22, 14],
  azimuthDeg: [-40, 40],
  azimuthStepDeg: 0.5,
  maxRange: 30,
};
/** Carried forward at walking pace. */
const CARRIED_RADAR: RadarOptions = { ...RADAR_4D, azimuthDeg: [-40, 40], maxRange: 30, sensorVelocity: [0, 1, 0] };
/** Both sensors sit above the middle of the row of photos and look where these look. */
const EYE: Vec3 = [0.05, 0, 1.6];
const RADAR_EYE: Vec3 = [-0.05, 0, 1.5];
const TARGET_SHOT = '04.jpg';

export interface SensorFolder {
  /** The cloud in the capture's frame. */
  readonly lidarFile: string;
  /** In the radar's own frame. */
  readonly radarFile: string;
  /** Our own JSON: the radar to each photo's camera. */
  readonly calibrationFile: string;
  readonly tree: ReturnType<typeof createSampleScene>;
}

/** A cloud in another frame. */
export function movePoints(points: SensorPoints, newFromOld: RigidTransform): SensorPoints {
  const positions = new Float32Array(points.positions.length);
  for (let i = 0; i < points.count; i++)
    positions.set(transformPoint(newFromOld, [...points.positions.subarray(3 * i, 3 * i + 3)] as Vec3), 3 * i);
  return { ...points, positions };
}

function rowsOf({ rotation: r, translation: t }: RigidTransform): number[][] {
  return [0, 1, 2].map((row) => [r[3 * row]!, r[3 * row + 1]!, r[3 * row + 2]!, t[row]!]);
}

/** Simulates both sensors and writes what they saw. @param seed of noise, dropouts and ghosts. */
export async function writeSensorFolder(folder: string, seed: number): Promise<SensorFolder> {
  const tree = createSampleScene();
  const scene = sampleSceneRanges(tree);
  const random = createRandom(seed);
  const shot = SAMPLE_SHOTS.find(({ name }) => name === TARGET_SHOT)!;
  const { forward } = viewpointOf(shot.camera);
  const aimed = (eye: Vec3): RigidTransform =>
    sensorLookingAt(eye, eye.map((v, k) => v + forward[k]!) as Vec3, [0, 0, 1]);
  const [worldFromLidar, worldFromRadar] = [aimed(EYE), aimed(RADAR_EYE)];
  const lidar = simulateLidar(scene, worldFromLidar, SCANNER, random);
  const radar = simulateRadar(scene, worldFromRadar, CARRIED_RADAR, random);
  const sensors = SAMPLE_SHOTS.map(({ name, camera }) => ({
    sensor: 'radar',
    photo: name,
    cameraFromSensor: rowsOf(composeRigid(camera.cameraFromWorld, worldFromRadar)),
  }));
  await mkdir(folder, { recursive: true });
  const [lidarFile, radarFile] = [join(folder, 'lidar.ply'), join(folder, 'radar.ply')];
  const calibrationFile = join(folder, 'calibration.json');
  const generator = 'the bench of sensors';
  await writeFile(lidarFile, writeCloudPly(movePoints(lidar.points, worldFromLidar), { generator }));
  await writeFile(radarFile, writeCloudPly(radar.points, { generator }));
  await writeFile(calibrationFile, JSON.stringify({ sensors }));
  return { lidarFile, radarFile, calibrationFile, tree };
}

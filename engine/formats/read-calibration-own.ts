/** Our own calibration JSON, described in docs/calibration.md: for whoever has a transform and no data set around it. */
import { rotationOfQuaternion } from '../math/conventions.js';
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { invertRigid } from '../math/rigid-transform.js';
import type { Intrinsics } from '../scene/camera.js';
import { ImportError } from '../scene/errors.js';
import type { SensorKind, SensorPlacement, SensorRig } from '../scene/sensor-rig.js';
import { matrixOfRows, rigidOfRows } from './calibration-matrices.js';
import type { WrittenAt } from './capture-files.js';
import { baseName } from './capture-files.js';
import { checkIntrinsics } from './check-camera.js';
import type { JsonObject } from './json-object.js';
import { isJsonObject } from './json-object.js';

const MAX_ENTRIES = 100_000;
const RIGID_SHAPES = [
  [3, 4],
  [4, 4],
] as const;

/** Whether an object is such a file. */
export function isOwnCalibration(json: JsonObject): boolean {
  return Array.isArray(json['sensors']);
}

function malformed(problem: string, at: WrittenAt, hint = 'See docs/calibration.md for an example.'): ImportError {
  return new ImportError('malformed', problem, at.file, at.where, hint);
}

function numbersOf(value: unknown, count: number, at: WrittenAt): number[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  if (list.length !== count || !list.every((number) => typeof number === 'number' && Number.isFinite(number)))
    throw malformed(`This is not a list of ${count} numbers.`, at);
  return list as number[];
}

/** A matrix, or `{ quaternion: [w, x, y, z], translation: [x, y, z] }`. */
function readTransform(value: unknown, at: WrittenAt): RigidTransform {
  if (!isJsonObject(value)) return rigidOfRows(matrixOfRows(value, RIGID_SHAPES, at), at);
  const quaternion = numbersOf(value['quaternion'], 4, { ...at, where: `${at.where}, quaternion` });
  const length = Math.hypot(...quaternion);
  if (!(Math.abs(length - 1) <= 0.01))
    throw malformed(
      `The quaternion's length is ${length.toPrecision(3)}, not 1.`,
      { ...at, where: `${at.where}, quaternion` },
      'Write w, x, y, z of a unit quaternion.',
    );
  const translation = numbersOf(value['translation'], 3, { ...at, where: `${at.where}, translation` }) as Vec3;
  const rotation = rotationOfQuaternion(quaternion as [number, number, number, number]);
  return rigidOfRows(
    [0, 1, 2].map((i) => [...rotation.slice(3 * i, 3 * i + 3), translation[i] as number]),
    at,
  );
}

function readCamera(value: unknown, at: WrittenAt): Intrinsics | null {
  if (value === undefined || value === null) return null;
  if (!isJsonObject(value)) throw malformed('"camera" is not an object.', at);
  const number = (name: string, standard?: number): number => {
    const found = Object.hasOwn(value, name) ? value[name] : standard;
    if (typeof found !== 'number') throw malformed(`"camera" has no number "${name}".`, at);
    return found;
  };
  const fx = number('fx');
  const size = { width: number('width', 0), height: number('height', 0) };
  return checkIntrinsics({ fx, fy: number('fy', fx), cx: number('cx'), cy: number('cy'), ...size }, at);
}

function readTransformOf(entry: JsonObject, at: WrittenAt): RigidTransform {
  const ways = ['cameraFromSensor', 'sensorFromCamera'].filter((name) => Object.hasOwn(entry, name));
  const [way] = ways;
  if (way === undefined || ways.length > 1)
    throw malformed('Exactly one of "cameraFromSensor" and "sensorFromCamera" is needed.', at);
  const transform = readTransform(entry[way], { ...at, where: `${at.where}, ${way}` });
  return way === 'cameraFromSensor' ? transform : invertRigid(transform);
}

function readEntry(entry: unknown, at: WrittenAt): { sensor: SensorKind; placement: SensorPlacement } {
  if (!isJsonObject(entry)) throw malformed('This entry is not an object.', at);
  const sensor = entry['sensor'];
  if (sensor !== 'lidar' && sensor !== 'radar') throw malformed('"sensor" must be "lidar" or "radar".', at);
  const photo = entry['photo'] ?? null;
  if (photo !== null && (typeof photo !== 'string' || photo === '')) throw malformed('"photo" is not a text.', at);
  const placement = {
    photo: photo === null ? null : baseName(photo.replaceAll('\\', '/')),
    channel: null,
    intrinsics: readCamera(entry['camera'], at),
    cameraFromSensor: readTransformOf(entry, at),
  };
  return { sensor, placement };
}

/**
 * Reads our own JSON: `{ "sensors": [{ "sensor": "lidar", "photo": "a.jpg", "camera": {fx, fy, cx, cy, width, height},
 * "cameraFromSensor": [[…], …] }] }`. `photo` may be left out (every photo), `camera` too (the capture's), and so may the camera's width
 * and height (the photo's own). The transform is a matrix of 3 or 4 rows, or a quaternion w x y z with a translation; `sensorFromCamera`
 * is its inverse.
 *
 * @throws ImportError 'malformed', 'singular-matrix', 'too-large', naming the entry.
 */
export function readOwnCalibration(json: JsonObject, file: string): SensorRig {
  const entries = json['sensors'] as readonly unknown[];
  if (entries.length === 0) throw malformed('"sensors" is empty.', { file, where: 'sensors' });
  if (entries.length > MAX_ENTRIES)
    throw new ImportError('too-large', `${entries.length} entries are too many.`, file, 'sensors', 'Split the file.');
  const rig: Record<SensorKind, SensorPlacement[]> = { lidar: [], radar: [] };
  for (const [index, entry] of entries.entries()) {
    const { sensor, placement } = readEntry(entry, { file, where: `sensors, entry ${index}` });
    rig[sensor].push(placement);
  }
  return { ...rig, warnings: [] };
}

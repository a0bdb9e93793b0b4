/**
 * Calibration JSON with an object "images", a camera each: the layout in which MMDetection3D keeps frames of KITTI and nuScenes.
 * Format: https://mmdetection3d.readthedocs.io/en/latest/advanced_guides/datasets/nuscenes.html (info files, version 2).
 */
import type { RigidTransform } from '../math/rigid-transform.js';
import { composeRigid, invertRigid } from '../math/rigid-transform.js';
import type { Intrinsics } from '../scene/camera.js';
import { ImportError } from '../scene/errors.js';
import type { SensorKind, SensorPlacement, SensorRig } from '../scene/sensor-rig.js';
import type { Projection } from './calibration-matrices.js';
import {
  matrixOfRows,
  projectionOfRows,
  rigidOfPixelMatrix,
  rigidOfRows,
  shiftIntoCamera,
} from './calibration-matrices.js';
import type { WrittenAt } from './capture-files.js';
import { baseName, printable } from './capture-files.js';
import { checkIntrinsics } from './check-camera.js';
import type { JsonObject } from './json-object.js';
import { isJsonObject } from './json-object.js';

const CAMERA_SHAPES = [
  [3, 3],
  [3, 4],
  [4, 4],
] as const;
const RIGID_SHAPES = [
  [3, 4],
  [4, 4],
] as const;
const MAX_CAMERAS = 10_000;
const SENSORS: readonly SensorKind[] = ['lidar', 'radar'];

interface CameraEntry {
  readonly channel: string;
  readonly fields: JsonObject;
  readonly at: WrittenAt;
}

/** Whether an object is such a file. */
export function isImagesCalibration(json: JsonObject): boolean {
  return isJsonObject(json['images']) && Object.values(json['images']).some(isCamera);
}

function isCamera(value: unknown): value is JsonObject {
  return isJsonObject(value) && value['cam2img'] !== undefined;
}

function field(object: JsonObject, name: string): unknown {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return value === null ? undefined : value;
}

function readSize({ fields, at }: CameraEntry, intrinsics: Intrinsics): Intrinsics {
  const [width, height] = ['width', 'height'].map((name) => field(fields, name) ?? 0) as [unknown, unknown];
  if (typeof width !== 'number' || typeof height !== 'number')
    throw new ImportError('malformed', 'Width or height is not a number.', at.file, at.where, 'Correct the size.');
  return checkIntrinsics({ ...intrinsics, width, height }, at);
}

/** Where the sensor sits to the camera, by the best of what the file states; null where it states nothing. */
function readTransform(
  { fields, at }: CameraEntry,
  sensor: SensorKind,
  camera: Projection,
  sensorFields: JsonObject,
): RigidTransform | null {
  const rigid = (object: JsonObject, name: string, place = at): RigidTransform =>
    rigidOfRows(matrixOfRows(field(object, name), RIGID_SHAPES, { ...place, where: `${place.where}, ${name}` }), {
      ...place,
      where: `${place.where}, ${name}`,
    });
  // Measured between the two exposures, while the ways over the car leave out how far it drove in between: those come last.
  if (field(fields, `${sensor}2cam`) !== undefined)
    return shiftIntoCamera(rigid(fields, `${sensor}2cam`), camera.offset);
  if (field(fields, `${sensor}2img`) !== undefined) {
    const place = { ...at, where: `${at.where}, ${sensor}2img` };
    return rigidOfPixelMatrix(
      matrixOfRows(field(fields, `${sensor}2img`), RIGID_SHAPES, place),
      camera.intrinsics,
      place,
    );
  }
  if (field(fields, 'cam2ego') === undefined || field(sensorFields, `${sensor}2ego`) === undefined) return null;
  const egoFromSensor = rigid(sensorFields, `${sensor}2ego`, { file: at.file, where: sensor });
  return shiftIntoCamera(composeRigid(invertRigid(rigid(fields, 'cam2ego')), egoFromSensor), camera.offset);
}

function readCameras(json: JsonObject, file: string): CameraEntry[] {
  const cameras = Object.entries(json['images'] as JsonObject).filter(([, value]) => isCamera(value));
  if (cameras.length > MAX_CAMERAS)
    throw new ImportError('too-large', `${cameras.length} cameras are too many.`, file, 'images', 'Split the file.');
  return cameras.map(([channel, fields]) => ({
    channel,
    fields: fields as JsonObject,
    at: { file, where: `images, ${printable(channel, 60)}` },
  }));
}

function photoOf({ fields, at }: CameraEntry): string | null {
  const path = field(fields, 'img_path');
  if (path === undefined) return null;
  if (typeof path !== 'string' || path === '')
    throw new ImportError('malformed', '"img_path" is not a text.', at.file, at.where, 'Give the name of the photo.');
  return baseName(path.replaceAll('\\', '/'));
}

/**
 * Reads a calibration with "images": of each camera `cam2img` (K, or P with a fourth column, which moves the camera by K⁻¹ p₄) and, in this
 * order, `lidar2cam`, `lidar2img` (then `K⁻¹ lidar2img`), or `cam2ego⁻¹ · lidar.lidar2ego`; the same with "radar" for a radar. Photos are
 * named by `img_path`, else by the camera's key standing in their name; a lone camera without `img_path` is for every photo.
 * `ego2global` is not used: the sensor's own frame is the world.
 *
 * @throws ImportError 'malformed', 'singular-matrix', 'unsupported' (skew), 'too-large'; 'malformed' where no camera has a sensor.
 */
export function readImagesCalibration(json: JsonObject, file: string): SensorRig {
  const cameras = readCameras(json, file);
  const found: Record<SensorKind, SensorPlacement[]> = { lidar: [], radar: [] };
  const warnings: string[] = [];
  for (const entry of cameras) {
    const { channel, fields, at } = entry;
    const place = { ...at, where: `${at.where}, cam2img` };
    const camera = projectionOfRows(matrixOfRows(fields['cam2img'], CAMERA_SHAPES, place), place);
    const photo = photoOf(entry);
    let isPlaced = false;
    for (const sensor of SENSORS) {
      const sensorFields = field(json, sensor);
      const cameraFromSensor = readTransform(entry, sensor, camera, isJsonObject(sensorFields) ? sensorFields : {});
      if (cameraFromSensor === null) continue;
      isPlaced = true;
      found[sensor].push({
        photo,
        channel: cameras.length === 1 && photo === null ? null : channel,
        intrinsics: readSize(entry, camera.intrinsics),
        cameraFromSensor,
      });
    }
    if (!isPlaced) warnings.push(`${file}: ${printable(channel, 60)} says nothing of where a sensor sits to it.`);
  }
  if (found.lidar.length + found.radar.length === 0)
    throw new ImportError(
      'malformed',
      'No camera says where a sensor sits to it.',
      file,
      'images',
      'Add "lidar2cam" (3 × 4 or 4 × 4) to the cameras.',
    );
  return { ...found, warnings };
}

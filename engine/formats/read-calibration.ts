/** Calibration files of every kind, told apart by what is in them. */
import { ImportError } from '../scene/errors.js';
import type { SensorKind, SensorRig } from '../scene/sensor-rig.js';
import type { JsonObject } from './json-object.js';
import { parseJsonObject } from './json-object.js';
import { isImagesCalibration, readImagesCalibration } from './read-calibration-images.js';
import { isKittiCalibration, readKittiCalibration } from './read-calibration-kitti.js';
import { isOwnCalibration, readOwnCalibration } from './read-calibration-own.js';

export interface CalibrationOptions {
  /** Whose a calib.txt is, which does not say so; default lidar. The JSON kinds name their sensors. */
  readonly sensor?: SensorKind;
  /** Which projection of a calib.txt the photos are of; default P2, KITTI's left colour camera. */
  readonly camera?: string;
}

interface JsonFormat {
  readonly name: string;
  readonly accepts: (json: JsonObject) => boolean;
  readonly read: (json: JsonObject, file: string) => SensorRig;
}

const JSON_FORMATS: readonly JsonFormat[] = [
  { name: 'our own ("sensors")', accepts: isOwnCalibration, read: readOwnCalibration },
  { name: 'nuScenes and KITTI ("images" with "cam2img")', accepts: isImagesCalibration, read: readImagesCalibration },
];
const SIZE_LIMIT = { mebibytes: 16, what: 'calibration file' };
/** Enough of a file to tell whether it is JSON. */
const PEEK_BYTES = 4096;

function unknownFormat(file: string, problem: string): ImportError {
  const hint = `Known are ${[...JSON_FORMATS.map(({ name }) => name), 'calib.txt of KITTI and View-of-Delft (P2, Tr_velo_to_cam)'].join('; ')}.`;
  return new ImportError('unsupported', problem, file, '', hint);
}

/**
 * Reads a calibration; which kind it is, its content tells.
 *
 * @throws ImportError 'unsupported' for other files, 'too-large' above 16 MiB, and what is wrong in the file with its place.
 */
export function readCalibration(bytes: Uint8Array, file: string, options: CalibrationOptions = {}): SensorRig {
  if (bytes.length > SIZE_LIMIT.mebibytes * 2 ** 20)
    throw unknownFormat(file, 'This is no calibration: it is too large.');
  if (bytes.length === 0)
    throw new ImportError('truncated', 'The file is empty.', file, '', 'Copy the calibration again.');
  const start = new TextDecoder('utf-8').decode(bytes.subarray(0, PEEK_BYTES)).trimStart();
  if (start.startsWith('{')) {
    const json = parseJsonObject(bytes, file, SIZE_LIMIT);
    const format = JSON_FORMATS.find(({ accepts }) => accepts(json));
    if (!format) throw unknownFormat(file, 'This JSON is no calibration that is known.');
    return format.read(json, file);
  }
  if (bytes.includes(0)) throw unknownFormat(file, 'This is no calibration: it is not a text.');
  if (isKittiCalibration(new TextDecoder('utf-8').decode(bytes)))
    return readKittiCalibration(bytes, file, { sensor: options.sensor ?? 'lidar', camera: options.camera ?? 'P2' });
  const isBareMatrix = /^[-+.\deE\s,]+$/.test(start);
  throw unknownFormat(
    file,
    isBareMatrix
      ? 'This is one matrix alone: it does not say where the sensor sits to the camera.'
      : 'This is no calibration that is known.',
  );
}

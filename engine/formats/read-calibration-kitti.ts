/**
 * calib.txt of KITTI's object, tracking and odometry benchmarks and of View-of-Delft: a key and its numbers a line.
 * Format: "Vision meets Robotics: The KITTI Dataset" (Geiger et al. 2013), eq. 8: `x = P_i R0_rect Tr_velo_to_cam X`.
 */
import { composeRigid, IDENTITY } from '../math/rigid-transform.js';
import { ImportError } from '../scene/errors.js';
import type { SensorKind, SensorRig } from '../scene/sensor-rig.js';
import { projectionOfRows, rigidOfRows, shiftIntoCamera } from './calibration-matrices.js';
import { printable } from './capture-files.js';
import { decimalsOf, linesOf, wordsOf } from './text-records.js';

export interface KittiOptions {
  /** Whose transform `Tr_velo_to_cam` is: View-of-Delft calls the radar's so too. */
  readonly sensor: SensorKind;
  /** Which projection the photos are of. */
  readonly camera: string;
}

interface Entry {
  readonly words: readonly string[];
  readonly where: string;
}

/** The benchmarks spell the same keys differently; the first that is there counts. */
const RECTIFICATIONS = ['R0_rect', 'R_rect', 'R_rect_00'];
const SENSOR_TRANSFORMS = ['Tr_velo_to_cam', 'Tr_velo_cam', 'Tr_radar_to_cam', 'Tr'];
const KEY = /^[A-Za-z_]\w*:?$/;

/** Keys with their words; lines without words (KITTI leaves Tr_imu_to_velo empty where there is none) are passed over. */
function readEntries(bytes: Uint8Array, file: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [index, line] of linesOf(bytes, file).entries()) {
    const [key = '', ...words] = wordsOf(line.replace(/^(\s*[A-Za-z_]\w*):/, '$1: '));
    if (!KEY.test(key) || words.length === 0) continue;
    const name = key.replace(/:$/, '');
    if (entries.has(name))
      throw new ImportError(
        'malformed',
        `"${printable(name, 40)}" is there twice.`,
        file,
        `line ${index + 1}`,
        'Remove one of them.',
      );
    entries.set(name, { words, where: `line ${index + 1}, ${printable(name, 40)}` });
  }
  return entries;
}

/** @throws ImportError 'malformed' unless the entry holds 9, 12 or 16 numbers (of which `allowed`). */
function rowsOf({ words, where }: Entry, allowed: readonly number[], file: string): number[][] {
  const numbers = decimalsOf(words, file, where);
  if (!allowed.includes(numbers.length))
    throw new ImportError(
      'malformed',
      `${numbers.length} numbers stand here instead of ${allowed.join(' or ')}.`,
      file,
      where,
      'Correct this line or copy the file again.',
    );
  const width = numbers.length === 9 ? 3 : 4;
  return Array.from({ length: numbers.length / width }, (_, i) => numbers.slice(i * width, (i + 1) * width));
}

/** Whether a text is such a file: it has a projection or a transform under one of the known keys. */
export function isKittiCalibration(text: string): boolean {
  return /^[ \t]*(?:P[0-9]|P_rect_\d{1,4}|Tr_velo_to_cam|Tr_velo_cam|Tr_radar_to_cam)(?::[ \t]*|[ \t]+)[-+.\d]/m.test(
    text,
  );
}

/**
 * Reads calib.txt: `cameraFromSensor = T(K⁻¹ p₄) · R0_rect · Tr_velo_to_cam`, with `P = K [I | K⁻¹ p₄]` the projection of the camera that
 * the photos are of. One placement, for every photo; the file states no size.
 *
 * @throws ImportError 'malformed' (missing keys, wrong counts, no numbers), 'singular-matrix' (no rotation), 'unsupported' (skew).
 */
export function readKittiCalibration(bytes: Uint8Array, file: string, options: KittiOptions): SensorRig {
  const entries = readEntries(bytes, file);
  const find = (names: readonly string[]): Entry | undefined => {
    const name = names.find((key) => entries.has(key));
    return name === undefined ? undefined : entries.get(name);
  };
  const require = (names: readonly string[], what: string, hint: string): Entry => {
    const entry = find(names);
    if (entry) return entry;
    throw new ImportError('malformed', `There is no line ${names[0]}: ${what}.`, file, '', hint);
  };
  const known = [...entries.keys()].filter((key) => /^P/.test(key)).map((key) => printable(key, 40));
  const cameraEntry = require([
    options.camera,
    `P_rect_0${options.camera.slice(1)}`,
  ], 'the projection of the camera', known.length > 0
    ? `Name one of ${known.slice(0, 8).join(', ')}.`
    : 'Give the calibration of this frame.');
  const camera = projectionOfRows(rowsOf(cameraEntry, [12], file), { file, where: cameraEntry.where });
  const sensorEntry = require(SENSOR_TRANSFORMS, 'where the sensor sits to the camera', 'Give the calibration of this frame.');
  const at = (entry: Entry) => ({ file, where: entry.where });
  const cameraFromSensor = rigidOfRows(rowsOf(sensorEntry, [12, 16], file), at(sensorEntry));
  const rectEntry = find(RECTIFICATIONS);
  const rectified = rectEntry ? rigidOfRows(rowsOf(rectEntry, [9, 12, 16], file), at(rectEntry)) : IDENTITY;
  const placement = {
    photo: null,
    channel: null,
    intrinsics: camera.intrinsics,
    cameraFromSensor: shiftIntoCamera(composeRigid(rectified, cameraFromSensor), camera.offset),
  };
  const isRadar = options.sensor === 'radar';
  return { lidar: isRadar ? [] : [placement], radar: isRadar ? [placement] : [], warnings: [] };
}

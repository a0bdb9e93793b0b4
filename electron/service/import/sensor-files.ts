/** Which dropped files are clouds of points or calibrations of sensors, told by their names and their first bytes. */
import { open } from 'node:fs/promises';
import type { JsonObject } from '../../../engine/formats/json-object.js';
import { FIRST_BYTES, recogniseCloud } from '../../../engine/formats/open-cloud.js';
import { isImagesCalibration } from '../../../engine/formats/read-calibration-images.js';
import { isKittiCalibration } from '../../../engine/formats/read-calibration-kitti.js';
import { isOwnCalibration } from '../../../engine/formats/read-calibration-own.js';
import type { SensorKindName } from '../../ipc/sensor-contract.js';
import type { FoundFile } from './walk-drop.js';

/** Names that promise a cloud; whether the promise is kept, its reader says. */
const CLOUD_NAME = /\.(las|laz|e57|pcd|pts|xyz)$|\.(pcd|lidar)\.bin$|(^|[/_-])(lidar|velodyne|radar).*\.bin$/i;
const TABLE_NAME = /\.(csv|txt)$/i;
const PEEK_BYTES = 64 * 1024;
/** A matrix in a text file has a handful of rows; nobody measures that few points. */
const MIN_TABLE_ROWS = 12;
/** A CSV says what its columns are; two rows are no accident. */
const MIN_CSV_ROWS = 2;
/** Coordinates, speeds and strengths of headerless records, generously. */
const MAX_VALUE = 1e5;

/** The first bytes of a file. @throws the system's error. */
export async function readStart(path: string, length: number): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const buffer = new Uint8Array(length);
    const { bytesRead } = await handle.read(buffer, 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The kind that a name or the folders above it speak of; null where they say nothing. */
export function kindInPath(path: string): SensorKindName | null {
  const words = path.match(/radar|lidar|velodyne/gi) ?? [];
  // The word nearest to the file counts: `radar/` lies in a folder that may be called after the LiDAR.
  const last = words.at(-1)?.toLowerCase();
  return last === undefined ? null : last === 'radar' ? 'radar' : 'lidar';
}

/** Lines of nothing but at least so many numbers. */
function numericRows(text: string, least: number): number {
  return text.split(/[\r\n]+/).filter((line) => {
    const words = line.trim().split(/[\s,;]+/);
    return words.length >= least && words.every((word) => word !== '' && Number.isFinite(Number(word)));
  }).length;
}

function isTable(name: string, start: Uint8Array): boolean {
  const format = recogniseCloud('', start.subarray(0, FIRST_BYTES))?.format;
  if (format !== 'csv' && format !== 'pts') return false;
  const rows = numericRows(new TextDecoder('latin1').decode(start), format === 'csv' ? 2 : 3);
  return rows >= (format === 'csv' || /\.csv$/i.test(name) ? MIN_CSV_ROWS : MIN_TABLE_ROWS);
}

/** Headerless records hold plain numbers from the first byte on. */
function isNumbers(start: Uint8Array): boolean {
  const count = Math.floor(start.length / 4);
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  for (let i = 0; i < count; i++) if (!(Math.abs(view.getFloat32(4 * i, true)) <= MAX_VALUE)) return false;
  return count >= 4;
}

/** Whether a file is a cloud that a reader should look at; a PLY is for who knows splats to say. @throws the system's error. */
export async function isCloud(file: FoundFile): Promise<boolean> {
  const path = file.root === null ? file.name : `/${file.pathInRoot}`;
  if (CLOUD_NAME.test(path)) return true;
  if (TABLE_NAME.test(file.name)) return isTable(file.name, await readStart(file.absolutePath, PEEK_BYTES));
  if (!/\.bin$/i.test(file.name) || file.bytes === 0) return false;
  const isDroppedItself = !file.shownPath.includes('/');
  return isDroppedItself || (file.bytes % 4 === 0 && isNumbers(await readStart(file.absolutePath, FIRST_BYTES)));
}

/** A text as KITTI and View-of-Delft write calibrations. @throws the system's error. */
export async function isCalibrationText(file: FoundFile): Promise<boolean> {
  if (!/\.txt$/i.test(file.name)) return false;
  const start = await readStart(file.absolutePath, PEEK_BYTES);
  return !start.includes(0) && isKittiCalibration(new TextDecoder('utf-8').decode(start));
}

/** A parsed JSON file that says how sensors sit to cameras. */
export function isCalibrationJson(value: object): boolean {
  if (Array.isArray(value)) return false;
  return isOwnCalibration(value as JsonObject) || isImagesCalibration(value as JsonObject);
}

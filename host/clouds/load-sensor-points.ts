/** Clouds that the user named, in memory. */
import { basename } from 'node:path';
import { ImportError } from '../../engine/scene/errors.js';
import type { PointFieldName, SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorKind } from '../../engine/scene/sensor-rig.js';
import { readInputFile } from '../read-input-file.js';

export interface LoadPointsOptions {
  readonly sensor: SensorKind;
  /** More are thinned evenly. */
  readonly maxPoints: number;
}

const LIDAR_LAYOUTS: ReadonlyMap<number, readonly PointFieldName[]> = new Map([
  [4, ['intensity']],
  [5, ['intensity', 'ring']],
]);
const RADAR_LAYOUTS: ReadonlyMap<number, readonly PointFieldName[]> = new Map([
  [7, ['rcs', 'radialSpeed', 'compensatedRadialSpeed', 'time']],
]);

/** Numbers a record: .pcd.bin is nuScenes' name for five, plain .bin KITTI's for four. */
function recordWidth(path: string, sensor: SensorKind): number {
  if (sensor === 'radar') return 7;
  return basename(path).toLowerCase().endsWith('.pcd.bin') ? 5 : 4;
}

/**
 * Loads raw float32 records: x y z intensity (KITTI, View-of-Delft), x y z intensity ring (nuScenes, .pcd.bin), or a radar's seven (x y z RCS
 * v_r v_r-compensated time). Records that are not finite are left out.
 *
 * @throws ImportError 'unsupported' for other files, 'truncated' where the last record is not whole.
 */
export async function loadSensorPoints(path: string, options: LoadPointsOptions): Promise<SensorPoints> {
  if (!path.toLowerCase().endsWith('.bin'))
    throw new ImportError('unsupported', 'Only .bin clouds are read here.', path, '', 'Give float32 records.');
  const width = recordWidth(path, options.sensor);
  const names = (options.sensor === 'radar' ? RADAR_LAYOUTS : LIDAR_LAYOUTS).get(width) ?? [];
  const bytes = await readInputFile(path);
  if (bytes.length === 0 || bytes.length % (4 * width) !== 0)
    throw new ImportError(
      'truncated',
      `${bytes.length} bytes are no whole number of records of ${width} float32.`,
      path,
      `byte ${bytes.length - (bytes.length % (4 * width))}`,
      'Copy the file again.',
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const total = bytes.length / (4 * width);
  const step = Math.max(1, Math.ceil(total / options.maxPoints));
  const records: number[][] = [];
  for (let i = 0; i < total; i += step) {
    const record = Array.from({ length: width }, (_, k) => view.getFloat32((i * width + k) * 4, true));
    if (record.every(Number.isFinite)) records.push(record);
  }
  const column = (k: number): Float32Array => Float32Array.from(records, (record) => record[k] as number);
  return {
    count: records.length,
    origin: [0, 0, 0],
    positions: Float32Array.from(records.flatMap((record) => record.slice(0, 3))),
    colors: null,
    fields: new Map(names.map((name, k) => [name, column(3 + k)])),
    frame: { unit: 'metre', upAxis: 'z', crs: null },
  };
}

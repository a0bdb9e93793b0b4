/** Cloud files, each where it is placed, as one PLY. */
import type { CloudFrame, LengthUnit, SensorPoints, UpAxis } from '../../engine/scene/sensor-points.js';
import type { SensorKind } from '../../engine/scene/sensor-rig.js';
import type { StageContext } from '../../engine/scene/stage.js';
import type { PointTransform } from '../../engine/scene/transform-sensor-points.js';
import { transformSensorPoints } from '../../engine/scene/transform-sensor-points.js';
import { SOURCE_FIELD } from '../sensors/fuse-cloud.js';
import { loadSensorPoints } from './load-sensor-points.js';
import { writeFusedCloud } from './write-fused-cloud.js';

export interface FusedCloud {
  readonly file: string;
  readonly sensor: SensorKind;
  /** What is known where the file says nothing; null: nothing. */
  readonly unit: LengthUnit | null;
  readonly upAxis: UpAxis | null;
  /** null: stays in its own frame. */
  readonly worldFromSensor: PointTransform | null;
}

export interface FuseOptions {
  readonly outputFile: string;
  /** The frame of the clouds that have been moved. */
  readonly frame: CloudFrame;
  /** [N, 3] sRGB of points that have been moved and have no colours of their own; absent: none. */
  readonly colorsOf?: (points: SensorPoints) => Uint8Array;
  /** Program and version. */
  readonly generator: string;
  /** Of all clouds together: more are thinned. */
  readonly maxPoints?: number;
}

const DEFAULT_MAX_POINTS = 6_000_000;

async function loadPlaced(
  { file, sensor, unit, upAxis, worldFromSensor }: FusedCloud,
  options: FuseOptions & { readonly share: number },
  context: StageContext,
): Promise<SensorPoints> {
  const points = await loadSensorPoints(file, { sensor, maxPoints: options.share }, context);
  if (worldFromSensor !== null) {
    const placed = transformSensorPoints(points, worldFromSensor, options.frame);
    const source = new Float32Array(points.count).fill(sensor === 'lidar' ? 0 : 1);
    const fields = new Map([...placed.fields, [SOURCE_FIELD, source] as const]);
    return { ...placed, fields, colors: placed.colors ?? options.colorsOf?.(placed) ?? null };
  }
  const { frame } = points;
  const known = {
    unit: frame.unit === 'unknown' && unit !== null ? unit : frame.unit,
    upAxis: frame.upAxis === 'unknown' && upAxis !== null ? upAxis : frame.upAxis,
  };
  return { ...points, frame: { ...frame, ...known } };
}

/**
 * Loads clouds, moves each into the common frame, and writes them as one PLY; the file is whole or not there. Of colours and fields those
 * stay that all clouds have; those that were moved have the field `sensor` (0 LiDAR, 1 radar).
 *
 * @throws ImportError for all that is wrong with a file; ShapeError for clouds in different units; the signal's reason.
 */
export async function fuseClouds(
  clouds: readonly FusedCloud[],
  options: FuseOptions,
  { signal, onProgress }: StageContext = {},
): Promise<{ readonly bytes: number; readonly count: number }> {
  const share = Math.floor((options.maxPoints ?? DEFAULT_MAX_POINTS) / Math.max(1, clouds.length));
  const loaded: SensorPoints[] = [];
  for (const [index, cloud] of clouds.entries()) {
    const context: StageContext = {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (fraction) => onProgress?.((0.9 * (index + fraction)) / clouds.length),
    };
    loaded.push(await loadPlaced(cloud, { ...options, share }, context));
  }
  signal?.throwIfAborted();
  const written = await writeFusedCloud(options.outputFile, loaded, options.generator);
  onProgress?.(1);
  return written;
}

/** What every reader of point clouds gives: a header at once, then points in batches, in the file's order. */
import type { CloudFrame, PointFieldData } from '../scene/sensor-points.js';

export type CloudFormat = 'las' | 'laz' | 'copc' | 'e57' | 'pcd' | 'ply' | 'pts' | 'bin' | 'csv';

/** Points that were read together. Arrays belong to whoever receives them. */
export interface PointBatch {
  readonly count: number;
  /** [N, 3] in the file's frame, whole: no offset is taken off. Finite. */
  readonly positions: Float64Array;
  /** [N, 3] sRGB 0..255, or null where the file has no colours. */
  readonly colors: Uint8Array | null;
  /** [N] each; the same names in every batch of a file. Names: see `POINT_FIELDS` of scene/sensor-points.ts. */
  readonly fields: ReadonlyMap<string, PointFieldData>;
}

/** What a file says of itself before its points are read. */
export interface CloudHeader {
  readonly format: CloudFormat;
  /** Version or variant as people call it: "LAS 1.4, point format 7", "PCD binary_compressed". */
  readonly variant: string;
  /** Points as stated; null where only reading tells (CSV). */
  readonly points: number | null;
  readonly hasColors: boolean;
  readonly fieldNames: readonly string[];
  /** As stated by the file, in its frame; null where it states none. */
  readonly bounds: { readonly min: readonly number[]; readonly max: readonly number[] } | null;
  readonly frame: CloudFrame;
  /** Sensor poses in the file (E57 scans, PCD VIEWPOINT), world from sensor; points are already in the world's frame. */
  readonly sensorOrigins: readonly (readonly [number, number, number])[];
  /** One sentence each: what was passed over, what looks odd. */
  readonly warnings: readonly string[];
}

/** An opened cloud. */
export interface CloudReader {
  readonly header: CloudHeader;
  /**
   * The points, at most MAX_BATCH_POINTS at a time. May be called again for another pass. Records whose coordinates are not finite
   * are left out and counted.
   *
   * @throws ImportError with the byte or line; all that came before it must then be thrown away
   */
  batches(signal?: AbortSignal): AsyncGenerator<PointBatch, CloudSummary>;
}

/** What only a whole pass tells. */
export interface CloudSummary {
  readonly points: number;
  /** Records without finite coordinates. */
  readonly leftOut: number;
}

export const MAX_BATCH_POINTS = 65_536;

/** Points that a LiDAR, a scanner or a radar measured, with what it says of each. */

export type LengthUnit = 'metre' | 'foot' | 'us-survey-foot' | 'unknown';

/** Which axis of a cloud points up; 'unknown' where the file does not say: it is shown and asked, never guessed. */
export type UpAxis = 'y' | 'z' | 'unknown';

/**
 * Fields that code asks for by name; whatever else a file has keeps the file's own name. Units:
 *
 * - `intensity`, `ring`, `classification`, `returnNumber`, `time`: as in the file
 * - `rcs`: radar cross section, dB m²
 * - `radialSpeed`: m/s along the ray as measured, positive when the distance grows (v_r)
 * - `compensatedRadialSpeed`: the same without the sensor's own motion
 */
export const POINT_FIELDS = [
  'intensity',
  'ring',
  'classification',
  'returnNumber',
  'time',
  'rcs',
  'radialSpeed',
  'compensatedRadialSpeed',
] as const;
export type PointFieldName = (typeof POINT_FIELDS)[number];

/** One number a point; float64 where float32 would lose what the file says (GPS times, 32-bit integers). */
export type PointFieldData = Float32Array | Float64Array;

/** Where a cloud's coordinates live. */
export interface CloudFrame {
  readonly unit: LengthUnit;
  readonly upAxis: UpAxis;
  /** Coordinate reference system as the file states it (WKT, or `EPSG:n`); null where it states none. */
  readonly crs: string | null;
}

/** A cloud in memory. A point's place in the file's frame is `origin + position`. */
export interface SensorPoints {
  readonly count: number;
  /** Float64; subtracted before rounding to float32, so that map coordinates of millions of metres keep their millimetres. */
  readonly origin: readonly [number, number, number];
  /** [N, 3] in the frame's unit. */
  readonly positions: Float32Array;
  /** [N, 3] sRGB 0..255; null where the file has no colours. */
  readonly colors: Uint8Array | null;
  /** [N] each. */
  readonly fields: ReadonlyMap<string, PointFieldData>;
  readonly frame: CloudFrame;
}

/** What radar stages read from a cloud: rays, ranges and speeds, seen from the sensor. */
import type { Vec3 } from '../math/rigid-transform.js';
import type { PointFieldName, SensorPoints } from '../scene/sensor-points.js';

/** Rays of returns from the sensor, which is the origin of the cloud's frame. */
export interface RadarRays {
  /** [N, 3] unit directions; NaN where a return is no place (not finite, or at the sensor itself). */
  readonly directions: Float64Array;
  /** [N] distance from the sensor in the cloud's unit; NaN likewise. */
  readonly ranges: Float64Array;
}

/** Nearer than this (in the cloud's unit) a return has no direction to speak of. */
const LEAST_RANGE = 1e-3;

/** Place of return i in the sensor's frame, `origin + position`. */
export function returnPosition(points: SensorPoints, i: number): Vec3 {
  const { origin, positions } = points;
  return [
    origin[0] + (positions[3 * i] as number),
    origin[1] + (positions[3 * i + 1] as number),
    origin[2] + (positions[3 * i + 2] as number),
  ];
}

/** Direction `d = p / |p|` and range `|p|` of every return. NaN and infinity give NaN, and belong to nothing that is fitted. */
export function radarRays(points: SensorPoints): RadarRays {
  const directions = new Float64Array(3 * points.count).fill(NaN);
  const ranges = new Float64Array(points.count).fill(NaN);
  for (let i = 0; i < points.count; i++) {
    const place = returnPosition(points, i);
    const range = Math.hypot(...place);
    if (!(range > LEAST_RANGE && range < Infinity)) continue;
    ranges[i] = range;
    for (let k = 0; k < 3; k++) directions[3 * i + k] = (place[k] as number) / range;
  }
  return { directions, ranges };
}

/** A field of the cloud as numbers, [N]; null where the cloud has none. */
export function radarField(points: SensorPoints, name: PointFieldName): ArrayLike<number> | null {
  return points.fields.get(name) ?? null;
}

/** A sensor's points in another frame. */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { ShapeError } from './errors.js';
import type { CloudFrame, SensorPoints } from './sensor-points.js';

/** `pointInTarget = scale rotation pointInSource + translation`. */
export interface PointTransform {
  readonly scale: number;
  /** Row by row. */
  readonly rotation: Mat3;
  readonly translation: Vec3;
}

/**
 * `pointInTarget = s R pointInSource + t`. The sums are float64; positions are rounded to float32 about the image of the source's origin, or
 * about zero where that is near. Speeds are left as they are, whatever the scale: metres a second stay metres a second.
 *
 * @param frame of the target. @throws ShapeError when the positions do not fit the count, or the scale is no positive number.
 */
export function transformSensorPoints(
  points: SensorPoints,
  { scale, rotation, translation }: PointTransform,
  frame: CloudFrame,
): SensorPoints {
  const { count, positions, origin } = points;
  if (positions.length !== count * 3) throw new ShapeError(`${count} points need ${count * 3} coordinates`);
  if (!(scale > 0 && scale < Infinity)) throw new ShapeError(`no scale: ${scale}`);
  const image = [0, 1, 2].map(
    (row) => scale * [0, 1, 2].reduce((sum, k) => sum + rotation[row * 3 + k]! * origin[k]!, 0) + translation[row]!,
  ) as Vec3;
  const isNear = image.every((value) => Math.abs(value) <= NEAR_ZERO);
  const targetOrigin: Vec3 = isNear ? [0, 0, 0] : image;
  const moved = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!];
    for (let row = 0; row < 3; row++) {
      const turned = rotation[row * 3]! * x + rotation[row * 3 + 1]! * y + rotation[row * 3 + 2]! * z;
      moved[3 * i + row] = scale * turned + (isNear ? image[row]! : 0);
    }
  }
  return { ...points, positions: moved, origin: targetOrigin, frame };
}

/** Steps of float32 are half a thousandth here. */
const NEAR_ZERO = 4096;

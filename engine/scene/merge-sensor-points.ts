/** Clouds of one frame as one cloud. */
import { ShapeError } from './errors.js';
import type { SensorPoints } from './sensor-points.js';

/**
 * The clouds' points one after the other, at the first one's origin. Of colours and fields those are kept that all of them have.
 *
 * @throws ShapeError for no clouds, or units that differ: the caller converts or asks first.
 */
export function mergeSensorPoints(clouds: readonly SensorPoints[]): SensorPoints {
  const [first] = clouds;
  if (!first) throw new ShapeError('no clouds to merge');
  if (clouds.length === 1) return first;
  if (clouds.some(({ frame }) => frame.unit !== first.frame.unit)) throw new ShapeError('clouds of different units');
  const count = clouds.reduce((sum, cloud) => sum + cloud.count, 0);
  const positions = new Float32Array(3 * count);
  const hasColors = clouds.every(({ colors }) => colors !== null);
  const colors = hasColors ? new Uint8Array(3 * count) : null;
  const names = [...first.fields.keys()].filter((name) => clouds.every(({ fields }) => fields.has(name)));
  const fields = new Map(names.map((name) => [name, new Float64Array(count)]));
  let start = 0;
  for (const cloud of clouds) {
    const shift = cloud.origin.map((value, axis) => value - (first.origin[axis] as number));
    for (let i = 0; i < 3 * cloud.count; i++)
      positions[3 * start + i] = (cloud.positions[i] as number) + (shift[i % 3] as number);
    if (cloud.colors) colors?.set(cloud.colors, 3 * start);
    for (const [name, values] of fields) values.set(cloud.fields.get(name) ?? [], start);
    start += cloud.count;
  }
  return { count, origin: first.origin, positions, colors, fields, frame: first.frame };
}

/** Where a project's world is counted from, in the coordinates of the file that its cameras or its cloud came from. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { scale } from '../../engine/math/vectors.js';
import type { ProjectContent } from './projects/project.js';

/**
 * In the world's unit: of cameras with a pose file what its reader took off; of cameras that a search brought onto a cloud what was taken off that
 * cloud.
 *
 * @returns null where the world is counted from the file's own origin.
 */
export function worldOriginOf({ capture, sensors }: Pick<ProjectContent, 'capture' | 'sensors'>): Vec3 | null {
  if (capture !== null) {
    const { origin, scale: factor = 1 } = capture;
    return origin === undefined ? null : scale(origin, factor);
  }
  const cloud = sensors.find(({ registration, placement }) => registration === 'placed' && placement?.by === 'run');
  const [x, y, z] = cloud?.placement?.worldFromSensor.translation ?? [0, 0, 0];
  return x === 0 && y === 0 && z === 0 ? null : [0 - x, 0 - y, 0 - z];
}

/** A sparse model's sightings in the pixels of the undistorted photos. */
import type { Distortion } from '../scene/camera.js';
import type { SparseModel } from '../scene/sparse-model.js';
import { distortPoint } from '../scene/undistort.js';

const MOST_STEPS = 100;
/** In the plane z = 1: far below a pixel. */
const CLOSE = 1e-9;

/** Where a distorted point of the plane z = 1 lies without the distortion; null where the iteration does not end. */
function undistortPoint(distortion: Distortion, x: number, y: number): readonly [number, number] | null {
  let [u, v] = [x, y];
  for (let step = 0; step < MOST_STEPS; step++) {
    const [shownX, shownY] = distortPoint(distortion, u, v);
    const [dx, dy] = [x - shownX, y - shownY];
    if (Math.hypot(dx, dy) < CLOSE) return [u, v];
    [u, v] = [u + dx, v + dy];
  }
  return null;
}

export interface PinholeSightings {
  /** [T] */
  readonly points: Int32Array;
  /** [T,2] `K` times the undistorted ray, with the lens's own fx, fy, cx, cy; NaN where the lens cannot show the keypoint. */
  readonly pixels: Float64Array;
}

/** All T sightings of the tracks, in their order, by fixed-point iteration of OpenCV's lens model. */
export function undistortSightings({ lenses, photos, points }: SparseModel): PinholeSightings {
  const count = points.trackPhotos.length;
  const sightings = { points: new Int32Array(count), pixels: new Float64Array(2 * count).fill(NaN) };
  for (let point = 0; point < points.count; point++)
    for (let entry = points.trackStarts[point]!; entry < points.trackStarts[point + 1]!; entry++) {
      sightings.points[entry] = point;
      const { lens, keypointsPx } = photos[points.trackPhotos[entry]!]!;
      const { intrinsics, distortion } = lenses[lens]!;
      const { fx, fy, cx, cy } = intrinsics;
      const keypoint = 2 * points.trackKeypoints[entry]!;
      const plane: readonly [number, number] = [
        (keypointsPx[keypoint]! - cx) / fx,
        (keypointsPx[keypoint + 1]! - cy) / fy,
      ];
      const ray = distortion === null ? plane : undistortPoint(distortion, ...plane);
      if (ray !== null) sightings.pixels.set([fx * ray[0] + cx, fy * ray[1] + cy], 2 * entry);
    }
  return sightings;
}

/** A sparse model whose cameras a training has moved. */
import type { RigidTransform } from '../math/rigid-transform.js';
import { transformPoint } from '../math/rigid-transform.js';
import type { Distortion } from '../scene/camera.js';
import type { SparseLens, SparseModel } from '../scene/sparse-model.js';
import { distortPoint } from '../scene/undistort.js';

export interface RefinedCameras {
  /** By the photo's `imagePath`; photos that are not in it keep pose and lens. */
  readonly camerasFromWorld: ReadonlyMap<string, RigidTransform>;
  /** On the focal lengths of those photos' undistorted pictures. */
  readonly focalFactor: number;
}

/**
 * The lens whose undistorted picture is the old one's with focal lengths `s` times as long: what lay at x in the plane z = 1 lies at x / s.
 * Radial terms of r² grow with s², of r⁴ with s⁴, of r⁶ with s⁶; tangential ones with s. Pixels of the photo itself stay where they are.
 */
export function scaleFocalLength({ intrinsics, distortion }: SparseLens, s: number): SparseLens {
  const scaled = (d: Distortion): Distortion => ({
    k1: d.k1 * s ** 2,
    k2: d.k2 * s ** 4,
    p1: d.p1 * s,
    p2: d.p2 * s,
    k3: d.k3 * s ** 6,
    k4: d.k4 * s ** 2,
    k5: d.k5 * s ** 4,
    k6: d.k6 * s ** 6,
  });
  return {
    intrinsics: { ...intrinsics, fx: intrinsics.fx * s, fy: intrinsics.fy * s },
    distortion: distortion === null ? null : scaled(distortion),
  };
}

/** [N] mean distance in pixels between the points' keypoints and where the cameras show them; sightings behind a camera count as none. */
export function reprojectionErrors({ photos, lenses, points }: SparseModel): Float64Array {
  const errors = new Float64Array(points.count);
  for (let i = 0; i < points.count; i++) {
    const [start, end] = [points.trackStarts[i]!, points.trackStarts[i + 1]!];
    const [x, y, z] = points.positions.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    for (let entry = start; entry < end; entry++) {
      const { lens, cameraFromWorld, keypointsPx } = photos[points.trackPhotos[entry]!]!;
      const { intrinsics, distortion } = lenses[lens]!;
      const [inX, inY, depth] = transformPoint(cameraFromWorld, [x, y, z]);
      if (!(depth > 0)) continue;
      const plane: readonly [number, number] = [inX / depth, inY / depth];
      const [u, v] = distortion === null ? plane : distortPoint(distortion, ...plane);
      const keypoint = 2 * points.trackKeypoints[entry]!;
      errors[i]! +=
        Math.hypot(
          intrinsics.fx * u + intrinsics.cx - keypointsPx[keypoint]!,
          intrinsics.fy * v + intrinsics.cy - keypointsPx[keypoint + 1]!,
        ) /
        (end - start);
    }
  }
  return errors;
}

/**
 * The model with the refined cameras. Points stay where they are, and their errors are measured anew. A lens that refined and other photos
 * share becomes two, where focal lengths changed.
 */
export function refineSparseModel(model: SparseModel, { camerasFromWorld, focalFactor }: RefinedCameras): SparseModel {
  const lenses: SparseLens[] = [];
  const indices = new Map<string, number>();
  const lensFor = (lens: number, isRefined: boolean): number => {
    const isScaled = isRefined && focalFactor !== 1;
    const key = `${lens} ${isScaled}`;
    const known = indices.get(key);
    if (known !== undefined) return known;
    indices.set(key, lenses.length);
    const given = model.lenses[lens]!;
    return lenses.push(isScaled ? scaleFocalLength(given, focalFactor) : given) - 1;
  };
  const photos = model.photos.map((photo) => {
    const refined = camerasFromWorld.get(photo.imagePath);
    const cameraFromWorld = refined ?? photo.cameraFromWorld;
    return { ...photo, cameraFromWorld, lens: lensFor(photo.lens, refined !== undefined) };
  });
  const refined = { lenses, photos, points: model.points };
  return { ...refined, points: { ...model.points, errorsPx: reprojectionErrors(refined) } };
}

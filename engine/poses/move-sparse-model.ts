/** Found cameras and points in another world. */
import type { Vec3 } from '../math/rigid-transform.js';
import type { SparseModel } from '../scene/sparse-model.js';
import type { Similarity } from './align-similarity.js';
import { moveCamera, transformBySimilarity } from './align-similarity.js';

/** The model with its world turned, moved and scaled; what the photos show of it stays. */
export function moveSparseModel(model: SparseModel, newFromOld: Similarity): SparseModel {
  const { points } = model;
  const positions = new Float64Array(points.positions.length);
  for (let i = 0; i < points.count; i++) {
    const old = Array.from(points.positions.subarray(3 * i, 3 * i + 3)) as Vec3;
    positions.set(transformBySimilarity(newFromOld, old), 3 * i);
  }
  return {
    ...model,
    photos: model.photos.map((photo) => ({
      ...photo,
      cameraFromWorld: moveCamera(newFromOld, photo.cameraFromWorld),
    })),
    points: { ...points, positions },
  };
}

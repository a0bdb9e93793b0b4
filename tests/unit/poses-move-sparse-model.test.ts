import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { moveSparseModel } from '../../engine/poses/move-sparse-model.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';

const MODEL: SparseModel = {
  lenses: [],
  photos: [
    {
      imagePath: 'a.jpg',
      lens: 0,
      cameraFromWorld: { rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [1, 2, 3] },
      keypointsPx: new Float32Array(0),
    },
  ],
  points: {
    count: 1,
    positions: Float64Array.of(1, 0, 5),
    colors: new Uint8Array(3),
    errorsPx: new Float64Array(1),
    trackStarts: new Uint32Array(2),
    trackPhotos: new Uint32Array(0),
    trackKeypoints: new Uint32Array(0),
  },
};

describe('a model that is moved into another world', () => {
  it('has its points there, and shows the same: what a camera sees grows by the scale and stays where it was in the photo', () => {
    // X' = 2 R X + t, R a quarter turn about x (y to z).
    const similarity = { scale: 2, rotation: [1, 0, 0, 0, 0, -1, 0, 1, 0], translation: [10, 0, 0] } as const;
    const moved = moveSparseModel(MODEL, {
      ...similarity,
      rotation: [...similarity.rotation],
      translation: [10, 0, 0],
    });
    const [x, y, z] = moved.points.positions;
    expect([x, y, z].map((value) => Math.round(value! * 1e9) / 1e9)).toEqual([12, -10, 0]);
    const before = transformPoint(MODEL.photos[0]!.cameraFromWorld, [1, 0, 5]);
    const after = transformPoint(moved.photos[0]!.cameraFromWorld, [x, y, z] as Vec3);
    before.forEach((value, k) => expect(after[k]).toBeCloseTo(2 * value, 9));
  });
});

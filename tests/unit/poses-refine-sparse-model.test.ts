import { describe, expect, it } from 'vitest';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { refineSparseModel, scaleFocalLength } from '../../engine/poses/refine-sparse-model.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import { distortPoint } from '../../engine/scene/undistort.js';

const INTRINSICS = { fx: 100, fy: 200, cx: 50, cy: 40, width: 100, height: 80 };
const HERE: RigidTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };

/** Two photos of one point straight ahead, 4 away: it shows in the middle of the first, a pixel beside its keypoint in the second. */
const MODEL: SparseModel = {
  lenses: [{ intrinsics: INTRINSICS, distortion: null }],
  photos: [
    { imagePath: 'a.jpg', lens: 0, cameraFromWorld: HERE, keypointsPx: Float32Array.of(9, 9, 50, 40) },
    { imagePath: 'b.jpg', lens: 0, cameraFromWorld: HERE, keypointsPx: Float32Array.of(51, 40) },
  ],
  points: {
    count: 1,
    positions: Float64Array.of(0, 0, 4),
    colors: new Uint8Array(3),
    errorsPx: Float64Array.of(0.5),
    trackStarts: Uint32Array.of(0, 2),
    trackPhotos: Uint32Array.of(0, 1),
    trackKeypoints: Uint32Array.of(1, 0),
  },
};

describe('cameras that a training moved', () => {
  it('stand in the model, with the errors of its points measured anew', () => {
    // 0.2 to the right at 4 away with f = 100: 5 pixels; the keypoint of b is at 1. The mean with a's 0 is 2.
    const moved: RigidTransform = { ...HERE, translation: [0.2, 0, 0] };
    const refined = refineSparseModel(MODEL, { camerasFromWorld: new Map([['b.jpg', moved]]), focalFactor: 1 });
    expect(refined.photos.map(({ cameraFromWorld }) => cameraFromWorld)).toEqual([HERE, moved]);
    expect(refined.lenses).toEqual(MODEL.lenses);
    expect(refined.points.errorsPx[0]).toBeCloseTo(2, 12);
    expect(refined.points.positions).toEqual(MODEL.points.positions);
  });

  it('take a lens of their own where their focal length changed; photos that were held out keep theirs', () => {
    const refined = refineSparseModel(MODEL, { camerasFromWorld: new Map([['b.jpg', HERE]]), focalFactor: 1.5 });
    expect(refined.lenses[refined.photos[0]!.lens]).toEqual(MODEL.lenses[0]);
    const { intrinsics } = refined.lenses[refined.photos[1]!.lens]!;
    expect(intrinsics).toEqual({ ...INTRINSICS, fx: 150, fy: 300 });
  });

  it('do not count a point behind them', () => {
    const behind: RigidTransform = { ...HERE, translation: [0, 0, -9] };
    const refined = refineSparseModel(MODEL, { camerasFromWorld: new Map([['b.jpg', behind]]), focalFactor: 1 });
    expect(refined.points.errorsPx[0]).toBe(0);
  });
});

describe('a lens with focal lengths times s', () => {
  it('shows at x / s, undistorted, what it showed at x, at the same pixel of the photo', () => {
    const distortion = { k1: -0.2, k2: 0.05, p1: 0.01, p2: -0.02, k3: 0.03, k4: 0.1, k5: -0.02, k6: 0.01 };
    const s = 1.07;
    const scaled = scaleFocalLength({ intrinsics: INTRINSICS, distortion }, s);
    for (const [x, y] of [
      [0.3, -0.2],
      [-0.5, 0.45],
    ] as const) {
      const [u, v] = distortPoint(distortion, x, y);
      const [u2, v2] = distortPoint(scaled.distortion!, x / s, y / s);
      expect(scaled.intrinsics.fx * u2).toBeCloseTo(INTRINSICS.fx * u, 10);
      expect(scaled.intrinsics.fy * v2).toBeCloseTo(INTRINSICS.fy * v, 10);
    }
  });
});

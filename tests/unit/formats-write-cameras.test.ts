import { describe, expect, it } from 'vitest';
import { readColmapCamerasBinary, readColmapImagesBinary } from '../../engine/formats/read-colmap-binary.js';
import { readColmapPointsBinary } from '../../engine/formats/read-colmap-points.js';
import { readTransformsJson } from '../../engine/formats/read-transforms-json.js';
import { writeColmapBinary } from '../../engine/formats/write-colmap-binary.js';
import { writeTransformsJson } from '../../engine/formats/write-transforms-json.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';

const lens = {
  intrinsics: { fx: 500, fy: 510, cx: 320, cy: 240, width: 640, height: 480 },
  distortion: { k1: -0.1, k2: 0.02, p1: 0.001, p2: -0.002, k3: 0, k4: 0, k5: 0, k6: 0 },
};

/** The first camera looks along +z from the origin; the second stands at (2, 0, 0) and is turned a quarter about y, looking along +x. */
const model: SparseModel = {
  lenses: [lens],
  photos: [
    {
      imagePath: 'images/a.jpg',
      lens: 0,
      cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] },
      keypointsPx: new Float32Array([10.5, 20.25, 30, 40]),
    },
    {
      imagePath: 'images/ü 日本.jpg',
      lens: 0,
      // x_c = -z, z_c = x - 2.
      cameraFromWorld: { rotation: [0, 0, -1, 0, 1, 0, 1, 0, 0], translation: [0, 0, -2] },
      keypointsPx: new Float32Array([50, 60]),
    },
  ],
  points: {
    count: 1,
    positions: new Float64Array([1, 2, 3]),
    colors: new Uint8Array([255, 128, 0]),
    errorsPx: new Float64Array([0.75]),
    trackStarts: new Uint32Array([0, 2]),
    trackPhotos: new Uint32Array([0, 1]),
    trackKeypoints: new Uint32Array([1, 0]),
  },
};

describe('transforms.json', () => {
  const written = JSON.parse(new TextDecoder().decode(writeTransformsJson(model, 'points.ply'))) as {
    frames: { file_path: string; transform_matrix: number[][] }[];
  } & Record<string, unknown>;

  it('states the lens once, in nerfstudio’s words', () => {
    expect(written).toMatchObject({ camera_model: 'OPENCV', fl_x: 500, fl_y: 510, cx: 320, cy: 240, w: 640, h: 480 });
    expect(written).toMatchObject({ k1: -0.1, k2: 0.02, p1: 0.001, p2: -0.002, ply_file_path: 'points.ply' });
    expect(written.frames[0]).not.toHaveProperty('fl_x');
  });

  it('holds camera-to-world in OpenGL axes: columns right, up, back, and the centre', () => {
    expect(written.frames[0]?.transform_matrix).toEqual(
      [
        [1, -0, -0, 0],
        [0, -1, -0, 0],
        [0, -0, -1, 0],
        [0, 0, 0, 1],
      ].map((row) => row.map((v) => v + 0)),
    );
    // Right is -z, up is -y, back is -x; the centre is (2, 0, 0).
    expect(written.frames[1]?.transform_matrix.map((row) => row.map((v) => v + 0))).toEqual([
      [0, 0, -1, 2],
      [0, -1, 0, 0],
      [-1, 0, 0, 0],
      [0, 0, 0, 1],
    ]);
  });

  it('is read back by the importer', () => {
    const frames = readTransformsJson(writeTransformsJson(model, null), 'transforms.json');
    expect(frames.map(({ filePath }) => filePath)).toEqual(['images/a.jpg', 'images/ü 日本.jpg']);
    frames.forEach(({ camera, distortion }, i) => {
      expect(camera.intrinsics).toEqual(lens.intrinsics);
      expect(distortion).toEqual(lens.distortion);
      const expected = model.photos[i]?.cameraFromWorld;
      camera.cameraFromWorld.rotation.forEach((value, k) =>
        expect(value).toBeCloseTo(expected?.rotation[k] ?? NaN, 12),
      );
      camera.cameraFromWorld.translation.forEach((value, k) =>
        expect(value).toBeCloseTo(expected?.translation[k] ?? NaN, 12),
      );
    });
  });

  it('gives each frame its lens where there are several', () => {
    const other = { intrinsics: { ...lens.intrinsics, fx: 700 }, distortion: null };
    const photos = model.photos.map((photo, i) => ({ ...photo, lens: i }));
    const frames = readTransformsJson(writeTransformsJson({ ...model, lenses: [lens, other], photos }, null), '');
    expect(frames.map(({ camera }) => camera.intrinsics.fx)).toEqual([500, 700]);
  });

  it('refuses what JSON or the lens model cannot hold', () => {
    const lost = { intrinsics: { ...lens.intrinsics, fx: NaN }, distortion: null };
    expect(() => writeTransformsJson({ ...model, lenses: [lost] }, null)).toThrow(/fl_x is not finite/);
    const rational = { ...lens, distortion: { ...lens.distortion, k3: 0.1 } };
    expect(() => writeTransformsJson({ ...model, lenses: [rational] }, null)).toThrow(/OPENCV model/);
  });
});

describe("COLMAP's binary model", () => {
  const files = writeColmapBinary(model);

  it('has the lengths that the format gives', () => {
    // 8 + (4 + 4 + 8 + 8 + 8 × 8)
    expect(files.cameras.length).toBe(8 + 88);
    // 8 + two of (4 + 56 + 4 + 8) + names with zeros (5 + 1, 13 + 1) + three keypoints of 24
    expect(files.images.length).toBe(8 + 2 * 72 + 6 + 14 + 3 * 24);
    // 8 + (8 + 24 + 3 + 8 + 8) + two entries of 8
    expect(files.points.length).toBe(8 + 51 + 16);
  });

  it('is read back by the importer', () => {
    expect(readColmapCamerasBinary(files.cameras, '').get(1)).toMatchObject({
      model: 'OPENCV',
      parameters: [500, 510, 320, 240, -0.1, 0.02, 0.001, -0.002],
    });
    const images = readColmapImagesBinary(files.images, '', true);
    expect(images.map(({ name }) => name)).toEqual(['a.jpg', 'ü 日本.jpg']);
    expect([...(images[0]?.keypointsPx ?? [])]).toEqual([10.5, 20.25, 30, 40]);
    // A quarter turn about y by -90°: (cos 45°, 0, -sin 45°, 0).
    images[1]?.quaternion.forEach((value, k) =>
      expect(value).toBeCloseTo([Math.SQRT1_2, 0, -Math.SQRT1_2, 0][k] ?? NaN, 12),
    );
    expect(images[1]?.translation).toEqual([0, 0, -2]);
    const points = readColmapPointsBinary(files.points, '');
    expect([...points.positions]).toEqual([1, 2, 3]);
    expect([...points.trackImageIds]).toEqual([1, 2]);
    expect([...points.trackKeypoints]).toEqual([1, 0]);
    expect([...points.errorsPx]).toEqual([0.75]);
  });

  it('ties keypoints to their points, and the others to none', () => {
    const view = new DataView(files.images.buffer);
    // The first image's two keypoints, after the count, the head of 72 - 8, the name of 6 and the number of keypoints.
    const first = 8 + 64 + 6 + 8;
    expect(view.getBigUint64(first + 16, true)).toBe(2n ** 64n - 1n);
    expect(view.getBigUint64(first + 24 + 16, true)).toBe(1n);
  });
});

/** Found cameras into nerfstudio's transforms.json (https://docs.nerf.studio/quickstart/data_conventions.html). */
import { openglOfCameraFromWorld } from '../math/conventions.js';
import type { SparseLens, SparseModel, SparsePhoto } from '../scene/sparse-model.js';

function lensFields({ intrinsics, distortion }: SparseLens): Record<string, unknown> {
  const { fx, fy, cx, cy, width, height } = intrinsics;
  const { k1, k2, p1, p2 } = distortion ?? { k1: 0, k2: 0, p1: 0, p2: 0 };
  return { camera_model: 'OPENCV', fl_x: fx, fl_y: fy, cx, cy, w: width, h: height, k1, k2, p1, p2 };
}

function poseRows({ cameraFromWorld }: SparsePhoto): number[][] {
  const { rotation: r, translation: t } = openglOfCameraFromWorld(cameraFromWorld);
  return [
    [r[0], r[1], r[2], t[0]],
    [r[3], r[4], r[5], t[1]],
    [r[6], r[7], r[8], t[2]],
    [0, 0, 0, 1],
  ];
}

/**
 * Writes transforms.json: camera-to-world in OpenGL axes, OPENCV lenses. One lens of all photos stands at the top, several stand in their
 * frames. Every number is finite, as JSON has no others.
 *
 * @param plyFilePath of the sparse points, which nerfstudio seeds its splats from; null names none.
 * @throws RangeError when a pose or a lens is not finite, or a lens needs more than k1, k2, p1, p2.
 */
export function writeTransformsJson(model: SparseModel, plyFilePath: string | null): Uint8Array {
  for (const { distortion } of model.lenses)
    if (distortion !== null && [distortion.k3, distortion.k4, distortion.k5, distortion.k6].some((k) => k !== 0))
      throw new RangeError('transforms.json: the OPENCV model ends at k1, k2, p1, p2');
  const isShared = model.lenses.length === 1;
  const document = {
    ...(isShared ? lensFields(model.lenses[0] as SparseLens) : { camera_model: 'OPENCV' }),
    ...(plyFilePath === null ? {} : { ply_file_path: plyFilePath }),
    frames: model.photos.map((photo) => ({
      file_path: photo.imagePath,
      ...(isShared ? {} : lensFields(model.lenses[photo.lens] as SparseLens)),
      transform_matrix: poseRows(photo),
    })),
  };
  const text = JSON.stringify(
    document,
    (key, value: unknown) => {
      if (typeof value === 'number' && !Number.isFinite(value))
        throw new RangeError(`transforms.json: ${key} is not finite`);
      return value;
    },
    2,
  );
  return new TextEncoder().encode(`${text}\n`);
}

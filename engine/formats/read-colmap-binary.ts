/** COLMAP's cameras.bin and images.bin (https://colmap.github.io/format.html, "Binary file format"). */
import type { Vec3 } from '../math/rigid-transform.js';
import { ImportError } from '../scene/errors.js';
import { ByteCursor } from './byte-cursor.js';
import { folderOf, joinPath } from './capture-files.js';
import type { ColmapCamera, ColmapImage, ColmapModel } from './colmap-model.js';
import { COLMAP_CAMERA_MODELS, locateColmapModel, posedPhotosOfColmap } from './colmap-model.js';
import type { PoseImporter } from './pose-importer.js';

/** id, model, width, height, and the three parameters of the smallest model. */
const MIN_CAMERA_BYTES = 24 + 3 * 8;
/** id, quaternion, translation, camera id, an empty name's zero, the number of keypoints. */
const MIN_IMAGE_BYTES = 4 + 32 + 24 + 4 + 1 + 8;
/** x, y, and the id of the 3D point. */
const KEYPOINT_BYTES = 24;
const MAX_NAME_BYTES = 4096;

/**
 * Reads cameras.bin.
 *
 * @throws ImportError 'truncated'; 'malformed' for left-over bytes or two cameras of one id; 'unsupported' for a model number
 * that COLMAP does not define, since the length of its record is not known.
 */
export function readColmapCamerasBinary(bytes: Uint8Array, file: string): Map<number, ColmapCamera> {
  const cursor = new ByteCursor(bytes, file);
  const count = cursor.count(MIN_CAMERA_BYTES, 'cameras');
  const cameras = new Map<number, ColmapCamera>();
  for (let i = 0; i < count; i++) {
    const what = `camera ${i}`;
    const start = cursor.position;
    const id = cursor.uint32(what);
    const modelNumber = cursor.int32(what);
    const model = COLMAP_CAMERA_MODELS[modelNumber];
    if (model === undefined)
      throw new ImportError(
        'unsupported',
        `Camera model number ${modelNumber} is not known.`,
        file,
        `byte ${start}, ${what}`,
        'Undistort the photos with COLMAP (image_undistorter) and give its output folder.',
      );
    const [width, height] = [cursor.uint64(what), cursor.uint64(what)];
    const parameters = Array.from({ length: model.parameterCount }, () => cursor.float64(what));
    if (cameras.has(id))
      throw new ImportError(
        'malformed',
        `Camera ${id} is there twice.`,
        file,
        `byte ${start}, ${what}`,
        'Export the model again.',
      );
    cameras.set(id, { id, model: model.name, width, height, parameters });
  }
  cursor.expectEnd();
  return cameras;
}

function readKeypoints(cursor: ByteCursor, what: string, withKeypoints: boolean): Float64Array | null {
  const count = cursor.count(KEYPOINT_BYTES, `keypoints of ${what}`);
  if (!withKeypoints) {
    cursor.take(count * KEYPOINT_BYTES, what);
    return null;
  }
  const keypointsPx = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) {
    keypointsPx[i * 2] = cursor.float64(what);
    keypointsPx[i * 2 + 1] = cursor.float64(what);
    cursor.take(8, what);
  }
  return keypointsPx;
}

/**
 * Reads images.bin. Numbers are returned as stored; NaN is caught where they become a camera.
 *
 * @param withKeypoints also returns each image's feature positions; they are most of the file.
 * @throws ImportError 'truncated', 'malformed' for left-over bytes.
 */
export function readColmapImagesBinary(bytes: Uint8Array, file: string, withKeypoints = false): ColmapImage[] {
  const cursor = new ByteCursor(bytes, file);
  const count = cursor.count(MIN_IMAGE_BYTES, 'images');
  const images: ColmapImage[] = [];
  for (let i = 0; i < count; i++) {
    const what = `image ${i}`;
    const id = cursor.uint32(what);
    const next = (): number => cursor.float64(what);
    const quaternion: [number, number, number, number] = [next(), next(), next(), next()];
    const translation: Vec3 = [next(), next(), next()];
    const cameraId = cursor.uint32(what);
    const name = cursor.cString(MAX_NAME_BYTES, `the name of ${what}`);
    images.push({
      id,
      cameraId,
      name,
      quaternion,
      translation,
      keypointsPx: readKeypoints(cursor, what, withKeypoints),
    });
  }
  cursor.expectEnd();
  return images;
}

/** `<capture>/sparse/0` (or `sparse`, or the root) with cameras.bin and images.bin. */
export const colmapBinaryImporter: PoseImporter = {
  format: 'colmap-binary',
  expects: 'COLMAP: sparse/0/cameras.bin and images.bin',
  locate: (listing) => {
    const folder = locateColmapModel(listing, ['cameras.bin', 'images.bin']);
    return folder === null ? null : joinPath(folder, 'images.bin');
  },
  accepts: (fileName) => /^(cameras|images|points3D)\.bin$/.test(fileName),
  read: async (request) => {
    const folder = folderOf(request.poseFile);
    const [camerasFile, imagesFile] = [joinPath(folder, 'cameras.bin'), joinPath(folder, 'images.bin')];
    const model: ColmapModel = {
      cameras: readColmapCamerasBinary(await request.files.read(camerasFile), camerasFile),
      images: readColmapImagesBinary(await request.files.read(imagesFile), imagesFile),
    };
    return posedPhotosOfColmap(model, folder, { ...request, poseFile: imagesFile });
  },
};

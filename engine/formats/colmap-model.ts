/**
 * COLMAP's sparse model as data, and what binary and text have in common: camera models, poses, where the photos are.
 * Format: https://colmap.github.io/format.html; camera models: colmap/src/colmap/sensor/models.h.
 */
import { rotationOfQuaternion } from '../math/conventions.js';
import type { Vec3 } from '../math/rigid-transform.js';
import type { Distortion, Intrinsics } from '../scene/camera.js';
import { ImportError } from '../scene/errors.js';
import type { CaptureListing, WrittenAt } from './capture-files.js';
import { baseName, joinPath, printable, resolveCapturePath } from './capture-files.js';
import { checkDistortion, checkIntrinsics, checkRigid } from './check-camera.js';
import type { PosedPhoto, PosedPhotos, PoseRequest } from './pose-importer.js';

export interface ColmapCamera {
  readonly id: number;
  /** COLMAP's name, such as `OPENCV`. */
  readonly model: string;
  readonly width: number;
  readonly height: number;
  readonly parameters: readonly number[];
}

export interface ColmapImage {
  readonly id: number;
  readonly cameraId: number;
  readonly name: string;
  /** w x y z and translation of `cameraFromWorld`. */
  readonly quaternion: readonly [number, number, number, number];
  readonly translation: Vec3;
  /** [n, 2] feature positions in pixels, when asked for. */
  readonly keypointsPx: Float64Array | null;
}

export interface ColmapModel {
  readonly cameras: ReadonlyMap<number, ColmapCamera>;
  readonly images: readonly ColmapImage[];
}

/** COLMAP's camera models by their number in binary files, with how many parameters each stores. */
export const COLMAP_CAMERA_MODELS: readonly { readonly name: string; readonly parameterCount: number }[] = [
  { name: 'SIMPLE_PINHOLE', parameterCount: 3 },
  { name: 'PINHOLE', parameterCount: 4 },
  { name: 'SIMPLE_RADIAL', parameterCount: 4 },
  { name: 'RADIAL', parameterCount: 5 },
  { name: 'OPENCV', parameterCount: 8 },
  { name: 'OPENCV_FISHEYE', parameterCount: 8 },
  { name: 'FULL_OPENCV', parameterCount: 12 },
  { name: 'FOV', parameterCount: 5 },
  { name: 'SIMPLE_RADIAL_FISHEYE', parameterCount: 4 },
  { name: 'RADIAL_FISHEYE', parameterCount: 5 },
  { name: 'THIN_PRISM_FISHEYE', parameterCount: 12 },
  { name: 'RAD_TAN_THIN_PRISM_FISHEYE', parameterCount: 16 },
];

/** Parameters in COLMAP's order, for the models that OpenCV's perspective model covers. */
const PARAMETER_NAMES: Readonly<Record<string, readonly string[]>> = {
  SIMPLE_PINHOLE: ['f', 'cx', 'cy'],
  PINHOLE: ['fx', 'fy', 'cx', 'cy'],
  SIMPLE_RADIAL: ['f', 'cx', 'cy', 'k1'],
  RADIAL: ['f', 'cx', 'cy', 'k1', 'k2'],
  OPENCV: ['fx', 'fy', 'cx', 'cy', 'k1', 'k2', 'p1', 'p2'],
  FULL_OPENCV: ['fx', 'fy', 'cx', 'cy', 'k1', 'k2', 'p1', 'p2', 'k3', 'k4', 'k5', 'k6'],
};

/** How far a stored quaternion's norm may be from 1 before the record is taken for garbage. */
const MAX_QUATERNION_DEFECT = 0.1;
const MODEL_FOLDERS = ['sparse/0', 'sparse', '', 'colmap/sparse/0'];
const PHOTO_FOLDERS = ['images', '', 'images_2', 'images_4', 'images_8'];

/**
 * Intrinsics and distortion of a COLMAP camera. COLMAP's pixel and distortion conventions are ours.
 *
 * @throws ImportError 'unsupported' for fisheye and other models without an OpenCV perspective equivalent, 'malformed' for
 * a wrong number of parameters or parameters that cannot be a camera's.
 */
export function colmapIntrinsics(
  camera: ColmapCamera,
  at: WrittenAt,
): { readonly intrinsics: Intrinsics; readonly distortion: Distortion | null } {
  const names = Object.hasOwn(PARAMETER_NAMES, camera.model) ? PARAMETER_NAMES[camera.model] : undefined;
  if (names === undefined)
    throw new ImportError(
      'unsupported',
      `Camera ${camera.id} has the model ${printable(camera.model, 40)}, which is not supported.`,
      at.file,
      at.where,
      'Undistort the photos with COLMAP (image_undistorter) and give its output folder.',
    );
  if (names.length !== camera.parameters.length)
    throw new ImportError(
      'malformed',
      `Camera ${camera.id} (${camera.model}) has ${camera.parameters.length} parameters instead of ${names.length}.`,
      at.file,
      at.where,
      'Export the model again.',
    );
  const value = (name: string): number => camera.parameters[names.indexOf(name)] ?? 0;
  const shared = names.includes('f') ? value('f') : null;
  const intrinsics = {
    fx: shared ?? value('fx'),
    fy: shared ?? value('fy'),
    cx: value('cx'),
    cy: value('cy'),
    width: camera.width,
    height: camera.height,
  };
  const coefficients = Object.fromEntries(names.filter((name) => /^[kp]\d$/.test(name)).map((n) => [n, value(n)]));
  return { intrinsics: checkIntrinsics(intrinsics, at), distortion: checkDistortion(coefficients, at) };
}

/** The folder of a model whose `files` are all present, by COLMAP's and INRIA's customs; null when there is none. */
export function locateColmapModel(listing: CaptureListing, files: readonly string[]): string | null {
  return MODEL_FOLDERS.find((folder) => files.every((file) => listing.has(joinPath(folder, file)))) ?? null;
}

/** The folder that holds `images/` and `masks/` for a pose file in `modelFolder`: above `sparse/0` or `sparse`, else itself. */
export function captureFolderOf(modelFolder: string): string {
  return modelFolder.replace(/(^|\/)(colmap\/)?sparse(\/\d+)?$/, '');
}

function photoCandidates(name: string, folder: string, request: PoseRequest, at: WrittenAt): string[] {
  const relative = resolveCapturePath('', name, at);
  if (request.imagesFolder !== null)
    return [joinPath(request.imagesFolder, relative), joinPath(request.imagesFolder, baseName(relative))];
  const paths = [folder, ''].flatMap((above) => PHOTO_FOLDERS.map((photos) => joinPath(above, photos, relative)));
  return [...new Set(paths)];
}

/**
 * The posed photos of a model.
 *
 * @throws ImportError for an image whose camera is missing, a pose that is no rotation, a camera model that is not
 * supported, or an image path that leaves the capture.
 */
export function posedPhotosOfColmap(model: ColmapModel, modelFolder: string, request: PoseRequest): PosedPhotos {
  const imagesFile = request.poseFile;
  const photos = model.images.map((image): PosedPhoto => {
    const at = {
      file: imagesFile,
      where: `image ${image.id}${image.name === '' ? '' : ` (${printable(image.name)})`}`,
    };
    const camera = model.cameras.get(image.cameraId);
    if (camera === undefined)
      throw new ImportError(
        'malformed',
        `Camera ${image.cameraId} is not in the cameras file.`,
        at.file,
        at.where,
        'Give cameras and images of the same model.',
      );
    const norm = Math.hypot(...image.quaternion);
    if (!(Math.abs(norm - 1) <= MAX_QUATERNION_DEFECT))
      throw new ImportError(
        'singular-matrix',
        `The rotation's quaternion has length ${norm.toPrecision(3)} instead of 1.`,
        at.file,
        at.where,
        'Export the model again.',
      );
    const { intrinsics, distortion } = colmapIntrinsics(camera, at);
    return {
      writtenName: image.name,
      imageCandidates: photoCandidates(image.name, captureFolderOf(modelFolder), request, at),
      maskPath: null,
      camera: {
        intrinsics,
        cameraFromWorld: checkRigid(rotationOfQuaternion(image.quaternion), image.translation, at),
      },
      distortion,
      openIntrinsics: null,
    };
  });
  return { photos, warnings: [] };
}

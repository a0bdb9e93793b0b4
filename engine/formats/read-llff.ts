/**
 * LLFF's poses_bounds.npy (https://github.com/Fyusion/LLFF, "Using your own poses without running COLMAP"): a row an image,
 * in the order of the sorted image file names.
 */
import { cameraFromWorldOfLlff } from '../math/conventions.js';
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import type { Camera } from '../scene/camera.js';
import { ImportError } from '../scene/errors.js';
import type { CaptureListing } from './capture-files.js';
import { folderOf, isPhotoName, joinPath } from './capture-files.js';
import { checkIntrinsics, checkRigid } from './check-camera.js';
import type { PoseImporter, PosedPhotos, PoseRequest } from './pose-importer.js';
import { readNpy } from './read-npy.js';

/** 3×5 matrix [R | t | height width focal], and near and far. */
const COLUMNS_WITH_BOUNDS = 17;
const COLUMNS_WITHOUT_BOUNDS = 15;

/**
 * Reads poses_bounds.npy, an array [N, 17] or, without near and far, [N, 15]. A row holds, row-major, the 3×5 matrix
 * [R | t | hwf]: camera-to-world with rotation columns (down, right, back), and height, width and focal length in pixels. The
 * principal point is the image's centre. Near and far are not used.
 *
 * @returns one camera a row, at the size that the row states.
 * @throws ImportError 'malformed' (also NaN), 'truncated', 'size-mismatch', 'singular-matrix', 'unsupported'.
 */
export function readLlff(bytes: Uint8Array, file: string): Camera[] {
  const { shape, data } = readNpy(bytes, file);
  const [rows, columns] = shape;
  if (
    shape.length !== 2 ||
    rows === undefined ||
    (columns !== COLUMNS_WITH_BOUNDS && columns !== COLUMNS_WITHOUT_BOUNDS)
  )
    throw new ImportError(
      'malformed',
      `The array is ${shape.join(' × ')}, where a row of 17 (or 15) numbers an image is expected.`,
      file,
      'header',
      "Give LLFF's poses_bounds.npy.",
    );
  return Array.from({ length: rows }, (_, row) => {
    const at = { file, where: `row ${row}` };
    const m = data.subarray(row * columns, row * columns + COLUMNS_WITHOUT_BOUNDS);
    const entry = (i: number, j: number): number => m[i * 5 + j] as number;
    const rotation = [0, 1, 2].flatMap((i) => [entry(i, 0), entry(i, 1), entry(i, 2)]) as Mat3;
    const translation: Vec3 = [entry(0, 3), entry(1, 3), entry(2, 3)];
    const [height, width, focal] = [entry(0, 4), entry(1, 4), entry(2, 4)];
    const intrinsics = { fx: focal, fy: focal, cx: width / 2, cy: height / 2, width, height };
    checkIntrinsics(intrinsics, at);
    return { intrinsics, cameraFromWorld: cameraFromWorldOfLlff(checkRigid(rotation, translation, at)) };
  });
}

interface PhotoFolder {
  readonly folder: string;
  readonly names: readonly string[];
}

/** `images_8` is an eighth of the stated size; `images` and the pose file's own folder are taken to be full size. */
function shrinkFactor(folder: string): number {
  return Number(/(?:^|\/)images_(\d+)$/.exec(folder)?.[1] ?? 1) || 1;
}

/** Folders with photos: the smallest first or, when the width in use is known, the smallest that still has that width. */
function photoFolders(
  listing: CaptureListing,
  base: string,
  statedWidth: number,
  widthPx: number | null,
): PhotoFolder[] {
  const isOurs = (folder: string): boolean =>
    folder === base || (folderOf(folder) === base && /(?:^|\/)images(?:_\d+)?$/.test(folder));
  const folders = listing
    .folders()
    .filter(isOurs)
    .map((folder) => ({ folder, names: listing.namesIn(folder).filter(isPhotoName) }))
    .filter(({ names }) => names.length > 0)
    .sort((a, b) => shrinkFactor(b.folder) - shrinkFactor(a.folder) || b.folder.length - a.folder.length);
  if (widthPx === null) return folders;
  const isLargeEnough = ({ folder }: PhotoFolder): boolean => statedWidth / shrinkFactor(folder) >= widthPx;
  return [...folders.filter(isLargeEnough), ...folders.filter((folder) => !isLargeEnough(folder)).reverse()];
}

function choosePhotoFolder(cameras: readonly Camera[], request: PoseRequest): PhotoFolder {
  const { listing, poseFile, imagesFolder, widthPx } = request;
  const statedWidth = cameras[0]?.intrinsics.width ?? 0;
  const folders =
    imagesFolder === null
      ? photoFolders(listing, folderOf(poseFile), statedWidth, widthPx)
      : [{ folder: imagesFolder, names: listing.namesIn(imagesFolder).filter(isPhotoName) }];
  const fitting = folders.find(({ names }) => names.length === cameras.length);
  if (fitting !== undefined) return fitting;
  const counts = folders.map(
    ({ folder, names }) => `${names.length} in ${folder === '' ? 'the folder itself' : folder}`,
  );
  throw new ImportError(
    folders.length === 0 ? 'not-found' : 'size-mismatch',
    `The file has ${cameras.length} poses, and there are ${counts.length === 0 ? 'no photos' : `photos: ${counts.join(', ')}`}.`,
    poseFile,
    '',
    'Row i belongs to the i-th file name: put exactly those photos into images/ (or images_8/, images_4/) beside this file.',
  );
}

async function readPosedPhotos(request: PoseRequest): Promise<PosedPhotos> {
  const cameras = readLlff(await request.files.read(request.poseFile), request.poseFile);
  const { folder, names } = choosePhotoFolder(cameras, request);
  const photos = cameras.map((camera, row) => {
    const name = names[row] as string;
    return {
      writtenName: name,
      imageCandidates: [joinPath(folder, name)],
      maskPath: null,
      camera,
      distortion: null,
      openIntrinsics: null,
    };
  });
  return { photos, warnings: [] };
}

/** `<capture>/poses_bounds.npy`, photos in images_8/, images_4/, images/ … beside it. */
export const llffImporter: PoseImporter = {
  format: 'llff',
  expects: 'LLFF: poses_bounds.npy',
  locate: (listing) => (listing.has('poses_bounds.npy') ? 'poses_bounds.npy' : null),
  accepts: (fileName) => fileName.toLowerCase().endsWith('.npy'),
  read: readPosedPhotos,
};

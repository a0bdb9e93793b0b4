/** Middlebury's multi-view stereo cameras, `*_par.txt` (https://vision.middlebury.edu/mview/data/). */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import type { Camera } from '../scene/camera.js';
import { ImportError } from '../scene/errors.js';
import { baseName, folderOf, joinPath, printable, resolveCapturePath } from './capture-files.js';
import { checkIntrinsics, checkRigid } from './check-camera.js';
import type { PoseImporter, PosedPhotos, PoseRequest } from './pose-importer.js';
import { decimalsOf, linesOf, wordsOf } from './text-records.js';

/** One line of the file. */
export interface MiddleburyPhoto {
  readonly name: string;
  /** The file states no size: width and height are 0. */
  readonly camera: Camera;
  /** `line 2 (templeSR0001.png)` */
  readonly where: string;
}

/** K, R and t. */
const LINE_NUMBERS = 9 + 9 + 3;
/** Skew, as a share of the focal length, that stays below a hundredth of a pixel in a large photo. */
const MAX_SKEW = 1e-5;

function readLine(words: readonly string[], file: string, line: number): MiddleburyPhoto {
  // The name may hold spaces: the numbers are counted from the end.
  const name = words.slice(0, -LINE_NUMBERS).join(' ');
  const at = { file, where: `line ${line} (${printable(name)})` };
  if (words.length <= LINE_NUMBERS)
    throw new ImportError(
      'malformed',
      `A line needs a file name and ${LINE_NUMBERS} numbers (K, R and t); this one has ${words.length} words.`,
      file,
      `line ${line}`,
      'Correct this line or fetch the file again.',
    );
  const n = decimalsOf(words.slice(-LINE_NUMBERS), file, at.where);
  const k = n.slice(0, 9).map((value) => value / (n[8] as number)) as Mat3;
  if (!k.every(Number.isFinite))
    throw new ImportError('malformed', 'The last entry of K is 0.', file, at.where, 'Correct this line.');
  const isUpperTriangular = Math.max(Math.abs(k[3]), Math.abs(k[6]), Math.abs(k[7])) === 0;
  if (!isUpperTriangular || !(Math.abs(k[1]) <= MAX_SKEW * Math.abs(k[0])))
    throw new ImportError(
      'unsupported',
      'The matrix K has skew, or is not upper triangular.',
      file,
      at.where,
      'Give a calibration without skew.',
    );
  const intrinsics = checkIntrinsics({ fx: k[0], fy: k[4], cx: k[2], cy: k[5], width: 0, height: 0 }, at);
  const cameraFromWorld = checkRigid(n.slice(9, 18) as Mat3, n.slice(18) as Vec3, at);
  return { name, camera: { intrinsics, cameraFromWorld }, where: at.where };
}

/**
 * Reads `*_par.txt`: the number of images, then a line each of name, K (9), R (9) and t (3), with x = K [R | t] X. Axes and
 * pixel origin are ours.
 *
 * @throws ImportError 'malformed', 'truncated' (fewer lines than announced), 'size-mismatch' (more), 'singular-matrix',
 * 'unsupported' (skew).
 */
export function readMiddlebury(bytes: Uint8Array, file: string): MiddleburyPhoto[] {
  const lines = linesOf(bytes, file)
    .map((line, i) => ({ words: wordsOf(line), number: i + 1 }))
    .filter(({ words }) => words.length > 0);
  const [first, ...rest] = lines;
  const countWord = first?.words.length === 1 ? (first.words[0] as string) : '';
  if (!/^\d{1,9}$/.test(countWord))
    throw new ImportError(
      'malformed',
      'The first line is not the number of images.',
      file,
      'line 1',
      "Give Middlebury's *_par.txt.",
    );
  const count = Number(countWord);
  if (count !== rest.length)
    throw new ImportError(
      count > rest.length ? 'truncated' : 'size-mismatch',
      `The file announces ${count} images and has lines for ${rest.length}.`,
      file,
      'line 1',
      'Fetch the file again, or correct the number.',
    );
  return rest.map(({ words, number }) => readLine(words, file, number));
}

async function readPosedPhotos(request: PoseRequest): Promise<PosedPhotos> {
  const { poseFile, imagesFolder } = request;
  const photos = readMiddlebury(await request.files.read(poseFile), poseFile).map(({ name, camera, where }) => {
    const relative = resolveCapturePath('', name, { file: poseFile, where });
    const folders =
      imagesFolder === null ? [folderOf(poseFile), joinPath(folderOf(poseFile), 'images')] : [imagesFolder];
    return {
      writtenName: name,
      imageCandidates: folders.map((folder) => joinPath(folder, imagesFolder === null ? relative : baseName(relative))),
      maskPath: null,
      camera,
      distortion: null,
      openIntrinsics: null,
    };
  });
  return { photos, warnings: [] };
}

/** `<capture>/<anything>_par.txt` with the photos beside it. */
export const middleburyImporter: PoseImporter = {
  format: 'middlebury',
  expects: 'Middlebury: *_par.txt',
  locate: (listing) => listing.namesIn('').find((name) => /_par\.txt$/i.test(name)) ?? null,
  accepts: (fileName) => /_par\.txt$/i.test(fileName),
  read: readPosedPhotos,
};

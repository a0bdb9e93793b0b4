/** COLMAP's cameras.txt and images.txt (https://colmap.github.io/format.html, "Text format"). */
import type { Vec3 } from '../math/rigid-transform.js';
import { ImportError } from '../scene/errors.js';
import { folderOf, joinPath } from './capture-files.js';
import type { ColmapCamera, ColmapImage, ColmapModel } from './colmap-model.js';
import { locateColmapModel, posedPhotosOfColmap } from './colmap-model.js';
import type { PoseImporter } from './pose-importer.js';
import { decimalsOf, linesOf, parseDecimal, wordsOf } from './text-records.js';

/** id, quaternion, translation, camera id; the name follows. */
const IMAGE_NUMBERS = 9;

function failAt(file: string, lineNumber: number, problem: string): never {
  throw new ImportError(
    'malformed',
    problem,
    file,
    `line ${lineNumber}`,
    'Correct this line or export the model again.',
  );
}

function checkId(id: number, file: string, lineNumber: number): number {
  return Number.isInteger(id) ? id : failAt(file, lineNumber, `The id ${id} is not a whole number.`);
}

/**
 * Reads cameras.txt: `CAMERA_ID MODEL WIDTH HEIGHT PARAMS[]` a line, `#` starts a comment.
 *
 * @throws ImportError 'malformed' with the line.
 */
export function readColmapCamerasText(bytes: Uint8Array, file: string): Map<number, ColmapCamera> {
  const cameras = new Map<number, ColmapCamera>();
  linesOf(bytes, file).forEach((line, i) => {
    const words = wordsOf(line);
    if (words.length === 0 || words[0]?.startsWith('#')) return;
    const [idWord, model, ...rest] = words;
    if (idWord === undefined || model === undefined || rest.length < 2)
      return failAt(file, i + 1, 'A camera needs an id, a model, a width and a height.');
    const [id, width, height, ...parameters] = decimalsOf([idWord, ...rest], file, `line ${i + 1}`) as [
      number,
      number,
      number,
      ...number[],
    ];
    if (cameras.has(id)) failAt(file, i + 1, `Camera ${id} is there twice.`);
    cameras.set(checkId(id, file, i + 1), { id, model, width, height, parameters });
  });
  return cameras;
}

/** A line of keypoints holds only numbers, three a keypoint; hand-written files sometimes leave it out altogether. */
function isImageLine(words: readonly string[]): boolean {
  if (words.length <= IMAGE_NUMBERS) return false;
  return words.length % 3 !== 0 || Number.isNaN(parseDecimal(words[IMAGE_NUMBERS] as string));
}

function readImageLine(line: string, file: string, lineNumber: number): Omit<ColmapImage, 'keypointsPx'> {
  const words = wordsOf(line);
  if (words.length <= IMAGE_NUMBERS)
    failAt(
      file,
      lineNumber,
      'An image needs an id, four numbers of rotation, three of translation, a camera and a name.',
    );
  const [id, qw, qx, qy, qz, tx, ty, tz, cameraId] = decimalsOf(
    words.slice(0, IMAGE_NUMBERS),
    file,
    `line ${lineNumber}`,
  ) as [number, number, number, number, number, number, number, number, number];
  // The name is the rest of the line: it may hold spaces.
  const name = /^\s*(?:\S+\s+){9}(.*?)\s*$/.exec(line)?.[1] ?? '';
  const translation: Vec3 = [tx, ty, tz];
  return {
    id: checkId(id, file, lineNumber),
    cameraId: checkId(cameraId, file, lineNumber),
    name,
    quaternion: [qw, qx, qy, qz],
    translation,
  };
}

function readKeypointLine(words: readonly string[], at: { file: string; line: number }): Float64Array {
  const numbers = decimalsOf(words, at.file, `line ${at.line}`);
  if (numbers.length % 3 !== 0) failAt(at.file, at.line, 'Keypoints come as x, y and the id of a point.');
  return Float64Array.from(numbers.filter((_, i) => i % 3 !== 2));
}

/**
 * Reads images.txt: two lines an image, `IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME` and its keypoints, which may be an
 * empty line or be left out; `#` starts a comment before an image's first line.
 *
 * @throws ImportError 'malformed' with the line.
 */
export function readColmapImagesText(bytes: Uint8Array, file: string, withKeypoints = false): ColmapImage[] {
  const lines = linesOf(bytes, file);
  const images: ColmapImage[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const image = readImageLine(line, file, i + 1);
    let keypointsPx: Float64Array | null = null;
    const next = wordsOf(lines[i + 1] ?? '');
    if (!isImageLine(next) && next[0]?.startsWith('#') !== true) {
      i++;
      if (withKeypoints) keypointsPx = readKeypointLine(next, { file, line: i + 1 });
    }
    images.push({ ...image, keypointsPx });
  }
  return images;
}

/** `<capture>/sparse/0` (or `sparse`, or the root) with cameras.txt and images.txt. */
export const colmapTextImporter: PoseImporter = {
  format: 'colmap-text',
  expects: 'COLMAP: sparse/0/cameras.txt and images.txt',
  locate: (listing) => {
    const folder = locateColmapModel(listing, ['cameras.txt', 'images.txt']);
    return folder === null ? null : joinPath(folder, 'images.txt');
  },
  accepts: (fileName) => /^(cameras|images|points3D)\.txt$/.test(fileName),
  read: async (request) => {
    const folder = folderOf(request.poseFile);
    const [camerasFile, imagesFile] = [joinPath(folder, 'cameras.txt'), joinPath(folder, 'images.txt')];
    const model: ColmapModel = {
      cameras: readColmapCamerasText(await request.files.read(camerasFile), camerasFile),
      images: readColmapImagesText(await request.files.read(imagesFile), imagesFile),
    };
    return posedPhotosOfColmap(model, folder, { ...request, poseFile: imagesFile });
  },
};

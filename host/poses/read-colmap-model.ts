/** A model of COLMAP's as what the pose stage answers: in the files' pixels, upright, of a usual size. Its files are believed in nothing. */
import { CaptureListing } from '../../engine/formats/capture-files.js';
import type { ColmapImage } from '../../engine/formats/colmap-model.js';
import { posedPhotosOfColmap } from '../../engine/formats/colmap-model.js';
import { readColmapCamerasBinary, readColmapImagesBinary } from '../../engine/formats/read-colmap-binary.js';
import type { ColmapPoints } from '../../engine/formats/read-colmap-points.js';
import { readColmapPointsBinary } from '../../engine/formats/read-colmap-points.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import type { RadialLens } from '../../engine/poses/contract.js';
import { scaleIntrinsics } from '../../engine/scene/camera.js';
import { ImportError } from '../../engine/scene/errors.js';
import { CaptureFolder } from '../capture-folder.js';
import type { HandedPhoto } from './hand-photos-over.js';

const IMAGES_FILE = 'images.bin';
const CAMERA_MODEL = 'RADIAL';

/** A photo of a model, in pixels of its file. */
export interface ColmapPhoto {
  readonly handed: HandedPhoto;
  /** Photos of one camera have one and the same number. */
  readonly cameraId: number;
  readonly lens: RadialLens;
  readonly cameraFromWorld: RigidTransform;
  /** [n, 2] */
  readonly keypointsPx: Float32Array;
}

/** A point, and which keypoints of which of the photos show it. */
export interface ColmapTrack {
  readonly position: Vec3;
  readonly color: readonly [number, number, number];
  readonly observations: readonly { readonly photo: number; readonly keypoint: number }[];
}

export interface ColmapModelContents {
  readonly photos: readonly ColmapPhoto[];
  readonly tracks: readonly ColmapTrack[];
}

function malformed(problem: string, file: string, where: string): ImportError {
  return new ImportError('malformed', problem, `COLMAP's ${file}`, where, 'Let Vantage find the cameras itself.');
}

function scaleKeypoints(image: ColmapImage, { fileSize, handedSize }: HandedPhoto): Float32Array {
  const scales = [fileSize.width / handedSize.width, fileSize.height / handedSize.height];
  return Float32Array.from(image.keypointsPx ?? [], (value, at) => value * scales[at % 2]!);
}

function tracksOf(points: ColmapPoints, images: readonly ColmapImage[]): ColmapTrack[] {
  const photoOfId = new Map(images.map(({ id }, photo) => [id, photo]));
  return Array.from({ length: points.count }, (_, i) => {
    const observations: { photo: number; keypoint: number }[] = [];
    for (let entry = points.trackStarts[i]!; entry < points.trackStarts[i + 1]!; entry++) {
      const photo = photoOfId.get(points.trackImageIds[entry]!);
      const keypoint = points.trackKeypoints[entry]!;
      const count = (photo === undefined ? 0 : images[photo]!.keypointsPx!.length) / 2;
      if (photo === undefined || keypoint >= count)
        throw malformed('A point names a keypoint that is not there.', 'points3D.bin', `point ${i}`);
      observations.push({ photo, keypoint });
    }
    return {
      position: [...points.positions.subarray(i * 3, i * 3 + 3)] as Vec3,
      color: [...points.colours.subarray(i * 3, i * 3 + 3)] as [number, number, number],
      observations,
    };
  });
}

/**
 * Reads a model.
 *
 * @param handed the photos that COLMAP was given.
 * @throws ImportError for files that are missing, cut off or nonsense: photos that were not given or stand there twice, a lens of another
 * size or kind than was asked for, a pose that is no rotation, points of keypoints that do not exist.
 */
export async function readColmapModel(folder: string, handed: readonly HandedPhoto[]): Promise<ColmapModelContents> {
  const files = await CaptureFolder.open(folder);
  const cameras = readColmapCamerasBinary(await files.read('cameras.bin'), 'cameras.bin');
  const images = readColmapImagesBinary(await files.read(IMAGES_FILE), IMAGES_FILE, true);
  const points = readColmapPointsBinary(await files.read('points3D.bin'), 'points3D.bin');
  const request = { files, listing: new CaptureListing([]), poseFile: IMAGES_FILE, imagesFolder: null, widthPx: null };
  const posed = posedPhotosOfColmap({ cameras, images }, '', request).photos;
  const given = new Map(handed.map((photo) => [photo.handedName, photo]));
  const seen = new Set<number | string>();
  const photos = images.map((image, i): ColmapPhoto => {
    const where = `image ${i}`;
    const photo = given.get(image.name);
    if (photo === undefined) throw malformed('It names a photo that was not given.', IMAGES_FILE, where);
    if (seen.has(image.id) || seen.has(image.name)) throw malformed('A photo is there twice.', IMAGES_FILE, where);
    seen.add(image.id).add(image.name);
    const { camera, distortion } = posed[i]!;
    const { intrinsics } = camera;
    const { width, height } = photo.handedSize;
    if (intrinsics.width !== width || intrinsics.height !== height)
      throw malformed('The lens has another size than the photo.', 'cameras.bin', where);
    if (cameras.get(image.cameraId)?.model !== CAMERA_MODEL)
      throw malformed(`The lens is not ${CAMERA_MODEL} as was asked for.`, 'cameras.bin', where);
    return {
      handed: photo,
      cameraId: image.cameraId,
      lens: {
        intrinsics: scaleIntrinsics(intrinsics, photo.fileSize.width, photo.fileSize.height),
        k1: distortion?.k1 ?? 0,
        k2: distortion?.k2 ?? 0,
      },
      cameraFromWorld: camera.cameraFromWorld,
      keypointsPx: scaleKeypoints(image, photo),
    };
  });
  return { photos, tracks: tracksOf(points, images) };
}

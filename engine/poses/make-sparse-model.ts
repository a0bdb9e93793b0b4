/** What was found as a model of the files: upright, of a usual size, in the files' pixels, with coloured points. */
import { rotationToUpAxis } from '../math/conventions.js';
import { median } from '../math/median.js';
import type { Vec3 } from '../math/rigid-transform.js';
import { multiplyMatVec, transformPoint } from '../math/rigid-transform.js';
import { scaleIntrinsics } from '../scene/camera.js';
import type { SparseLens, SparseModel, SparsePoints } from '../scene/sparse-model.js';
import type { RgbImage } from '../scene/view.js';
import type { Similarity } from './align-similarity.js';
import { moveCamera, transformBySimilarity } from './align-similarity.js';
import type { PlacedPhoto, PoseSolution, RadialLens, Track } from './contract.js';
import { guessGravity, guessSceneScale } from './gravity-guess.js';
import type { PhotoFeatures } from './photo-features.js';
import type { PosePhoto } from './pose-stage.js';
import { fileScale } from './pose-stage.js';
import { projectThroughLens } from './lens.js';

/** What a world is chosen by. */
interface SolvedPlaces {
  readonly photos: readonly Pick<PlacedPhoto, 'cameraFromWorld'>[];
  readonly tracks: readonly Pick<Track, 'position'>[];
}

/** z up as far as it can be guessed, the points' middle at the origin, 1 the typical distance from a camera to a point. */
export function chooseWorld(solution: SolvedPlaces): { worldFromSolution: Similarity; upConfidence: number } {
  const cameras = solution.photos.map(({ cameraFromWorld }) => cameraFromWorld);
  const gravity = guessGravity(cameras);
  const rotation = rotationToUpAxis(gravity?.up ?? [0, -1, 0], 'z-up');
  const turned = solution.tracks.map(({ position }) => multiplyMatVec(rotation, position));
  const positions = solution.tracks.flatMap(({ position }) => position);
  const scale = guessSceneScale(cameras, positions);
  const translation = [0, 1, 2].map((k) => {
    const middle = median(turned.map((point) => point[k]!));
    return Number.isFinite(middle) ? -scale * middle : 0;
  }) as Vec3;
  return { worldFromSolution: { scale, rotation, translation }, upConfidence: gravity?.confidence ?? 0 };
}

function lensOfFile({ intrinsics, k1, k2 }: RadialLens, { width, height }: PosePhoto['fileSize']): SparseLens {
  const isPinhole = k1 === 0 && k2 === 0;
  const distortion = isPinhole ? null : { k1, k2, p1: 0, p2: 0, k3: 0, k4: 0, k5: 0, k6: 0 };
  return { intrinsics: scaleIntrinsics(intrinsics, width, height), distortion };
}

function colorAt({ width, height, data }: RgbImage, x: number, y: number): [number, number, number] {
  const column = Math.min(width - 1, Math.max(0, Math.floor(x)));
  const row = Math.min(height - 1, Math.max(0, Math.floor(y)));
  const at = (row * width + column) * 3;
  return [0, 1, 2].map((c) => Math.round(255 * Math.min(1, Math.max(0, data[at + c]!)))) as [number, number, number];
}

function makePoints(
  solution: PoseSolution,
  photos: readonly PosePhoto[],
  features: readonly PhotoFeatures[],
  worldFromSolution: Similarity,
): SparsePoints {
  const { tracks } = solution;
  const placed = new Map(solution.photos.map(({ photo }, index) => [photo, index]));
  const observationCount = tracks.reduce((sum, { observations }) => sum + observations.length, 0);
  const points = {
    count: tracks.length,
    positions: new Float64Array(tracks.length * 3),
    colors: new Uint8Array(tracks.length * 3),
    errorsPx: new Float64Array(tracks.length),
    trackStarts: new Uint32Array(tracks.length + 1),
    trackPhotos: new Uint32Array(observationCount),
    trackKeypoints: new Uint32Array(observationCount),
  };
  let entry = 0;
  tracks.forEach(({ position, observations }, i) => {
    points.positions.set(transformBySimilarity(worldFromSolution, position), i * 3);
    const color = [0, 0, 0];
    for (const { photo, keypoint } of observations) {
      const index = placed.get(photo)!;
      const { points: pixels } = features[photo]!;
      const [x, y] = [pixels[keypoint * 2]!, pixels[keypoint * 2 + 1]!];
      const { lens, cameraFromWorld } = solution.photos[index]!;
      const shown = projectThroughLens(solution.lenses[lens]!, transformPoint(cameraFromWorld, position));
      if (shown !== null)
        points.errorsPx[i]! +=
          (fileScale(photos[photo]!) * Math.hypot(shown[0] - x, shown[1] - y)) / observations.length;
      colorAt(photos[photo]!.image, x, y).forEach((value, c) => (color[c]! += value / observations.length));
      points.trackPhotos[entry] = index;
      points.trackKeypoints[entry++] = keypoint;
    }
    points.colors.set(color.map(Math.round), i * 3);
    points.trackStarts[i + 1] = entry;
  });
  return points;
}

/**
 * @param solution cameras in the order of the photos, lenses at the size of the searched photos.
 * @returns photos without a camera are left out; every lens that a photo uses, at the size of the first file that uses it.
 */
export function makeSparseModel(
  solution: PoseSolution,
  photos: readonly PosePhoto[],
  features: readonly PhotoFeatures[],
): { readonly model: SparseModel; readonly upConfidence: number } {
  const { worldFromSolution, upConfidence } = chooseWorld(solution);
  const used = [...new Set(solution.photos.map(({ lens }) => lens))].sort((a, b) => a - b);
  const lenses = used.map((lens) => {
    const user = solution.photos.find((placed) => placed.lens === lens)!;
    return lensOfFile(solution.lenses[lens]!, photos[user.photo]!.fileSize);
  });
  const placed = solution.photos.map(({ photo, lens, cameraFromWorld }) => {
    const { imagePath, fileSize, image } = photos[photo]!;
    const keypointsPx = features[photo]!.points.map(
      (value, at) => value * (at % 2 === 0 ? fileSize.width / image.width : fileSize.height / image.height),
    );
    return {
      imagePath,
      lens: used.indexOf(lens),
      cameraFromWorld: moveCamera(worldFromSolution, cameraFromWorld),
      keypointsPx,
    };
  });
  return {
    model: { lenses, photos: placed, points: makePoints(solution, photos, features, worldFromSolution) },
    upConfidence,
  };
}

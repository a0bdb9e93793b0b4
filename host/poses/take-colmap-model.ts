/** A model of COLMAP's as what the pose stage answers: upright, of a usual size, with what became of each photo. */
import { median } from '../../engine/math/median.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { moveCamera, transformBySimilarity } from '../../engine/poses/align-similarity.js';
import { FEW_POINTS } from '../../engine/poses/explain-photos.js';
import { projectThroughLens } from '../../engine/poses/lens.js';
import { chooseWorld } from '../../engine/poses/make-sparse-model.js';
import type { FoundCameras, PhotoOutcome } from '../../engine/poses/pose-stage.js';
import type { SparsePoints } from '../../engine/scene/sparse-model.js';
import type { HandedPhoto } from './hand-photos-over.js';
import type { ColmapModelContents, ColmapTrack } from './read-colmap-model.js';

/** An observation, and how far off it is in pixels of its file. */
interface Measured {
  readonly photo: number;
  readonly keypoint: number;
  readonly errorPx: number;
}

interface MeasuredTrack extends ColmapTrack {
  readonly observations: readonly Measured[];
}

/** Points that at least two photos show; a photo's observation of what is behind it is none. */
function measureTracks({ photos, tracks }: ColmapModelContents): MeasuredTrack[] {
  return tracks.flatMap((track) => {
    const observations = track.observations.flatMap(({ photo, keypoint }) => {
      const { lens, cameraFromWorld, keypointsPx } = photos[photo]!;
      const shown = projectThroughLens(lens, transformPoint(cameraFromWorld, track.position));
      if (shown === null) return [];
      const errorPx = Math.hypot(shown[0] - keypointsPx[2 * keypoint]!, shown[1] - keypointsPx[2 * keypoint + 1]!);
      return Number.isFinite(errorPx) ? [{ photo, keypoint, errorPx }] : [];
    });
    return new Set(observations.map(({ photo }) => photo)).size < 2 ? [] : [{ ...track, observations }];
  });
}

function packPoints(tracks: readonly MeasuredTrack[]): SparsePoints {
  const observations = tracks.flatMap((track) => track.observations);
  const trackStarts = new Uint32Array(tracks.length + 1);
  tracks.forEach((track, i) => (trackStarts[i + 1] = trackStarts[i]! + track.observations.length));
  return {
    count: tracks.length,
    positions: Float64Array.from(tracks.flatMap(({ position }) => position)),
    colors: Uint8Array.from(tracks.flatMap(({ color }) => color)),
    errorsPx: Float64Array.from(
      tracks,
      (track) => track.observations.reduce((sum, { errorPx }) => sum + errorPx, 0) / track.observations.length,
    ),
    trackStarts,
    trackPhotos: Uint32Array.from(observations, ({ photo }) => photo),
    trackKeypoints: Uint32Array.from(observations, ({ keypoint }) => keypoint),
  };
}

/**
 * @param contents the largest model; null when there is none.
 * @param handed all photos that COLMAP was given: outcomes are in their order.
 * @param elsewhere names, as handed over, of photos that other models place.
 */
export function takeColmapModel(
  contents: ColmapModelContents | null,
  handed: readonly HandedPhoto[],
  elsewhere: ReadonlySet<string>,
): FoundCameras {
  const leftOut = ({ name, handedName }: HandedPhoto): PhotoOutcome => {
    const reason = elsewhere.has(handedName) ? 'apart' : 'unexplained';
    return { name, isPlaced: false, reason, matchCount: null };
  };
  if (contents === null || contents.photos.length < 2)
    return { model: null, photos: handed.map(leftOut), medianErrorPx: NaN, upConfidence: 0 };
  const { photos } = contents;
  const tracks = measureTracks(contents);
  const { worldFromSolution, upConfidence } = chooseWorld({ photos, tracks });
  const cameraIds = [...new Set(photos.map(({ cameraId }) => cameraId))];
  const lenses = cameraIds.map((id) => {
    const { lens } = photos.find(({ cameraId }) => cameraId === id)!;
    const { intrinsics, k1, k2 } = lens;
    return { intrinsics, distortion: { k1, k2, p1: 0, p2: 0, k3: 0, k4: 0, k5: 0, k6: 0 } };
  });
  const errorsPx = photos.map((): number[] => []);
  for (const { photo, errorPx } of tracks.flatMap((track) => track.observations)) errorsPx[photo]!.push(errorPx);
  const outcomes = handed.map((one): PhotoOutcome => {
    const at = photos.findIndex((photo) => photo.handed === one);
    if (at < 0) return leftOut(one);
    const errors = errorsPx[at]!;
    const doubts = errors.length < FEW_POINTS ? (['few-points'] as const) : [];
    return { name: one.name, isPlaced: true, pointCount: errors.length, medianErrorPx: median(errors), doubts };
  });
  return {
    model: {
      lenses,
      photos: photos.map(({ handed: { imagePath }, cameraId, cameraFromWorld, keypointsPx }) => ({
        imagePath,
        lens: cameraIds.indexOf(cameraId),
        cameraFromWorld: moveCamera(worldFromSolution, cameraFromWorld),
        keypointsPx,
      })),
      points: packPoints(
        tracks.map((track) => ({ ...track, position: transformBySimilarity(worldFromSolution, track.position) })),
      ),
    },
    photos: outcomes,
    medianErrorPx: median(errorsPx.flat()),
    upConfidence,
  };
}

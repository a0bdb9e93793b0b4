/** Cameras that the photos did not come with: when they are looked for, and how the project's photos are changed by what was found. */
import type { Photo } from '../ipc/contract.js';
import { needsCameraSearch } from '../ipc/camera-search.js';
import type { TaskOf, TaskResult } from '../ipc/job-contract.js';
import { CommandRefusedError } from './app-service.js';
import { shownCameraOf } from './import/classify-drop.js';
import { photoSourceOf } from './photo-list.js';
import type { ProjectContent, ProjectPhoto } from './projects/project.js';
import { MIN_TRAINING_PHOTOS } from './roles.js';

export type FoundCameras = TaskResult<'find-cameras'>;
type Sought = Pick<ProjectPhoto, 'role' | 'pose' | 'outcome'>;

/** Too few photos could be placed: the window says why of each. */
export class CamerasNotFoundError extends CommandRefusedError {}

const isUsed = ({ role }: { readonly role: Photo['role'] }): boolean => role !== 'left-out';

/**
 * @param photos that could be decoded.
 * @param isFresh a run that goes on keeps the cameras that it began with.
 */
export function shouldFindCameras(photos: readonly Sought[], isFresh: boolean): boolean {
  const used = photos.filter(isUsed);
  const knowledge = used.map(({ pose, outcome }) => ({ hasCamera: pose !== null, outcome }));
  if (!isFresh && used.filter(({ pose }) => pose !== null).length >= MIN_TRAINING_PHOTOS) return false;
  return needsCameraSearch(knowledge);
}

export function cameraSearch(
  photos: readonly ProjectPhoto[],
  { seed, threads, cameraFinder, depthModel }: ProjectContent['settings'],
  logFile: string,
): TaskOf<'find-cameras'> {
  const used = photos.filter(isUsed).map(photoSourceOf);
  return { kind: 'find-cameras', photos: used, seed, threads, cameraFinder, depthModel, logFile };
}

export function countPlaced({ photos }: FoundCameras): number {
  return photos.filter(({ outcome }) => outcome.isPlaced).length;
}

/**
 * What the project knows once the search is over. Cameras that are found have an origin of their own: all others go, and the pose file that
 * they came from with them. Where too few were placed nothing is known that could replace what there is: only the outcomes are noted.
 */
export function withFoundCameras(
  content: Pick<ProjectContent, 'photos' | 'capture'>,
  found: FoundCameras,
): Pick<ProjectContent, 'photos' | 'capture'> {
  const byId = new Map(found.photos.map((photo) => [photo.photoId, photo]));
  if (countPlaced(found) < MIN_TRAINING_PHOTOS)
    return {
      ...content,
      photos: content.photos.map((photo) =>
        photo.pose === null ? { ...photo, outcome: byId.get(photo.id)?.outcome ?? photo.outcome } : photo,
      ),
    };
  return {
    capture: null,
    photos: content.photos.map((photo) => {
      const { pose = null, outcome = null } = byId.get(photo.id) ?? {};
      const { width, height } = photo;
      const size = width !== null && height !== null ? { width, height } : null;
      return { ...photo, pose, outcome, shownCamera: pose === null ? null : shownCameraOf(pose, size) };
    }),
  };
}

/** @throws CamerasNotFoundError when fewer than two photos were placed. */
export function assertEnoughPlaced(found: FoundCameras): void {
  const placed = countPlaced(found);
  if (placed >= MIN_TRAINING_PHOTOS) return;
  throw new CamerasNotFoundError(
    `Where the photos were taken from could not be found: ${placed} of ${found.photos.length} could be placed.`,
    'What became of each photo, and what helps, stands beside it.',
  );
}

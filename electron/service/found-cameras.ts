/** Cameras that the photos did not come with, or not in this world: when they are seen to, and how the project is changed by what was found. */
import { scale } from '../../engine/math/vectors.js';
import type { Photo } from '../ipc/contract.js';
import { cameraSourceOf, needsCameraSearch } from '../ipc/camera-search.js';
import type { CameraKnowledge, CloudKnowledge } from '../ipc/camera-search.js';
import type { CameraSource, TaskOf, TaskResult } from '../ipc/job-contract.js';
import { CommandRefusedError } from './app-service.js';
import { shownCameraOf } from './import/classify-drop.js';
import { scalePosed } from './import/scale-poses.js';
import { photoSourceOf } from './photo-list.js';
import type { ProjectContent, ProjectPhoto, ProjectSensor } from './projects/project.js';
import { MIN_TRAINING_PHOTOS } from './roles.js';

export type FoundCameras = TaskResult<'find-cameras'>;
type Sought = Pick<ProjectPhoto, 'role' | 'pose' | 'outcome'>;
/** All of a project that lies in the world of its cameras. */
export type WorldContent = Pick<ProjectContent, 'photos' | 'capture' | 'sensors'>;

/** Too few photos could be placed: the window says why of each. */
export class CamerasNotFoundError extends CommandRefusedError {}

const isUsed = ({ role }: { readonly role: Photo['role'] }): boolean => role !== 'left-out';

export function knowledgeOf(photos: readonly Sought[]): CameraKnowledge[] {
  return photos.filter(isUsed).map(({ pose, outcome }) => ({ hasCamera: pose !== null, outcome }));
}

interface Situation {
  /** Of a run that goes on, nothing is done: it keeps the cameras that it began with, where there are enough. */
  readonly isFresh: boolean;
  readonly canFindCameras: boolean;
  /** No pose file is known. */
  readonly isCaptureless: boolean;
}

/**
 * What is done about cameras before a run; null: nothing.
 *
 * @param photos that could be decoded.
 */
export function cameraPlan(
  photos: readonly Sought[],
  clouds: readonly CloudKnowledge[],
  { isFresh, canFindCameras, isCaptureless }: Situation,
): CameraSource | null {
  const known = knowledgeOf(photos);
  const source = cameraSourceOf(known, clouds, canFindCameras);
  if (!isFresh && known.filter(({ hasCamera }) => hasCamera).length >= Math.min(MIN_TRAINING_PHOTOS, known.length))
    return null;
  // Cameras that neither a pose file nor a search brought came from a calibration, which may be another one by now.
  const isFromCalibration = isCaptureless && known.every(({ outcome }) => outcome === null);
  const isCalibrated = clouds.some((cloud) => cloud.isUsed && cloud.isCalibrated);
  return source === 'given' && isFromCalibration && isCalibrated ? 'calibrated' : source;
}

/** Cameras could be looked for, whatever a run would do. */
export function canSearch(photos: readonly Sought[], clouds: readonly CloudKnowledge[]): boolean {
  return needsCameraSearch(knowledgeOf(photos), clouds);
}

type CameraTask = TaskOf<'find-cameras'>;

/** @param cameras with `given`, of photos that have one. */
export function cameraTask(
  photos: readonly ProjectPhoto[],
  settings: ProjectContent['settings'],
  more: Pick<CameraTask, 'cameras' | 'sensors' | 'calibrations' | 'logFile'>,
): CameraTask {
  const { seed, threads, cameraFinder, depthModel } = settings;
  const used = photos.filter((photo) => isUsed(photo) && (more.cameras !== 'given' || photo.pose !== null));
  return { kind: 'find-cameras', photos: used.map(photoSourceOf), seed, threads, cameraFinder, depthModel, ...more };
}

/** Those that a calibration told are placed as well. */
function isPlaced({ pose, outcome }: FoundCameras['photos'][number]): boolean {
  return outcome === null ? pose !== null : outcome.isPlaced;
}

function fewestPlaced({ photos }: FoundCameras): number {
  return photos.every(({ outcome }) => outcome === null) ? 1 : MIN_TRAINING_PHOTOS;
}

/** @throws CamerasNotFoundError when fewer than two photos were placed. */
export function assertEnoughPlaced(found: FoundCameras): void {
  // They keep the cameras that they have.
  if (found.photos.length === 0) return;
  const placed = found.photos.filter(isPlaced).length;
  if (placed >= fewestPlaced(found)) return;
  throw new CamerasNotFoundError(
    `Where the photos were taken from could not be found: ${placed} of ${found.photos.length} could be placed.`,
    'What became of each photo, and what helps, stands beside it.',
  );
}

/** The same world, counted in another unit: cameras, those of the pose file that are still to come, and clouds. */
function scaledWorld({ photos, capture, sensors }: WorldContent, factor: number): WorldContent {
  return {
    capture: capture === null ? null : { ...capture, scale: (capture.scale ?? 1) * factor },
    photos: photos.map((photo) => scalePosed(photo, factor)),
    sensors: sensors.map((sensor) => {
      if (sensor.placement === null) return sensor;
      const { worldFromSensor, errors } = sensor.placement;
      const scaled = {
        ...worldFromSensor,
        scale: worldFromSensor.scale * factor,
        translation: scale(worldFromSensor.translation, factor),
      };
      const placement = { ...sensor.placement, worldFromSensor: scaled, errors: errors.map((error) => error * factor) };
      return { ...sensor, placement };
    }),
  };
}

/** What was known of a cloud's place holds in the world that it was found in, and in no other. */
function registered(sensor: ProjectSensor, found: FoundCameras, isSameWorld: boolean): ProjectSensor {
  const tried = found.registrations?.find(({ path }) => path === sensor.absolutePath);
  const kept = isSameWorld ? sensor.placement : null;
  if (tried === undefined) return { ...sensor, placement: kept, registration: null };
  const { worldFromSensor } = tried;
  if (worldFromSensor === null) return { ...sensor, placement: kept, registration: 'failed' };
  return { ...sensor, placement: { worldFromSensor, by: 'run', errors: [] }, registration: 'placed' };
}

/**
 * What the project knows once its cameras have been seen to. Cameras that are found have an origin of their own: all others go, the pose file that
 * they came from with them, and places of clouds that were picked among the others. Where too few were placed nothing is known that could replace
 * what there is: only the outcomes are noted.
 */
export function withFoundCameras(content: WorldContent, found: FoundCameras): WorldContent {
  const { scale: factor = 1 } = found;
  if (found.photos.length === 0) return factor === 1 ? content : scaledWorld(content, factor);
  const byId = new Map(found.photos.map((photo) => [photo.photoId, photo]));
  if (found.photos.filter(isPlaced).length < fewestPlaced(found))
    return {
      ...content,
      photos: content.photos.map((photo) =>
        photo.pose === null ? { ...photo, outcome: byId.get(photo.id)?.outcome ?? photo.outcome } : photo,
      ),
    };
  const photos = content.photos.map((photo) => {
    const { pose = null, outcome = null } = byId.get(photo.id) ?? {};
    const { width, height } = photo;
    const size = width !== null && height !== null ? { width, height } : null;
    return { ...photo, pose, outcome, shownCamera: pose === null ? null : shownCameraOf(pose, size) };
  });
  const posesOf = (all: WorldContent['photos']): string => JSON.stringify(all.map(({ pose }) => pose));
  const isSameWorld = posesOf(photos) === posesOf(content.photos);
  return { capture: null, photos, sensors: content.sensors.map((sensor) => registered(sensor, found, isSameWorld)) };
}

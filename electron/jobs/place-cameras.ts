/** Photos' cameras in the world of the project's sensors: by the calibration alone, after a search, or scaled. */
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { ImportError } from '../../engine/scene/errors.js';
import { localFromFile } from '../../engine/scene/local-origin.js';
import { moveSparseModel } from '../../engine/poses/move-sparse-model.js';
import type { PhotoCameras } from '../../host/poses/find-photo-cameras.js';
import type { OpenedSensors } from '../../host/sensors/open-sensors.js';
import { openRig, readCloudUnit } from '../../host/sensors/open-sensors.js';
import { placeSensors, poseByRig, scaleByRig } from '../../host/sensors/place-sensors.js';
import { metresPerUnit } from '../../engine/scene/length-units.js';
import { UsageError } from '../../host/run/user-errors.js';
import type { PhotoSource, ReconstructSensor, TaskOf, TaskResult } from '../ipc/job-contract.js';
import { filesOfPhotos, openPickedPhotos } from './picked-capture.js';
import { sensorFiles } from './task-sensors.js';

type Answer = TaskResult<'find-cameras'>;
type CameraTask = TaskOf<'find-cameras'>;

/** A scale that is nearer to 1 leaves the scene in the sensors' unit. */
export const SAME_SCALE = 1e-3;

export const usedSensors = ({ sensors }: Pick<CameraTask, 'sensors'>): ReconstructSensor[] =>
  sensors.filter(({ isUsed }) => isUsed);

/** Cameras of photos of one instant, in the frame of the first sensor; null where the calibration does not say all of them. */
export function camerasByRig(photos: readonly PhotoSource[], opened: OpenedSensors): Answer | null {
  const imagePaths = photos.map(({ path }) => path);
  const capture = poseByRig({ files: filesOfPhotos(photos), imagePaths }, opened);
  if (capture === null) return null;
  const byPath = new Map(capture.views.map(({ imagePath, camera }) => [imagePath, camera]));
  return {
    photos: photos.map(({ photoId, path }) => {
      const camera = byPath.get(path);
      return {
        photoId,
        pose: camera === undefined ? null : { camera, distortion: null, openIntrinsics: null },
        outcome: null,
      };
    }),
  };
}

/** @throws ImportError that says what a calibration must tell for photos that come without cameras. */
export function refuseUnposed(photos: readonly PhotoSource[]): never {
  throw new ImportError(
    'not-found',
    photos.length === 1
      ? 'The calibration does not say where this photo was taken from, and through which lens.'
      : 'The calibration does not say where each of the photos was taken from, and through which lens.',
    photos[0]?.path ?? 'calibration',
    '',
    'Drop one that names the photos and states their intrinsics (docs/calibration.md), or a pose file.',
  );
}

type Similarity = NonNullable<NonNullable<Answer['registrations']>[number]['worldFromSensor']>;

interface PlacedSearch {
  readonly model: SparseModel;
  readonly registrations: NonNullable<Answer['registrations']>;
  readonly warnings: readonly string[];
}

/** The world is the cloud's own frame, in metres where its unit is known, counted from near the cameras where its coordinates are large. */
function inMetres({ metresPerUnit: known }: OpenedSensors, kind: 'lidar' | 'radar', origin?: Vec3): Similarity {
  const { rotation, translation } = localFromFile(origin);
  return { scale: known?.[kind] ?? 1, rotation: [...rotation], translation };
}

const LEFT_OUT =
  'The cameras stay in a world of their own, without a unit. Pick pairs of points in the cloud and in the scene, or drop a file that says how the sensor sits to the cameras.';

/**
 * Cameras that have just been found, in the sensors' world. Where that cannot be, they stay as they were found, and the warning says what helps:
 * what a search has found is never lost.
 *
 * @throws the signal's reason.
 */
export function placeFound(
  task: CameraTask,
  found: PhotoCameras & { readonly model: SparseModel },
  poses: Answer['photos'],
  { opened, signal }: { readonly opened: OpenedSensors; readonly signal: AbortSignal },
): PlacedSearch {
  const { model } = found;
  const byId = new Map(poses.map(({ photoId, pose }) => [photoId, pose]));
  const posed = task.photos
    .map((photo) => ({ ...photo, pose: byId.get(photo.photoId) ?? null }))
    .filter(({ pose }) => pose !== null);
  const unplaced = usedSensors(task).filter(({ kind }) => opened.rig[kind].length === 0);
  const registered = (placed: 'lidar' | null, origin?: Vec3): PlacedSearch['registrations'] =>
    unplaced.map(({ path, kind }) => ({
      path,
      worldFromSensor: kind === placed ? inMetres(opened, kind, origin) : null,
    }));
  try {
    const options = { model, isUpright: found.upConfidence > 0, seed: task.seed, signal };
    const { capture, worldFromCapture, placedModel, warnings } = placeSensors(openPickedPhotos(posed), opened, options);
    return {
      model: placedModel ?? (worldFromCapture === null ? model : moveSparseModel(model, worldFromCapture)),
      // Shape places a LiDAR; a radar that nothing places is left out.
      registrations: registered('lidar', capture.origin),
      warnings,
    };
  } catch (error) {
    if (!(error instanceof ImportError || error instanceof UsageError)) throw error;
    const problem = error instanceof ImportError ? error.problem : error.message;
    return { model, registrations: registered(null), warnings: [`${problem} ${LEFT_OUT}`] };
  }
}

/** From a cloud that was placed by picked points, and says its unit; null where none does. */
async function scaleByPicks(sensors: readonly ReconstructSensor[], signal: AbortSignal): Promise<number | null> {
  for (const { kind, path, worldFromSensor, unit, upAxis } of sensors) {
    if (worldFromSensor === null) continue;
    const metres = metresPerUnit(await readCloudUnit(path, kind, { unit, upAxis }, signal));
    if (metres !== null) return metres / worldFromSensor.scale;
  }
  return null;
}

/**
 * Metres a unit of the world of photos that keep their cameras, by a calibration or by picked points; 1 where nothing tells, or the world is in
 * metres already.
 *
 * @throws ImportError for files that cannot be read; the signal's reason.
 */
export async function scaleOfGiven(task: CameraTask, signal: AbortSignal): Promise<number> {
  const used = usedSensors(task);
  const files = sensorFiles(
    used.filter(({ worldFromSensor }) => worldFromSensor === null),
    task.calibrations,
  );
  const { rig, metresPerUnit: known } = await openRig(files, signal);
  const { views } = openPickedPhotos(task.photos);
  const scales = (['lidar', 'radar'] as const).map((kind) =>
    known[kind] === null || rig[kind].length === 0 ? null : (scaleByRig(views, rig, kind)?.scale ?? null),
  );
  const scale = scales.find((one) => one !== null) ?? (await scaleByPicks(used, signal)) ?? 1;
  return scale > 0 && scale < Infinity && Math.abs(scale - 1) >= SAME_SCALE ? scale : 1;
}

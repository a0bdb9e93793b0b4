/** The pose stage: where photos were taken from that came without cameras. */
import type { PhotoOutcome } from '../../engine/poses/pose-stage.js';
import type { PointCloud } from '../../engine/scene/point-cloud.js';
import type { StageContext } from '../../engine/scene/stage.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import { findCamerasWith } from '../../host/poses/find-cameras-with.js';
import type { CameraSearchOptions } from '../../host/poses/find-cameras-with.js';
import type { PhotoCameras } from '../../host/poses/find-photo-cameras.js';
import { namePhotos } from '../../host/poses/photo-files.js';
import type { OpenedSensors } from '../../host/sensors/open-sensors.js';
import { openSensors } from '../../host/sensors/open-sensors.js';
import type { PhotoSource, TaskOf, TaskResult } from '../ipc/job-contract.js';
import { encodePoints } from './encode-points.js';
import { filesOfPhotos } from './picked-capture.js';
import { camerasByRig, placeFound, refuseUnposed, scaleOfGiven, usedSensors } from './place-cameras.js';
import type { TaskContext } from './serve-tasks.js';
import { sensorFiles } from './task-sensors.js';
import { watchPause } from './watch-pause.js';

type PhotoAnswer = TaskResult<'find-cameras'>['photos'][number];
type Answer = PhotoAnswer & { readonly outcome: NonNullable<PhotoAnswer['outcome']> };

function posesByPath(model: SparseModel | null): Map<string, Answer['pose']> {
  return new Map(
    (model?.photos ?? []).map(({ imagePath, lens, cameraFromWorld }) => {
      const { intrinsics, distortion } = model!.lenses[lens]!;
      return [imagePath, { camera: { intrinsics, cameraFromWorld }, distortion, openIntrinsics: null }];
    }),
  );
}

function shorten(outcome: PhotoOutcome): Answer['outcome'] {
  if (!outcome.isPlaced) return { isPlaced: false, reason: outcome.reason };
  const { pointCount, medianErrorPx, doubts } = outcome;
  return { isPlaced: true, pointCount, medianErrorPx, doubts: [...doubts] };
}

function outcomesByPath(photos: readonly PhotoSource[], found: PhotoCameras): Map<string, Answer['outcome']> {
  const paths = photos.map(({ path }) => path);
  const pathOf = new Map(namePhotos(paths).map((name, i) => [name, paths[i]!]));
  return new Map(found.photos.map((outcome) => [pathOf.get(outcome.name) ?? '', shorten(outcome)]));
}

/** What was found, photo by photo; those that the search has not heard of could not be read. */
export function answerPhotos(photos: readonly PhotoSource[], found: PhotoCameras): Answer[] {
  const poses = posesByPath(found.model);
  const outcomes = outcomesByPath(photos, found);
  return photos.map(({ photoId, path }) => ({
    photoId,
    pose: poses.get(path) ?? null,
    outcome: outcomes.get(path) ?? { isPlaced: false, reason: 'unreadable' },
  }));
}

function pointsOf({ points }: SparseModel): PointCloud {
  return { count: points.count, positions: Float32Array.from(points.positions), colors: points.colors };
}

function searchOptions(task: TaskOf<'find-cameras'>): CameraSearchOptions {
  const { seed, threads, cameraFinder, depthModel, logFile } = task;
  const common = { seed, depthModel, ...(threads === null ? {} : { threads }) };
  return cameraFinder === 'colmap' ? { ...common, finder: 'colmap', logFile } : { ...common, features: cameraFinder };
}

interface StageWords {
  readonly stage: 'poses' | 'import';
  readonly title: string;
}

function openStage({ tell, signal, pause }: TaskContext, { stage, title }: StageWords): StageContext {
  tell({ type: 'stage', stage, title });
  return {
    signal,
    pause,
    onProgress: (fraction, detail = '') => tell({ type: 'progress', stage, fraction, detail }),
  };
}

/** The search, and then the sensors: the world is theirs where they can be brought together. */
async function searchCameras(
  task: TaskOf<'find-cameras'>,
  opened: OpenedSensors | null,
  context: TaskContext,
): Promise<TaskResult<'find-cameras'>> {
  const { photos } = task;
  const { tell, signal } = context;
  const found = await findCamerasWith(
    filesOfPhotos(photos),
    photos.map(({ path }) => path),
    searchOptions(task),
    openStage(context, { stage: 'poses', title: 'Finding cameras' }),
  );
  const { model } = found;
  const answers = answerPhotos(photos, found);
  if (model === null) return { photos: answers };
  const placed = opened === null ? null : placeFound(task, { ...found, model }, answers, { opened, signal });
  for (const message of placed?.warnings ?? []) tell({ type: 'warning', message });
  const shown = placed?.model ?? model;
  // Something to look at, until the run has points of its own.
  tell({ type: 'points', points: encodePoints(pointsOf(shown)), count: shown.points.count });
  if (placed === null) return { photos: answers };
  return { photos: answerPhotos(photos, { ...found, model: shown }), registrations: placed.registrations };
}

/** Cameras as the task wants them. @throws ImportError for what is wrong with photos, clouds or calibrations; the signal's reason. */
export async function findCameras(
  task: TaskOf<'find-cameras'>,
  context: TaskContext,
): Promise<TaskResult<'find-cameras'>> {
  const unwatch = watchPause(context);
  try {
    const used = usedSensors(task);
    const sensorStage = { stage: task.cameras === 'sought' ? 'poses' : 'import', title: 'Reading sensors' } as const;
    const reading = used.length === 0 ? null : openStage(context, sensorStage);
    if (task.cameras !== 'given') {
      const opened = reading === null ? null : await openSensors(sensorFiles(used, task.calibrations), reading);
      const told = opened === null ? null : camerasByRig(task.photos, opened);
      if (told !== null) return told;
      if (task.cameras === 'sought') return await searchCameras(task, opened, context);
      if (task.photos.some(({ pose }) => pose === null)) refuseUnposed(task.photos);
    }
    return { photos: [], scale: await scaleOfGiven(task, context.signal) };
  } finally {
    unwatch();
  }
}

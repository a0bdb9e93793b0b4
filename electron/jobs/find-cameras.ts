/** The pose stage: where photos were taken from that came without cameras. */
import type { PhotoOutcome } from '../../engine/poses/pose-stage.js';
import type { PointCloud } from '../../engine/scene/point-cloud.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import { findCamerasWith } from '../../host/poses/find-cameras-with.js';
import type { CameraSearchOptions } from '../../host/poses/find-cameras-with.js';
import type { PhotoCameras } from '../../host/poses/find-photo-cameras.js';
import { namePhotos } from '../../host/poses/photo-files.js';
import type { PhotoSource, TaskOf, TaskResult } from '../ipc/job-contract.js';
import { encodePoints } from './encode-points.js';
import { filesOfPhotos } from './picked-capture.js';
import type { TaskContext } from './serve-tasks.js';
import { watchPause } from './watch-pause.js';

type Answer = TaskResult<'find-cameras'>['photos'][number];

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

export async function findCameras(
  task: TaskOf<'find-cameras'>,
  context: TaskContext,
): Promise<TaskResult<'find-cameras'>> {
  const { tell, signal, pause } = context;
  const { photos } = task;
  tell({ type: 'stage', stage: 'poses', title: 'Finding cameras' });
  const unwatch = watchPause(context);
  try {
    const found = await findCamerasWith(
      filesOfPhotos(photos),
      photos.map(({ path }) => path),
      searchOptions(task),
      {
        signal,
        pause,
        onProgress: (fraction, detail = '') => tell({ type: 'progress', stage: 'poses', fraction, detail }),
      },
    );
    // Something to look at, until the run has points of its own.
    if (found.model !== null)
      tell({ type: 'points', points: encodePoints(pointsOf(found.model)), count: found.model.points.count });
    return { photos: answerPhotos(photos, found) };
  } finally {
    unwatch();
  }
}

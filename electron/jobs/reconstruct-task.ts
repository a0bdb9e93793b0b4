/** The run: the pipeline as the command line runs it, with everything that a window wants to see on the way. */
import type { PipelineEvent } from '../../engine/pipeline/events.js';
import type { RunControl } from '../../engine/pipeline/reconstruction.js';
import { encodeSplats } from '../../engine/scene/encode-splats.js';
import type { RunRequest } from '../../host/run/run-reconstruction.js';
import { DEFAULT_LONG_SIDE_PX, runReconstruction } from '../../host/run/run-reconstruction.js';
import type { PhotoSource, TaskEvent, TaskOf, TaskResult } from '../ipc/job-contract.js';
import { loadCheckpoint, storeCheckpoint } from './checkpoint-file.js';
import { encodePoints } from './encode-points.js';
import { openPickedPhotos } from './picked-capture.js';
import { openProjectSensors } from './run-sensors.js';
import type { TaskContext } from './serve-tasks.js';
import { tellSensors } from './tell-sensors.js';
import { watchPause } from './watch-pause.js';

type Settings = TaskOf<'reconstruct'>['settings'];

/** Starting again with half the photos' sides must leave something to see. */
const MIN_LONG_SIDE_PX = 64;
const MIN_SPLATS = 1000;

/** Events of the pipeline under the names of the job contract; null: not for the window. */
export function translateEvent(event: PipelineEvent): TaskEvent | null {
  switch (event.type) {
    case 'stage-started':
      return { type: 'stage', stage: event.stage, title: event.title };
    case 'progress':
    case 'iteration':
    case 'evaluation':
    case 'warning':
      return event;
    case 'stage-finished':
      return null;
  }
}

function controlOf(task: TaskOf<'reconstruct'>, { tell, pause }: TaskContext): Omit<RunControl, 'heldOutViews'> {
  return {
    pause,
    onPoints: (points) => tell({ type: 'points', points: encodePoints(points), count: points.count }),
    onSnapshot: (splats, iteration) =>
      tell({ type: 'snapshot', splats: encodeSplats(splats).buffer, count: splats.count, iteration }),
    onCheckpoint: async (checkpoint) => {
      const { iteration } = checkpoint.loop;
      await storeCheckpoint(task.checkpointFile, checkpoint);
      tell({ type: 'checkpoint', iteration, iterations: checkpoint.iterations });
    },
  };
}

/** Settings that were left open stay open: the pipeline's own defaults hold. */
function chosenSettings(settings: Settings): Partial<RunRequest> & Pick<RunRequest, 'preset' | 'seed' | 'depthModel'> {
  const { preset, seed, depthModel, longSidePx, iterations, maxSplats, memoryBytes, threads, motion } = settings;
  const { refineCameras, exposure } = settings;
  return {
    preset,
    seed,
    depthModel,
    refineCameras: refineCameras ? 'on' : 'off',
    exposure: exposure ? 'on' : 'off',
    ...(longSidePx === null ? {} : { longSide: longSidePx }),
    ...(iterations === null ? {} : { iterations }),
    ...(maxSplats === null ? {} : { maxSplats }),
    ...(memoryBytes === null ? {} : { memoryBytes }),
    ...(threads === null ? {} : { threads }),
    ...(motion === null ? {} : { motion }),
  };
}

/** Half the photos' sides and half the Gaussians, from the checkpoint's splats where there are some. */
async function halved(task: TaskOf<'reconstruct'>): Promise<Partial<RunRequest>> {
  const { settings } = task;
  const checkpoint = await loadCheckpoint(task.checkpointFile);
  const longSide = settings.longSidePx ?? DEFAULT_LONG_SIDE_PX[settings.preset];
  const maxSplats = settings.maxSplats ?? checkpoint?.maxSplats ?? null;
  return {
    longSide: Math.max(MIN_LONG_SIDE_PX, Math.round(longSide / 2)),
    ...(maxSplats === null ? {} : { maxSplats: Math.max(MIN_SPLATS, Math.round(maxSplats / 2)) }),
    ...(checkpoint === null ? {} : { warmStartFrom: checkpoint }),
  };
}

async function startingPoint(task: TaskOf<'reconstruct'>): Promise<Partial<RunRequest>> {
  if (task.from === 'fresh') return {};
  if (task.from === 'half-size') return halved(task);
  const checkpoint = await loadCheckpoint(task.checkpointFile);
  return checkpoint === null ? {} : { resumeFrom: checkpoint };
}

export async function reconstructTask(
  task: TaskOf<'reconstruct'>,
  context: TaskContext,
): Promise<TaskResult<'reconstruct'>> {
  const { tell, signal } = context;
  const capture = openPickedPhotos([...task.train, ...task.heldOut], task.origin);
  const viewsOf = (photos: readonly PhotoSource[]): RunRequest['split']['train'] => {
    const paths = new Set(photos.map(({ path }) => path));
    return capture.views.filter((view) => paths.has(view.imagePath));
  };
  const unwatch = watchPause(context);
  try {
    const sensors = await openProjectSensors(task, capture, { signal });
    for (const message of sensors?.warnings ?? []) tell({ type: 'warning', message });
    const { outcome, reconstruction } = await runReconstruction({
      capture,
      ...(sensors === null || sensors.sensors === null ? {} : { sensors: sensors.sensors }),
      split: { train: viewsOf(task.train), heldOut: viewsOf(task.heldOut) },
      output: task.sceneFile,
      backend: 'auto',
      compact: false,
      ...chosenSettings(task.settings),
      ...(await startingPoint(task)),
      listener: (event) => {
        const told = translateEvent(event);
        if (told !== null) tell(told);
      },
      signal,
      control: controlOf(task, context),
      evaluateWhileTraining: task.heldOut.length > 0,
    });
    const { splats, report, observerCounts } = reconstruction;
    tell({ type: 'backend', description: report.backend });
    return {
      splats: encodeSplats(splats).buffer,
      count: splats.count,
      iteration: report.iterations,
      seen: observerCounts === null ? null : observerCounts.slice().buffer,
      stopped: report.stopped,
      scores: outcome.heldOut === null ? null : { ...outcome.heldOut.mean, views: outcome.heldOut.views.length },
      warnings: [...(sensors?.warnings ?? [])],
      ...tellSensors(
        reconstruction,
        sensors === null ? null : { views: capture.views, clouds: task.sensors, opened: sensors },
      ),
    };
  } finally {
    unwatch();
  }
}

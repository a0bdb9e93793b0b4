/** The stage that trains: from where it starts to the finished splats. */
import type { Splats } from '../scene/splats.js';
import type { StageContext } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import type { RenderOptions, TargetHandle } from '../splatting/contract.js';
import { DEFAULT_DILATION } from '../splatting/contract.js';
import { pruneTransparent, thinToBudget } from '../training/finish-scene.js';
import { makeHalfTarget, makeTarget, uploadTargets } from '../training/make-targets.js';
import type { MovingScene } from '../training/open-motion.js';
import type { Preset } from '../training/presets.js';
import type { LoopState, TrainingRun } from '../training/train-scene.js';
import { trainScene } from '../training/train-scene.js';
import type { RunFingerprint } from './checkpoint.js';
import { countObservers } from './count-observers.js';
import type { ReconstructOptions } from './reconstruction.js';
import type { RefinementReport } from './refined-views.js';
import { openRefinement, reportRefinement } from './refined-views.js';
import type { StageRunner } from './run-stages.js';
import { sensorTargetOf } from './sensor-supervision.js';
import type { TrainingStart } from './training-start.js';
import { TrainingWatch } from './watch-training.js';

const BACKGROUND: readonly [number, number, number] = [0, 0, 0];
/** How often the listener hears of an iteration. */
const REPORT_EVERY_MS = 200;

export interface OptimiseTask {
  readonly options: ReconstructOptions;
  readonly preset: Preset;
  readonly views: readonly View[];
  readonly start: TrainingStart;
  /** null: the host sees nothing of it (no snapshots, no checkpoints). */
  readonly watch: { readonly fingerprint: RunFingerprint | null } | null;
}

export interface Optimised {
  readonly splats: Splats;
  readonly observerCounts: Uint8Array | null;
  readonly iterations: number;
  readonly refinement: RefinementReport | null;
}

type Refinement = NonNullable<TrainingRun['refinement']>;

interface Targets {
  readonly full: readonly TargetHandle[];
  readonly half: readonly TargetHandle[];
}

/** null when the signal was aborted meanwhile; what `handles` then has is the caller's to release. */
async function upload(
  { options, preset, views, start }: OptimiseTask,
  handles: TargetHandle[],
  context: StageContext,
): Promise<Targets | null> {
  const { sensors } = options;
  const sensorDepthOf = (view: View): Float32Array | null =>
    preset.training.losses.sensorDepth > 0 ? sensorTargetOf(view, sensors?.byView.get(view.name)) : null;
  try {
    const full = await uploadTargets(
      options.splatting,
      views.map((view, i) => () => makeTarget(view, start.guides[i] ?? null, sensorDepthOf(view))),
      handles,
      context,
    );
    if (preset.training.halfSizeShare === 0) return { full, half: full };
    const half = views.map((view) => () => makeHalfTarget(view));
    return { full, half: await uploadTargets(options.splatting, half, handles, context) };
  } catch (error) {
    if (options.signal?.aborted === true) return null;
    throw error;
  }
}

/** Tells of iterations now and then, with the time that is left at the pace so far; pauses do not count. */
function reportIterations(
  task: OptimiseTask,
  now: () => number,
): (iteration: number, loss: number, count: number) => void {
  const { iterations, loop } = task.start;
  const startMs = now();
  let reportedMs = -Infinity;
  return (iteration, loss, gaussianCount) => {
    const nowMs = now();
    if (iteration < iterations && nowMs - reportedMs < REPORT_EVERY_MS) return;
    reportedMs = nowMs;
    const etaMs = ((nowMs - startMs) / (iteration - loop.iteration)) * (iterations - iteration);
    task.options.onEvent({ type: 'iteration', iteration, iterations, loss, gaussianCount, etaMs });
  };
}

function watchTraining(
  { options, preset, start, watch }: OptimiseTask,
  { scene, decoder }: MovingScene,
  refinement: Refinement | null,
  stages: StageRunner,
): TrainingWatch | null {
  if (watch === null) return null;
  const { fingerprint } = watch;
  const { onCheckpoint, ...rest } = options;
  const render: RenderOptions = {
    background: BACKGROUND,
    shDegree: preset.initialise.shDegree,
    dilation: DEFAULT_DILATION,
  };
  const training = {
    control: fingerprint === null || onCheckpoint === undefined ? rest : options,
    onEvent: options.onEvent,
    warn: (message: string) => {
      stages.warn(message);
    },
    signal: options.signal,
    pause: stages.clock,
    backend: options.splatting,
    scene,
    render,
    takeCheckpoint: async (loop: LoopState) => ({
      fingerprint: fingerprint as RunFingerprint,
      iterations: start.iterations,
      maxSplats: start.maxSplats,
      sceneUnit: start.sceneUnit,
      motion: start.motion,
      loop,
      scene: await options.splatting.saveScene(scene),
      decoder: decoder?.save() ?? null,
      guides: start.guides,
      initialGaussianCount: start.initialGaussianCount,
      viewReports: start.viewReports,
      refinement: refinement?.views.save() ?? null,
    }),
  };
  return new TrainingWatch(training, start.loop);
}

/** What a training changes: the scene, and cameras and colours of photos that learn with it. */
interface Learners {
  readonly moving: MovingScene;
  readonly refinement: Refinement | null;
}

async function train(
  task: OptimiseTask,
  { moving, refinement }: Learners,
  targets: Targets,
  stages: StageRunner,
  context: StageContext,
): Promise<LoopState> {
  const { options, preset, start } = task;
  const watch = watchTraining(task, moving, refinement, stages);
  await watch?.rest(start.loop);
  const loop = await trainScene(
    {
      backend: options.splatting,
      ...moving,
      targets: targets.full,
      halfTargets: targets.half,
      refinement,
      preset: preset.training,
      iterations: start.iterations,
      seed: options.seed,
      shDegree: preset.initialise.shDegree,
      background: BACKGROUND,
      sceneUnit: start.sceneUnit,
      maxGaussians: start.maxSplats,
      from: start.loop,
      onIteration: reportIterations(task, () => stages.clock.activeNow()),
      ...(watch === null ? {} : { onRest: (state) => watch.rest(state) }),
    },
    context,
  );
  await watch?.end(loop, loop.iteration < start.iterations);
  return loop;
}

/** null when the signal was aborted. */
async function countUnlessAborted(
  { options }: OptimiseTask,
  splats: Splats,
  views: readonly View[],
  context: StageContext,
): Promise<Uint8Array | null> {
  try {
    return await countObservers(options.splatting, splats, views, context);
  } catch (error) {
    if (options.signal?.aborted === true) return null;
    throw error;
  }
}

/**
 * Trains from the task's start to its last iteration, or until the signal is aborted, leaves out what cannot be seen, and counts for
 * each Gaussian that is left how many photos see it (not when aborted: who stops a run wants it to end).
 */
export async function optimise(task: OptimiseTask, stages: StageRunner, context: StageContext): Promise<Optimised> {
  const { options, preset, start, views } = task;
  const backend = options.splatting;
  const refinement = openRefinement(views, preset.training, start);
  const moving = await start.open(backend);
  const handles: TargetHandle[] = [];
  let [splats, iterations] = [null as Splats | null, start.loop.iteration];
  try {
    const targets = await upload(task, handles, context);
    if (targets !== null) iterations = (await train(task, { moving, refinement }, targets, stages, context)).iteration;
    splats = await backend.readSplats(moving.scene);
  } finally {
    for (const handle of handles) await backend.releaseTarget(handle);
    await backend.releaseScene(moving.scene);
    moving.decoder?.dispose();
  }
  splats = thinToBudget(pruneTransparent(splats, preset.training.pruneOpacity), start.maxSplats);
  const seenFrom = views.map((view, i) =>
    refinement === null ? view : { ...view, camera: refinement.views.cameraOf(i) },
  );
  const observerCounts =
    options.signal?.aborted === true ? null : await countUnlessAborted(task, splats, seenFrom, context);
  const { training } = preset;
  const report =
    refinement === null ? null : reportRefinement(views, refinement.views, training.refinement, start.sceneUnit);
  return { splats, observerCounts, iterations, refinement: report };
}

/** The stages in order: posed photos in, splats out. */
import { ImportError } from '../scene/errors.js';
import type { View } from '../scene/view.js';
import type { FlowPairs, SplattingBackend } from '../splatting/contract.js';
import type { InitialScene } from '../training/initialise.js';
import { makeGuides } from '../training/make-guides.js';
import type { TargetGuides } from '../training/make-targets.js';
import type { MotionPlan, MovingScene } from '../training/open-motion.js';
import { openMovingScene } from '../training/open-motion.js';
import type { Preset } from '../training/presets.js';
import { APPEARANCE_STEPS, fitAppearanceOnly, PRESETS } from '../training/presets.js';
import type { SeedView } from '../training/seed-view.js';
import { firstLoopState } from '../training/train-scene.js';
import type { RunFingerprint } from './checkpoint.js';
import { chooseMotion, openTensors } from './choose-motion.js';
import { estimateDepths } from './estimate-depth.js';
import { assertSameRun, fingerprintRun } from './fingerprint-run.js';
import { pairCorrespondingGaussians } from './flow-pairs.js';
import type { Optimised } from './optimise.js';
import { optimise } from './optimise.js';
import type { Reconstruction, ReconstructOptions } from './reconstruction.js';
import { StageRunner } from './run-stages.js';
import { reportSensors } from './sensor-report.js';
import { defaultMaxSplats, initialiseWithinBudget } from './splat-budget.js';
import type { TrainingStart } from './training-start.js';
import { resumeAt, startWarm } from './training-start.js';

const MIN_VIEWS = 2;

function byName(a: View, b: View): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** The photos in order and the settings with their defaults filled in. */
interface ResolvedRun {
  readonly options: ReconstructOptions;
  readonly views: readonly View[];
  readonly preset: Preset;
  readonly iterations: number;
  readonly maxSplats: number;
}

/** The preset with what the options say of refinement: part of what a checkpoint is compared by. */
function withRefinement(preset: Preset, { refineCameras, adjustExposure }: ReconstructOptions): Preset {
  const { refinement } = preset.training;
  const [cameras, exposure] = [refineCameras ?? refinement.cameras, adjustExposure ?? refinement.exposure];
  return { ...preset, training: { ...preset.training, refinement: { ...refinement, cameras, exposure } } };
}

/** One photo will do where a sensor tells its depth. */
function isSensed(views: readonly View[], sensors: ReconstructOptions['sensors']): boolean {
  const told = views.flatMap(({ name }) => sensors?.byView.get(name) ?? []);
  return told.some(({ anchors, guess }) => guess !== undefined || anchors.some(({ count }) => count > 0));
}

/** The preset with the weight of the loss that sensors bring. */
function withSensors(preset: Preset, sensors: ReconstructOptions['sensors']): Preset {
  if (sensors === undefined) return preset;
  const losses = { ...preset.training.losses, sensorDepth: sensors.lossWeight };
  return { ...preset, training: { ...preset.training, losses } };
}

function resolveRun(options: ReconstructOptions): ResolvedRun {
  const views = [...options.views].sort(byName);
  if (views.length < MIN_VIEWS && !isSensed(views, options.sensors)) {
    const hint = 'Give at least two photos of the same place with their cameras, or one with LiDAR or radar.';
    throw new ImportError(
      'too-few-views',
      `Only ${views.length} usable photos.`,
      views[0]?.name ?? 'capture',
      '',
      hint,
    );
  }
  const preset = withSensors(withRefinement(options.tuning ?? PRESETS[options.preset], options), options.sensors);
  const { training } = preset;
  return {
    options,
    views,
    preset,
    iterations: options.iterations ?? Math.max(training.iterations, training.iterationsPerPhoto * views.length),
    maxSplats: options.maxSplats ?? defaultMaxSplats(options.memoryBudgetBytes, views.length),
  };
}

function medianDepth(seeds: readonly SeedView[]): number {
  const sample: number[] = [];
  for (const seed of seeds) for (let i = 0; i < seed.depth.length; i += 97) sample.push(seed.depth[i]!);
  sample.sort((a, b) => a - b);
  return sample[sample.length >> 1] ?? 1;
}

/** The photos' depths that losses use; none where no loss does. */
function collectGuides(seeds: readonly SeedView[], { training }: Preset, sceneUnit: number): TargetGuides[] {
  const { losses } = training;
  if (losses.depthTv === 0 && losses.depthPrior === 0) return [];
  return seeds.map((seed) => makeGuides(seed, losses, sceneUnit));
}

/** Kept until the scene is opened: no more of initialisation than that takes. */
interface FreshScene extends Pick<InitialScene, 'splats' | 'anchors'> {
  readonly motion: MotionPlan;
  readonly flowPairs: FlowPairs | null;
}

async function openFreshScene(fresh: FreshScene, backend: SplattingBackend): Promise<MovingScene> {
  const moving = await openMovingScene(backend, fresh, fresh.motion);
  if (fresh.flowPairs !== null) await backend.setFlowPairs(moving.scene, fresh.flowPairs);
  return moving;
}

/** From photos alone: their depths, one Gaussian a pixel, and the motion that trains them. */
async function startFresh(run: ResolvedRun, stages: StageRunner): Promise<TrainingStart> {
  const { options, views, preset, iterations, maxSplats } = run;
  const { seeds, stereo, reports, heldOut } = await estimateDepths(views, options, stages);
  const initial = await stages.run('initialisation', 'Placing Gaussians', (context) =>
    initialiseWithinBudget(seeds, preset.initialise, maxSplats, context),
  );
  const motion: MotionPlan =
    iterations === 0 ? { motion: 'free' } : await chooseMotion(options, preset.training, views[0]!.image, stages);
  const sceneUnit = medianDepth(seeds);
  const { splats, anchors, owners } = initial;
  const flowPairs =
    preset.training.losses.flow > 0 && views.length > 1 ? pairCorrespondingGaussians(views, stereo, owners) : null;
  return {
    iterations,
    maxSplats,
    sceneUnit,
    motion: motion.motion,
    loop: firstLoopState(options.seed),
    guides: collectGuides(seeds, preset, sceneUnit),
    initialGaussianCount: splats.count,
    viewReports: reports,
    refinement: null,
    heldOut,
    open: (backend) => openFreshScene({ splats, anchors, motion, flowPairs }, backend),
  };
}

/** Where this run's training begins; its fingerprint where checkpoints are asked for. */
async function findStart(
  run: ResolvedRun,
  stages: StageRunner,
): Promise<{ start: TrainingStart; fingerprint: RunFingerprint | null }> {
  const { options, views } = run;
  const { resumeFrom, warmStartFrom } = options;
  const needsFingerprint = resumeFrom !== undefined || options.onCheckpoint !== undefined;
  const fingerprint = needsFingerprint ? await fingerprintRun(options, run, stages.context) : null;
  if (resumeFrom !== undefined && fingerprint !== null) {
    assertSameRun(resumeFrom.fingerprint, fingerprint);
    return { start: resumeAt(resumeFrom, views, () => openTensors(options.openDecoderTensors)), fingerprint };
  }
  if (warmStartFrom === undefined) return { start: await startFresh(run, stages), fingerprint };
  const start = startWarm(warmStartFrom, {
    iterations: options.iterations,
    maxSplats: Math.min(run.maxSplats, warmStartFrom.maxSplats),
    seed: options.seed,
    views,
  });
  return { start, fingerprint };
}

/** What is shown when no optimisation is asked for: everything stays in its place, colours, opacities and sizes fit the photos. */
async function fitAppearance(
  { options, preset, views }: ResolvedRun,
  start: TrainingStart,
  stages: StageRunner,
): Promise<Optimised> {
  const fitted = await stages.run('initialisation', 'Fitting colours', (context) =>
    optimise(
      {
        options,
        preset: fitAppearanceOnly(preset),
        views,
        start: { ...start, iterations: APPEARANCE_STEPS },
        watch: null,
      },
      stages,
      context,
    ),
  );
  return { ...fitted, iterations: 0 };
}

/**
 * Reconstructs a scene from posed photos. The result does not depend on the order of `views`: they are sorted by name first.
 *
 * @throws ImportError 'too-few-views' with fewer than two photos (one, where sensors tell its depth), and the errors of the stages; CheckpointMismatchError when the
 *   checkpoint to resume from is another run's; the signal's reason when aborted before the optimisation starts. With 0 iterations the
 *   scene is initialised and only its appearance is fitted. Aborted later, the scene as it is then is returned with `stopped: true`.
 */
export async function reconstruct(options: ReconstructOptions): Promise<Reconstruction> {
  const run = resolveRun(options);
  const stages = new StageRunner(options.onEvent, options.signal, options.pause);
  const { start, fingerprint } = await findStart(run, stages);
  const task = { options, preset: run.preset, views: run.views, start, watch: { fingerprint } };
  const optimised =
    start.iterations === 0
      ? await fitAppearance(run, start, stages)
      : await stages.run('optimisation', 'Optimising', (context) => optimise(task, stages, context));
  const { splats, observerCounts, iterations, refinement } = optimised;
  const { sensors } = options;
  const measured =
    sensors === undefined
      ? null
      : await reportSensors(
          { backend: options.splatting, splats, views: run.views, sensors, before: start.heldOut ?? new Map() },
          options.signal?.aborted === true ? {} : stages.context,
        );
  return {
    splats,
    observerCounts,
    sensorResiduals: measured?.residuals ?? null,
    report: {
      preset: options.preset,
      motion: start.motion,
      seed: options.seed,
      iterations,
      stopped: iterations < start.iterations,
      initialGaussianCount: start.initialGaussianCount,
      gaussianCount: splats.count,
      sceneUnit: start.sceneUnit,
      stageMs: stages.stageMs,
      views: start.viewReports,
      warnings: stages.warnings,
      backend: options.splatting.description,
      refinement,
      sensors: measured?.report ?? null,
    },
  };
}

/** The stages in order: posed photos in, splats out. */
import type { StereoDepth } from '../correspondence/contract.js';
import type { TargetHandle } from '../splatting/contract.js';
import type { Splats } from '../scene/splats.js';
import { ImportError } from '../scene/errors.js';
import type { StageContext } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import { pruneTransparent, thinToBudget } from '../training/finish-scene.js';
import type { InitialScene } from '../training/initialise.js';
import { makeGuides } from '../training/make-guides.js';
import { makeHalfTarget, makeTarget, uploadTargets } from '../training/make-targets.js';
import type { MotionPlan, MovingScene } from '../training/open-motion.js';
import { openMovingScene } from '../training/open-motion.js';
import type { Preset } from '../training/presets.js';
import { APPEARANCE_STEPS, fitAppearanceOnly, PRESETS } from '../training/presets.js';
import type { SeedView } from '../training/seed-view.js';
import { trainScene } from '../training/train-scene.js';
import { chooseMotion } from './choose-motion.js';
import { estimateDepths } from './estimate-depth.js';
import { pairCorrespondingGaussians } from './flow-pairs.js';
import type { Reconstruction, ReconstructOptions } from './reconstruction.js';
import { StageRunner } from './run-stages.js';
import { defaultMaxSplats, initialiseWithinBudget } from './splat-budget.js';

const MIN_VIEWS = 2;
const BACKGROUND: readonly [number, number, number] = [0, 0, 0];
/** How often the listener hears of an iteration. */
const REPORT_EVERY_MS = 200;

function byName(a: View, b: View): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function medianDepth(seeds: readonly SeedView[]): number {
  const sample: number[] = [];
  for (const seed of seeds) for (let i = 0; i < seed.depth.length; i += 97) sample.push(seed.depth[i]!);
  sample.sort((a, b) => a - b);
  return sample[sample.length >> 1] ?? 1;
}

interface OptimiseInput {
  readonly options: ReconstructOptions;
  readonly preset: Preset;
  readonly views: readonly View[];
  readonly seeds: readonly SeedView[];
  readonly stereo: readonly StereoDepth[];
  readonly initial: InitialScene;
  readonly motion: MotionPlan;
  readonly maxSplats: number;
  readonly iterations: number;
}

async function runTraining(
  input: OptimiseInput,
  { scene, decoder }: MovingScene,
  targets: readonly TargetHandle[],
  halfTargets: readonly TargetHandle[],
  context: StageContext,
): Promise<number> {
  const { options, preset, iterations } = input;
  const startMs = performance.now();
  let reportedMs = 0;
  return trainScene(
    {
      backend: options.splatting,
      scene,
      decoder,
      targets,
      halfTargets,
      preset: preset.training,
      iterations,
      seed: options.seed,
      shDegree: preset.initialise.shDegree,
      background: BACKGROUND,
      sceneUnit: medianDepth(input.seeds),
      maxGaussians: input.maxSplats,
      onIteration: (iteration, loss, gaussianCount) => {
        const nowMs = performance.now();
        if (iteration < iterations && nowMs - reportedMs < REPORT_EVERY_MS) return;
        reportedMs = nowMs;
        const etaMs = ((nowMs - startMs) / iteration) * (iterations - iteration);
        options.onEvent({ type: 'iteration', iteration, iterations, loss, gaussianCount, etaMs });
      },
    },
    context,
  );
}

async function optimise(input: OptimiseInput, context: StageContext): Promise<{ splats: Splats; iterations: number }> {
  const { options, preset, views, seeds } = input;
  const backend = options.splatting;
  const moving = await openMovingScene(backend, input.initial, input.motion);
  const { scene, decoder } = moving;
  const handles: TargetHandle[] = [];
  try {
    const unit = medianDepth(seeds);
    const full = views.map((view, i) => makeTarget(view, makeGuides(seeds[i]!, preset.training.losses, unit)));
    const targets = await uploadTargets(backend, full);
    handles.push(...targets);
    const halfTargets =
      preset.training.halfSizeShare > 0 ? await uploadTargets(backend, views.map(makeHalfTarget)) : targets;
    if (halfTargets !== targets) handles.push(...halfTargets);
    if (preset.training.losses.flow > 0)
      await backend.setFlowPairs(scene, pairCorrespondingGaussians(views, input.stereo, input.initial.owners));
    const iterations = await runTraining(input, moving, targets, halfTargets, context);
    return { splats: await backend.readSplats(scene), iterations };
  } finally {
    for (const handle of handles) await backend.releaseTarget(handle);
    await backend.releaseScene(scene);
    decoder?.dispose();
  }
}

/** What is shown when no optimisation is asked for: everything stays in its place, colours, opacities and sizes fit the photos. */
async function fitAppearance(input: OptimiseInput, stages: StageRunner): Promise<Splats> {
  const fitted = await stages.run('initialisation', 'Fitting colours', (context) =>
    optimise(
      {
        ...input,
        preset: fitAppearanceOnly(input.preset),
        motion: { motion: 'free' },
        iterations: APPEARANCE_STEPS,
      },
      context,
    ),
  );
  return fitted.splats;
}

/**
 * Reconstructs a scene from posed photos. The result does not depend on the order of `views`: they are sorted by name first.
 *
 * @throws ImportError 'too-few-views' with fewer than two photos, and the errors of the stages; the signal's reason when aborted
 *   before the optimisation starts. With 0 iterations the scene is initialised and only its appearance is fitted. Aborted later, the scene as it is then is returned with `stopped: true`.
 */
export async function reconstruct(options: ReconstructOptions): Promise<Reconstruction> {
  const views = [...options.views].sort(byName);
  if (views.length < MIN_VIEWS) {
    const hint = 'Give at least two photos of the same place with their cameras.';
    throw new ImportError(
      'too-few-views',
      `Only ${views.length} usable photos.`,
      views[0]?.name ?? 'capture',
      '',
      hint,
    );
  }
  const preset = options.tuning ?? PRESETS[options.preset];
  const iterations =
    options.iterations ?? Math.max(preset.training.iterations, preset.training.iterationsPerPhoto * views.length);
  const maxSplats = options.maxSplats ?? defaultMaxSplats(options.memoryBudgetBytes, views.length);
  const stages = new StageRunner(options.onEvent, options.signal);
  const { seeds, stereo, reports } = await estimateDepths(views, options.stereo, options.depthNetwork, stages);
  const initial = await stages.run('initialisation', 'Placing Gaussians', () =>
    initialiseWithinBudget(seeds, preset.initialise, maxSplats),
  );
  const motion = await chooseMotion(options, preset.training, views[0]!.image, stages);
  const input = { options, preset, views, seeds, stereo, initial, motion, maxSplats, iterations };
  const optimised =
    iterations === 0
      ? { splats: await fitAppearance(input, stages), iterations: 0 }
      : await stages.run('optimisation', 'Optimising', (context) => optimise(input, context));
  const splats = thinToBudget(pruneTransparent(optimised.splats, preset.training.pruneOpacity), maxSplats);
  return {
    splats,
    observerCounts: null,
    report: {
      preset: options.preset,
      motion: motion.motion,
      seed: options.seed,
      iterations: optimised.iterations,
      stopped: optimised.iterations < iterations,
      initialGaussianCount: initial.splats.count,
      gaussianCount: splats.count,
      stageMs: stages.stageMs,
      views: reports,
      warnings: stages.warnings,
      backend: options.splatting.description,
    },
  };
}

/** The optimisation loop: describes steps to a backend, one photo at a time. */
import { createRandom, shuffledIndices } from '../math/random.js';
import type { Intrinsics } from '../scene/camera.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type {
  LearningRates,
  SceneHandle,
  SplattingBackend,
  StepReport,
  TargetHandle,
  TrainingStep,
} from '../splatting/contract.js';
import { DEFAULT_DILATION } from '../splatting/contract.js';
import type { SceneDecoder } from './decoder/scene-decoder.js';
import { splitByResidual } from './densify.js';
import type { TrainingPreset } from './presets.js';
import type { ViewRefinement } from './refinement/view-refinement.js';

/** Where the loop stands, between two iterations. */
export interface LoopState {
  /** Iterations done. */
  readonly iteration: number;
  /** Photos still to come before they are shuffled again; the last is next. */
  readonly order: readonly number[];
  /** Of the source that shuffles them. */
  readonly randomState: number;
  /** The iteration at which Adam's moments were zero: 0 unless the training began with splats of another one. */
  readonly momentsFrom: number;
}

export interface TrainingRun {
  readonly backend: SplattingBackend;
  readonly scene: SceneHandle;
  /** Moves the scene's Gaussians along their rays; null: they move as the scene was created, freely or by its field. */
  readonly decoder: SceneDecoder | null;
  /** Photos at full and at half size, same order. */
  readonly targets: readonly TargetHandle[];
  readonly halfTargets: readonly TargetHandle[];
  /** Cameras and colours of the photos that learn with the scene, with the intrinsics of both sets of targets; default: none. */
  readonly refinement?: {
    readonly views: ViewRefinement;
    readonly intrinsics: readonly Intrinsics[];
    readonly halfIntrinsics: readonly Intrinsics[];
  } | null;
  readonly preset: TrainingPreset;
  readonly iterations: number;
  readonly seed: number;
  readonly shDegree: number;
  readonly background: readonly [number, number, number];
  /** Median depth of the scene: the unit of `learningRates.means`. */
  readonly sceneUnit: number;
  readonly maxGaussians: number;
  /** Where the loop goes on; the scene and the decoder must be as they were there. Default: the beginning. */
  readonly from?: LoopState;
  readonly onIteration: (iteration: number, loss: number, gaussianCount: number) => void;
  /**
   * Awaited about every YIELD_EVERY_MS, between two iterations and before the run is paused or stopped. It may read and save the scene
   * and must not change it.
   */
  readonly onRest?: (loop: LoopState) => Promise<void>;
}

/** Dropout is a cure for too few photos: with more than this many it fades. */
const DROPOUT_FULL_PHOTOS = 4;
/** How often the loop lets the host breathe, in milliseconds: signals and progress stay well under a second. */
const YIELD_EVERY_MS = 100;

/** The loop before its first iteration. */
export function firstLoopState(seed: number): LoopState {
  return { iteration: 0, order: [], randomState: createRandom(seed).state, momentsFrom: 0 };
}

function scaleRates(rates: LearningRates, factor: number, sceneUnit: number): LearningRates {
  return {
    means: rates.means * factor * sceneUnit,
    ownDepth: rates.ownDepth * factor,
    rayField: rates.rayField * factor,
    quats: rates.quats * factor,
    logScales: rates.logScales * factor,
    rawOpacities: rates.rawOpacities * factor,
    shDc: rates.shDc * factor,
    shRest: rates.shRest * factor,
  };
}

/** 0 at the first iteration, 1 at the last. */
function progressOf({ iterations }: TrainingRun, iteration: number): number {
  return (iteration - 1) / Math.max(1, iterations - 1);
}

function describeStep(run: TrainingRun, iteration: number, photo: number, momentsFrom: number): TrainingStep {
  const { preset, refinement = null } = run;
  const progress = progressOf(run, iteration);
  const isHalf = progress < preset.halfSizeShare;
  const dropout = preset.dropoutProbability * Math.min(1, DROPOUT_FULL_PHOTOS / run.targets.length);
  return {
    iteration: iteration - momentsFrom,
    target: (isHalf ? run.halfTargets : run.targets)[photo]!,
    render: { background: run.background, shDegree: run.shDegree, dilation: DEFAULT_DILATION },
    losses: preset.losses,
    learningRates: scaleRates(preset.learningRates, preset.finalRateShare ** progress, run.sceneUnit),
    dropout: {
      probability: progress >= preset.dropoutFrom ? dropout : 0,
      seed: run.seed * 1_000_003 + iteration,
    },
    opacityDecay: preset.opacityDecay,
    activeGridLevels: preset.gridLevels.length,
    ...(refinement === null
      ? {}
      : {
          adjustment: refinement.views.adjustmentOf(
            photo,
            (isHalf ? refinement.halfIntrinsics : refinement.intrinsics)[photo]!,
          ),
        }),
  };
}

function refineView(run: TrainingRun, iteration: number, photo: number, { gradAdjustment }: StepReport): void {
  const { preset, refinement = null } = run;
  const progress = progressOf(run, iteration);
  if (refinement === null || gradAdjustment === undefined || progress < preset.refinement.from) return;
  refinement.views.learn(photo, gradAdjustment, preset.finalRateShare ** progress);
}

/** Splits and prunes; the decoder's anchors follow. Returns how many Gaussians there are then. */
async function densify(run: TrainingRun, iteration: number): Promise<number> {
  const edit = await splitByResidual(run.backend, run.scene, {
    share: run.preset.densifyShare,
    maxGaussians: run.maxGaussians,
    pruneOpacity: run.preset.pruneOpacity,
    seed: run.seed + iteration,
  });
  run.decoder?.followEdit(edit);
  return edit.keep.length + edit.append.count;
}

/** Lets the host breathe; false when the run was aborted, before or while it was paused. */
async function breathe(context: StageContext): Promise<boolean> {
  try {
    await yieldToHost(context);
    return true;
  } catch (error) {
    if (context.signal?.aborted === true) return false;
    throw error;
  }
}

/**
 * Runs the schedule of a preset. Photos are drawn without replacement, in an order that depends on the seed alone; how often the loop
 * rests, and where it was taken up again, changes nothing.
 *
 * @returns where the loop stands: before the last iteration when the signal was aborted (the scene keeps what it has learnt).
 */
export async function trainScene(run: TrainingRun, context: StageContext): Promise<LoopState> {
  const { backend, scene, iterations } = run;
  const from = run.from ?? firstLoopState(run.seed);
  const { momentsFrom } = from;
  const random = createRandom(from.randomState);
  const densifyIterations = new Set(run.preset.densifyAt.map((share) => Math.round(share * iterations)));
  let order = [...from.order];
  let { iteration } = from;
  const loop = (): LoopState => ({ iteration, order: [...order], randomState: random.state, momentsFrom });
  let lastRest = performance.now();
  let count = (await backend.readStatistics(scene)).visibleSteps.length;
  while (iteration < iterations) {
    iteration++;
    if (order.length === 0) order = shuffledIndices(run.targets.length, random);
    const photo = order.pop()!;
    const step = describeStep(run, iteration, photo, momentsFrom);
    const report = await (run.decoder === null ? backend.step(scene, step) : run.decoder.step(backend, scene, step));
    refineView(run, iteration, photo, report);
    if (densifyIterations.has(iteration)) count = await densify(run, iteration);
    run.onIteration(iteration, report.loss, count);
    if (performance.now() - lastRest <= YIELD_EVERY_MS) continue;
    // A timer's turn first, so that a signal or a pause that has just come is known at the rest.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    await run.onRest?.(loop());
    if (!(await breathe(context))) break;
    lastRest = performance.now();
  }
  return loop();
}

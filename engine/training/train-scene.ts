/** The optimisation loop: describes steps to a backend, one photo at a time. */
import { createRandom, shuffledIndices } from '../math/random.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type {
  LearningRates,
  SceneHandle,
  SplattingBackend,
  TargetHandle,
  TrainingStep,
} from '../splatting/contract.js';
import { DEFAULT_DILATION } from '../splatting/contract.js';
import type { SceneDecoder } from './decoder/scene-decoder.js';
import { splitByResidual } from './densify.js';
import type { TrainingPreset } from './presets.js';

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
  readonly preset: TrainingPreset;
  readonly iterations: number;
  readonly seed: number;
  readonly shDegree: number;
  readonly background: readonly [number, number, number];
  /** Median depth of the scene: the unit of `learningRates.means`. */
  readonly sceneUnit: number;
  readonly maxGaussians: number;
  readonly onIteration: (iteration: number, loss: number, gaussianCount: number) => void;
}

/** Dropout is a cure for too few photos: with more than this many it fades. */
const DROPOUT_FULL_PHOTOS = 4;
/** How often the loop lets the host breathe, in milliseconds: signals and progress stay well under a second. */
const YIELD_EVERY_MS = 100;

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

/**
 * Runs the schedule of a preset. Photos are drawn without replacement, in an order that depends on the seed alone.
 *
 * @returns how many iterations ran: fewer than asked when the signal was aborted (the scene keeps what it has learnt).
 */
export async function trainScene(run: TrainingRun, context: StageContext): Promise<number> {
  const { backend, scene, preset, iterations } = run;
  const random = createRandom(run.seed);
  const densifyIterations = new Set(preset.densifyAt.map((share) => Math.round(share * iterations)));
  const dropout = preset.dropoutProbability * Math.min(1, DROPOUT_FULL_PHOTOS / run.targets.length);
  let order: number[] = [];
  let lastYield = performance.now();
  let count = (await backend.readStatistics(scene)).visibleSteps.length;
  for (let iteration = 1; iteration <= iterations; iteration++) {
    if (order.length === 0) order = shuffledIndices(run.targets.length, random);
    const photo = order.pop()!;
    const progress = (iteration - 1) / Math.max(1, iterations - 1);
    const isHalf = progress < preset.halfSizeShare;
    const step: TrainingStep = {
      iteration,
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
    };
    const report = await (run.decoder === null ? backend.step(scene, step) : run.decoder.step(backend, scene, step));
    if (densifyIterations.has(iteration)) {
      const edit = await splitByResidual(backend, scene, {
        share: preset.densifyShare,
        maxGaussians: run.maxGaussians,
        pruneOpacity: preset.pruneOpacity,
        seed: run.seed + iteration,
      });
      count = edit.keep.length + edit.append.count;
      run.decoder?.followEdit(edit);
    }
    run.onIteration(iteration, report.loss, count);
    if (performance.now() - lastYield > YIELD_EVERY_MS) {
      await yieldToHost();
      lastYield = performance.now();
      if (context.signal?.aborted === true) return iteration;
    }
  }
  return iterations;
}

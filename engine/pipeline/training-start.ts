/** Where a training begins: with a fresh scene, at a checkpoint, or with a checkpoint's splats. */
import { ImportError, ShapeError } from '../scene/errors.js';
import type { View } from '../scene/view.js';
import type { SplattingBackend } from '../splatting/contract.js';
import { SceneDecoder } from '../training/decoder/scene-decoder.js';
import type { TensorFlow } from '../training/decoder/tensorflow.js';
import { thinToBudget } from '../training/finish-scene.js';
import type { TargetGuides } from '../training/make-targets.js';
import type { MovingScene } from '../training/open-motion.js';
import type { Motion } from '../training/presets.js';
import type { RefinementState } from '../training/refinement/view-refinement.js';
import { isStateOf } from '../training/refinement/view-refinement.js';
import type { LoopState } from '../training/train-scene.js';
import { firstLoopState } from '../training/train-scene.js';
import type { Checkpoint } from './checkpoint.js';
import type { HeldOutDepths } from './sensor-supervision.js';
import type { ViewReport } from './view-report.js';

export interface TrainingStart {
  readonly iterations: number;
  readonly maxSplats: number;
  /** Median depth of the scene. */
  readonly sceneUnit: number;
  readonly motion: Motion;
  readonly loop: LoopState;
  /** One a view, or none where no loss needs them. */
  readonly guides: readonly TargetGuides[];
  readonly initialGaussianCount: number;
  readonly viewReports: readonly ViewReport[];
  /** Of the photos' cameras and colours; null: as given. */
  readonly refinement: RefinementState | null;
  /** Depths at held-out LiDAR points before the training, by photo; absent where it goes on from a checkpoint. */
  readonly heldOut?: ReadonlyMap<string, HeldOutDepths>;
  /** Puts the scene into the backend; the caller releases it. */
  open(backend: SplattingBackend): Promise<MovingScene>;
}

function damaged(problem: string): ImportError {
  return new ImportError('malformed', problem, 'checkpoint', '', 'Take an older checkpoint, or start again.');
}

/** A checkpoint may come from a file: what it names must be there. */
function assertFits({ loop, decoder, guides, iterations, refinement }: Checkpoint, views: readonly View[]): void {
  if (loop.order.some((photo) => photo >= views.length)) throw damaged('It names a photo that is not there.');
  if (loop.iteration > iterations || loop.momentsFrom > loop.iteration) throw damaged('Its iterations do not add up.');
  if (guides.length > 0 && guides.length !== views.length) throw damaged('It has not one guide for each photo.');
  if (refinement !== null && !isStateOf(refinement, views.length))
    throw damaged('Its cameras are not those of the photos.');
  const { width, height } = (views[0] as View).image;
  const sizes = decoder?.sizes;
  if (sizes !== undefined && (sizes.viewCount !== views.length || sizes.width !== width || sizes.height !== height))
    throw damaged('Its decoder is for photos of another size.');
}

/**
 * Goes on exactly where the checkpoint was taken. The run must be the same, see `assertSameRun`.
 *
 * @param openTensors called only where a decoder is to go on; what it throws is passed on
 * @throws ImportError 'malformed' here or in `open` for a checkpoint whose parts do not fit each other
 */
export function resumeAt(
  checkpoint: Checkpoint,
  views: readonly View[],
  openTensors: () => Promise<TensorFlow>,
): TrainingStart {
  assertFits(checkpoint, views);
  const { scene: state, decoder: decoderState } = checkpoint;
  return {
    ...checkpoint,
    open: async (backend) => {
      const tf = decoderState === null ? null : await openTensors();
      try {
        const decoder = tf === null || decoderState === null ? null : SceneDecoder.restore(tf, decoderState);
        return { scene: await backend.restoreScene(state), decoder };
      } catch (error) {
        throw error instanceof ShapeError ? damaged(`It cannot be taken up: ${error.message}.`) : error;
      }
    },
  };
}

function isOfPhotos({ refinement, viewReports }: Checkpoint, views: readonly View[]): boolean {
  const isNamedAlike =
    viewReports.length === views.length && viewReports.every(({ name }, i) => name === views[i]!.name);
  return refinement !== null && isNamedAlike && isStateOf(refinement, views.length);
}

/**
 * Starts with the checkpoint's splats, thinned to `maxSplats`, moving freely, without optimiser state, at the same share of the
 * iterations. Photos may be others: a new round of them begins. Where they are the same, at whatever size, they keep their refined cameras.
 */
export function startWarm(
  checkpoint: Checkpoint,
  options: {
    readonly iterations: number | undefined;
    readonly maxSplats: number;
    readonly seed: number;
    readonly views: readonly View[];
  },
): TrainingStart {
  const iterations = options.iterations ?? checkpoint.iterations;
  const share = checkpoint.loop.iteration / Math.max(1, checkpoint.iterations);
  const iteration = Math.min(iterations, Math.round(share * iterations));
  const splats = thinToBudget(checkpoint.scene.splats, options.maxSplats);
  return {
    iterations,
    maxSplats: options.maxSplats,
    sceneUnit: checkpoint.sceneUnit,
    motion: 'free',
    loop: { ...firstLoopState(options.seed + iteration), iteration, momentsFrom: iteration },
    guides: [],
    initialGaussianCount: splats.count,
    viewReports: checkpoint.viewReports,
    refinement: isOfPhotos(checkpoint, options.views) ? checkpoint.refinement : null,
    open: async (backend) => ({ scene: await backend.createScene(splats, null), decoder: null }),
  };
}

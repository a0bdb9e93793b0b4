/** What a training can go on from, as plain data; encode-checkpoint.ts turns it into bytes and back. */
import type { SceneState } from '../splatting/contract.js';
import type { DecoderState } from '../training/decoder/scene-decoder.js';
import type { TargetGuides } from '../training/make-targets.js';
import type { RefinementState } from '../training/refinement/view-refinement.js';
import type { LoopState } from '../training/train-scene.js';
import type { Motion } from '../training/presets.js';
import type { ViewReport } from './view-report.js';

/** What must be the same for an exact resume; each value is a text that is compared. */
export interface RunFingerprint {
  /** Names, cameras, pixels and masks of the photos, and what sensors tell of them. */
  readonly photos: string;
  /** Preset with all its numbers. */
  readonly preset: string;
  readonly iterations: string;
  readonly seed: string;
  readonly motion: string;
  readonly 'number of splats': string;
  readonly backend: string;
  readonly 'depth model': string;
}

export interface Checkpoint {
  readonly fingerprint: RunFingerprint;
  /** Of the whole run. */
  readonly iterations: number;
  readonly maxSplats: number;
  /** Median depth of the scene, the unit of the means' learning rate. */
  readonly sceneUnit: number;
  /** The one that ran, which 'rays' may be where the decoder was asked for. */
  readonly motion: Motion;
  readonly loop: LoopState;
  readonly scene: SceneState;
  /** Of the motion 'decoder'. */
  readonly decoder: DecoderState | null;
  /** One a view, in their order, where depth losses are on; else empty. */
  readonly guides: readonly TargetGuides[];
  /** For the final report. */
  readonly initialGaussianCount: number;
  readonly viewReports: readonly ViewReport[];
  /** Cameras and colours that the photos have learnt; null where they learn none. */
  readonly refinement: RefinementState | null;
}

/** The run is not the one that the checkpoint was taken of. */
export class CheckpointMismatchError extends Error {
  override readonly name = 'CheckpointMismatchError';
  constructor(
    /** What differs, in words: "photos", "seed" … */
    readonly differences: readonly string[],
  ) {
    super(
      `The checkpoint belongs to another run: ${differences.join(', ')} differ${differences.length === 1 ? 's' : ''}. ` +
        'Start again, or go on from its splats without the exact state.',
    );
  }
}

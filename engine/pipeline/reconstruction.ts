/** What goes into a reconstruction and what comes out: the types that every host of the pipeline shares. */
import type { StereoBackend } from '../correspondence/contract.js';
import type { DepthNetwork } from '../scene/depth-network.js';
import type { Splats } from '../scene/splats.js';
import type { View } from '../scene/view.js';
import type { PointCloud } from '../scene/point-cloud.js';
import type { PauseSwitch } from '../scene/stage.js';
import type { SplattingBackend } from '../splatting/contract.js';
import type { TensorFlow } from '../training/decoder/tensorflow.js';
import type { Motion, Preset, PresetName } from '../training/presets.js';
import type { Checkpoint } from './checkpoint.js';
import type { PipelineListener, PipelineStage } from './events.js';
import type { RefinementReport } from './refined-views.js';
import type { SensorReport } from './sensor-report.js';
import type { SensorResiduals } from './sensor-residuals.js';
import type { SensorSupervision } from './sensor-supervision.js';
import type { ViewReport } from './view-report.js';

export type { DepthNetwork, DepthOutputKind } from '../scene/depth-network.js';

export type { Motion, PresetName } from '../training/presets.js';

/**
 * What a host may see of a run and do with it while it goes on. Nothing of this changes the result: the splats are the same, bit by bit,
 * with and without.
 */
export interface RunControl {
  /** While set, the run stands still, at the latest half a second later; in training a checkpoint is handed over first. */
  readonly pause?: PauseSwitch;
  /** Points with colours as soon as there are some: sparse matches within seconds, then those that dense stereo confirms. */
  readonly onPoints?: (points: PointCloud) => void;
  /** The scene as it is after `iteration` iterations (0: as initialised); the splats are the receiver's. */
  readonly onSnapshot?: (splats: Splats, iteration: number) => void;
  /** At least this long between two snapshots; default 1000. */
  readonly snapshotEveryMs?: number;
  /** Posed photos that are never trained on; while training, 'evaluation' events tell how well the scene shows them. */
  readonly heldOutViews?: readonly View[];
  /**
   * What the run can go on from (`resumeFrom`), every `checkpointEveryMs`, when it is paused and when it is aborted. The checkpoint is the
   * receiver's. The run does not wait for the promise, except at its end; it skips checkpoints while one is pending. One that rejects is
   * told as a warning.
   */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => Promise<void> | void;
  /** Default 20 000. */
  readonly checkpointEveryMs?: number;
}

export interface ReconstructOptions extends RunControl {
  /** The photos to train on; at least two, or one of which sensors tell the depth. Their order does not matter. */
  readonly views: readonly View[];
  readonly preset: PresetName;
  /** Overrides the preset's whole table of numbers (ablations, experiments). */
  readonly tuning?: Preset;
  /** Overrides the preset's. */
  readonly iterations?: number;
  /** Overrides the preset's. */
  readonly motion?: Motion;
  /** Overrides the preset's `refinement.cameras`: the photos' cameras are moved with the scene. */
  readonly refineCameras?: boolean;
  /** Overrides the preset's `refinement.exposure`: each photo has its own colours. */
  readonly adjustExposure?: boolean;
  readonly maxSplats?: number;
  readonly seed: number;
  readonly splatting: SplattingBackend;
  readonly stereo: StereoBackend;
  readonly depthNetwork: DepthNetwork | null;
  /** What LiDAR and radar tell of the photos' depth. */
  readonly sensors?: SensorSupervision;
  /** Loads what the motion 'decoder' computes with; called only for it. Where it is missing or throws, 'rays' takes its place. */
  readonly openDecoderTensors?: () => Promise<TensorFlow>;
  readonly memoryBudgetBytes: number;
  readonly onEvent: PipelineListener;
  /** Aborting ends the optimisation early; what there is by then is returned with `stopped: true`. Before anything can be shown it throws the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Goes on where the checkpoint was taken, to the result that the run would have had without a break. Photos and settings must be those
   * of the checkpoint: else CheckpointMismatchError. Settings that are left out are the checkpoint's, not the preset's.
   */
  readonly resumeFrom?: Checkpoint;
  /**
   * Starts from a checkpoint's splats, thinned to `maxSplats` and moving freely, with photos of any size, for the iterations that the
   * checkpoint still had to go. Ignored when `resumeFrom` is given.
   */
  readonly warmStartFrom?: Checkpoint;
}

export interface ReconstructionReport {
  readonly preset: PresetName;
  /** The one that ran: 'rays' where the decoder was asked for and could not be had. */
  readonly motion: Motion;
  readonly seed: number;
  readonly iterations: number;
  readonly stopped: boolean;
  readonly initialGaussianCount: number;
  readonly gaussianCount: number;
  /** Median depth of the photos, world units. */
  readonly sceneUnit: number;
  readonly stageMs: Partial<Record<PipelineStage, number>>;
  readonly views: readonly ViewReport[];
  readonly warnings: readonly string[];
  readonly backend: string;
  /** Null where neither cameras nor colours were learnt. */
  readonly refinement: RefinementReport | null;
  /** Null where no sensor told anything. */
  readonly sensors: SensorReport | null;
}

export interface Reconstruction {
  readonly splats: Splats;
  /** [N] how many training photos see each Gaussian (255: that many or more), see count-observers.ts; null when the run was stopped. */
  readonly observerCounts: Uint8Array | null;
  /** How far the scene's depth is from each LiDAR point that the photos see, thinned where there are very many; null without any. */
  readonly sensorResiduals: SensorResiduals | null;
  readonly report: ReconstructionReport;
}

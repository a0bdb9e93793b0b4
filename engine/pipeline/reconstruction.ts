/** What goes into a reconstruction and what comes out: the types that every host of the pipeline shares. */
import type { StereoBackend } from '../correspondence/contract.js';
import type { DepthNetwork } from '../scene/depth-network.js';
import type { Splats } from '../scene/splats.js';
import type { View } from '../scene/view.js';
import type { SplattingBackend } from '../splatting/contract.js';
import type { TensorFlow } from '../training/decoder/tensorflow.js';
import type { Motion, Preset, PresetName } from '../training/presets.js';
import type { PipelineListener, PipelineStage } from './events.js';

export type { DepthNetwork, DepthOutputKind } from '../scene/depth-network.js';

export type { Motion, PresetName } from '../training/presets.js';

export interface ReconstructOptions {
  /** The photos to train on; at least two. Their order does not matter. */
  readonly views: readonly View[];
  readonly preset: PresetName;
  /** Overrides the preset's whole table of numbers (ablations, experiments). */
  readonly tuning?: Preset;
  /** Overrides the preset's. */
  readonly iterations?: number;
  /** Overrides the preset's. */
  readonly motion?: Motion;
  readonly maxSplats?: number;
  readonly seed: number;
  readonly splatting: SplattingBackend;
  readonly stereo: StereoBackend;
  readonly depthNetwork: DepthNetwork | null;
  /** Loads what the motion 'decoder' computes with; called only for it. Where it is missing or throws, 'rays' takes its place. */
  readonly openDecoderTensors?: () => Promise<TensorFlow>;
  readonly memoryBudgetBytes: number;
  readonly onEvent: PipelineListener;
  /** Aborting ends the optimisation early; what there is by then is returned with `stopped: true`. Before anything can be shown it throws the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ViewReport {
  readonly name: string;
  /** Share of pixels whose depth another view confirms. */
  readonly confirmedShare: number;
  /** Median |network − matches| / matches after alignment; null without a network or without matches. */
  readonly alignmentResidual: number | null;
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
  readonly stageMs: Partial<Record<PipelineStage, number>>;
  readonly views: readonly ViewReport[];
  readonly warnings: readonly string[];
  readonly backend: string;
}

export interface Reconstruction {
  readonly splats: Splats;
  readonly report: ReconstructionReport;
}

/** Dense multi-view stereo with known cameras: its contract, which `reference/` and `wasm/` implement alike. */
import type { DepthMap } from '../scene/depth-map.js';
import type { StageContext } from '../scene/stage.js';
import type { View } from '../scene/view.js';

/** The inverse depths (1 / world unit) between which a view's surfaces lie; 0 < far < near. */
export interface InverseDepthRange {
  readonly far: number;
  readonly near: number;
}

export interface StereoOptions {
  /** Other views that each view is matched against, best first: [V][≤ 4] indices. */
  readonly sources: readonly (readonly number[])[];
  /** One per view, from sparse matches. */
  readonly ranges: readonly InverseDepthRange[];
  /** A depth is confirmed when reprojection into another view and back lands within this many pixels … */
  readonly consistencyPx: number;
  /** … and the two depths differ by less than this fraction. */
  readonly consistencyRelativeDepth: number;
}

/** Stereo's word on one view. */
export interface StereoDepth {
  /** SGM's winner at every pixel (subpixel in inverse depth), confidence 1 where confirmed, else 0; masked pixels 0. */
  readonly depthMap: DepthMap;
  /** [H, W] how many other views confirm the depth. */
  readonly confirmations: Uint8Array;
  /** [H, W] aggregated matching cost of the winner, 0 (perfect) .. 1. */
  readonly cost: Float32Array;
}

/** Dense matches from one view into another, derived from confirmed depths. */
export interface DenseMatches {
  readonly firstView: number;
  readonly secondView: number;
  /** [H, W, 2] pixel position in the second view of each pixel of the first. */
  readonly secondPx: Float32Array;
  /** [H, W] 1 where the forward-backward check holds. */
  readonly mask: Uint8Array;
}

export interface StereoBackend {
  readonly name: 'reference' | 'wasm';
  estimateDepths(views: readonly View[], options: StereoOptions, context: StageContext): Promise<StereoDepth[]>;
}

/** What bundle adjustment is given and what it returns. Frames and pixels as in `engine/math/conventions.ts`. */
import type { RigidTransform } from '../math/rigid-transform.js';
import type { PlaneTies } from './bundle-ties.js';
import type { PlacedPhoto, RadialLens } from './contract.js';

/** Parameters of a lens that are held or freed together. 'focal' is one number: fx and fy keep their ratio. */
export type IntrinsicsGroup = 'focal' | 'k1' | 'k2' | 'principal-point';

/** Where photos see points: M sightings, in any order; a photo may see a point more than once. */
export interface BundleObservations {
  /** [M] index into the problem's photos. */
  readonly photos: ArrayLike<number>;
  /** [M] index into the problem's positions. */
  readonly points: ArrayLike<number>;
  /** [M,2] x, y in pixels of the photo as it was taken (distorted). An observation with NaN does not count. */
  readonly pixels: ArrayLike<number>;
  /** [M] factors of the loss; 1 without. What is not above 0 does not count. */
  readonly weights?: ArrayLike<number>;
  /** What a depth map says of the observed pixels. */
  readonly depths?: DepthPriors;
}

/** `log z = log D + s ± sigma`: D the map's depth, s the photo's log scale. Both [M], in the order of the observations. */
export interface DepthPriors {
  /** log D; NaN where there is none. */
  readonly logDepths: ArrayLike<number>;
  /** Standard deviations of the logarithm; what is not above 0 does not count. */
  readonly sigmas: ArrayLike<number>;
}

/** Cameras, points and sightings before the adjustment. */
export interface BundleProblem {
  readonly lenses: readonly RadialLens[];
  readonly photos: readonly Pick<PlacedPhoto, 'lens' | 'cameraFromWorld'>[];
  /** [P,3] in the world. A point that is not finite does not count. */
  readonly positions: ArrayLike<number>;
  readonly observations: BundleObservations;
  /** [F] log scale s of each photo's depth map; without, the median of `log z − log D` at the start. */
  readonly logScales?: ArrayLike<number>;
  /** What measured surfaces say of the points. They place and scale the world: no gauge is fixed beside them. */
  readonly ties?: PlaneTies;
}

/** Normal distributions of a lens's parameters; a sigma that is left out is none. */
export interface LensPrior {
  /** Centre of the focal length's prior, the mean √(fx fy), in pixels. */
  readonly focalPx?: number;
  /** Standard deviation of `log(f / focalPx)`: 0.1 is some 10 %. */
  readonly focalSigma?: number;
  /** Around 0. */
  readonly k1Sigma?: number;
  readonly k2Sigma?: number;
  /** Around the photo's middle, in pixels. */
  readonly principalPointSigmaPx?: number;
}

export interface BundleOptions {
  /**
   * 'all' (default); 'points': cameras and lenses are held, each point is found for itself; 'cameras': points are held, as after a
   * resection, and no gauge is fixed.
   */
  readonly free?: 'all' | 'points' | 'cameras';
  /** Default none. Not with `free: 'points'`. */
  readonly freeIntrinsics?: readonly IntrinsicsGroup[];
  /** Lenses (by index) whose intrinsics are held all the same. */
  readonly constantLenses?: readonly number[];
  /** Photos (by index) whose camera is held. */
  readonly constantPhotos?: readonly number[];
  /** One a lens; null for none. */
  readonly lensPriors?: readonly (LensPrior | null)[];
  /** Where Huber's loss turns from square to linear, in pixels; default 1, Infinity is least squares. */
  readonly huberPx?: number;
  /** The same for the depth term, in sigmas; default 1. */
  readonly huberSigmas?: number;
  /** The same for ties, in sigmas; default 1. */
  readonly huberTieSigmas?: number;
  /** What a depth's loss counts beside a pixel's; default 1: one sigma is as bad as one pixel. */
  readonly depthWeight?: number;
  /** Default true. Held where depths are metric: they then fix the scene's scale. */
  readonly areLogScalesFree?: boolean;
  /** Steps tried, at most; default 50. */
  readonly maxIterations?: number;
  /** The search ends at a step that lowers the cost by less than this part of it; default 1e-8. */
  readonly costTolerance?: number;
}

/** Why the search ended; 'stuck': no step lowers the cost any more, 'empty': nothing was free or nothing was seen. */
export type BundleStop = 'converged' | 'iteration-limit' | 'stuck' | 'empty';

export interface BundleResult {
  readonly lenses: readonly RadialLens[];
  /** [F] in the order of the photos; those of held cameras are the objects that were given. */
  readonly camerasFromWorld: readonly RigidTransform[];
  /** [P,3] */
  readonly positions: Float64Array;
  /** [F]; 0 for a photo without depths. */
  readonly logScales: Float64Array;
  /** [M] squared reprojection errors in px², unweighted, of every observation, also those that did not count: Infinity behind the camera, NaN for NaN. */
  readonly squaredErrorsPx: Float64Array;
  /** √(mean of |error|²) in pixels over the observations that counted and lie in front of their camera; 0 without any. */
  readonly rmsPx: number;
  /** Observations that counted. */
  readonly usedCount: number;
  /** Those of them that lie behind their camera in the end. */
  readonly behindCount: number;
  /** The cost at the start and after every step that was kept: falling. */
  readonly costs: readonly number[];
  /** Steps tried. */
  readonly iterations: number;
  readonly stop: BundleStop;
  /** The result is not to be used: something is not finite, a focal length moved by more than a factor of 5, or half of all lies behind. */
  readonly diverged: boolean;
}

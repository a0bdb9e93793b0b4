/** The pose stage as hosts see it: what goes in, and what comes out. */
import type { CameraNetwork } from '../scene/camera-network.js';
import type { DepthNetwork } from '../scene/depth-network.js';
import type { RgbImage } from '../scene/view.js';
import type { SparseModel } from '../scene/sparse-model.js';
import type { FocalPrior } from './focal-prior.js';
import type { FeatureSource } from './photo-features.js';
import type { PairVerifier } from './verify-pairs.js';

/** A photo at the size that keypoints are looked for in. */
export interface PosePhoto {
  /** What people call it; unique. */
  readonly name: string;
  /** Path relative to the capture's root, with forward slashes. */
  readonly imagePath: string;
  readonly image: RgbImage;
  /** Size of the file, upright. Lenses and errors come out in its pixels. */
  readonly fileSize: { readonly width: number; readonly height: number };
  /** In pixels of `image`. */
  readonly focal: FocalPrior;
  /** Photos with the same key were taken by one camera with one setting of its lens. */
  readonly lensKey: string;
}

/** Pixels of the file for one of the photo as it was searched. */
export function fileScale({ fileSize, image }: PosePhoto): number {
  return fileSize.width / image.width;
}

export interface PoseOptions {
  readonly seed: number;
  readonly sources: readonly FeatureSource[];
  /** Shares the checking of pairs with other threads. */
  readonly verifier?: PairVerifier | null;
  /** Opens a network that guesses depth, for photos that matches alone do not place; null where there is none. */
  readonly openDepth?: () => Promise<DepthNetwork | null>;
  /** Opens a network that guesses cameras, for photos that matches alone leave out or in doubt; null where there is none. */
  readonly openCameras?: () => Promise<CameraNetwork | null>;
}

/** Why a photo has no camera. */
export type LeftOutReason =
  /** Hardly a keypoint: a blank wall, darkness, fog. */
  | 'too-few-features'
  /** Far less sharp than the others. */
  | 'blurred'
  /** No other photo shows the same things. */
  | 'no-overlap'
  /** It fits other photos, but these hang together with none of the rest. */
  | 'apart'
  /** Its matches allow turning in place only: there is no depth to stand on. */
  | 'no-parallax'
  /** It matches the others, but no camera agrees with enough of the points: movement, or a repeated pattern. */
  | 'contradicts'
  /** Another program left it out without saying why. */
  | 'unexplained';

/** Why a photo's camera should be looked at before it is trusted. */
export type Doubt =
  /** Everything that it rests on lies in one plane, which two cameras explain. */
  | 'planar'
  /** It rests on few points. */
  | 'few-points'
  /** Some of its matches contradict the others, as those of a repeated pattern do. */
  | 'repeated-pattern'
  /** Matches alone did not place it: it rests on depth that a network guessed. */
  | 'depth-prior'
  /** Matches alone did not place it: it began with a camera that a network guessed, and few points or no pair of its own hold it. */
  | 'camera-prior'
  /** Nothing says its focal length, and the photos do not tell it well: turn and depth may be off by as much as it is. */
  | 'guessed-focal';

export interface PlacedOutcome {
  readonly name: string;
  readonly isPlaced: true;
  /** Points that it sees, and the median of their reprojection errors in pixels of the file. */
  readonly pointCount: number;
  readonly medianErrorPx: number;
  readonly doubts: readonly Doubt[];
}

export interface LeftOutOutcome {
  readonly name: string;
  readonly isPlaced: false;
  readonly reason: LeftOutReason;
  /** Verified matches with the photo that it shares most with; 0 without one, null where another program does not say. */
  readonly matchCount: number | null;
}

export type PhotoOutcome = PlacedOutcome | LeftOutOutcome;

export interface FoundCameras {
  /** Null when no two photos could be placed. World: z up where that could be guessed, 1 the typical distance of a point. */
  readonly model: SparseModel | null;
  /** In the order of the photos. */
  readonly photos: readonly PhotoOutcome[];
  /** Median of all reprojection errors in pixels of the files; NaN without a model. */
  readonly medianErrorPx: number;
  /** 0..1, see `guessGravity`; 0 without a model. */
  readonly upConfidence: number;
  /** The network whose guess the model began with; left out where matches alone gave it. */
  readonly cameraNetwork?: string;
}

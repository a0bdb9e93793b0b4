/** Keypoint detectors and matchers as the pose stage sees them; host/ and native-models/ implement them, hosts hand them in. */
import type { ImageFeatures } from './image-features.js';
import type { RgbImage } from './view.js';

/** Finds and describes keypoints. */
export interface FeatureDetector {
  /** What {@link ImageFeatures.detector} of its features says. */
  readonly name: string;
  /** How many photos it works on at the same time, if it is asked to; 1 when left out. */
  readonly atOnce?: number;
  /** Keypoints in pixels of the photo as it is given. */
  detect(image: RgbImage, signal?: AbortSignal): Promise<ImageFeatures>;
  /** Frees what the detector holds; it is of no use afterwards. */
  dispose(): Promise<void>;
}

/** Keypoints of two photos that look alike: a one-to-one relation. */
export interface FeatureMatches {
  /** [N, 2] indices into the first photo's and the second photo's keypoints, by the first's. */
  readonly indices: Uint32Array;
  /** [N] 0..1, larger is surer; comparable only among matches of one matcher. */
  readonly scores: Float32Array;
}

/** Matches keypoints of two photos. */
export interface FeatureMatcher {
  readonly name: string;
  match(first: ImageFeatures, second: ImageFeatures, signal?: AbortSignal): Promise<FeatureMatches>;
}

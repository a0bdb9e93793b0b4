/** What the pose stage's steps hand to each other. Pixels as in `engine/math/conventions.ts`: corner origin, centres at +0.5. */
import type { Intrinsics } from '../scene/camera.js';
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';

/** Corresponding pixels of two photos; detectors may be mixed. */
export interface PairMatches {
  /** Indices of the photos, `first < second`. */
  readonly first: number;
  readonly second: number;
  /** [N,2] indices of keypoints, into the first photo's and the second photo's list. */
  readonly indices: Uint32Array;
}

/** A lens of two radial terms: `r' = r (1 + k1 r² + k2 r⁴)` in the plane z = 1 (COLMAP's RADIAL, OpenCV's first two). */
export interface RadialLens {
  readonly intrinsics: Intrinsics;
  readonly k1: number;
  readonly k2: number;
}

/** A photo whose camera was found. */
export interface PlacedPhoto {
  readonly photo: number;
  /** Index into the solution's lenses: photos of one camera share one. */
  readonly lens: number;
  readonly cameraFromWorld: RigidTransform;
}

/** One point in space and where photos see it. */
export interface Track {
  readonly position: Vec3;
  /** Photo and keypoint index, at most one a photo, at least two. */
  readonly observations: readonly { readonly photo: number; readonly keypoint: number }[];
}

/** What is known after a reconstruction of cameras. */
export interface PoseSolution {
  readonly lenses: readonly RadialLens[];
  readonly photos: readonly PlacedPhoto[];
  readonly tracks: readonly Track[];
}

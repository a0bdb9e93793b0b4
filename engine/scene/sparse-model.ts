/** Cameras that were found, and the sparse points that they were found by. */
import type { RigidTransform } from '../math/rigid-transform.js';
import type { Distortion, Intrinsics } from './camera.js';

export interface SparseLens {
  readonly intrinsics: Intrinsics;
  /** Null is a pinhole. */
  readonly distortion: Distortion | null;
}

export interface SparsePhoto {
  /** Path relative to the capture's root, with forward slashes. */
  readonly imagePath: string;
  /** Index into the model's lenses. */
  readonly lens: number;
  readonly cameraFromWorld: RigidTransform;
  /** [n, 2] keypoints in pixels of the lens's size, those without a point included. */
  readonly keypointsPx: Float32Array;
}

/** N points and T observations, a struct of arrays. */
export interface SparsePoints {
  readonly count: number;
  /** [N, 3] world units. */
  readonly positions: Float64Array;
  /** [N, 3] sRGB. */
  readonly colors: Uint8Array;
  /** [N] mean reprojection error in pixels. */
  readonly errorsPx: Float64Array;
  /** [N + 1]; entries trackStarts[i] to trackStarts[i + 1] of the two arrays below are point i's. */
  readonly trackStarts: Uint32Array;
  /** [T] index into the model's photos. */
  readonly trackPhotos: Uint32Array;
  /** [T] index into that photo's keypoints. */
  readonly trackKeypoints: Uint32Array;
}

export interface SparseModel {
  readonly lenses: readonly SparseLens[];
  readonly photos: readonly SparsePhoto[];
  readonly points: SparsePoints;
}

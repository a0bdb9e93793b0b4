/** Keypoints and their descriptors. Pixels as in `engine/math/conventions.ts`: corner origin, centres at +0.5. */

/** Descriptors of one kind: bit strings compared by Hamming distance, or unit-length vectors compared by dot product. */
export type Descriptors =
  | { readonly kind: 'binary'; readonly bytesEach: number; readonly data: Uint8Array }
  | { readonly kind: 'float'; readonly length: number; readonly data: Float32Array };

/** Keypoints of one photo, found by one detector. */
export interface ImageFeatures {
  /** Detector's name: 'akaze', 'xfeat'. Only features of one name can be matched with each other. */
  readonly detector: string;
  /** Size of the photo that `points` are measured in. */
  readonly width: number;
  readonly height: number;
  /** [N,2] x, y in pixels. */
  readonly points: Float32Array;
  /** [N] strength, larger is better. */
  readonly scores: Float32Array;
  readonly descriptors: Descriptors;
}

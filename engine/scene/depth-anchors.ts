/** Where sensors tell a photo's depth: sparse pixels, each with how far it may be trusted. */

export type AnchorSource = 'lidar' | 'radar';

export interface DepthAnchors {
  readonly count: number;
  /** [N, 2] px in the view's image, pixel centres at +0.5. */
  readonly pixels: Float32Array;
  /** [N] z along the camera's axis, in the sensor's unit (metres where it is known). */
  readonly depth: Float32Array;
  /** [N] standard deviation of log depth (about: relative error of depth). */
  readonly sigmaLogDepth: Float32Array;
  readonly source: AnchorSource;
}

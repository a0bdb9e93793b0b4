/** Depth of every pixel of a view. */
export interface DepthMap {
  readonly width: number;
  readonly height: number;
  /** [height, width] z along the camera's axis in world units; 0 where unknown. */
  readonly depth: Float32Array;
  /** [height, width] 0..1, how much the depth is confirmed (1: another view agrees, 0: a guess). */
  readonly confidence: Float32Array;
}

/** Points with colours: what can be shown of a place before there are Gaussians. */
export interface PointCloud {
  readonly count: number;
  /** [N, 3] world units. */
  readonly positions: Float32Array;
  /** [N, 3] sRGB 0..255. */
  readonly colors: Uint8Array;
}

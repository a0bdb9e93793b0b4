/** What the sweep and the aggregation weigh; the defaults are measured (docs/measured.md). */
export interface StereoSettings {
  /** Pixels that a pixel may move between two planes in the source of widest baseline. */
  readonly planeStepPx: number;
  /** … and pixels in which a surface at 45° crosses one plane: the steps are no finer than that. */
  readonly planeSlopePx: number;
  /** Paths of the semi-global aggregation: 4 or 8. */
  readonly pathCount: 4 | 8;
  /** P1 and P2 as fractions of the largest matching cost (Hirschmüller 2008). */
  readonly smallPenalty: number;
  readonly largePenalty: number;
  /** Luma step (0..255) between neighbours at which P2 has halved. */
  readonly edgeScale: number;
  /** Share of the colour difference in the cost; the rest is ZNCC's. */
  readonly colorWeight: number;
  /** Mean absolute RGB difference (0..255) beyond which it grows no further. */
  readonly colorTruncation: number;
  /** Standard deviation of luma (0..255) in a window under which ZNCC fades towards 0. */
  readonly textureFloor: number;
  /** Cost where no source sees the pixel, 0..1. */
  readonly unseenCost: number;
  /** The first level of the pyramid has at most this many pixels. */
  readonly coarsestPixels: number;
  /** Most cells (3 bytes each) of cost volume held at a time. */
  readonly maxCells: number;
  readonly bandMarginPlanes: number;
  readonly bandMinShare: number;
  readonly bandMinConfirmedShare: number;
}

export const DEFAULT_STEREO_SETTINGS: StereoSettings = {
  planeStepPx: 0.6,
  planeSlopePx: 1,
  pathCount: 8,
  smallPenalty: 0.2,
  largePenalty: 2.4,
  edgeScale: 40,
  colorWeight: 0.4,
  colorTruncation: 50,
  textureFloor: 0.5,
  unseenCost: 0.5,
  coarsestPixels: 60_000,
  maxCells: 100_000_000,
  bandMarginPlanes: 4,
  bandMinShare: 0.1,
  bandMinConfirmedShare: 0.01,
};

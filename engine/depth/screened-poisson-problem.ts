/** What the screened Poisson solver is given. */

/** Weights of the edges between neighbouring pixels; 1 is a normal edge, 0 cuts. */
export interface EdgeWeights {
  /** [H, W] between pixel i and i + 1; the last column is not read. */
  readonly right: Float32Array;
  /** [H, W] between pixel i and i + W; the last row is not read. */
  readonly down: Float32Array;
}

export interface ScreenedPoissonProblem {
  readonly width: number;
  readonly height: number;
  /** [H, W] w ≥ 0, how much each pixel's target counts; not all zero. */
  readonly weights: Float32Array;
  /** [H, W] t; not read where w = 0. */
  readonly targets: Float32Array;
  /** λ ≥ 0. */
  readonly smoothness: number;
  /** c; null: all 1. */
  readonly edges: EdgeWeights | null;
}

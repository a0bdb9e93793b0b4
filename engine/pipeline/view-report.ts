/** How well the depth of a photo is supported. */
export interface ViewReport {
  readonly name: string;
  /** Share of pixels whose depth another view confirms. */
  readonly confirmedShare: number;
  /** Median |network − matches| / matches after alignment; null without a network or without matches. */
  readonly alignmentResidual: number | null;
}

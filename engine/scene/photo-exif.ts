/** What a camera wrote into its photo about lens and sensor; null where it says nothing or nonsense. */
export interface PhotoExif {
  readonly make: string | null;
  readonly model: string | null;
  readonly focalMm: number | null;
  /** Focal length that shows the same angle of view on 24 × 36 mm film, as the camera states it. */
  readonly focal35Mm: number | null;
  /** Pixels per millimetre of the sensor, at the size {@link widthPx} × {@link heightPx}. */
  readonly focalPlanePxPerMm: number | null;
  /** Enlargement of the middle of the sensor's picture; 1 when none was used. */
  readonly digitalZoom: number | null;
  /** Size that the camera saved the photo at, not turned upright. */
  readonly widthPx: number | null;
  readonly heightPx: number | null;
}

/** Settings of sensors that nobody chose; apart, so that commands know them without loading a reader. */

/** Weight of the LiDAR loss: lowers the depth error with 1 to 5 photos and leaves held-out PSNR where it was (docs/measured.md). */
export const DEFAULT_LIDAR_LOSS = 0.1;

/** Every so many LiDAR points one is kept for the report. */
export const DEFAULT_HOLD_OUT_EVERY = 10;

/** Points of one cloud that a run takes in; more are thinned. */
export const MAX_RUN_POINTS = 4_000_000;

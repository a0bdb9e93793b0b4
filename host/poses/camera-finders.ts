/** Who can find cameras. */
export const CAMERA_FINDERS = ['vantage', 'colmap'] as const;
export type CameraFinder = (typeof CAMERA_FINDERS)[number];

export const DEFAULT_COLMAP_TIMEOUT_MINUTES = 120;

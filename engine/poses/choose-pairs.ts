/** Which photos of a capture are compared with which, and at how many keypoints. */

export interface ChosenPairs {
  /** Indices of photos, the lower first, in order. */
  readonly pairs: readonly (readonly [number, number])[];
  /** All pairs that the photos make. */
  readonly possible: number;
  readonly isComplete: boolean;
}

/** Up to here every photo is compared with every other: 435 pairs. */
const ALL_PAIRS_PHOTOS = 30;
/** Beyond, each photo is compared with so many that follow it, since photos are mostly taken one beside the other … */
const NEIGHBOURS = 8;
/** … and with those at distances that double, so that a ring closes and a second round finds the first. */
const LARGEST_STRIDE = 1 << 20;

/** Comparisons of keypoints that a capture may cost: some seconds on two cores. Twice as many were measured to place nothing better. */
const COMPARISONS = 5e8;
const MIN_KEYPOINTS = 1500;
const MAX_KEYPOINTS = 3000;
/** Two photos have nothing but each other. */
const MAX_KEYPOINTS_OF_TWO = 6000;

/**
 * Pairs of `photoCount` photos in the order they were taken. Up to 30 photos: all of them. More: each with the eight that follow and with
 * those 16, 32, 64 … later.
 */
export function choosePairs(photoCount: number): ChosenPairs {
  const possible = (photoCount * (photoCount - 1)) / 2;
  const strides: number[] = [];
  if (photoCount <= ALL_PAIRS_PHOTOS) for (let stride = 1; stride < photoCount; stride++) strides.push(stride);
  else {
    for (let stride = 1; stride <= NEIGHBOURS; stride++) strides.push(stride);
    for (let stride = 2 * NEIGHBOURS; stride <= LARGEST_STRIDE; stride *= 2) strides.push(stride);
  }
  const pairs: (readonly [number, number])[] = [];
  for (let first = 0; first < photoCount; first++) {
    for (const stride of strides) if (first + stride < photoCount) pairs.push([first, first + stride]);
  }
  return { pairs, possible, isComplete: pairs.length === possible };
}

/** Keypoints a photo, 1,500 to 3,000 (6,000 for a single pair), that keep the comparison of `pairCount` pairs affordable: n² × pairs ≤ 5 · 10⁸. */
export function chooseKeypointCount(pairCount: number): number {
  const affordable = Math.floor(Math.sqrt(COMPARISONS / Math.max(1, pairCount)));
  return Math.max(MIN_KEYPOINTS, Math.min(pairCount > 1 ? MAX_KEYPOINTS : MAX_KEYPOINTS_OF_TWO, affordable));
}

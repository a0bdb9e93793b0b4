/** Between which depths a photo's surfaces lie, as told by sparse matches. */
import { transformPoint } from '../math/rigid-transform.js';
import { ImportError } from '../scene/errors.js';
import type { View } from '../scene/view.js';
import type { InverseDepthRange } from './contract.js';
import type { SparseMatches } from './sparse-matches.js';

/** Points of its own that a photo needs before its range is believed. */
const ENOUGH_POINTS = 24;
/** Share of points cut at each end: the outliers that pruning left. */
const CUT_SHARE = 0.01;
/** Surfaces without texture may stand nearer than the nearest match, by at most this factor … */
const NEAR_FACTOR = 1.25;
/** … and plain backgrounds farther than the farthest. */
const FAR_FACTOR = 0.6;
/** Neither end moves by more than this share of the matches' own spread: an object before a plain ground has no far end. */
const NEAR_SPREAD_SHARE = 0.3;
const FAR_SPREAD_SHARE = 0.35;
/** Spread, relative to the near end, that even a flat scene is given. */
const MIN_SPREAD = 0.3;
/** Widest ratio of near to far: beyond it a sweep's steps would be lost on the horizon. */
const MAX_SPREAD = 400;

/** Value below which a share of the sorted values lies; the extreme two are never trusted once there are enough. */
function percentile(sorted: readonly number[], share: number): number {
  const cut = Math.min(share, 1 - share);
  const skipped = sorted.length >= ENOUGH_POINTS ? Math.max(1, Math.floor(cut * sorted.length)) : 0;
  return sorted[share < 0.5 ? skipped : sorted.length - 1 - skipped] as number;
}

function ownInverseDepths(views: readonly View[], { points }: SparseMatches): number[][] {
  const own: number[][] = views.map(() => []);
  for (let p = 0; p < points.count; p++) {
    const position = [...points.positions.subarray(3 * p, 3 * p + 3)] as [number, number, number];
    for (let o = points.starts[p] as number; o < (points.starts[p + 1] as number); o++) {
      const v = points.views[o] as number;
      own[v]?.push(1 / transformPoint((views[v] as View).camera.cameraFromWorld, position)[2]);
    }
  }
  return own;
}

/** Inverse depths of all points that fall into a photo, seen by it or not. */
function projectedInverseDepths(view: View, { points }: SparseMatches): number[] {
  const { fx, fy, cx, cy, width, height } = view.camera.intrinsics;
  const inverseDepths: number[] = [];
  for (let p = 0; p < points.count; p++) {
    const position = [...points.positions.subarray(3 * p, 3 * p + 3)] as [number, number, number];
    const [x, y, z] = transformPoint(view.camera.cameraFromWorld, position);
    const [u, v] = [(fx * x) / z + cx, (fy * y) / z + cy];
    if (z > 0 && u >= 0 && v >= 0 && u < width && v < height) inverseDepths.push(1 / z);
  }
  return inverseDepths;
}

/**
 * Inverse-depth range of every view: the 1st and 99th percentile of its points' inverse depths (distant matches count at
 * the far end), widened by up to 1.25 (and 30 % of their spread) towards the camera and down to 0.6 (35 %) away from it,
 * at most 400 to 1. A view with fewer than
 * 24 points of its own takes those of all other views that fall into it.
 *
 * @param sensed by view: inverse depths that sensors measured, which count as points do.
 * @returns one range a view, 1 / world units, 0 < far < near
 * @throws ImportError 'malformed' naming the photo into which hardly any point falls
 */
export function estimateInverseDepthRanges(
  matches: SparseMatches,
  views: readonly View[],
  sensed: readonly (readonly number[])[] = [],
): InverseDepthRange[] {
  const own = ownInverseDepths(views, matches);
  return views.map((view, i) => {
    let values = own[i] ?? [];
    if (values.length < ENOUGH_POINTS) values = projectedInverseDepths(view, matches);
    values = [...values, ...(sensed[i] ?? [])];
    if (values.length < 3) {
      throw new ImportError(
        'malformed',
        'This photo shares hardly any point with the others.',
        view.name,
        '',
        'Check its camera pose, or leave the photo out.',
      );
    }
    const near = percentile(
      [...values].sort((a, b) => a - b),
      1 - CUT_SHARE,
    );
    const withDistant = [...values, ...(matches.distant[i] ?? [])].sort((a, b) => a - b);
    const far = percentile(withDistant, CUT_SHARE);
    const spread = Math.max(near - far, MIN_SPREAD * near);
    const widenedNear = Math.min(near * NEAR_FACTOR, near + NEAR_SPREAD_SHARE * spread);
    const widenedFar = Math.max(far * FAR_FACTOR, far - FAR_SPREAD_SHARE * spread);
    return { far: Math.max(widenedFar, widenedNear / MAX_SPREAD), near: widenedNear };
  });
}

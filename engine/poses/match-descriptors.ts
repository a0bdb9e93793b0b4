/** Matches two photos' keypoints by their descriptors alone: every pair is compared. */
import type { FeatureMatches } from '../scene/feature-detector.js';
import { ShapeError } from '../scene/errors.js';
import type { ImageFeatures } from '../scene/image-features.js';
import type { DistanceRows } from './descriptor-distances.js';
import { countDescriptors, openDistances } from './descriptor-distances.js';
import type { CompareDescriptors, NearestCandidates } from './nearest-descriptors.js';
import { compareDescriptors, KEPT } from './nearest-descriptors.js';

export interface MatchOptions {
  /** Largest ratio of the best distance to the next best elsewhere (Lowe 2004 §7.1), asked of both photos; 1 turns the test off. */
  readonly maxRatio?: number;
  /** Largest distance of a match, as a share of what unrelated descriptors have: half of the bits, or √2. */
  readonly maxDistance?: number;
  /** Keypoints nearer to each other than this are one place found at several scales, no competitors. */
  readonly samePlacePx?: number;
}

/** AKAZE and XFeat on photos with known cameras: three of four matches are right, at half or more of all right ones. */
export const MATCH_DEFAULTS = {
  binary: { maxRatio: 0.87, maxDistance: 0.5, samePlacePx: 4 },
  float: { maxRatio: 0.92, maxDistance: 0.5, samePlacePx: 4 },
} as const satisfies Record<string, Required<MatchOptions>>;

/** Distance of unrelated descriptors: half of the bits differ; unit vectors are orthogonal. */
export function unrelatedDistance({ descriptors }: ImageFeatures): number {
  return descriptors.kind === 'binary' ? descriptors.bytesEach * 4 : Math.SQRT2;
}

/** Finds the distance of the next best candidate elsewhere; a row is made again only where all that were kept lie at one place. */
class RivalFinder {
  private rows: DistanceRows | null = null;
  private row: Float32Array | null = null;

  constructor(
    private readonly nearest: NearestCandidates,
    private readonly points: Float32Array,
    private readonly samePlacePx: number,
    private readonly openRows: () => DistanceRows,
  ) {}

  distanceOf(keypoint: number): number {
    const start = keypoint * KEPT;
    const place = this.nearest.indices[start]!;
    for (let at = start + 1; at < start + KEPT; at++) {
      const candidate = this.nearest.indices[at]!;
      if (candidate < 0 || !this.isSamePlace(place, candidate)) return this.nearest.distances[at]!;
    }
    this.rows ??= this.openRows();
    this.row ??= new Float32Array(this.rows.secondCount);
    this.rows.fill(keypoint, 1, this.row);
    let rival = Infinity;
    for (let j = 0; j < this.row.length; j++) {
      if (this.row[j]! < rival && !this.isSamePlace(place, j)) rival = this.row[j]!;
    }
    return rival;
  }

  private isSamePlace(a: number, b: number): boolean {
    const dx = this.points[2 * a]! - this.points[2 * b]!;
    const dy = this.points[2 * a + 1]! - this.points[2 * b + 1]!;
    return dx * dx + dy * dy < this.samePlacePx * this.samePlacePx;
  }
}

function checkFeatures(features: ImageFeatures): void {
  const count = countDescriptors(features.descriptors);
  if (features.points.length !== 2 * count) throw new ShapeError('points and descriptors disagree');
}

/**
 * Pairs (i, j) of keypoints that are each other's nearest by descriptor, d(i, j) = min_k d(i, k) = min_k d(k, j), whose distance is at most
 * `maxDistance`, and at most `maxRatio` of the distance to the next best keypoint that lies elsewhere, seen from i and from j. A keypoint at the same
 * place as the best, found at another scale, is no rival. Of equal distances the lower index is nearer.
 *
 * `scores` are 1 − ratio, the larger ratio of both directions; a rival beyond what unrelated descriptors have counts as that far.
 * NaN in a descriptor: it matches nothing. Time grows with the product of the counts: 4,000 × 4,000 take some 0.4 s on one core.
 *
 * @param compare does the heavy part; the plain one when left out.
 * @throws ShapeError when detectors or descriptors' kinds differ, or arrays do not fit each other.
 */
export function matchDescriptors(
  first: ImageFeatures,
  second: ImageFeatures,
  options: MatchOptions = {},
  compare: CompareDescriptors = compareDescriptors,
): FeatureMatches {
  if (first.detector !== second.detector) throw new ShapeError(`${first.detector} and ${second.detector} do not match`);
  checkFeatures(first);
  checkFeatures(second);
  const { maxRatio, maxDistance, samePlacePx } = { ...MATCH_DEFAULTS[first.descriptors.kind], ...options };
  const distances = openDistances(first.descriptors, second.descriptors);
  const { rows, columns } = compare(first.descriptors, second.descriptors);
  const forward = new RivalFinder(rows, second.points, samePlacePx, () => distances);
  const backward = new RivalFinder(columns, first.points, samePlacePx, () =>
    openDistances(second.descriptors, first.descriptors),
  );
  const unrelated = unrelatedDistance(first);
  const unrelatedWritten = distances.writtenOf(unrelated);
  const indices: number[] = [];
  const scores: number[] = [];
  for (let i = 0; i < distances.firstCount; i++) {
    const j = rows.best(i);
    if (j < 0 || columns.best(j) !== i) continue;
    const distance = distances.distanceOf(rows.bestDistance(i));
    if (!(distance <= maxDistance * unrelated)) continue;
    const rival = Math.min(forward.distanceOf(i), backward.distanceOf(j), unrelatedWritten);
    const ratio = distance === 0 ? 0 : distance / distances.distanceOf(rival);
    if (ratio > maxRatio) continue;
    indices.push(i, j);
    scores.push(1 - ratio);
  }
  return { indices: Uint32Array.from(indices), scores: Float32Array.from(scores) };
}

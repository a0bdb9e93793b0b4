/** Looks again for matches of two photos whose relation is known, only where it allows them. */
import { ShapeError } from '../scene/errors.js';
import type { FeatureMatches } from '../scene/feature-detector.js';
import type { ImageFeatures } from '../scene/image-features.js';
import { openPairDistance } from './descriptor-distances.js';
import { KeypointGrid } from './keypoint-grid.js';
import type { MatchOptions } from './match-descriptors.js';
import { unrelatedDistance } from './match-descriptors.js';
import type { PairTransfer } from './pair-transfer.js';

export interface GuidedMatchOptions extends MatchOptions {
  readonly transfer: PairTransfer;
  /** Farthest from the line or point, in the unit of the coordinates below; 3 pixels when left out. */
  readonly maxError?: number;
  /** [N, 2] where the transfer holds, when that is not the pixels of the features: undistorted, or in the planes z = 1. NaN: left out. */
  readonly firstPoints?: ArrayLike<number>;
  readonly secondPoints?: ArrayLike<number>;
  /** [M, 2] matches that stand. Their keypoints get no other partner. */
  readonly known?: Uint32Array;
}

const DEFAULT_MAX_ERROR = 3;
/**
 * Laxer than without guidance, as there are a hundredth of the candidates to be mistaken for, but not much: along lines that were moved aside
 * on purpose, these still find a twentieth (AKAZE on fern, fox; a twelfth on others) of what is found along the right ones, and less of XFeat.
 * Ratio 0.95 and distance 0.6 would find a third to a half.
 */
const DEFAULTS = {
  binary: { maxRatio: 0.85, maxDistance: 0.4, samePlacePx: 4 },
  float: { maxRatio: 0.9, maxDistance: 0.45, samePlacePx: 4 },
} as const;

/** Pairs that the transfer allows, sorted by the first photo's keypoint. */
interface Candidates {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly distances: readonly number[];
}

function collectCandidates(first: ImageFeatures, second: ImageFeatures, options: GuidedMatchOptions): Candidates {
  const { transfer, maxError = DEFAULT_MAX_ERROR } = options;
  const [p, q] = [options.firstPoints ?? first.points, options.secondPoints ?? second.points];
  if (p.length !== first.points.length || q.length !== second.points.length)
    throw new ShapeError('the coordinates are not those of the features');
  const grid = new KeypointGrid(q);
  const distanceOf = openPairDistance(first.descriptors, second.descriptors);
  const found = { first: [] as number[], second: [] as number[], distances: [] as number[] };
  const where = new Float64Array(3);
  for (let i = 0; i < p.length / 2; i++) {
    const visit = (j: number): void => {
      found.first.push(i);
      found.second.push(j);
      found.distances.push(distanceOf(i, j));
    };
    if (transfer.kind === 'line') {
      transfer.lineInSecond(p[2 * i]!, p[2 * i + 1]!, where);
      grid.visitNearLine(where[0]!, where[1]!, where[2]!, maxError, visit);
    } else {
      transfer.pointInSecond(p[2 * i]!, p[2 * i + 1]!, where);
      grid.visitNearPoint(where[0]!, where[1]!, maxError, visit);
    }
  }
  return found;
}

/** The nearest candidate of each keypoint, and the distance of the nearest one that lies elsewhere. */
interface Nearest {
  readonly best: Int32Array;
  readonly distance: Float64Array;
  readonly rival: Float64Array;
}

function findNearest(
  count: number,
  from: readonly number[],
  to: readonly number[],
  distances: readonly number[],
  isSamePlace: (a: number, b: number) => boolean,
): Nearest {
  const best = new Int32Array(count).fill(-1);
  const distance = new Float64Array(count).fill(Infinity);
  const rival = new Float64Array(count).fill(Infinity);
  distances.forEach((d, k) => {
    const i = from[k]!;
    if (d < distance[i]! || (d === distance[i] && to[k]! < best[i]!)) {
      distance[i] = d;
      best[i] = to[k]!;
    }
  });
  // Only once the best is known is it known what lies elsewhere.
  distances.forEach((d, k) => {
    const i = from[k]!;
    if (d < rival[i]! && !isSamePlace(best[i]!, to[k]!)) rival[i] = d;
  });
  return { best, distance, rival };
}

function placeComparison({ points }: ImageFeatures, px: number): (a: number, b: number) => boolean {
  return (a, b) => {
    const dx = points[2 * a]! - points[2 * b]!;
    const dy = points[2 * a + 1]! - points[2 * b + 1]!;
    return dx * dx + dy * dy < px * px;
  };
}

/**
 * Further matches of two photos: keypoints that are each other's nearest by descriptor among those that the relation allows (within
 * `maxError` of the epipolar line, or of the point of a homography), at most `maxDistance` apart, and nearer than `maxRatio` of the next nearest
 * elsewhere, as in `matchDescriptors`. Keypoints of known matches take part as rivals and are not matched anew.
 *
 * @returns the added pairs alone, by the first photo's keypoint; `scores` as in `matchDescriptors`. Of equal distances the lower index is nearer.
 * @throws ShapeError when the features are of different detectors or arrays do not fit each other.
 */
export function findGuidedMatches(
  first: ImageFeatures,
  second: ImageFeatures,
  options: GuidedMatchOptions,
): FeatureMatches {
  if (first.detector !== second.detector) throw new ShapeError(`${first.detector} and ${second.detector} do not match`);
  const { maxRatio, maxDistance, samePlacePx } = { ...DEFAULTS[first.descriptors.kind], ...options };
  const found = collectCandidates(first, second, options);
  const inSecond = placeComparison(second, samePlacePx);
  const inFirst = placeComparison(first, samePlacePx);
  const forward = findNearest(first.points.length / 2, found.first, found.second, found.distances, inSecond);
  const backward = findNearest(second.points.length / 2, found.second, found.first, found.distances, inFirst);
  const taken = [new Set<number>(), new Set<number>()] as const;
  options.known?.forEach((keypoint, at) => taken[at % 2 === 0 ? 0 : 1].add(keypoint));
  const unrelated = unrelatedDistance(first);
  const indices: number[] = [];
  const scores: number[] = [];
  forward.best.forEach((j, i) => {
    if (j < 0 || backward.best[j] !== i || taken[0].has(i) || taken[1].has(j)) return;
    const distance = forward.distance[i]!;
    if (!(distance <= maxDistance * unrelated)) return;
    const rival = Math.min(forward.rival[i]!, backward.rival[j]!, unrelated);
    const ratio = distance === 0 ? 0 : distance / rival;
    if (ratio > maxRatio) return;
    indices.push(i, j);
    scores.push(1 - ratio);
  });
  return { indices: Uint32Array.from(indices), scores: Float32Array.from(scores) };
}

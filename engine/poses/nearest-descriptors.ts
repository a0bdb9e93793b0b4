/** The nearest descriptors of two photos' keypoints in each other: the heavy part of matching. */
import type { Descriptors } from '../scene/image-features.js';
import { openDistances } from './descriptor-distances.js';

/** Candidates remembered of each keypoint: enough that the next best elsewhere is nearly always among them. */
export const KEPT = 4;

/** The nearest candidates of each of N keypoints so far, nearest first; distances as {@link DistanceRows} writes them. */
export class NearestCandidates {
  /** [N, 4] */
  readonly distances: Float32Array;
  /** [N, 4], −1 where there is none. */
  readonly indices: Int32Array;
  /** [N] the last of each four distances: what a candidate must be below. */
  readonly limits: Float32Array;

  constructor(readonly count: number) {
    this.distances = new Float32Array(count * KEPT).fill(Infinity);
    this.indices = new Int32Array(count * KEPT).fill(-1);
    this.limits = new Float32Array(count).fill(Infinity);
  }

  /** To be called for distances below the keypoint's limit only: the caller's comparison is what almost every pair ends with. */
  offer(keypoint: number, candidate: number, distance: number): void {
    const start = keypoint * KEPT;
    let at = start + KEPT - 1;
    for (; at > start && distance < this.distances[at - 1]!; at--) {
      this.distances[at] = this.distances[at - 1]!;
      this.indices[at] = this.indices[at - 1]!;
    }
    this.distances[at] = distance;
    this.indices[at] = candidate;
    this.limits[keypoint] = this.distances[start + KEPT - 1]!;
  }

  best(keypoint: number): number {
    return this.indices[keypoint * KEPT]!;
  }

  bestDistance(keypoint: number): number {
    return this.distances[keypoint * KEPT]!;
  }
}

/** Of each keypoint of the first photo among the second's, and of each of the second among the first's. */
export interface NearestBothWays {
  readonly rows: NearestCandidates;
  readonly columns: NearestCandidates;
}

/** Compares all descriptors of two photos with each other. @throws ShapeError when they are not of one kind. */
export type CompareDescriptors = (first: Descriptors, second: Descriptors) => NearestBothWays;

/** The plain way, on the calling thread: the definition that `wasm/` is tested against. */
export function compareDescriptors(first: Descriptors, second: Descriptors): NearestBothWays {
  const distances = openDistances(first, second);
  const { firstCount, secondCount, rowsAtOnce } = distances;
  const rows = new NearestCandidates(firstCount);
  const columns = new NearestCandidates(secondCount);
  const columnLimits = columns.limits;
  const written = new Float32Array(rowsAtOnce * secondCount);
  for (let start = 0; start < firstCount; start += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, firstCount - start);
    distances.fill(start, count, written);
    for (let r = 0; r < count; r++) {
      const i = start + r;
      let rowLimit = Infinity;
      for (let j = 0, at = r * secondCount; j < secondCount; j++, at++) {
        const distance = written[at]!;
        if (distance < rowLimit) {
          rows.offer(i, j, distance);
          rowLimit = rows.limits[i]!;
        }
        if (distance < columnLimits[j]!) columns.offer(j, i, distance);
      }
    }
  }
  return { rows, columns };
}

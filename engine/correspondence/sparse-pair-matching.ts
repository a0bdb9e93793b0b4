/** Matches the keypoints of two posed photos along their epipolar lines. */
import type { Vec3 } from '../math/rigid-transform.js';
import { DESCRIPTOR_LENGTH } from './describe-keypoints.js';
import type { Keypoints } from './detect-keypoints.js';
import type { PairGeometry, Triangulation } from './triangulate-match.js';
import { rayInSecond, triangulateRay } from './triangulate-match.js';

/** A photo's keypoints with what matching needs of them. */
export interface DescribedView {
  readonly width: number;
  readonly height: number;
  readonly keypoints: Keypoints;
  /** [N, 128] unit vectors */
  readonly descriptors: Float32Array;
  readonly buckets: KeypointBuckets;
}

/** Keypoints by position, in square cells. */
export interface KeypointBuckets {
  readonly columns: number;
  readonly rows: number;
  /** [columns · rows + 1] where each cell's indices begin. */
  readonly starts: Uint32Array;
  readonly indices: Uint32Array;
}

/** A keypoint of the first photo, its partner in the second, and how sure that is. */
export interface KeypointMatch {
  readonly first: number;
  readonly second: number;
  readonly inverseDepth: number;
  readonly inverseDepthPerPx: number;
  /** 0..1: one minus the ratio of the best descriptor distance to the next best elsewhere. */
  readonly distinctness: number;
}

const BUCKET_PX = 8;
/** Squared distance of unit descriptors above which two patches do not look alike. */
const MAX_DISTANCE2 = 0.55;
/** Best over second-best distance, to be below this in both directions. */
const MAX_RATIO = 0.85;
/** Two candidates nearer than this are the same place at two scales, no competitors. */
const SAME_PLACE_PX = 4;
/** Half octaves by which a feature's size may differ from what its triangulated depths predict. */
const MAX_LEVEL_ERROR = 1.6;
/** No surface is expected nearer than this share of the baseline. */
const MIN_DEPTH_PER_BASELINE = 0.3;

/** Sorts keypoints into cells of 8 px. */
export function bucketKeypoints(keypoints: Keypoints, width: number, height: number): KeypointBuckets {
  const columns = Math.ceil(width / BUCKET_PX);
  const rows = Math.ceil(height / BUCKET_PX);
  const cellOf = (i: number): number => {
    const column = Math.min(columns - 1, Math.floor((keypoints.px[2 * i] as number) / BUCKET_PX));
    const row = Math.min(rows - 1, Math.floor((keypoints.px[2 * i + 1] as number) / BUCKET_PX));
    return row * columns + column;
  };
  const starts = new Uint32Array(columns * rows + 1);
  for (let i = 0; i < keypoints.count; i++) starts[cellOf(i) + 1] = (starts[cellOf(i) + 1] as number) + 1;
  for (let c = 0; c < columns * rows; c++) starts[c + 1] = (starts[c + 1] as number) + (starts[c] as number);
  const next = starts.slice();
  const indices = new Uint32Array(keypoints.count);
  for (let i = 0; i < keypoints.count; i++) {
    const cell = cellOf(i);
    indices[next[cell] as number] = i;
    next[cell] = (next[cell] as number) + 1;
  }
  return { columns, rows, starts, indices };
}

/**
 * The part of a pixel's epipolar line in the second photo that points in front of both cameras can reach, cut to the
 * photo: [u0, v0, u1, v1], or null when nothing of it is visible.
 */
function epipolarSegment(
  pair: PairGeometry,
  ray: Readonly<Vec3>,
  margin: number,
): [number, number, number, number] | null {
  const { fx, fy, cx, cy, width, height } = pair.second;
  const t = pair.translation;
  const minZ = 1e-3;
  let wLow = 0;
  let wHigh = 1 / (MIN_DEPTH_PER_BASELINE * Math.hypot(t[0], t[1], t[2]));
  // In front of the second camera: ray.z + w t.z ≥ minZ.
  if (t[2] < 0) wHigh = Math.min(wHigh, (minZ - ray[2]) / t[2]);
  else if (ray[2] < minZ) wLow = t[2] > 0 ? (minZ - ray[2]) / t[2] : Infinity;
  if (!(wLow < wHigh)) return null;
  const project = (w: number): [number, number] => {
    const z = ray[2] + w * t[2];
    return [(fx * (ray[0] + w * t[0])) / z + cx, (fy * (ray[1] + w * t[1])) / z + cy];
  };
  const [u0, v0] = project(wLow);
  const [u1, v1] = project(wHigh);
  // Liang and Barsky 1984.
  let enter = 0;
  let leave = 1;
  const cuts: [number, number][] = [
    [u0 - u1, u0 + margin],
    [u1 - u0, width + margin - u0],
    [v0 - v1, v0 + margin],
    [v1 - v0, height + margin - v0],
  ];
  for (const [slope, room] of cuts) {
    if (slope === 0) {
      if (room < 0) return null;
    } else if (slope < 0) enter = Math.max(enter, room / slope);
    else leave = Math.min(leave, room / slope);
  }
  if (!(enter <= leave)) return null;
  const du = u1 - u0;
  const dv = v1 - v0;
  return [u0 + enter * du, v0 + enter * dv, u0 + leave * du, v0 + leave * dv];
}

/** Calls `visit` with every keypoint in the cells that a band around a segment touches. */
function visitBand(
  buckets: KeypointBuckets,
  segment: readonly [number, number, number, number],
  margin: number,
  visit: (index: number) => void,
): void {
  const [u0, v0, u1, v1] = segment;
  const steep = Math.abs(v1 - v0) > Math.abs(u1 - u0);
  const [a0, b0, a1, b1] = steep ? [v0, u0, v1, u1] : [u0, v0, u1, v1];
  const [alongCount, acrossCount] = steep ? [buckets.rows, buckets.columns] : [buckets.columns, buckets.rows];
  const low = Math.min(a0, a1) - margin;
  const high = Math.max(a0, a1) + margin;
  const slope = a1 === a0 ? 0 : (b1 - b0) / (a1 - a0);
  const first = Math.max(0, Math.floor(low / BUCKET_PX));
  const last = Math.min(alongCount - 1, Math.floor(high / BUCKET_PX));
  // The band's half width measured across the cells' axis is at most √2 times the perpendicular one.
  const half = margin * Math.SQRT2;
  for (let along = first; along <= last; along++) {
    const from = Math.max(low, along * BUCKET_PX);
    const to = Math.min(high, (along + 1) * BUCKET_PX);
    const bFrom = b0 + slope * (from - a0);
    const bTo = b0 + slope * (to - a0);
    const acrossFirst = Math.max(0, Math.floor((Math.min(bFrom, bTo) - half) / BUCKET_PX));
    const acrossLast = Math.min(acrossCount - 1, Math.floor((Math.max(bFrom, bTo) + half) / BUCKET_PX));
    for (let across = acrossFirst; across <= acrossLast; across++) {
      const cell = steep ? along * buckets.columns + across : across * buckets.columns + along;
      const end = buckets.starts[cell + 1] as number;
      for (let k = buckets.starts[cell] as number; k < end; k++) visit(buckets.indices[k] as number);
    }
  }
}

function descriptorDistance2(a: Float32Array, i: number, b: Float32Array, j: number): number {
  let dot = 0;
  const p = i * DESCRIPTOR_LENGTH;
  const q = j * DESCRIPTOR_LENGTH;
  for (let k = 0; k < DESCRIPTOR_LENGTH; k++) dot += (a[p + k] as number) * (b[q + k] as number);
  return 2 - 2 * dot;
}

/** The best candidate so far of each keypoint, and the best one that lies elsewhere. */
class BestTwo {
  readonly best: Int32Array;
  readonly distance: Float32Array;
  readonly rival: Float32Array;

  constructor(
    count: number,
    private readonly px: Float32Array,
  ) {
    this.best = new Int32Array(count).fill(-1);
    this.distance = new Float32Array(count).fill(4);
    this.rival = new Float32Array(count).fill(4);
  }

  offer(keypoint: number, candidate: number, distance: number): void {
    const best = this.best[keypoint] as number;
    const samePlace =
      best >= 0 &&
      Math.abs((this.px[2 * best] as number) - (this.px[2 * candidate] as number)) < SAME_PLACE_PX &&
      Math.abs((this.px[2 * best + 1] as number) - (this.px[2 * candidate + 1] as number)) < SAME_PLACE_PX;
    if (distance < (this.distance[keypoint] as number)) {
      if (!samePlace) this.rival[keypoint] = this.distance[keypoint] as number;
      this.best[keypoint] = candidate;
      this.distance[keypoint] = distance;
    } else if (!samePlace && distance < (this.rival[keypoint] as number)) this.rival[keypoint] = distance;
  }

  /** Best over second-best distance, not squared. */
  ratio(keypoint: number): number {
    return Math.sqrt(Math.max(0, this.distance[keypoint] as number) / Math.max(1e-9, this.rival[keypoint] as number));
  }
}

/**
 * Mutual best matches between two photos among the keypoint pairs that the cameras allow: within `epipolarPx` of the
 * epipolar line, in front of both cameras, and of a size that fits the depths. Kept when the descriptors are alike and
 * clearly more alike than any other candidate elsewhere on the line (ratio test, Lowe 2004 §7.1, in both directions).
 * Depths may come out slightly negative for points at infinity: the caller decides.
 */
export function matchPair(
  pair: PairGeometry,
  first: DescribedView,
  second: DescribedView,
  epipolarPx: number,
): KeypointMatch[] {
  const forward = new BestTwo(first.keypoints.count, second.keypoints.px);
  const backward = new BestTwo(second.keypoints.count, first.keypoints.px);
  const ray: Vec3 = [0, 0, 0];
  const scratch: Triangulation = { inverseDepth: 0, inverseDepthPerPx: 0, errorPx: 0, depthRatio: 0 };
  // A longer lens shows the same feature larger.
  const focalLevels = 2 * Math.log2(pair.second.fx / pair.first.fx);
  const [p, q] = [first.keypoints.px, second.keypoints.px];
  for (let i = 0; i < first.keypoints.count; i++) {
    rayInSecond(pair, p[2 * i] as number, p[2 * i + 1] as number, ray);
    const segment = epipolarSegment(pair, ray, epipolarPx);
    if (segment === null) continue;
    const level = (first.keypoints.levels[i] as number) + focalLevels;
    visitBand(second.buckets, segment, epipolarPx, (j) => {
      triangulateRay(pair, ray, q[2 * j] as number, q[2 * j + 1] as number, scratch);
      // Written so that NaN (no baseline) is refused.
      if (!(scratch.depthRatio > 0 && scratch.errorPx <= epipolarPx)) return;
      if (!(scratch.inverseDepth > -3 * scratch.inverseDepthPerPx)) return;
      const expected = level - 2 * Math.log2(scratch.depthRatio);
      if (Math.abs((second.keypoints.levels[j] as number) - expected) > MAX_LEVEL_ERROR) return;
      const distance = descriptorDistance2(first.descriptors, i, second.descriptors, j);
      forward.offer(i, j, distance);
      backward.offer(j, i, distance);
    });
  }
  const matches: KeypointMatch[] = [];
  for (let i = 0; i < first.keypoints.count; i++) {
    const j = forward.best[i] as number;
    if (j < 0 || backward.best[j] !== i || (forward.distance[i] as number) > MAX_DISTANCE2) continue;
    const ratio = Math.max(forward.ratio(i), backward.ratio(j));
    if (ratio > MAX_RATIO) continue;
    rayInSecond(pair, p[2 * i] as number, p[2 * i + 1] as number, ray);
    const { inverseDepth, inverseDepthPerPx } = triangulateRay(
      pair,
      ray,
      q[2 * j] as number,
      q[2 * j + 1] as number,
      scratch,
    );
    matches.push({ first: i, second: j, inverseDepth, inverseDepthPerPx, distinctness: 1 - ratio });
  }
  return matches;
}

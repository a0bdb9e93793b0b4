/** Finds how a network's numbers turn into the scene's depth. */
import type { DepthOutputKind } from '../scene/depth-network.js';
import { fitRobustLine } from './fit-robust-line.js';
import type { RobustLine } from './fit-robust-line.js';
import { isDepth } from './is-depth.js';
import { median } from '../math/median.js';

/** Pixels whose depth z is known, with the network's number r there. */
export interface DepthSamples {
  readonly network: Float64Array;
  readonly depth: Float64Array;
}

/**
 * The relation between network r and depth z, by kind: inverse-depth `1/z = scale r + shift` · metric-depth `1/z = scale / r + shift`
 * · affine-invariant-depth `z = scale r + shift`.
 */
export interface DepthRelation {
  readonly kind: DepthOutputKind;
  readonly scale: number;
  readonly shift: number;
  /** How it was found: robustly; by the median ratio alone (few samples, no spread, or a slope that is not positive); or not at all. */
  readonly method: 'robust' | 'median-ratio' | 'none';
  readonly inlierShare: number;
  /** Pearson correlation, over all samples, of the two sides of the relation; 0 without spread. */
  readonly correlation: number;
  /** Median |z_fit − z| / z over the samples; Infinity for method 'none'. */
  readonly residual: number;
  /** Fitted depths are clamped to [nearest, farthest], five times beyond the middle 99 % of the samples' depths: a line in 1/z has a zero. */
  readonly nearest: number;
  readonly farthest: number;
}

/** Below this many samples a line is not worth its two parameters. */
const MIN_SAMPLES = 50;
/** A metric network gets a shift only if that lowers the median residual by this share; its own meaning has none. */
const SHIFT_MUST_GAIN = 0.1;
const BEYOND_SAMPLES = 5;

/**
 * Fits the relation robustly (IRLS, Huber then Tukey, see fitRobustLine) in the space that `kind` names; the scale is always positive.
 * Affine depths are weighted by 1/z², which makes residuals relative: else the far field decides. A metric network's shift stays 0
 * unless it clearly helps. With fewer than 50 samples, no spread, or a slope ≤ 0: the median ratio, with shift 0.
 *
 * @param samples z > 0 and finite, r finite; metric r > 0. Others are left out.
 * @returns method 'none' (scale 0) when nothing fits: no samples, or ratios that are not positive.
 */
export function fitDepthRelation(samples: DepthSamples, kind: DepthOutputKind): DepthRelation {
  const { x, y, weights, depth } = toLine(samples, kind);
  const bounds = boundDepths(depth);
  const correlation = correlate(x, y);
  const judge = (
    line: Pick<RobustLine, 'slope' | 'offset' | 'inlierShare'>,
    method: DepthRelation['method'],
  ): DepthRelation => {
    const { slope: scale, offset: shift, inlierShare } = line;
    const relation = { kind, scale, shift, method, inlierShare, correlation, residual: Infinity, ...bounds };
    const errors = depth.map((z, i) => Math.abs(depthOfLine(relation, x[i] as number) - z) / z);
    return { ...relation, residual: median(errors) };
  };
  if (x.length >= MIN_SAMPLES) {
    const candidates: DepthRelation[] = [];
    if (kind === 'metric-depth') {
      const plain = fitRobustLine(x, y, weights, true);
      if (plain && plain.slope > 0) candidates.push(judge(plain, 'robust'));
    }
    const shifted = fitRobustLine(x, y, weights);
    if (shifted && shifted.slope > 0) candidates.push(judge(shifted, 'robust'));
    const [first, second] = candidates;
    if (first && second) return second.residual < (1 - SHIFT_MUST_GAIN) * first.residual ? second : first;
    if (first) return first;
  }
  const ratio = median(y.map((value, i) => value / (x[i] as number)));
  if (ratio > 0 && ratio < Infinity) return judge({ slope: ratio, offset: 0, inlierShare: 0 }, 'median-ratio');
  return { kind, scale: 0, shift: 0, method: 'none', inlierShare: 0, correlation, residual: Infinity, ...bounds };
}

/** The depth that a relation gives to a network's number; 0 where the number means nothing (not finite; metric ≤ 0). */
export function applyDepthRelation(relation: DepthRelation, network: number): number {
  if (relation.method === 'none' || !Number.isFinite(network)) return 0;
  if (relation.kind === 'metric-depth' && network <= 0) return 0;
  return depthOfLine(relation, relation.kind === 'metric-depth' ? 1 / network : network);
}

function depthOfLine(relation: Omit<DepthRelation, 'residual'>, x: number): number {
  const value = relation.scale * x + relation.shift;
  const { nearest, farthest } = relation;
  if (relation.kind === 'affine-invariant-depth') return Math.min(farthest, Math.max(nearest, value));
  // At and behind the line's zero lies infinity.
  return value > 0 ? Math.min(farthest, Math.max(nearest, 1 / value)) : farthest;
}

interface LineSamples {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly weights: Float64Array | null;
  readonly depth: Float64Array;
}

function toLine({ network, depth }: DepthSamples, kind: DepthOutputKind): LineSamples {
  const isUsable = (i: number): boolean =>
    isDepth(depth[i] as number) &&
    Number.isFinite(network[i]) &&
    (kind !== 'metric-depth' || (network[i] as number) > 0);
  const used = Array.from(network.keys()).filter(isUsable);
  const z = Float64Array.from(used, (i) => depth[i] as number);
  const r = Float64Array.from(used, (i) => network[i] as number);
  if (kind === 'affine-invariant-depth') return { x: r, y: z, weights: z.map((value) => 1 / value ** 2), depth: z };
  return { x: kind === 'metric-depth' ? r.map((v) => 1 / v) : r, y: z.map((v) => 1 / v), weights: null, depth: z };
}

function boundDepths(depth: Float64Array): { nearest: number; farthest: number } {
  if (depth.length === 0) return { nearest: 0, farthest: Infinity };
  const sorted = depth.slice().sort();
  const tail = Math.floor(0.005 * sorted.length);
  return {
    nearest: (sorted[tail] as number) / BEYOND_SAMPLES,
    farthest: (sorted[sorted.length - 1 - tail] as number) * BEYOND_SAMPLES,
  };
}

function correlate(x: Float64Array, y: Float64Array): number {
  const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const dx = (x[i] as number) - meanX;
    const dy = (y[i] as number) - meanY;
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}

/** Cuts a view into depth layers, so that later stages can keep what is near apart from what is far. */
import { ShapeError } from '../scene/errors.js';
import { isDepth } from './is-depth.js';

/** The segment of a pixel without a depth. */
export const NO_SEGMENT = 255;

export interface DepthSegments {
  /** Layers found: as many as asked for, fewer when the depths do not differ enough. */
  readonly count: number;
  /** [H, W] 0 (farthest layer) .. count − 1 (nearest); {@link NO_SEGMENT} where there is no depth. */
  readonly segments: Uint8Array;
  /** [count − 1] ascending inverse depths (1 / world unit) at which one layer ends and the next begins. */
  readonly breaks: Float64Array;
}

const BIN_COUNT = 512;
/** Share of pixels at each end that may not stretch the histogram. */
const TAIL = 0.002;

/**
 * Clusters inverse depth in one dimension: minimises `Σ_layers Σ_{p in layer} (1/z_p − mean)²` exactly (Jenks' natural breaks, which is
 * 1-D k-means' global optimum) by dynamic programming over a histogram of 512 bins between the 0.2 % and 99.8 % quantiles.
 * Deterministic, and independent of the order of the pixels; O(pixels + 512² layers).
 *
 * @param depth [N] world units; 0, negative, NaN and Inf are unknown.
 * @param mask [N], 0 where a pixel must not influence the breaks (it is still given its layer); null: all do.
 * @param layerCount 1 to 16; CoherentGS uses 5.
 * @throws ShapeError on a mask of another length or a layer count out of bounds.
 * @remarks Fisher, "On grouping for maximum homogeneity", 1958.
 */
export function segmentDepth(depth: Float32Array, mask: Uint8Array | null = null, layerCount = 5): DepthSegments {
  if (mask && mask.length !== depth.length) throw new ShapeError('mask and depth differ in length');
  if (!Number.isInteger(layerCount) || layerCount < 1 || layerCount > 16) {
    throw new ShapeError(`${layerCount} depth layers; 1 to 16 expected`);
  }
  const range = inverseDepthQuantiles(depth, mask);
  const breaks = range ? findBreaks(depth, mask, range, layerCount) : new Float64Array(0);
  const segments = new Uint8Array(depth.length);
  for (let i = 0; i < depth.length; i++) {
    const z = depth[i] as number;
    if (!isDepth(z)) {
      segments[i] = NO_SEGMENT;
      continue;
    }
    let layer = 0;
    while (layer < breaks.length && 1 / z >= (breaks[layer] as number)) layer++;
    segments[i] = layer;
  }
  return { count: breaks.length + 1, segments, breaks };
}

/** Inverse depths [low, high] that hold all but the tails, or null when they do not differ. */
function inverseDepthQuantiles(depth: Float32Array, mask: Uint8Array | null): [number, number] | null {
  const inverse = new Float32Array(depth.length);
  let count = 0;
  for (let i = 0; i < depth.length; i++) {
    const z = depth[i] as number;
    if (isDepth(z) && (!mask || mask[i] !== 0)) inverse[count++] = 1 / z;
  }
  if (count === 0) return null;
  const sorted = inverse.subarray(0, count).sort();
  const tail = Math.floor(TAIL * count);
  const low = sorted[tail] as number;
  const high = sorted[count - 1 - tail] as number;
  // Below a relative spread of 1e-5 the "layers" would be float32 rounding.
  return high - low > 1e-5 * high && high < Infinity ? [low, high] : null;
}

function findBreaks(
  depth: Float32Array,
  mask: Uint8Array | null,
  [low, high]: [number, number],
  layerCount: number,
): Float64Array {
  const binOfUnit = BIN_COUNT / (high - low);
  // Prefix sums over bins of count, value and value², value in bins: the sum of squares of bins a..b follows in O(1).
  const prefix = [0, 1, 2].map(() => new Float64Array(BIN_COUNT + 1)) as [Float64Array, Float64Array, Float64Array];
  for (let i = 0; i < depth.length; i++) {
    const z = depth[i] as number;
    if (!isDepth(z) || (mask && mask[i] === 0)) continue;
    const bin = Math.min(BIN_COUNT - 1, Math.max(0, Math.floor((1 / z - low) * binOfUnit)));
    const value = bin + 0.5;
    prefix[0][bin + 1]! += 1;
    prefix[1][bin + 1]! += value;
    prefix[2][bin + 1]! += value * value;
  }
  for (const sums of prefix) for (let bin = 0; bin < BIN_COUNT; bin++) sums[bin + 1]! += sums[bin] as number;
  let occupied = 0;
  for (let bin = 0; bin < BIN_COUNT; bin++) if (prefix[0][bin + 1]! > prefix[0][bin]!) occupied++;
  return breaksOfHistogram(prefix, Math.min(layerCount, occupied)).map((bin) => low + bin / binOfUnit);
}

/** Bin borders that split the histogram into `layerCount` layers with the least sum of squares. */
function breaksOfHistogram(
  prefix: readonly [Float64Array, Float64Array, Float64Array],
  layerCount: number,
): Float64Array {
  const [counts, sums, squares] = prefix;
  const spread = (from: number, to: number): number => {
    const n = counts[to]! - counts[from]!;
    if (n === 0) return 0;
    const sum = sums[to]! - sums[from]!;
    return Math.max(0, squares[to]! - squares[from]! - (sum * sum) / n);
  };
  const size = BIN_COUNT + 1;
  // cost[end]: least spread of bins 0..end with the layers so far; start[layer][end]: where the last of them begins.
  let cost = Float64Array.from({ length: size }, (_, end) => spread(0, end));
  const start: Int32Array[] = [new Int32Array(size)];
  for (let layer = 1; layer < layerCount; layer++) {
    const nextCost = new Float64Array(size).fill(Infinity);
    const starts = new Int32Array(size);
    for (let end = layer + 1; end < size; end++) {
      for (let from = layer; from < end; from++) {
        const total = (cost[from] as number) + spread(from, end);
        if (total < (nextCost[end] as number)) {
          nextCost[end] = total;
          starts[end] = from;
        }
      }
    }
    cost = nextCost;
    start.push(starts);
  }
  const borders = new Float64Array(layerCount - 1);
  let end = BIN_COUNT;
  for (let layer = layerCount - 1; layer > 0; layer--) {
    end = start[layer]![end] as number;
    borders[layer - 1] = centreOfGap(counts, end);
  }
  return borders;
}

/** The middle of the empty bins around a border, so that depths not in the histogram fall to the nearer layer. */
function centreOfGap(counts: Float64Array, border: number): number {
  let from = border;
  let to = border;
  while (from > 0 && counts[from] === counts[from - 1]) from--;
  while (to < BIN_COUNT && counts[to] === counts[to + 1]) to++;
  return from === 0 || to === BIN_COUNT ? border : (from + to) / 2;
}

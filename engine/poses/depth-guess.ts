/** How a network's numbers may turn into depth, where few points or none are known. */
import { median } from '../math/median.js';
import type { DepthOutputKind } from '../scene/depth-network.js';

/** Inverse depth `1/z = scale r + shift` (inverse-depth), `1/z = scale / r` (metric-depth), or depth `z = scale r + shift` (affine-invariant-depth). */
export interface DepthGuess {
  readonly kind: DepthOutputKind;
  readonly scale: number;
  readonly shift: number;
}

/** Shifts that are tried where nothing is known, in units of the median number: from none to what makes the scene nearly flat. */
const SHIFTS = [0, 0.2, 0.6, 2];
/** Known points from which on a shift is fitted; with fewer their noise would be fitted. */
const ENOUGH_FOR_SHIFT = 12;
/** Pairs of points that a slope is the median of. */
const MAX_SLOPE_POINTS = 150;
/** What is farther than so many times the typical depth is as good as unknown. */
const MOST_DEPTH = 50;

/** What the relation is linear in; NaN where a number means nothing. */
function linear(kind: DepthOutputKind, r: number): number {
  if (kind !== 'metric-depth') return r;
  return r > 0 ? 1 / r : NaN;
}

/** The depth that a guess gives to a number of the network; NaN where the number, or what comes out, means nothing. */
export function depthOfNumber({ kind, scale, shift }: DepthGuess, r: number): number {
  const value = scale * linear(kind, r) + shift;
  const depth = kind === 'affine-invariant-depth' ? value : 1 / value;
  return depth > 0 && depth < Infinity ? depth : NaN;
}

/** The network's numbers [N] at pixels [N,2] of its map's size; NaN outside. */
export function sampleNetwork(
  map: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  pixels: ArrayLike<number>,
): Float64Array {
  return Float64Array.from({ length: pixels.length / 2 }, (_, i) => {
    const [x, y] = [Math.floor(pixels[2 * i]!), Math.floor(pixels[2 * i + 1]!)];
    return x >= 0 && y >= 0 && x < width && y < height ? map[y * width + x]! : NaN;
  });
}

/**
 * Guesses to try where no point is known; the typical number comes to depth 1. A metric network has one, others one for each shift.
 *
 * @returns none when the numbers have no positive median.
 */
export function possibleGuesses(kind: DepthOutputKind, numbers: Float64Array): DepthGuess[] {
  const values = numbers.map((r) => linear(kind, r)).filter(Number.isFinite);
  const typical = median(values);
  if (!(typical > 0)) return [];
  const shifts = kind === 'metric-depth' ? [0] : SHIFTS;
  return shifts.map((shift) => ({ kind, scale: 1 / (typical * (1 + shift)), shift: shift / (1 + shift) }));
}

/** Median of the slopes between pairs of points and of what is left (Theil 1950, Sen 1968); up to 29 % of the points may be wrong. */
function medianLine(x: Float64Array, y: Float64Array): { readonly slope: number; readonly offset: number } {
  const step = Math.max(1, Math.ceil(x.length / MAX_SLOPE_POINTS));
  const slopes: number[] = [];
  for (let i = 0; i < x.length; i += step)
    for (let j = 0; j < i; j += step) if (x[i] !== x[j]) slopes.push((y[i]! - y[j]!) / (x[i]! - x[j]!));
  const slope = median(slopes);
  return { slope, offset: median(x.map((value, i) => y[i]! - slope * value)) };
}

/**
 * The guess that known depths agree with: a robust line with 12 points or more, unless it falls; else the median ratio. A metric network
 * gets no shift.
 *
 * @param depths [N] z > 0 where known, NaN elsewhere. @param numbers [N] the network's.
 * @returns null when nothing is known of any number, or all contradict.
 */
export function fitGuess(kind: DepthOutputKind, numbers: Float64Array, depths: Float64Array): DepthGuess | null {
  const x: number[] = [];
  const y: number[] = [];
  numbers.forEach((r, i) => {
    const [value, depth] = [linear(kind, r), depths[i]!];
    if (!Number.isFinite(value) || !(depth > 0 && depth < Infinity)) return;
    x.push(value);
    y.push(kind === 'affine-invariant-depth' ? depth : 1 / depth);
  });
  if (kind !== 'metric-depth' && x.length >= ENOUGH_FOR_SHIFT) {
    const { slope, offset } = medianLine(Float64Array.from(x), Float64Array.from(y));
    if (slope > 0 && slope < Infinity) return { kind, scale: slope, shift: offset };
  }
  const ratio = median(x.map((value, i) => y[i]! / value));
  return ratio > 0 && ratio < Infinity ? { kind, scale: ratio, shift: 0 } : null;
}

/** Depths [N] by a guess; NaN also for what lies far beyond the typical depth, where a small error of the network is a large one. */
export function depthsOfNumbers(guess: DepthGuess, numbers: Float64Array): Float64Array {
  const depths = numbers.map((r) => depthOfNumber(guess, r));
  const farthest = MOST_DEPTH * median(depths.filter(Number.isFinite));
  return depths.map((depth) => (depth <= farthest ? depth : NaN));
}

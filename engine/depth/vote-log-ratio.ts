/** The factor on which most ratios agree, whatever the rest say. */
import { median } from '../math/median.js';

export interface LogRatioVote {
  /** Natural logarithm of the factor. */
  readonly logRatio: number;
  /** Share of all weight within one bin of the winner. */
  readonly share: number;
  /** The same share if the weight were spread evenly over the bins that have any: a vote near it means nothing. */
  readonly chanceShare: number;
  readonly count: number;
}

const BIN = 0.05;
/** Ratios beyond e^±12 are no depths. */
const LIMIT = 12;

/**
 * Histogram of log ratios in bins of 0.05, smoothed by [1 2 1]; the answer is the median of what lies within a bin of the highest. Means and
 * medians of all are drawn off by one-sided tails: elevation noise and multipath make radar returns too far, hardly ever too near.
 *
 * @param logRatios [N]; not finite or beyond ±12: left out. @param weights [N] ≥ 0; null: all 1.
 * @returns null when nothing is left.
 * Source: Tang et al. 2025, "4DRadar-GS", section III: scale by histogram vote; the bins are ours.
 */
export function voteLogRatio(logRatios: Float64Array, weights: Float64Array | null = null): LogRatioVote | null {
  const bins = new Float64Array(Math.round((2 * LIMIT) / BIN) + 2);
  const binOf = (value: number): number => Math.floor((value + LIMIT) / BIN) + 1;
  const weightOf = (i: number): number => (weights ? (weights[i] as number) : 1);
  const usable = Array.from(logRatios.keys()).filter(
    (i) => Math.abs(logRatios[i] as number) < LIMIT && weightOf(i) > 0 && weightOf(i) < Infinity,
  );
  if (usable.length === 0) return null;
  let total = 0;
  for (const i of usable) {
    bins[binOf(logRatios[i] as number)]! += weightOf(i);
    total += weightOf(i);
  }
  let winner = 1;
  const smoothed = (b: number): number => (bins[b - 1]! + 2 * bins[b]! + bins[b + 1]!) / 4;
  for (let b = 1; b < bins.length - 1; b++) if (smoothed(b) > smoothed(winner)) winner = b;
  const inside = usable.filter((i) => Math.abs(binOf(logRatios[i] as number) - winner) <= 1);
  const share = inside.reduce((sum, i) => sum + weightOf(i), 0) / total;
  const occupied = bins.reduce((count, w) => count + (w > 0 ? 1 : 0), 0);
  return {
    logRatio: median(inside.map((i) => logRatios[i] as number)),
    share,
    chanceShare: Math.min(1, 3 / occupied),
    count: usable.length,
  };
}

/**
 * The median of the finite numbers among `values` (the mean of the middle two); NaN when there is none. Does not change its argument.
 * The layers keep `engine/depth/median.ts` out of reach.
 */
export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A few numbers that stand for many. */

/** Enough to place 256 entries; more would only sort longer. */
const MAX_SAMPLES = 1 << 17;
const LLOYD_ROUNDS = 25;

function sortedSample(values: Float32Array): Float32Array {
  const stride = Math.max(1, Math.ceil(values.length / MAX_SAMPLES));
  const sample = new Float32Array(Math.ceil(values.length / stride));
  for (let i = 0; i < sample.length; i++) sample[i] = values[i * stride] as number;
  return sample.sort();
}

/** First index whose value is not below `bound`. */
function lowerBound(sorted: ArrayLike<number>, bound: number, from = 0, to = sorted.length): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Half by rank, half by value, so that long tails keep entries of their own. */
function initialEntries(sorted: Float32Array, size: number): Float64Array {
  const [low, high] = [sorted[0] as number, sorted[sorted.length - 1] as number];
  const byRank = Math.ceil(size / 2);
  return Float64Array.from({ length: size }, (_, k) =>
    k < byRank
      ? (sorted[Math.floor(((k + 0.5) / byRank) * sorted.length)] as number)
      : low + ((k - byRank + 0.5) / (size - byRank)) * (high - low),
  ).sort();
}

/**
 * `size` numbers, ascending, that represent `values` with a small squared error: Lloyd's algorithm on a sorted sample, starting half from
 * quantiles and half from even steps. Where there are fewer distinct values, entries repeat.
 *
 * @param values at least one, all finite.
 * Source: Lloyd 1982, "Least squares quantization in PCM".
 */
export function buildScalarCodebook(values: Float32Array, size: number): Float32Array {
  const sorted = sortedSample(values);
  const sums = new Float64Array(sorted.length + 1);
  sorted.forEach((value, i) => (sums[i + 1] = (sums[i] as number) + value));
  const entries = initialEntries(sorted, size);
  for (let round = 0; round < LLOYD_ROUNDS; round++) {
    let start = 0;
    for (let k = 0; k < size; k++) {
      const border = k + 1 < size ? ((entries[k] as number) + (entries[k + 1] as number)) / 2 : Infinity;
      const end = lowerBound(sorted, border, start);
      if (end > start) entries[k] = ((sums[end] as number) - (sums[start] as number)) / (end - start);
      start = end;
    }
    entries.sort();
  }
  return Float32Array.from(entries);
}

/** Index of the entry of an ascending codebook that is nearest to `value`. */
export function nearestEntry(codebook: Float32Array, value: number): number {
  const above = lowerBound(codebook, value);
  if (above === 0) return 0;
  if (above === codebook.length) return codebook.length - 1;
  return value - (codebook[above - 1] as number) <= (codebook[above] as number) - value ? above - 1 : above;
}

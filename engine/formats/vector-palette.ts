/** A palette of vectors by splitting: what k-means would give, in minutes less. */

/** A run of `order`, with what its members differ by. */
interface Cluster {
  readonly start: number;
  readonly end: number;
  readonly mean: Float64Array;
  readonly variances: Float64Array;
  /** Summed squared distance from the mean. */
  readonly error: number;
}

export interface VectorPalette {
  /** [P, D] */
  readonly entries: Float32Array;
  readonly size: number;
  /** [N] which entry stands for the vector. */
  readonly labels: Uint32Array;
}

const TWO_MEANS_ROUNDS = 2;

function measureCluster(vectors: Float32Array, width: number, order: Uint32Array, start: number, end: number): Cluster {
  const mean = new Float64Array(width);
  const variances = new Float64Array(width);
  for (let i = start; i < end; i++) {
    const at = (order[i] as number) * width;
    for (let d = 0; d < width; d++) {
      const value = vectors[at + d] as number;
      mean[d]! += value;
      variances[d]! += value * value;
    }
  }
  let error = 0;
  for (let d = 0; d < width; d++) {
    const centre = (mean[d] as number) / (end - start);
    mean[d] = centre;
    const variance = Math.max(0, (variances[d] as number) - centre * centre * (end - start));
    variances[d] = variance;
    error += variance;
  }
  return { start, end, mean, variances, error };
}

/** Brings the members with a positive score to the front of the run; where the others begin. */
function partition(order: Uint32Array, start: number, end: number, isFirst: (vector: number) => boolean): number {
  let [low, high] = [start, end - 1];
  while (low <= high) {
    const vector = order[low] as number;
    if (isFirst(vector)) low++;
    else {
      order[low] = order[high] as number;
      order[high] = vector;
      high--;
    }
  }
  return low;
}

/** Across the widest axis first, then by which half's mean is nearer. */
function splitCluster(vectors: Float32Array, width: number, order: Uint32Array, cluster: Cluster): Cluster[] {
  const { start, end, mean, variances } = cluster;
  const axis = variances.indexOf(Math.max(...variances));
  const centre = mean[axis] as number;
  let middle = partition(order, start, end, (vector) => (vectors[vector * width + axis] as number) < centre);
  for (let round = 0; round < TWO_MEANS_ROUNDS && middle > start && middle < end; round++) {
    const first = measureCluster(vectors, width, order, start, middle).mean;
    const second = measureCluster(vectors, width, order, middle, end).mean;
    middle = partition(order, start, end, (vector) => {
      // |v − a|² − |v − b|² without the part that both share.
      let score = 0;
      for (let d = 0; d < width; d++) {
        const [a, b] = [first[d] as number, second[d] as number];
        score += (b - a) * (2 * (vectors[vector * width + d] as number) - a - b);
      }
      return score < 0;
    });
  }
  if (middle === start || middle === end) return [];
  return [measureCluster(vectors, width, order, start, middle), measureCluster(vectors, width, order, middle, end)];
}

/** A binary heap by `error`, largest first. */
class ClusterHeap {
  private readonly items: Cluster[] = [];

  push(cluster: Cluster): void {
    let at = this.items.length;
    this.items.push(cluster);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.items[parent] as Cluster).error >= cluster.error) break;
      this.items[at] = this.items[parent] as Cluster;
      at = parent;
    }
    this.items[at] = cluster;
  }

  pop(): Cluster | undefined {
    const top = this.items[0];
    const last = this.items.pop();
    if (top === undefined || last === undefined || this.items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.items.length) break;
      const right = this.items[child + 1];
      if (right !== undefined && right.error > (this.items[child] as Cluster).error) child++;
      if ((this.items[child] as Cluster).error <= last.error) break;
      this.items[at] = this.items[child] as Cluster;
      at = child;
    }
    this.items[at] = last;
    return top;
  }
}

/**
 * At most `maxSize` vectors that represent N vectors of `width` numbers with a small squared error. The cluster with the largest error is
 * split in two (widest axis, then two rounds of 2-means) until there are enough: O(N · width · log maxSize), where k-means costs
 * O(N · width · maxSize) a round. The same for the same input.
 *
 * @param vectors [N, width], all finite; N may be 0.
 * @param onProgress 0..1, now and then.
 * Source: tree-structured vector quantisation, Buzo et al. 1980, "Speech coding based upon vector quantization".
 */
export function buildVectorPalette(
  vectors: Float32Array,
  width: number,
  maxSize: number,
  onProgress: (fraction: number) => void = () => undefined,
): VectorPalette {
  const count = vectors.length / width;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const heap = new ClusterHeap();
  const finished: Cluster[] = [];
  if (count > 0) heap.push(measureCluster(vectors, width, order, 0, count));
  let size = count > 0 ? 1 : 0;
  while (size < maxSize) {
    const worst = heap.pop();
    if (worst === undefined) break;
    const halves = worst.error > 0 ? splitCluster(vectors, width, order, worst) : [];
    if (halves.length === 0) finished.push(worst);
    else {
      halves.forEach((half) => heap.push(half));
      if (++size % 1024 === 0) onProgress(size / maxSize);
    }
  }
  for (let rest = heap.pop(); rest !== undefined; rest = heap.pop()) finished.push(rest);
  const entries = new Float32Array(finished.length * width);
  const labels = new Uint32Array(count);
  finished.forEach((cluster, label) => {
    entries.set(cluster.mean, label * width);
    for (let i = cluster.start; i < cluster.end; i++) labels[order[i] as number] = label;
  });
  return { entries, size: finished.length, labels };
}

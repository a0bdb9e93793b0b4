/** Distance to the k-th nearest other point, by a k-d tree over an index array: points may be as unevenly spread as floaters make them. */

const LEAF = 12;

/** [N] distances; points with a coordinate that is no number get Infinity and are nobody's neighbour. */
export function kthNeighbourDistances(points: Float32Array, k: number): Float32Array {
  const total = points.length / 3;
  const order: number[] = [];
  for (let i = 0; i < total; i++) {
    if (Number.isFinite(points[i * 3]! + points[i * 3 + 1]! + points[i * 3 + 2]!)) order.push(i);
  }
  const indices = Uint32Array.from(order);
  const axes = new Uint8Array(indices.length);
  buildTree(points, indices, axes, 0, indices.length);
  const result = new Float32Array(total).fill(Infinity);
  const search = new Search(points, indices, axes, k);
  for (const index of indices) result[index] = Math.sqrt(search.squaredDistance(index));
  return result;
}

/** The median of [from, to) stands in the middle, along the axis of the largest extent; smaller ones before it, larger ones after. */
function buildTree(points: Float32Array, indices: Uint32Array, axes: Uint8Array, from: number, to: number): void {
  while (to - from > LEAF) {
    const axis = widestAxis(points, indices, from, to);
    const middle = (from + to) >> 1;
    select(points, indices, from, to - 1, middle, axis);
    axes[middle] = axis;
    buildTree(points, indices, axes, from, middle);
    from = middle + 1;
  }
}

function widestAxis(points: Float32Array, indices: Uint32Array, from: number, to: number): number {
  let best = 0;
  let bestExtent = -1;
  for (let axis = 0; axis < 3; axis++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = from; i < to; i++) {
      const value = points[indices[i]! * 3 + axis]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high - low > bestExtent) {
      best = axis;
      bestExtent = high - low;
    }
  }
  return best;
}

/** Hoare's selection. */
function select(points: Float32Array, indices: Uint32Array, low: number, high: number, k: number, axis: number): void {
  while (low < high) {
    const pivot = points[indices[(low + high) >> 1]! * 3 + axis]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (points[indices[i]! * 3 + axis]! < pivot) i++;
      while (points[indices[j]! * 3 + axis]! > pivot) j--;
      if (i > j) break;
      const swapped = indices[i]!;
      indices[i++] = indices[j]!;
      indices[j--] = swapped;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}

class Search {
  /** The k smallest squared distances so far, ascending. */
  readonly #best: Float64Array;
  #self = 0;

  constructor(
    readonly points: Float32Array,
    readonly indices: Uint32Array,
    readonly axes: Uint8Array,
    k: number,
  ) {
    this.#best = new Float64Array(k);
  }

  squaredDistance(self: number): number {
    this.#self = self;
    this.#best.fill(Infinity);
    this.#visit(0, this.indices.length);
    return this.#best[this.#best.length - 1]!;
  }

  #visit(from: number, to: number): void {
    if (to - from <= LEAF) {
      for (let i = from; i < to; i++) this.#offer(this.indices[i]!);
      return;
    }
    const middle = (from + to) >> 1;
    const axis = this.axes[middle]!;
    const node = this.indices[middle]!;
    const difference = this.points[this.#self * 3 + axis]! - this.points[node * 3 + axis]!;
    this.#offer(node);
    if (difference < 0) this.#visit(from, middle);
    else this.#visit(middle + 1, to);
    if (difference * difference >= this.#best[this.#best.length - 1]!) return;
    if (difference < 0) this.#visit(middle + 1, to);
    else this.#visit(from, middle);
  }

  #offer(index: number): void {
    if (index === this.#self) return;
    const { points } = this;
    const p = index * 3;
    const q = this.#self * 3;
    const x = points[p]! - points[q]!;
    const y = points[p + 1]! - points[q + 1]!;
    const z = points[p + 2]! - points[q + 2]!;
    const squared = x * x + y * y + z * z;
    const best = this.#best;
    let at = best.length - 1;
    if (squared >= best[at]!) return;
    for (; at > 0 && best[at - 1]! > squared; at--) best[at] = best[at - 1]!;
    best[at] = squared;
  }
}

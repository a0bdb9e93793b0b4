/** Nearest points of a set in space. */

/** Leaves hold so many points. */
const LEAF = 12;

/** A k-d tree over points in three dimensions; the positions are kept, not copied. */
export class PointTree {
  private readonly order: Uint32Array;
  /** [N] the axis along which a range is cut at its middle. */
  private readonly axes: Uint8Array;
  /** Found by the last query: squared distances and indices, worst first to be replaced. */
  private readonly found: { distance: number; index: number }[] = [];

  /** @param positions [N, 3] finite numbers. */
  constructor(private readonly positions: ArrayLike<number>) {
    this.order = Uint32Array.from({ length: Math.floor(positions.length / 3) }, (_, i) => i);
    this.axes = new Uint8Array(this.order.length);
    this.build(0, this.order.length);
  }

  private coordinate(index: number, axis: number): number {
    return this.positions[3 * index + axis] as number;
  }

  /** The middle of [from, to) holds the median along the axis of largest extent. */
  private build(from: number, to: number): void {
    if (to - from <= LEAF) return;
    const axis = this.widestAxis(from, to);
    const middle = (from + to) >> 1;
    this.select(from, to - 1, middle, axis);
    this.axes[middle] = axis;
    this.build(from, middle);
    this.build(middle + 1, to);
  }

  private widestAxis(from: number, to: number): number {
    let [best, width] = [0, -1];
    for (let axis = 0; axis < 3; axis++) {
      let [low, high] = [Infinity, -Infinity];
      for (let k = from; k < to; k++) {
        const value = this.coordinate(this.order[k] as number, axis);
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      if (high - low > width) [best, width] = [axis, high - low];
    }
    return best;
  }

  /** Hoare's quickselect: order[k] in its sorted place between `left` and `right`. */
  private select(left: number, right: number, k: number, axis: number): void {
    const { order } = this;
    while (left < right) {
      const pivot = this.coordinate(order[(left + right) >> 1] as number, axis);
      let [i, j] = [left, right];
      while (i <= j) {
        while (this.coordinate(order[i] as number, axis) < pivot) i++;
        while (this.coordinate(order[j] as number, axis) > pivot) j--;
        if (i > j) break;
        [order[i], order[j]] = [order[j] as number, order[i] as number];
        i++;
        j--;
      }
      if (k <= j) right = j;
      else if (k >= i) left = i;
      else return;
    }
  }

  /**
   * The `count` points nearest to (x, y, z) within `maxDistance`, nearest first; fewer where there are fewer. NaN finds nothing.
   *
   * @returns indices and squared distances; valid until the next query.
   */
  nearest(
    point: readonly [number, number, number],
    count: number,
    maxDistance = Infinity,
  ): readonly { readonly distance: number; readonly index: number }[] {
    this.found.length = 0;
    this.search(point, count, maxDistance * maxDistance, [0, this.order.length]);
    return this.found;
  }

  /** Whether any point lies within `distance`: stops at the first, so that it is much cheaper than {@link nearest}. */
  hasWithin(point: readonly [number, number, number], distance: number): boolean {
    return this.touches(point, distance * distance, 0, this.order.length);
  }

  private touches(point: readonly [number, number, number], limit: number, from: number, to: number): boolean {
    const { order, positions } = this;
    if (to - from <= LEAF) {
      for (let k = from; k < to; k++) {
        const at = 3 * (order[k] as number);
        const dx = point[0] - (positions[at] as number);
        const dy = point[1] - (positions[at + 1] as number);
        const dz = point[2] - (positions[at + 2] as number);
        if (dx * dx + dy * dy + dz * dz <= limit) return true;
      }
      return false;
    }
    const middle = (from + to) >> 1;
    const axis = this.axes[middle] as number;
    const side = (point[axis] as number) - (positions[3 * (order[middle] as number) + axis] as number);
    if (side < 0 ? this.touches(point, limit, from, middle) : this.touches(point, limit, middle + 1, to)) return true;
    if (!(side * side <= limit)) return false;
    return (
      this.touches(point, limit, middle, middle + 1) ||
      (side < 0 ? this.touches(point, limit, middle + 1, to) : this.touches(point, limit, from, middle))
    );
  }

  private search(
    point: readonly [number, number, number],
    count: number,
    limit: number,
    [from, to]: readonly [number, number],
  ): void {
    if (to - from <= LEAF) {
      for (let k = from; k < to; k++) this.offer(point, this.order[k] as number, count, this.worst(count, limit));
      return;
    }
    const middle = (from + to) >> 1;
    const axis = this.axes[middle] as number;
    const index = this.order[middle] as number;
    const side = (point[axis] as number) - this.coordinate(index, axis);
    this.search(point, count, limit, side < 0 ? [from, middle] : [middle + 1, to]);
    if (side * side > this.worst(count, limit)) return;
    this.offer(point, index, count, this.worst(count, limit));
    this.search(point, count, limit, side < 0 ? [middle + 1, to] : [from, middle]);
  }

  private worst(count: number, limit: number): number {
    return this.found.length < count ? limit : this.found[this.found.length - 1]!.distance;
  }

  private offer(point: readonly [number, number, number], index: number, count: number, worst: number): void {
    let distance = 0;
    for (let axis = 0; axis < 3; axis++) distance += ((point[axis] as number) - this.coordinate(index, axis)) ** 2;
    if (!(distance <= worst)) return;
    const { found } = this;
    let at = found.length;
    while (at > 0 && found[at - 1]!.distance > distance) at--;
    found.splice(at, 0, { distance, index });
    if (found.length > count) found.pop();
  }
}

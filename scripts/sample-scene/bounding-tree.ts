/** A bounding-volume tree over packed primitives, built by binned surface area, and its two queries: nearest hit and any hit. */
import { CAPSULE, PRIMITIVE_STRIDE, SPHERE, TRIANGLE, intersectPrimitive } from './intersect.js';
import type { Ray } from './intersect.js';

/** Primitives as a struct of arrays. */
export interface PackedPrimitives {
  readonly count: number;
  /** [N] TRIANGLE, SPHERE, CAPSULE or FRUSTUM. */
  readonly kinds: Uint8Array;
  /** [N, PRIMITIVE_STRIDE] */
  readonly data: Float32Array;
  /** [N] index into the scene's materials. */
  readonly materials: Uint8Array;
  /** [N] 0..1, a number that makes each thing of one material a little different. */
  readonly variants: Float32Array;
}

const LEAF_SIZE = 3;
const BIN_COUNT = 12;
const STACK_SIZE = 96;

/** Writes min x y z, max x y z of one primitive at `out[to]`. */
function writeBounds(primitives: PackedPrimitives, index: number, out: Float32Array, to: number): void {
  const { data } = primitives;
  const at = index * PRIMITIVE_STRIDE;
  const kind = primitives.kinds[index];
  const value = (offset: number): number => data[at + offset] as number;
  for (let axis = 0; axis < 3; axis++) {
    let low: number;
    let high: number;
    if (kind === TRIANGLE) {
      const corners = [value(axis), value(axis) + value(3 + axis), value(axis) + value(6 + axis)];
      low = Math.min(...corners);
      high = Math.max(...corners);
    } else if (kind === SPHERE) {
      low = value(axis) - value(3);
      high = value(axis) + value(3);
    } else if (kind === CAPSULE) {
      low = Math.min(value(axis), value(3 + axis)) - value(6);
      high = Math.max(value(axis), value(3 + axis)) + value(6);
    } else {
      const radius = Math.max(value(3), value(5));
      low = axis === 2 ? value(2) : value(axis) - radius;
      high = axis === 2 ? value(4) : value(axis) + radius;
    }
    // A hair of margin, so that rounding to 32 bits never cuts a flat primitive off.
    out[to + axis] = low - 1e-5;
    out[to + 3 + axis] = high + 1e-5;
  }
}

function halfArea(bounds: Float64Array): number {
  const x = (bounds[3] as number) - (bounds[0] as number);
  const y = (bounds[4] as number) - (bounds[1] as number);
  const z = (bounds[5] as number) - (bounds[2] as number);
  return x < 0 ? 0 : x * y + y * z + z * x;
}

function grow(target: Float64Array, source: ArrayLike<number>, at: number): void {
  for (let axis = 0; axis < 3; axis++) {
    target[axis] = Math.min(target[axis] as number, source[at + axis] as number);
    target[3 + axis] = Math.max(target[3 + axis] as number, source[at + 3 + axis] as number);
  }
}

const emptyBounds = (): Float64Array => Float64Array.of(Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity);

export class BoundingTree {
  readonly primitives: PackedPrimitives;
  /** [nodes, 6] */
  private readonly bounds: Float32Array;
  /** [nodes] first child (the second follows it) or first primitive. */
  private readonly first: Int32Array;
  /** [nodes] primitives of a leaf, 0 for an inner node. */
  private readonly leafCount: Int32Array;
  private readonly stack = new Int32Array(STACK_SIZE);
  private nodeCount = 1;
  /** Index of the primitive that the last `findNearest` hit. */
  hitPrimitive = -1;

  constructor(source: PackedPrimitives) {
    const n = source.count;
    const boxes = new Float32Array(n * 6);
    for (let i = 0; i < n; i++) writeBounds(source, i, boxes, i * 6);
    const order = Int32Array.from({ length: n }, (_, i) => i);
    this.bounds = new Float32Array(n * 12 + 6);
    this.first = new Int32Array(n * 2 + 1);
    this.leafCount = new Int32Array(n * 2 + 1);
    this.split(0, 0, n, order, boxes);
    this.primitives = reorder(source, order);
  }

  private split(node: number, start: number, end: number, order: Int32Array, boxes: Float32Array): void {
    const whole = emptyBounds();
    for (let i = start; i < end; i++) grow(whole, boxes, (order[i] as number) * 6);
    this.bounds.set(whole, node * 6);
    const middle = end - start <= LEAF_SIZE ? -1 : partition(start, end, order, boxes);
    if (middle < 0) {
      this.first[node] = start;
      this.leafCount[node] = end - start;
      return;
    }
    const child = this.nodeCount;
    this.nodeCount += 2;
    this.first[node] = child;
    this.split(child, start, middle, order, boxes);
    this.split(child + 1, middle, end, order, boxes);
  }

  /** Distance to the nearest hit under `limit` (its primitive in `hitPrimitive`), `Infinity` when there is none. */
  findNearest(ray: Ray, limit = Infinity): number {
    return this.traverse(ray, limit, false);
  }

  /** Whether anything lies on the ray before `limit`. */
  isBlocked(ray: Ray, limit: number): boolean {
    return this.traverse(ray, limit, true) < limit;
  }

  private traverse(ray: Ray, limit: number, anyHit: boolean): number {
    const { stack, first, leafCount } = this;
    const { kinds, data } = this.primitives;
    const ix = 1 / ray.dx;
    const iy = 1 / ray.dy;
    const iz = 1 / ray.dz;
    let nearest = limit;
    let found = false;
    this.hitPrimitive = -1;
    let depth = 0;
    let node = 0;
    if (this.enter(0, ray, ix, iy, iz, nearest) === Infinity) return Infinity;
    for (;;) {
      const count = leafCount[node] as number;
      const base = first[node] as number;
      if (count > 0) {
        for (let i = base; i < base + count; i++) {
          const distance = intersectPrimitive(kinds[i] as number, data, i * PRIMITIVE_STRIDE, ray);
          if (distance < nearest) {
            nearest = distance;
            found = true;
            this.hitPrimitive = i;
            if (anyHit) return nearest;
          }
        }
      } else {
        const left = this.enter(base, ray, ix, iy, iz, nearest);
        const right = this.enter(base + 1, ray, ix, iy, iz, nearest);
        if (left !== Infinity || right !== Infinity) {
          const leftFirst = left <= right;
          node = leftFirst ? base : base + 1;
          if (left !== Infinity && right !== Infinity) stack[depth++] = leftFirst ? base + 1 : base;
          continue;
        }
      }
      // Boxes that a nearer hit has since put out of reach are dropped when they are taken from the stack.
      do {
        if (depth === 0) return found ? nearest : Infinity;
        node = stack[--depth] as number;
      } while (this.enter(node, ray, ix, iy, iz, nearest) === Infinity);
    }
  }

  /** Distance at which the ray enters a node's box, `Infinity` when it does not before `nearest`. */
  private enter(node: number, ray: Ray, ix: number, iy: number, iz: number, nearest: number): number {
    const { bounds } = this;
    const at = node * 6;
    const x0 = ((bounds[at] as number) - ray.ox) * ix;
    const x1 = ((bounds[at + 3] as number) - ray.ox) * ix;
    const y0 = ((bounds[at + 1] as number) - ray.oy) * iy;
    const y1 = ((bounds[at + 4] as number) - ray.oy) * iy;
    const z0 = ((bounds[at + 2] as number) - ray.oz) * iz;
    const z1 = ((bounds[at + 5] as number) - ray.oz) * iz;
    let near = x0 < x1 ? x0 : x1;
    let far = x0 < x1 ? x1 : x0;
    const nearY = y0 < y1 ? y0 : y1;
    const farY = y0 < y1 ? y1 : y0;
    const nearZ = z0 < z1 ? z0 : z1;
    const farZ = z0 < z1 ? z1 : z0;
    if (nearY > near) near = nearY;
    if (nearZ > near) near = nearZ;
    if (farY < far) far = farY;
    if (farZ < far) far = farZ;
    if (near < 0) near = 0;
    return near <= far && near < nearest ? near : Infinity;
  }
}

/** Splits order[start..end) where the surface-area cost is least; -1 when a leaf is as good. */
function partition(start: number, end: number, order: Int32Array, boxes: Float32Array): number {
  const centre = (index: number, axis: number): number =>
    ((boxes[index * 6 + axis] as number) + (boxes[index * 6 + 3 + axis] as number)) / 2;
  let best = { cost: Infinity, axis: 0, threshold: 0 };
  for (let axis = 0; axis < 3; axis++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = start; i < end; i++) {
      const c = centre(order[i] as number, axis);
      low = Math.min(low, c);
      high = Math.max(high, c);
    }
    if (!(high > low)) continue;
    const binBounds = Array.from({ length: BIN_COUNT }, emptyBounds);
    const binCounts = new Array<number>(BIN_COUNT).fill(0);
    for (let i = start; i < end; i++) {
      const index = order[i] as number;
      const bin = Math.min(BIN_COUNT - 1, Math.floor(((centre(index, axis) - low) / (high - low)) * BIN_COUNT));
      grow(binBounds[bin] as Float64Array, boxes, index * 6);
      binCounts[bin] = (binCounts[bin] as number) + 1;
    }
    for (let cut = 1; cut < BIN_COUNT; cut++) {
      let cost = 0;
      for (const [from, to] of [
        [0, cut],
        [cut, BIN_COUNT],
      ] as const) {
        const side = emptyBounds();
        let count = 0;
        for (let bin = from; bin < to; bin++) {
          grow(side, binBounds[bin] as Float64Array, 0);
          count += binCounts[bin] as number;
        }
        cost += count * halfArea(side);
      }
      if (cost < best.cost) best = { cost, axis, threshold: low + ((high - low) * cut) / BIN_COUNT };
    }
  }
  if (best.cost === Infinity) return -1;
  let middle = start;
  for (let i = start; i < end; i++) {
    const index = order[i] as number;
    if (centre(index, best.axis) >= best.threshold) continue;
    order[i] = order[middle] as number;
    order[middle++] = index;
  }
  return middle === start || middle === end ? -1 : middle;
}

function reorder(source: PackedPrimitives, order: Int32Array): PackedPrimitives {
  const data = new Float32Array(source.count * PRIMITIVE_STRIDE);
  order.forEach((from, to) => {
    data.set(source.data.subarray(from * PRIMITIVE_STRIDE, (from + 1) * PRIMITIVE_STRIDE), to * PRIMITIVE_STRIDE);
  });
  return {
    count: source.count,
    kinds: Uint8Array.from(order, (from) => source.kinds[from] as number),
    data,
    materials: Uint8Array.from(order, (from) => source.materials[from] as number),
    variants: Float32Array.from(order, (from) => source.variants[from] as number),
  };
}

import type { PointColumns } from './point-columns.js';

const EMPTY = -1;
/** Slots a point. */
const SPARSENESS = 2;

/**
 * Keeps one point a voxel: that which lies nearest to the voxel's centre. It is a point that was measured, unlike a mean, which at the edge of a
 * surface hangs in the air between it and what lies behind, and whose time and ring would be nobody's; and such points lie more evenly than
 * the first ones of each voxel do.
 *
 * A voxel is the cube of side `size` with floor(position / size) in common, positions being those that are stored: no keys are kept, so that
 * no coordinate is too large for one.
 */
export class VoxelThinning {
  private slots = new Int32Array(0);

  constructor(
    private readonly columns: PointColumns,
    private size: number,
  ) {
    this.rebuild();
  }

  get voxelSize(): number {
    return this.size;
  }

  /**
   * Whether a new point with that (rounded) position is to be stored, and where: its own place, or that of one it replaces. The place
   * `columns.count` is a new one, which the caller then counts.
   *
   * @returns −1 when the point that is there lies nearer to the centre
   */
  place(x: number, y: number, z: number): number {
    const slot = this.findSlot(x, y, z);
    const holder = this.slots[slot]!;
    if (holder === EMPTY) {
      this.slots[slot] = this.columns.count;
      return this.columns.count;
    }
    const { positions } = this.columns;
    const off = this.offCentre(positions[holder * 3]!, positions[holder * 3 + 1]!, positions[holder * 3 + 2]!);
    return this.offCentre(x, y, z) < off ? holder : -1;
  }

  /** Makes voxels twice as wide until at most `limit` points are left. */
  widen(limit: number): void {
    while (this.columns.count > limit) {
      this.size *= 2;
      this.rebuild();
    }
  }

  /** Must be called before a point is added that the table has no room for. */
  makeRoom(): void {
    if ((this.columns.count + 1) * SPARSENESS > this.slots.length) this.rebuild();
  }

  /** Puts every stored point into the table again; of those that now share a voxel one stays. */
  private rebuild(): void {
    const { columns } = this;
    const count = columns.count;
    const wanted = Math.max(1024, (count + 1) * SPARSENESS * 2);
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(wanted))).fill(EMPTY);
    columns.count = 0;
    for (let i = 0; i < count; i++) {
      const { positions } = columns;
      const at = this.place(positions[i * 3]!, positions[i * 3 + 1]!, positions[i * 3 + 2]!);
      if (at < 0) continue;
      columns.move(i, at);
      if (at === columns.count) columns.count++;
    }
  }

  private voxelOf(value: number): number {
    return Math.floor(value / this.size);
  }

  private offCentre(x: number, y: number, z: number): number {
    return this.offMiddle(x) ** 2 + this.offMiddle(y) ** 2 + this.offMiddle(z) ** 2;
  }

  private offMiddle(value: number): number {
    return value - (this.voxelOf(value) + 0.5) * this.size;
  }

  /** The voxel's slot, or the empty one where it would go: open addressing, one step at a time. */
  private findSlot(x: number, y: number, z: number): number {
    const { positions } = this.columns;
    const vx = this.voxelOf(x);
    const vy = this.voxelOf(y);
    const vz = this.voxelOf(z);
    const mask = this.slots.length - 1;
    // Large odd multipliers; ToInt32 takes what exceeds 32 bits modulo 2³².
    let hash = Math.imul(vx | 0, 0x8da6b343) ^ Math.imul(vy | 0, 0xd8163841) ^ Math.imul(vz | 0, 0xcb1ab31f);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const holder = this.slots[slot]!;
      if (holder === EMPTY) return slot;
      if (
        this.voxelOf(positions[holder * 3]!) === vx &&
        this.voxelOf(positions[holder * 3 + 1]!) === vy &&
        this.voxelOf(positions[holder * 3 + 2]!) === vz
      )
        return slot;
      slot = (slot + 1) & mask;
    }
  }
}

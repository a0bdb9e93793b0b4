/** Points that are gathered one by one into typed arrays which grow as they fill. */
import type { PointFieldData } from '../scene/sensor-points.js';
import type { PointBatch } from './cloud-reader.js';

const FIRST_CAPACITY = 1 << 16;
const POSITION_BYTES = 12;
const COLOR_BYTES = 3;

/** Storage of one cloud. Positions are float32 offsets from `origin`. */
export class PointColumns {
  count = 0;
  positions: Float32Array;
  colors: Uint8Array | null;
  readonly fields: Map<string, PointFieldData>;
  private capacity: number;

  /** Has the same columns as `like`; room for at most `limit` points. */
  constructor(
    like: PointBatch,
    private readonly limit: number,
  ) {
    const capacity = Math.min(FIRST_CAPACITY, limit);
    this.capacity = capacity;
    this.positions = new Float32Array(capacity * 3);
    this.colors = like.colors === null ? null : new Uint8Array(capacity * 3);
    this.fields = new Map(
      [...like.fields].map(([name, values]) => [
        name,
        values instanceof Float64Array ? new Float64Array(capacity) : new Float32Array(capacity),
      ]),
    );
  }

  /** Bytes that one point takes. */
  static bytesPerPoint(like: PointBatch): number {
    const fieldBytes = [...like.fields.values()].reduce((sum, values) => sum + values.BYTES_PER_ELEMENT, 0);
    return POSITION_BYTES + (like.colors === null ? 0 : COLOR_BYTES) + fieldBytes;
  }

  /** Makes room for one more. */
  reserve(): void {
    if (this.count < this.capacity) return;
    const capacity = Math.min(this.limit, this.capacity * 2);
    const grown = <T extends Uint8Array | Float32Array | Float64Array>(made: T, old: T): T => {
      made.set(old);
      return made;
    };
    this.positions = grown(new Float32Array(capacity * 3), this.positions);
    if (this.colors !== null) this.colors = grown(new Uint8Array(capacity * 3), this.colors);
    for (const [name, old] of this.fields)
      this.fields.set(
        name,
        old instanceof Float64Array ? grown(new Float64Array(capacity), old) : grown(new Float32Array(capacity), old),
      );
    this.capacity = capacity;
  }

  /** Puts point `from` of a batch at `to`, but for its position, which the caller has rounded already. */
  copyFrom(batch: PointBatch, from: number, to: number): void {
    if (this.colors !== null && batch.colors !== null)
      for (let channel = 0; channel < 3; channel++) this.colors[to * 3 + channel] = batch.colors[from * 3 + channel]!;
    for (const [name, values] of this.fields) values[to] = batch.fields.get(name)![from]!;
  }

  /** Puts point `from` at the earlier place `to`. */
  move(from: number, to: number): void {
    if (from === to) return;
    this.positions.copyWithin(to * 3, from * 3, from * 3 + 3);
    this.colors?.copyWithin(to * 3, from * 3, from * 3 + 3);
    for (const values of this.fields.values()) values[to] = values[from]!;
  }
}

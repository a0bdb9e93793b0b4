/** Puts points together into batches, whatever format they come from. */
import type { PointFieldData } from '../scene/sensor-points.js';
import type { PointBatch } from './cloud-reader.js';
import { MAX_BATCH_POINTS } from './cloud-reader.js';

export interface BatchField {
  readonly name: string;
  /** Kept as float64: the file's numbers do not fit into float32. */
  readonly isWide: boolean;
}

/**
 * A batch that grows. A reader writes one record at index `count` of the arrays and commits it; a record without finite coordinates
 * is counted and its place used again. Fields may be NaN, which says that the file states no value for this point.
 */
export class CloudBatchBuilder {
  /** Points committed so far, over all batches. */
  points = 0;
  leftOut = 0;
  /** Points in the batch at hand. */
  count = 0;
  positions = new Float64Array(0);
  colors: Uint8Array | null = null;
  columns: PointFieldData[] = [];
  private capacity = 0;

  /** @param atMostPoints no file has more points than this: what is allocated for short files stays short. */
  constructor(
    private readonly fields: readonly BatchField[],
    private readonly hasColors: boolean,
    private readonly atMostPoints: number,
  ) {}

  get isFull(): boolean {
    return this.count === this.capacity && this.count > 0;
  }

  /** Makes room for a record at index `count`; call it after construction and after each `take`. */
  begin(): void {
    const left = this.atMostPoints - this.points - this.leftOut;
    this.capacity = Math.max(1, Math.min(MAX_BATCH_POINTS, left));
    this.count = 0;
    this.positions = new Float64Array(this.capacity * 3);
    this.colors = this.hasColors ? new Uint8Array(this.capacity * 3) : null;
    this.columns = this.fields.map(({ isWide }) =>
      isWide ? new Float64Array(this.capacity) : new Float32Array(this.capacity),
    );
  }

  /** Judges the record that was written at index `count`. */
  commit(): void {
    const at = this.count * 3;
    const { positions } = this;
    // A sum is finite only if its parts are; parts that are finite and overflow together are no place in any world.
    if (Number.isFinite(positions[at]! + positions[at + 1]! + positions[at + 2]!)) {
      this.count++;
      this.points++;
    } else this.leftOut++;
  }

  /** The batch at hand; its arrays then belong to the caller. */
  take(): PointBatch {
    const { count } = this;
    const cut = <T extends Float32Array | Float64Array | Uint8Array>(array: T, width: number): T =>
      (array.length === count * width ? array : array.slice(0, count * width)) as T;
    return {
      count,
      positions: cut(this.positions, 3),
      colors: this.colors === null ? null : cut(this.colors, 3),
      fields: new Map(this.fields.map(({ name }, i) => [name, cut(this.columns[i]!, 1)])),
    };
  }
}

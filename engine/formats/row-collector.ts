/** Gathers single rows of numbers into blocks. */
import type { NumberRows } from './tabular-cloud.js';

const BLOCK_ROWS = 4096;

/** Collects rows into the blocks that a table gives. */
export class RowCollector {
  private values: Float64Array;
  private count = 0;

  constructor(
    private readonly width: number,
    atMostRows: number,
  ) {
    this.values = new Float64Array(width * Math.max(1, Math.min(BLOCK_ROWS, atMostRows)));
  }

  /** Where the next row goes: `values[at + column]`. */
  next(): { readonly values: Float64Array; readonly at: number } {
    return { values: this.values, at: this.width * this.count++ };
  }

  get isFull(): boolean {
    return (this.count + 1) * this.width > this.values.length;
  }

  /** The rows so far; the next ones overwrite them. */
  take(): NumberRows {
    const { count } = this;
    this.count = 0;
    return { count, values: this.values };
  }
}

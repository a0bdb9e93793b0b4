import { ImportError } from '../scene/errors.js';
import type { LasHeader } from './las-header.js';

/**
 * LAZ has no checksum: damage that the decoder does not stumble over comes out as points anywhere. They are told by the header's bounds,
 * which are in the file twice over: the first point of each chunk stands uncompressed. While all of those lie where the header says, a point
 * that lies far from there was not measured. Where they do not, the header is what is wrong, and nothing is concluded from it.
 */
export class LazBoundsGuard {
  private readonly low: readonly number[];
  private readonly high: readonly number[];
  private isTrusted: boolean;
  private chunkByte = -1;

  constructor(
    { min, max, scale }: LasHeader,
    private readonly fileName: string,
  ) {
    // Bounds that were rounded, or left over from before some points were added, are within an extent.
    const extent = Math.max(
      ...max.map((high, axis) => high - min[axis]!),
      ...scale.map((step) => 100 * Math.abs(step)),
    );
    this.low = min.map((value) => value - extent);
    this.high = max.map((value) => value + extent);
    this.isTrusted = Number.isFinite(extent) && min.every((low, axis) => low <= max[axis]!);
  }

  /** @throws ImportError 'malformed' with the chunk's byte. */
  check(positions: Float64Array, chunkByte: number): void {
    if (chunkByte !== this.chunkByte) {
      this.chunkByte = chunkByte;
      if (positions.length > 0 && !this.holds(positions, 0)) this.isTrusted = false;
    }
    if (!this.isTrusted) return;
    for (let i = 0; i < positions.length; i += 3)
      if (!this.holds(positions, i))
        throw new ImportError(
          'malformed',
          'This chunk of the compressed points is damaged: they lie far outside the bounds that the header states.',
          this.fileName,
          `byte ${chunkByte}`,
          'Copy or export the file again.',
        );
  }

  private holds(positions: Float64Array, at: number): boolean {
    for (let axis = 0; axis < 3; axis++) {
      const value = positions[at + axis]!;
      if (!(value >= this.low[axis]! && value <= this.high[axis]!)) return false;
    }
    return true;
  }
}

/**
 * Low-discrepancy points for one pixel: the (0,2)-sequence of Sobol', Owen-scrambled by hashing
 * (Burley 2020, "Practical Hash-based Owen Scrambling"; the permutation is Laine and Karras's, 2011).
 * Each call of `next` uses another scramble, so that the pairs of dimensions are independent and each well spread.
 */
import { hashInts } from './noise.js';

function reverseBits(x: number): number {
  let r = x;
  r = ((r >>> 1) & 0x55555555) | ((r & 0x55555555) << 1);
  r = ((r >>> 2) & 0x33333333) | ((r & 0x33333333) << 2);
  r = ((r >>> 4) & 0x0f0f0f0f) | ((r & 0x0f0f0f0f) << 4);
  r = ((r >>> 8) & 0x00ff00ff) | ((r & 0x00ff00ff) << 8);
  return (r >>> 16) | (r << 16);
}

/** Owen scrambling of a bit-reversed number; the four multipliers are the paper's. */
function permuteReversed(reversed: number, seed: number): number {
  let x = (reversed + seed) | 0;
  x ^= Math.imul(x, 0x6c50b47c);
  x ^= Math.imul(x, 0xb82f1e52);
  x ^= Math.imul(x, 0xc7afe638);
  x ^= Math.imul(x, 0x8d22f6e6);
  return x;
}

export class PixelSampler {
  /** The point that the last `next` drew, each in [0, 1). */
  first = 0;
  second = 0;
  private pixelSeed = 0;
  private index = 0;
  private dimension = 0;

  /** Starts sample `index` of a pixel. */
  start(pixelSeed: number, index: number): void {
    this.pixelSeed = pixelSeed;
    this.index = index;
    this.dimension = 0;
  }

  /** Draws the next pair of numbers into `first` and `second`. */
  next(): void {
    const seed = hashInts(this.pixelSeed, this.dimension++, 0x3c6e);
    const shuffled = reverseBits(permuteReversed(reverseBits(this.index), seed));
    // Reversing the index's bits is the first Sobol' dimension, so that scrambling it needs no second reversal.
    const firstReversed = permuteReversed(shuffled, Math.imul(seed, 0x2545f491) ^ 0x68bc21eb);
    let second = 0;
    let direction = 0x80000000;
    for (let bits = shuffled; bits !== 0; bits >>>= 1) {
      if (bits & 1) second ^= direction;
      direction ^= direction >>> 1;
    }
    const secondReversed = permuteReversed(reverseBits(second), Math.imul(seed, 0x9e3779b1) ^ 0x02e5be93);
    this.first = (reverseBits(firstReversed) >>> 0) / 4294967296;
    this.second = (reverseBits(secondReversed) >>> 0) / 4294967296;
  }
}

/** Distances of one photo's descriptors to all of another's, a few rows at a time: the heavy loop of matching. */
import { ShapeError } from '../scene/errors.js';
import type { Descriptors } from '../scene/image-features.js';

/** Rows of distances, made on demand. */
export interface DistanceRows {
  readonly firstCount: number;
  readonly secondCount: number;
  /** Rows that one call makes at most. */
  readonly rowsAtOnce: number;
  /**
   * Writes the distances of keypoints `row` … `row + rows − 1` of the first photo to every keypoint of the second: `out` [rows, secondCount].
   * Squared where the kind is 'float', so that the square root is taken for the few that matter.
   */
  fill(row: number, rows: number, out: Float32Array): void;
  /** Makes a distance of what {@link fill} writes. */
  readonly distanceOf: (written: number) => number;
  /** The inverse of {@link distanceOf}. */
  readonly writtenOf: (distance: number) => number;
}

/** Bits of a descriptor in 32-bit words; AKAZE's 61 bytes fill 16 but for the last three bytes. */
const FAST_WORDS = 16;

/**
 * Distances between two sets of descriptors of one kind: differing bits for binary ones, `√(2 − 2 a·b)` for unit vectors, which is 0 for the
 * same and √2 for unrelated ones. A NaN component makes every distance of that descriptor NaN.
 *
 * @throws ShapeError when the kinds or lengths differ, or data is no whole number of descriptors.
 */
export function openDistances(first: Descriptors, second: Descriptors): DistanceRows {
  if (first.kind === 'binary' && second.kind === 'binary') {
    if (first.bytesEach !== second.bytesEach) throw new ShapeError('descriptors of different lengths');
    return openHamming(first.data, second.data, first.bytesEach);
  }
  if (first.kind === 'float' && second.kind === 'float') {
    if (first.length !== second.length) throw new ShapeError('descriptors of different lengths');
    return openDots(first.data, second.data, first.length);
  }
  throw new ShapeError('descriptors of different kinds');
}

/** How many descriptors a set holds. @throws ShapeError when that is no whole number. */
export function countDescriptors(descriptors: Descriptors): number {
  const each = descriptors.kind === 'binary' ? descriptors.bytesEach : descriptors.length;
  const count = descriptors.data.length / each;
  if (!Number.isInteger(count)) throw new ShapeError(`${descriptors.data.length} numbers in descriptors of ${each}`);
  return count;
}

function openHamming(first: Uint8Array, second: Uint8Array, bytesEach: number): DistanceRows {
  const words = Math.max(1, Math.ceil(bytesEach / (4 * FAST_WORDS))) * FAST_WORDS;
  const [a, b] = [packWords(first, bytesEach, words), packWords(second, bytesEach, words)];
  const secondCount = b.length / words;
  const distance = (value: number): number => value;
  return {
    firstCount: a.length / words,
    secondCount,
    rowsAtOnce: 1,
    fill: (row, rows, out) => {
      for (let r = 0; r < rows; r++) {
        const to = out.subarray(r * secondCount, (r + 1) * secondCount).fill(0);
        // Longer descriptors go by in pieces of 16 words.
        for (let from = 0; from < words; from += FAST_WORDS)
          addDifferingBits(a, (row + r) * words + from, b.subarray(from), words, to);
      }
    },
    distanceOf: distance,
    writtenOf: distance,
  };
}

function packWords(data: Uint8Array, bytesEach: number, words: number): Int32Array {
  const count = data.length / bytesEach;
  const padded = new Uint8Array(count * words * 4);
  for (let i = 0; i < count; i++) padded.set(data.subarray(i * bytesEach, (i + 1) * bytesEach), i * words * 4);
  return new Int32Array(padded.buffer);
}

/** Bits set in each of a word's four bytes. */
function countInBytes(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return (nibbles + (nibbles >>> 4)) & 0x0f0f0f0f;
}

/** Carry of adding three bits in each of 32 places. */
function majority(x: number, y: number, z: number): number {
  return (x & y) | ((x ^ y) & z);
}

/** Bits of `ones` and `others`, twice those of `twos`, four and eight times those of the last. */
function countWeighted(ones: number, others: number, twos: number, fours: number, eights: number): number {
  // At most 16 · 8 in a byte: the sum of the five does not spill over.
  const single = countInBytes(ones) + countInBytes(others);
  const bytes = (single + 2 * countInBytes(twos) + 4 * countInBytes(fours) + 8 * countInBytes(eights)) | 0;
  const halves = (bytes & 0x00ff00ff) + ((bytes >>> 8) & 0x00ff00ff);
  return (halves + (halves >>> 16)) & 0xffff;
}

/**
 * Adds to `out[j]` the differing bits of 16 words of `a`, from `at` on, and the first 16 words of the j-th of `b`, `stride` words apart. Carry-save adders (Harley
 * and Seal; Warren 2013, "Hacker's Delight", 5-1) add fifteen words place by place into ones, twos, fours and eights, so that five words are
 * counted instead of sixteen: half the time of counting each.
 */
function addDifferingBits(a: Int32Array, at: number, b: Int32Array, stride: number, out: Float32Array): void {
  const a0 = a[at]!;
  const a1 = a[at + 1]!;
  const a2 = a[at + 2]!;
  const a3 = a[at + 3]!;
  const a4 = a[at + 4]!;
  const a5 = a[at + 5]!;
  const a6 = a[at + 6]!;
  const a7 = a[at + 7]!;
  const a8 = a[at + 8]!;
  const a9 = a[at + 9]!;
  const a10 = a[at + 10]!;
  const a11 = a[at + 11]!;
  const a12 = a[at + 12]!;
  const a13 = a[at + 13]!;
  const a14 = a[at + 14]!;
  const a15 = a[at + 15]!;
  for (let j = 0, o = 0; j < out.length; j++, o += stride) {
    const x0 = a0 ^ b[o]!;
    const x1 = a1 ^ b[o + 1]!;
    const x2 = a2 ^ b[o + 2]!;
    const x3 = a3 ^ b[o + 3]!;
    const x4 = a4 ^ b[o + 4]!;
    const x5 = a5 ^ b[o + 5]!;
    const x6 = a6 ^ b[o + 6]!;
    const x7 = a7 ^ b[o + 7]!;
    const x8 = a8 ^ b[o + 8]!;
    const x9 = a9 ^ b[o + 9]!;
    const x10 = a10 ^ b[o + 10]!;
    const x11 = a11 ^ b[o + 11]!;
    const x12 = a12 ^ b[o + 12]!;
    const x13 = a13 ^ b[o + 13]!;
    const x14 = a14 ^ b[o + 14]!;
    const o1 = x0 ^ x1 ^ x2;
    const o2 = o1 ^ x3 ^ x4;
    const o3 = o2 ^ x5 ^ x6;
    const o4 = o3 ^ x7 ^ x8;
    const o5 = o4 ^ x9 ^ x10;
    const o6 = o5 ^ x11 ^ x12;
    const ones = o6 ^ x13 ^ x14;
    const c1 = majority(x0, x1, x2);
    const c2 = majority(o1, x3, x4);
    const c3 = majority(o2, x5, x6);
    const c4 = majority(o3, x7, x8);
    const c5 = majority(o4, x9, x10);
    const c6 = majority(o5, x11, x12);
    const c7 = majority(o6, x13, x14);
    const t1 = c1 ^ c2 ^ c3;
    const t2 = t1 ^ c4 ^ c5;
    const twos = t2 ^ c6 ^ c7;
    const f1 = majority(c1, c2, c3);
    const f2 = majority(t1, c4, c5);
    const f3 = majority(t2, c6, c7);
    const differing = countWeighted(ones, a15 ^ b[o + 15]!, twos, f1 ^ f2 ^ f3, majority(f1, f2, f3));
    out[j] = out[j]! + differing;
  }
}

function openDots(first: Float32Array, second: Float32Array, length: number): DistanceRows {
  const firstCount = first.length / length;
  const secondCount = second.length / length;
  const [a, b] = [interleave(first, length, 4), interleave(second, length, 2)];
  const block = new Float32Array(4 * secondCount);
  return {
    firstCount,
    secondCount,
    rowsAtOnce: 4,
    fill: (row, rows, out) => {
      for (let done = 0; done < rows;) {
        const within = (row + done) % 4;
        const count = Math.min(4 - within, rows - done);
        fillFourRows(a, (row + done - within) * length, b, length, block);
        out.set(block.subarray(within * secondCount, (within + count) * secondCount), done * secondCount);
        done += count;
      }
    },
    distanceOf: (written) => Math.sqrt(Math.max(0, written)),
    writtenOf: (distance) => distance * distance,
  };
}

/** Descriptors in groups of `width`, component by component, filled up with zeros: what the loop reads lies side by side. */
function interleave(data: Float32Array, length: number, width: number): Float64Array {
  const count = data.length / length;
  const packed = new Float64Array(Math.ceil(count / width) * width * length);
  for (let i = 0; i < count; i++) {
    const base = (i - (i % width)) * length + (i % width);
    for (let k = 0; k < length; k++) packed[base + k * width] = data[i * length + k]!;
  }
  return packed;
}

/** Four rows of 2 − 2 a·b, two columns at once: eight sums for six loads. */
function fillFourRows(a: Float64Array, at: number, b: Float64Array, length: number, out: Float32Array): void {
  const columns = out.length / 4;
  for (let j = 0; j < columns; j += 2) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let t0 = 0;
    let t1 = 0;
    let t2 = 0;
    let t3 = 0;
    const end = (j + 2) * length;
    for (let q = j * length, p = at; q < end; q += 2, p += 4) {
      const x0 = a[p]!;
      const x1 = a[p + 1]!;
      const x2 = a[p + 2]!;
      const x3 = a[p + 3]!;
      const y = b[q]!;
      const z = b[q + 1]!;
      s0 += x0 * y;
      s1 += x1 * y;
      s2 += x2 * y;
      s3 += x3 * y;
      t0 += x0 * z;
      t1 += x1 * z;
      t2 += x2 * z;
      t3 += x3 * z;
    }
    out[j] = 2 - 2 * s0;
    out[columns + j] = 2 - 2 * s1;
    out[2 * columns + j] = 2 - 2 * s2;
    out[3 * columns + j] = 2 - 2 * s3;
    if (j + 1 === columns) return;
    out[j + 1] = 2 - 2 * t0;
    out[columns + j + 1] = 2 - 2 * t1;
    out[2 * columns + j + 1] = 2 - 2 * t2;
    out[3 * columns + j + 1] = 2 - 2 * t3;
  }
}

/**
 * The distance of one pair of descriptors, in the units of {@link DistanceRows.distanceOf}; for the few pairs that something else has
 * singled out.
 *
 * @throws ShapeError as {@link openDistances}.
 */
export function openPairDistance(first: Descriptors, second: Descriptors): (i: number, j: number) => number {
  if (first.kind === 'binary' && second.kind === 'binary' && first.bytesEach === second.bytesEach) {
    const words = Math.ceil(first.bytesEach / 4);
    const [a, b] = [packWords(first.data, first.bytesEach, words), packWords(second.data, second.bytesEach, words)];
    return (i, j) => {
      let bits = 0;
      for (let k = 0; k < words; k++)
        bits += Math.imul(countInBytes(a[i * words + k]! ^ b[j * words + k]!), 0x01010101) >>> 24;
      return bits;
    };
  }
  if (first.kind === 'float' && second.kind === 'float' && first.length === second.length) {
    const { data: a, length } = first;
    const { data: b } = second;
    return (i, j) => {
      let dot = 0;
      for (let k = 0; k < length; k++) dot += a[i * length + k]! * b[j * length + k]!;
      return Math.sqrt(Math.max(0, 2 - 2 * dot));
    };
  }
  throw new ShapeError('descriptors of different kinds or lengths');
}

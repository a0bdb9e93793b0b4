/** The byte stream of one field in E57's data packets: floats, or integers of any number of bits, least significant bit first. */
import type { E57Field } from './e57-scans.js';

/** Up to so many bits, and the seven that a last byte may have beyond them, are exact in a float64. */
const EXACT_BITS = 45;
/** With seven bits below them they fill 31 bits. */
const SHORT_BITS = 24;

/** Bytes come in packet by packet; numbers do not stop at a packet's end. */
export class E57BitStream {
  private bytes: Uint8Array = new Uint8Array(0);
  private view = new DataView(new ArrayBuffer(0));
  private bit = 0;
  private readonly isExact: boolean;
  private readonly minimum: number;

  constructor(private readonly field: E57Field) {
    this.minimum = Number(field.minimum);
    this.isExact = field.bits <= EXACT_BITS && Number.isSafeInteger(this.minimum);
  }

  /** Numbers that can be taken now; without end where all are the minimum. */
  get available(): number {
    const { bits } = this.field;
    return bits === 0 ? Infinity : Math.floor((this.bytes.length * 8 - this.bit) / bits);
  }

  get pendingBytes(): number {
    return this.bytes.length - (this.bit >> 3);
  }

  push(bytes: Uint8Array): void {
    // Strings are passed over, and what has no bits has no use for bytes.
    if (this.field.bits === 0) return;
    const used = this.bit >> 3;
    const joined = new Uint8Array(this.bytes.length - used + bytes.length);
    joined.set(this.bytes.subarray(used));
    joined.set(bytes, this.bytes.length - used);
    this.bytes = joined;
    this.view = new DataView(joined.buffer);
    this.bit -= used * 8;
  }

  /** Takes `count` numbers (at most `available`) into `target[at + i · stride]`. */
  take(count: number, target: Float64Array, at: number, stride: number): void {
    const { kind, bits, scale, offset } = this.field;
    for (let i = 0; i < count; i++) {
      let value: number;
      if (kind === 'string') value = NaN;
      else if (kind === 'float32') value = this.view.getFloat32(this.bit >> 3, true);
      else if (kind === 'float64') value = this.view.getFloat64(this.bit >> 3, true);
      else value = scale * (this.isExact ? this.minimum + this.takeBits() : this.takeLong()) + offset;
      this.bit += bits;
      target[at + i * stride] = value;
    }
  }

  /** The next integer, without its minimum. */
  private takeBits(): number {
    const { bits } = this.field;
    const below = this.bit & 7;
    if (bits <= SHORT_BITS) return this.takeShort(below);
    let byte = this.bit >> 3;
    let value = this.bytes[byte++]! >> below;
    for (let got = 8 - below; got < bits; got += 8) value += this.bytes[byte++]! * 2 ** got;
    // What a last byte has above the number is a multiple of 2^bits.
    return value % 2 ** bits;
  }

  /** The same by whole-number arithmetic, which most fields allow. */
  private takeShort(below: number): number {
    const { bits } = this.field;
    let word = 0;
    for (let byte = this.bit >> 3, got = 0; got < below + bits; byte++, got += 8) word |= this.bytes[byte]! << got;
    return (word >>> below) & ((1 << bits) - 1);
  }

  private takeLong(): number {
    let value = 0n;
    const from = this.bit;
    for (let i = 0; i < this.field.bits; i++) {
      const at = from + i;
      if (((this.bytes[at >> 3]! >> (at & 7)) & 1) === 1) value |= 1n << BigInt(i);
    }
    return Number(this.field.minimum + value);
  }
}

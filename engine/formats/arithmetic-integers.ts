/**
 * Integers as LASzip's chunk table stores them: the difference to a prediction, its number of bits and then the bits, each with an adaptive
 * model, in an arithmetic code. The code is Amir Said's "FastAC" (HP Laboratories, HPL-2004-76); how integers become symbols is told in
 * Martin Isenburg, "LASzip: lossless compression of LiDAR data" (PE&RS 79(2), 2013).
 *
 * All registers are unsigned 32-bit; products stay below 2⁵³ or are exact in Math.imul's range.
 */

const MIN_LENGTH = 0x01000000;
/** Probabilities of symbols in 15 bits, of single bits in 13. */
const SYMBOL_SHIFT = 15;
const BIT_SHIFT = 13;
/** Corrections of more bits have a model for this many high bits; the rest are stored as they are. */
const MODELLED_BITS = 8;
/** The largest piece of raw bits that is taken at once. */
const MAX_RAW_BITS = 19;

/** The code ended before its last integer. */
export class CodeEndError extends Error {
  override readonly name = 'CodeEndError';
}

class BitReader {
  private at = 4;
  private value: number;
  private length = 0xffffffff;

  constructor(private readonly bytes: Uint8Array) {
    if (bytes.length < 4) throw new CodeEndError();
    this.value = ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
  }

  symbol(model: SymbolModel): number {
    let y = this.length;
    this.length >>>= SYMBOL_SHIFT;
    let [x, found, end] = [0, 0, model.size];
    for (let middle = end >> 1; middle !== found; middle = (found + end) >> 1) {
      const z = this.length * model.starts[middle]!;
      if (z > this.value) [end, y] = [middle, z];
      else [found, x] = [middle, z];
    }
    this.narrow(x, y - x);
    model.count(found);
    return found;
  }

  bit(model: BitModel): number {
    const x = model.zeroProbability * (this.length >>> BIT_SHIFT);
    const bit = this.value >= x ? 1 : 0;
    this.narrow(bit === 0 ? 0 : x, bit === 0 ? x : this.length - x);
    model.count(bit);
    return bit;
  }

  raw(bits: number): number {
    if (bits > MAX_RAW_BITS) {
      const low = this.raw(16);
      return this.raw(bits - 16) * 65_536 + low;
    }
    this.length >>>= bits;
    const found = Math.floor(this.value / this.length);
    this.narrow(found * this.length, this.length);
    return found;
  }

  /** Goes into the interval that starts `x` further on, and widens it again with the next bytes. */
  private narrow(x: number, length: number): void {
    this.value = (this.value - x) >>> 0;
    this.length = length;
    if (!(length > 0)) throw new CodeEndError();
    while (this.length < MIN_LENGTH) {
      // LASzip's writers put zeros after their code, as many as a decoder looks ahead.
      if (this.at >= this.bytes.length) throw new CodeEndError();
      this.value = ((this.value << 8) | this.bytes[this.at++]!) >>> 0;
      this.length *= 256;
    }
  }
}

class SymbolModel {
  /** Where each symbol's interval begins, in 2⁻¹⁵. */
  readonly starts: Uint32Array;
  private readonly counts: Uint32Array;
  private total = 0;
  private cycle: number;
  private untilUpdate = 0;

  constructor(readonly size: number) {
    this.starts = new Uint32Array(size);
    this.counts = new Uint32Array(size).fill(1);
    this.cycle = size;
    this.update();
    this.cycle = (size + 6) >> 1;
    this.untilUpdate = this.cycle;
  }

  count(symbol: number): void {
    this.counts[symbol]!++;
    if (--this.untilUpdate === 0) this.update();
  }

  private update(): void {
    this.total += this.cycle;
    if (this.total > 1 << SYMBOL_SHIFT) {
      this.total = 0;
      for (let i = 0; i < this.size; i++) this.total += this.counts[i] = (this.counts[i]! + 1) >> 1;
    }
    const scale = Math.floor(0x80000000 / this.total);
    let sum = 0;
    for (let i = 0; i < this.size; i++) {
      this.starts[i] = Math.floor((scale * sum) / 2 ** (31 - SYMBOL_SHIFT));
      sum += this.counts[i]!;
    }
    this.cycle = Math.min((5 * this.cycle) >> 2, (this.size + 6) << 3);
    this.untilUpdate = this.cycle;
  }
}

class BitModel {
  zeroProbability = 1 << (BIT_SHIFT - 1);
  private zeros = 1;
  private total = 2;
  private cycle = 4;
  private untilUpdate = 4;

  count(bit: number): void {
    if (bit === 0) this.zeros++;
    if (--this.untilUpdate > 0) return;
    this.total += this.cycle;
    if (this.total > 1 << BIT_SHIFT) {
      this.total = (this.total + 1) >> 1;
      this.zeros = (this.zeros + 1) >> 1;
      if (this.zeros === this.total) this.total++;
    }
    this.zeroProbability = Math.floor((this.zeros * Math.floor(0x80000000 / this.total)) / 2 ** (31 - BIT_SHIFT));
    this.cycle = Math.min((5 * this.cycle) >> 2, 64);
    this.untilUpdate = this.cycle;
  }
}

/** Reads 32-bit integers of several kinds ("contexts") that share their code. */
export class ArithmeticIntegers {
  private readonly reader: BitReader;
  private readonly bitCounts: SymbolModel[];
  private readonly corrections = new Map<number, SymbolModel>();
  private readonly singleBit = new BitModel();

  /** @throws CodeEndError when there are fewer than four bytes. */
  constructor(bytes: Uint8Array, contexts: number) {
    this.reader = new BitReader(bytes);
    this.bitCounts = Array.from({ length: contexts }, () => new SymbolModel(33));
  }

  /** The next integer of that kind, as an unsigned one. @throws CodeEndError past the code's end. */
  next(prediction: number, context: number): number {
    const bits = this.reader.symbol(this.bitCounts[context]!);
    return (prediction + this.correction(bits)) >>> 0;
  }

  /** A correction of `bits` bits lies in −(2ᵇ − 1) … −2ᵇ⁻¹ or 2ᵇ⁻¹ + 1 … 2ᵇ; of none it is 0 or 1. */
  private correction(bits: number): number {
    if (bits === 0) return this.reader.bit(this.singleBit);
    if (bits === 32) return -(2 ** 31);
    const modelled = Math.min(bits, MODELLED_BITS);
    let model = this.corrections.get(bits);
    if (model === undefined) this.corrections.set(bits, (model = new SymbolModel(1 << modelled)));
    const rest = bits - modelled;
    const high = this.reader.symbol(model);
    const found = rest === 0 ? high : high * 2 ** rest + this.reader.raw(rest);
    return found >= 2 ** (bits - 1) ? found + 1 : found - (2 ** bits - 1);
  }
}

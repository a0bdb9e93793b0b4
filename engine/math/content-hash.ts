/** A fingerprint of bytes, to notice that they are others: quick and not cryptographic. */

/**
 * Two lanes of multiply–xor over 32-bit words (the mixing of MurmurHash3, Appleby 2011, with two seeds), finished by its avalanche.
 * Any single changed word changes the digest; a chance collision of different contents is one in 2⁶⁴.
 */
export class ContentHash {
  private a = 0x9747b28c;
  private b = 0x5bd1e995;
  private words = 0;

  /** Takes the array's bytes in, whole words; a remainder of one to three bytes counts as a word of its own. */
  update(array: Uint8Array | Float32Array | Float64Array | Uint32Array | Uint16Array): this {
    const aligned = array.byteOffset % 4 === 0 ? array : array.slice();
    const wholeWords = aligned.byteLength >> 2;
    this.mix(new Uint32Array(aligned.buffer, aligned.byteOffset, wholeWords));
    const rest = new Uint8Array(
      aligned.buffer,
      aligned.byteOffset + wholeWords * 4,
      aligned.byteLength - wholeWords * 4,
    );
    if (rest.length > 0) this.mix(Uint32Array.of(rest.reduce((word, byte, k) => word | (byte << (8 * k)), 0)));
    // So that "ab" + "c" is not "a" + "bc".
    this.mix(Uint32Array.of(aligned.byteLength));
    return this;
  }

  /** UTF-8. */
  updateText(text: string): this {
    return this.update(new TextEncoder().encode(text));
  }

  /** 16 hexadecimal digits; more may be taken in afterwards. */
  digest(): string {
    const finish = (lane: number): string => {
      let h = lane ^ this.words;
      h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      return ((h ^ (h >>> 16)) >>> 0).toString(16).padStart(8, '0');
    };
    return finish(this.a) + finish(this.b);
  }

  private mix(words: Uint32Array): void {
    let { a, b } = this;
    for (const word of words) {
      a = Math.imul(a ^ word, 0xcc9e2d51);
      a = (a << 15) | (a >>> 17);
      b = Math.imul(b ^ word, 0x1b873593);
      b = (b << 13) | (b >>> 19);
    }
    this.a = a;
    this.b = b;
    this.words += words.length;
  }
}

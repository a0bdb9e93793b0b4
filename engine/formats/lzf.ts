/** LZF, the compression of binary_compressed PCD (Marc Lehmann's LibLZF, http://oldhome.schmorp.de/marc/liblzf.html). */

/**
 * Decompresses one LZF block. A control byte below 32 announces `control + 1` literal bytes; otherwise its upper three bits and
 * perhaps a further byte give a length, its lower five and the next byte the distance of earlier output to be copied.
 *
 * @param length of the output, which the block must fill exactly. Allocated at once: hold it against the input first, LZF makes at
 * most `MAX_LZF_GROWTH` bytes of one.
 * @returns the output, or the offset in `input` at which it makes no sense.
 */
export function decompressLzf(input: Uint8Array, length: number): Uint8Array | { readonly badOffset: number } {
  const output = new Uint8Array(length);
  let [from, to] = [0, 0];
  while (from < input.length) {
    const start = from;
    const control = input[from++]!;
    if (control < 32) {
      const literals = control + 1;
      if (from + literals > input.length || to + literals > length) return { badOffset: start };
      output.set(input.subarray(from, from + literals), to);
      from += literals;
      to += literals;
      continue;
    }
    let copied = control >> 5;
    if (copied === 7) copied += input[from++] ?? NaN;
    copied += 2;
    const earlier = to - ((control & 31) << 8) - (input[from++] ?? NaN) - 1;
    // Missing bytes made NaN of the numbers, for which no comparison holds.
    if (!(earlier >= 0 && to + copied <= length)) return { badOffset: start };
    // Byte by byte: a copy may run into what it writes.
    for (let i = 0; i < copied; i++) output[to++] = output[earlier + i]!;
  }
  return to === length ? output : { badOffset: input.length };
}

/** Three bytes become 264 at most. */
export const MAX_LZF_GROWTH = 88;

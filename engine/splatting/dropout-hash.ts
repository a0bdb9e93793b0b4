/**
 * Which Gaussians a training step leaves out: a stateless hash, so that every backend draws the same ones from
 * (seed, index) whatever its threads do. All arithmetic is on unsigned 32-bit integers.
 */

/** Odd constant near 2³²/φ that spreads neighbouring seeds over all bits (Knuth's multiplicative hashing). */
const SEED_FACTOR = 0x9e3779b9;

/**
 * lowbias32, a bijective mixer of 32-bit integers: x ^= x ≫ 16; x *= 0x7feb352d; x ^= x ≫ 15; x *= 0x846ca68b; x ^= x ≫ 16.
 * Source: Chris Wellons, "Prospecting for Hash Functions" (2018), found by search for low avalanche bias.
 *
 * @returns an integer 0 .. 2³² − 1.
 */
export function mixBits(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * Whether a Gaussian takes part in a step with dropout: (hash ≫ 8) / 2²⁴ ≥ probability, hash = mixBits(seed · 0x9E3779B9 ⊕ index).
 * The top 24 bits are exact in float32, so that C++, WGSL and TypeScript agree on every comparison (a backend in float32
 * must round `probability` to float32; the caller passes one that is representable, or accepts one draw in 2²⁴ of doubt).
 *
 * @param seed any integer; its low 32 bits count.
 * @param probability share to leave out, 0 (all kept) to below 1; NaN keeps none.
 */
export function survivesDropout(seed: number, index: number, probability: number): boolean {
  const hash = mixBits(Math.imul(seed, SEED_FACTOR) ^ index);
  return (hash >>> 8) / 0x1000000 >= probability;
}

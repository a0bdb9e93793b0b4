/** Deterministic randomness for textures and for placing things: integer hashes, smooth value noise, fractal sums. */

/** A well-mixed 32-bit hash of three integers. */
export function hashInts(x: number, y: number, z: number): number {
  let h = Math.imul(x, 0x27d4eb2f) ^ Math.imul(y, 0x165667b1) ^ Math.imul(z, 0x5f356495);
  h = Math.imul(h ^ (h >>> 15), 0x2c9277b5);
  h = Math.imul(h ^ (h >>> 13), 0x6a4b8d2f);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash as a number in [0, 1). */
export function hashUnit(x: number, y: number, z: number): number {
  return hashInts(x, y, z) / 4294967296;
}

/** A stream of numbers in [0, 1) that depends on the seed alone. */
export function createRandom(seed: number): () => number {
  let count = 0;
  return () => hashUnit(count++, seed, 0x51ed27);
}

function fade(t: number): number {
  return t * t * (3 - 2 * t);
}

/** Smooth value noise in -1..1 with features about one unit wide. */
export function noise2(x: number, y: number, seed: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = fade(x - x0);
  const fy = fade(y - y0);
  const a = hashInts(x0, y0, seed);
  const b = hashInts(x0 + 1, y0, seed);
  const c = hashInts(x0, y0 + 1, seed);
  const d = hashInts(x0 + 1, y0 + 1, seed);
  const top = a + (b - a) * fx;
  const bottom = c + (d - c) * fx;
  return (top + (bottom - top) * fy) / 2147483648 - 1;
}

/** Sum of octaves of {@link noise2}, each twice as fine and `gain` as strong as the one before; about -1..1. */
export function fractal2(x: number, y: number, octaves: number, gain: number, seed: number): number {
  let sum = 0;
  let weight = 1;
  let total = 0;
  let frequency = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise2(x * frequency + octave * 19.7, y * frequency - octave * 7.3, seed + octave * 31);
    total += weight;
    weight *= gain;
    frequency *= 2.03;
  }
  return (sum / total) * 1.4;
}

/** Smooth step from 0 at `low` to 1 at `high`. */
export function smoothStep(low: number, high: number, x: number): number {
  const t = (x - low) / (high - low);
  return t <= 0 ? 0 : t >= 1 ? 1 : fade(t);
}

/** Normally distributed numbers that a seed decides: the same on every machine. */
export type DrawGaussian = () => number;

/**
 * Mean 0, deviation 1, by Box and Muller 1958 on a 32-bit multiplicative hash of a counter (mulberry32).
 *
 * @param seed any finite number; its lower 32 bits count
 */
export function createGaussianRandom(seed: number): DrawGaussian {
  let state = seed | 0;
  const drawUniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    // Never 0: its logarithm is taken.
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(drawUniform())) * Math.cos(2 * Math.PI * drawUniform());
}

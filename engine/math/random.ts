/** A reproducible stream of random numbers. */
export interface RandomSource {
  /** Uniform in [0, 1). */
  next(): number;
  /** What {@link createRandom} must be given for a source that goes on from here. */
  readonly state: number;
}

/** Mulberry32 (Ettinger 2017): 32 bits of state, the same stream on every machine. */
export function createRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return {
    get state() {
      return state;
    },
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** 0 … count − 1 in random order (Fisher–Yates). */
export function shuffledIndices(count: number, random: RandomSource): number[] {
  const indices = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  return indices;
}

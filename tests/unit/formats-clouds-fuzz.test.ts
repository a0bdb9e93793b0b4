import { describe, expect, it } from 'vitest';
import { cloudSeeds } from '../fixtures/clouds/cloud-seeds.js';
import { damagedBytes, isRefused } from '../fixtures/clouds/try-damaged.js';

const RUNS = 200;

/** tests/fuzz/fuzz-clouds.ts does the same for many more; seeds with which it found something belong here. */
const FOUND: readonly (readonly [name: string, seed: number])[] = [];

describe('damaged clouds give an ImportError or a sound cloud, nothing else', () => {
  it.each(cloudSeeds().map((seed) => [seed.name, seed] as const))('%s', async (_, file) => {
    expect(await isRefused(file, file.bytes)).toBe(false);
    let refused = 0;
    for (let seed = 1; seed <= RUNS; seed++) if (await isRefused(file, damagedBytes(file, seed))) refused++;
    // Damages that never hurt would make this test empty.
    expect(refused).toBeGreaterThan(RUNS / 10);
  });

  it('with which something was once found', async () => {
    for (const [name, seed] of FOUND) {
      const file = cloudSeeds().find((one) => one.name === name)!;
      await isRefused(file, damagedBytes(file, seed));
    }
  });
});

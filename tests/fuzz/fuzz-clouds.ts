/**
 * Reads a great many damaged clouds: `node scripts/run-ts.mjs tests/fuzz/fuzz-clouds.ts [inputs] [first seed]`. Prints the seed of
 * each that ends in anything but an ImportError or a sound cloud, or that takes long; ends with 1 if there was one.
 */
import { cloudSeeds } from '../fixtures/clouds/cloud-seeds.js';
import { damagedBytes, isRefused } from '../fixtures/clouds/try-damaged.js';

/** What a file of some kilobytes may take. */
const MAX_MS = 500;
const MAX_GROWTH_BYTES = 512 * 1024 * 1024;

const [inputs, firstSeed] = [Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 1)];
const seeds = cloudSeeds();
const refused = new Map(seeds.map(({ name }) => [name, 0]));
let [bad, slowest, largest] = [0, 0, 0];
const before = process.memoryUsage().rss;

for (let seed = firstSeed; seed < firstSeed + inputs; seed++) {
  const file = seeds[seed % seeds.length]!;
  const bytes = damagedBytes(file, seed);
  const start = performance.now();
  try {
    if (await isRefused(file, bytes)) refused.set(file.name, refused.get(file.name)! + 1);
  } catch (error) {
    bad++;
    console.log(
      `seed ${seed}, ${file.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
  const ms = performance.now() - start;
  slowest = Math.max(slowest, ms);
  if (ms > MAX_MS) {
    bad++;
    console.log(`seed ${seed}, ${file.name}: ${ms.toFixed(0)} ms`);
  }
  if (seed % 1000 === 0) largest = Math.max(largest, process.memoryUsage().rss - before);
}
if (largest > MAX_GROWTH_BYTES) {
  bad++;
  console.log(`memory grew by ${(largest / 2 ** 20).toFixed(0)} MiB`);
}
for (const [name, count] of refused)
  console.log(`${name}: ${count} of about ${Math.round(inputs / seeds.length)} refused`);
console.log(
  `${inputs} inputs from seed ${firstSeed}: ${bad} bad, slowest ${slowest.toFixed(1)} ms, memory +${(largest / 2 ** 20).toFixed(0)} MiB`,
);
process.exitCode = bad > 0 ? 1 : 0;

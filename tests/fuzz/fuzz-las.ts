/**
 * Reads damaged clouds until it finds one that a reader does not bear: anything but sound points or an ImportError, more than LIMIT_MS, more
 * memory than MAX_RSS_BYTES. What it finds is printed with its seed, which makes the same file again.
 *
 * node scripts/run-ts.mjs tests/fuzz/fuzz-las.ts [--runs 100000] [--seed 1] [--only .las]
 * --only: endings of names. LAZ is taken apart here, but a stand-in decompresses it: for that there is fuzz-laz.ts.
 */
import { parseArgs } from 'node:util';
import { readDamaged } from '../fixtures/clouds/fuzz-cloud.js';
import { handMadeClouds, realClouds } from '../fixtures/clouds/fuzz-seeds.js';
import { mutateBytes } from '../fixtures/clouds/mutate-bytes.js';
import { standInDecoder } from '../fixtures/clouds/shared-laz-thread.js';

const LIMIT_MS = 5000;
const MAX_RSS_BYTES = 2 ** 30;
const REPORT_EVERY = 10_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const [runs, firstSeed] = [Number(values.runs), Number(values.seed)];
const seeds = [...handMadeClouds(), ...realClouds()].filter(({ name }) => name.endsWith(values.only));
let slowest = { ms: 0, what: '' };
const outcomes = { refused: 0, read: 0 };
console.log(`${runs} damaged files from ${seeds.length}, seeds ${firstSeed} to ${firstSeed + runs - 1}`);
for (let run = 0; run < runs; run++) {
  const seed = firstSeed + run;
  const { name, bytes } = seeds[run % seeds.length]!;
  const what = `seed ${seed} of ${name}`;
  const startMs = performance.now();
  try {
    outcomes[await readDamaged({ name, bytes: mutateBytes(bytes, seed) }, standInDecoder)]++;
  } catch (error) {
    console.log(`FOUND: ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exitCode = 1;
  }
  const ms = performance.now() - startMs;
  if (ms > slowest.ms) slowest = { ms, what };
  if (ms > LIMIT_MS) {
    console.log(`FOUND: ${what} took ${Math.round(ms)} ms`);
    process.exitCode = 1;
  }
  if (run % REPORT_EVERY === REPORT_EVERY - 1) console.log(`${run + 1}: ${JSON.stringify(outcomes)}`);
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (peakBytes > MAX_RSS_BYTES) process.exitCode = 1;
console.log(
  `${JSON.stringify(outcomes)}; slowest ${Math.round(slowest.ms)} ms (${slowest.what}); peak ${Math.round(peakBytes / 2 ** 20)} MiB`,
);

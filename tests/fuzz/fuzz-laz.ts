/**
 * Damages small LAZ files (headers, records, tables of chunks, sizes of layers, compressed bytes) and reads them through the real
 * decompressor, until something comes out that is neither sound points nor an ImportError, takes more than LIMIT_MS, or memory. Its seed makes
 * the same file again.
 *
 * node scripts/run-ts.mjs tests/fuzz/fuzz-laz.ts [--runs 100000] [--seed 1] [--thread-every 100]
 * --thread-every: one of so many goes through the decompressor's thread as users' files do; the others through the same module without it.
 */
import { parseArgs } from 'node:util';
import { openDirectLaz } from '../fixtures/clouds/direct-laz-decoder.js';
import { readDamaged } from '../fixtures/clouds/fuzz-cloud.js';
import { mutateBytes } from '../fixtures/clouds/mutate-bytes.js';
import { shareLazThread } from '../fixtures/clouds/shared-laz-thread.js';
import { handMadeLaz, realTinyLaz } from '../fixtures/clouds/tiny-laz.js';

/** Of files with some tens of points. */
const LIMIT_MS = 2000;
const MAX_RSS_BYTES = 2 ** 30;
/** What a single chunk may make the decompressor take. */
const MAX_STEP_BYTES = 2 ** 27;
const REPORT_EVERY = 10_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    'thread-every': { type: 'string', default: '100' },
  },
});
const [runs, firstSeed, threadEvery] = [values.runs, values.seed, values['thread-every']].map(Number) as [
  number,
  number,
  number,
];
const files = [...handMadeLaz(), ...realTinyLaz()];
const direct = openDirectLaz();
const thread = shareLazThread();
const outcomes = { refused: 0, read: 0 };
let [found, slowest] = [0, { ms: 0, what: '' }];
const complain = (what: string): void => {
  found++;
  console.log(`FOUND: ${what}`);
};

console.log(`${runs} damaged files from ${files.length}, seeds ${firstSeed} to ${firstSeed + runs - 1}`);
for (let run = 0; run < runs; run++) {
  const seed = firstSeed + run;
  const { name, bytes, spots } = files[seed % files.length]!;
  const what = `seed ${seed} of ${name}`;
  const damaged = mutateBytes(bytes, seed, spots);
  const startMs = performance.now();
  const { traps } = direct.tally;
  try {
    const open = run % threadEvery === 0 ? thread.open : direct.open;
    outcomes[await readDamaged({ name, bytes: damaged }, open)]++;
  } catch (error) {
    complain(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  // No fault of ours: the thread bears it. Worth a test of that.
  if (direct.tally.traps > traps) console.log(`the decompressor trapped: ${what}`);
  const ms = performance.now() - startMs;
  if (ms > slowest.ms) slowest = { ms, what };
  if (ms > LIMIT_MS) complain(`${what} took ${Math.round(ms)} ms`);
  if (run % REPORT_EVERY === REPORT_EVERY - 1)
    console.log(`${run + 1}: ${JSON.stringify(outcomes)} ${JSON.stringify(direct.tally)}`);
}
await thread.close();
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (peakBytes > MAX_RSS_BYTES) complain(`memory: ${Math.round(peakBytes / 2 ** 20)} MiB`);
if (direct.tally.largestStepBytes > MAX_STEP_BYTES) complain('a chunk that took too much memory');
console.log(
  `${JSON.stringify(outcomes)} ${JSON.stringify(direct.tally)}; slowest ${Math.round(slowest.ms)} ms (${slowest.what}); peak ${Math.round(peakBytes / 2 ** 20)} MiB; ${found} found`,
);
if (found > 0) process.exitCode = 1;

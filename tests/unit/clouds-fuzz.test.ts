/** A short run of tests/fuzz/fuzz-las.ts, and the seeds with which it found something. */
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import { findLayerProblem } from '../../engine/formats/laz-layers.js';
import { openCloud } from '../../engine/formats/open-cloud.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { damageFile, readDamaged } from '../fixtures/clouds/fuzz-cloud.js';
import { CLOUD_DATA, handMadeClouds, realClouds } from '../fixtures/clouds/fuzz-seeds.js';
import { readWhole } from '../fixtures/clouds/read-whole.js';
import { shareLazThread, standInDecoder } from '../fixtures/clouds/shared-laz-thread.js';

const RUNS = 600;
const THREAD_RUNS = 12;

if (!existsSync(CLOUD_DATA)) console.log(`SKIPPED: damaging other programs' clouds: ${CLOUD_DATA} is not there`);

describe('damaged clouds give sound points or an ImportError', () => {
  it('LAS by hand, of every point format', async () => {
    const clouds = handMadeClouds();
    const outcomes = { refused: 0, read: 0 };
    for (let seed = 0; seed < RUNS; seed++) {
      const { name, bytes } = clouds[seed % clouds.length]!;
      outcomes[await readDamaged({ name, bytes: damageFile(bytes, seed) }, standInDecoder)]++;
    }
    // Damage that never hurts, or always does, would make this test empty.
    expect(Math.min(outcomes.refused, outcomes.read)).toBeGreaterThan(RUNS / 10);
  });

  it("other programs' files", async () => {
    const clouds = realClouds();
    for (let seed = 0; seed < (clouds.length > 0 ? RUNS : 0); seed++) {
      const { name, bytes } = clouds[seed % clouds.length]!;
      await readDamaged({ name, bytes: damageFile(bytes, seed) }, standInDecoder);
    }
  });

  it('LAZ through its real decompressor', async () => {
    const clouds = realClouds().filter(({ name }) => name.endsWith('.laz'));
    const thread = shareLazThread();
    for (let seed = 0; seed < (clouds.length > 0 ? THREAD_RUNS : 0); seed++) {
      const { name, bytes } = clouds[seed % clouds.length]!;
      await readDamaged({ name, bytes: damageFile(bytes, seed) }, thread.open);
    }
    await thread.close();
  });
});

describe('what the fuzzer found', () => {
  const isThere = existsSync(CLOUD_DATA);

  it.skipIf(!isThere).each([500_864, 501_154])(
    'seed %i: sizes of layers in the gigabytes, for which the decompressor took memory',
    async (seed) => {
      const original = new Uint8Array(readFileSync(join(CLOUD_DATA, 'laz/1.2-with-color.copc.laz')));
      const reader = await openCloud(bytesAsSource(damageFile(original, seed), 'found.laz'), {
        openLazDecoder: standInDecoder,
      });
      const error = await expectImportError('malformed', () => readWhole(reader));
      expect(error.problem).toContain('layers take');
    },
  );

  it('the same by hand: one layered point of 30 bytes, its number, nine sizes', () => {
    const items = Uint8Array.of(10, 0, 30, 0, 3, 0);
    const chunk = new Uint8Array(30 + 4 + 36 + 5);
    const view = new DataView(chunk.buffer);
    view.setUint32(30, 1, true);
    view.setUint32(34, 5, true);
    const shape = { points: 1, recordBytes: 30, items };
    expect(findLayerProblem(chunk, shape)).toBeNull();
    view.setUint32(34, 6, true);
    expect(findLayerProblem(chunk, shape)).toContain('76 bytes');
    expect(findLayerProblem(chunk, { ...shape, points: 2 })).toContain('1 points');
    expect(findLayerProblem(chunk.subarray(0, 60), shape)).toContain('ends');
  });
});

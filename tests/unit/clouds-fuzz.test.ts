/** Short runs of tests/fuzz/fuzz-las.ts and fuzz-laz.ts, and what they found. */
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import { findLayerProblem } from '../../engine/formats/laz-layers.js';
import { openCloud } from '../../engine/formats/open-cloud.js';
import { openLazThread } from '../../host/clouds/laz-thread.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { openDirectLaz } from '../fixtures/clouds/direct-laz-decoder.js';
import { readDamaged } from '../fixtures/clouds/fuzz-cloud.js';
import { CLOUD_DATA, handMadeClouds, realClouds } from '../fixtures/clouds/fuzz-seeds.js';
import { mutateBytes } from '../fixtures/clouds/mutate-bytes.js';
import { readWhole } from '../fixtures/clouds/read-whole.js';
import { shareLazThread, standInDecoder } from '../fixtures/clouds/shared-laz-thread.js';
import { handMadeLaz, realTinyLaz } from '../fixtures/clouds/tiny-laz.js';

const RUNS = 600;
const LAZ_RUNS = 150;
const THREAD_RUNS = 5;
const HAND_MADE = handMadeLaz();
const REAL = realTinyLaz();

if (!existsSync(CLOUD_DATA)) console.log(`SKIPPED: damaging other programs' clouds: ${CLOUD_DATA} is not there`);

describe('damaged clouds give sound points or an ImportError', () => {
  it('LAS by hand, of every point format', async () => {
    const clouds = handMadeClouds();
    const outcomes = { refused: 0, read: 0 };
    for (let seed = 0; seed < RUNS; seed++) {
      const { name, bytes } = clouds[seed % clouds.length]!;
      outcomes[await readDamaged({ name, bytes: mutateBytes(bytes, seed) }, standInDecoder)]++;
    }
    // Damage that never hurts, or always does, would make this test empty.
    expect(Math.min(outcomes.refused, outcomes.read)).toBeGreaterThan(RUNS / 10);
  });

  it("other programs' files", async () => {
    const clouds = realClouds();
    for (let seed = 0; seed < (clouds.length > 0 ? RUNS : 0); seed++) {
      const { name, bytes } = clouds[seed % clouds.length]!;
      await readDamaged({ name, bytes: mutateBytes(bytes, seed) }, standInDecoder);
    }
  });

  it('LAZ through its real decompressor', async () => {
    const direct = openDirectLaz();
    const clouds = [...HAND_MADE, ...REAL];
    const outcomes = { refused: 0, read: 0 };
    for (let seed = 0; seed < LAZ_RUNS; seed++) {
      const { name, bytes, spots } = clouds[seed % clouds.length]!;
      outcomes[await readDamaged({ name, bytes: mutateBytes(bytes, seed, spots) }, direct.open)]++;
    }
    expect(Math.min(outcomes.refused, outcomes.read)).toBeGreaterThan(LAZ_RUNS / 10);
    expect(direct.tally.chunks).toBeGreaterThan(LAZ_RUNS / 3);
  });

  it('LAZ through the thread that decompresses it', async () => {
    const thread = shareLazThread();
    for (const [seed, { name, bytes, spots }] of HAND_MADE.slice(0, THREAD_RUNS).entries())
      await readDamaged({ name, bytes: mutateBytes(bytes, seed, spots) }, thread.open);
    await thread.close();
  });
});

describe('the small LAZ files that are damaged', () => {
  it('are read whole by the real decompressor', async () => {
    const direct = openDirectLaz();
    for (const { name, bytes, points } of HAND_MADE) {
      const reader = await openCloud(bytesAsSource(bytes, name), { openLazDecoder: direct.open });
      const { positions, summary } = await readWhole(reader);
      expect(summary).toEqual({ points, leftOut: 0 });
      // The first point stands uncompressed: 10, 20 and 30 steps of 0.01.
      [0.1, 0.2, 0.3].forEach((value, axis) => expect(positions[axis]).toBeCloseTo(value, 12));
    }
    expect(direct.tally).toMatchObject({ errors: 0, traps: 0 });
  });

  it.skipIf(!existsSync(CLOUD_DATA))("hold the first points of other programs' files", async () => {
    const direct = openDirectLaz();
    for (const { name, bytes, points } of REAL) {
      const original = bytesAsSource(new Uint8Array(readFileSync(join(CLOUD_DATA, 'laz', name))), name);
      const options = { openLazDecoder: direct.open };
      const whole = await readWhole(await openCloud(original, options));
      const short = await readWhole(await openCloud(bytesAsSource(bytes, name), options));
      expect(short.summary.points).toBe(points);
      expect(short.positions).toEqual(whole.positions.slice(0, 3 * points));
    }
  });
});

describe('what the fuzzer found', () => {
  it.skipIf(!existsSync(CLOUD_DATA))(
    'sizes of layers in the gigabytes, for which the decompressor took memory',
    async () => {
      const bytes = new Uint8Array(readFileSync(join(CLOUD_DATA, 'laz/1.2-with-color.copc.laz')));
      const view = new DataView(bytes.buffer);
      // The first chunk: after the place of the table, a point and the number of points come the sizes.
      view.setUint32(view.getUint32(96, true) + 8 + view.getUint16(105, true) + 4, 0x7fffffff, true);
      const error = await expectImportError('malformed', async () => {
        await readWhole(await openCloud(bytesAsSource(bytes, 'found.laz'), { openLazDecoder: standInDecoder }));
      });
      expect(error.problem).toContain('layers take');
    },
  );

  it('a code that takes the decompressor beyond a table of its own: it traps, in its thread and without', async () => {
    const seed = 66_575;
    const file = HAND_MADE.find(({ name }) => name === 'format-7-extra.laz')!;
    const damaged = bytesAsSource(mutateBytes(file.bytes, seed, file.spots), file.name);
    const direct = openDirectLaz();
    for (const openLazDecoder of [direct.open, () => openLazThread()])
      await expectImportError('malformed', async () => readWhole(await openCloud(damaged, { openLazDecoder })));
    expect(direct.tally.traps).toBe(1);
  });

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

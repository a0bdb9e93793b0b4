import fc from 'fast-check';
import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentHash } from '../../engine/math/content-hash.js';
import type { Checkpoint } from '../../engine/pipeline/checkpoint.js';
import { decodeCheckpoint } from '../../engine/pipeline/decode-checkpoint.js';
import { CHECKPOINT_HEAD_BYTES, encodeCheckpoint } from '../../engine/pipeline/encode-checkpoint.js';
import { ImportError } from '../../engine/scene/errors.js';
import { createSplats } from '../../engine/scene/splats.js';
import { readNewestCheckpoint, writeCheckpoint } from '../../host/run/checkpoint-folder.js';

const FINGERPRINT = {
  photos: 'a',
  preset: '{"é": "日本"}',
  iterations: '9',
  seed: '1',
  motion: 'decoder',
  'number of splats': 'default',
  backend: 'wasm',
  'depth model': 'none',
};

function decoderState(length: number, steps: number) {
  const numbers = (seed: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(seed * i));
  return { weights: numbers(1), first: numbers(2), second: numbers(3), steps };
}

function moments(length: number) {
  const numbers = (seed: number): Float64Array => Float64Array.from({ length }, (_, i) => Math.sin(seed + i));
  return { first: numbers(1), second: numbers(2) };
}

/** One of everything that a checkpoint can hold; arrays whose lengths are no multiples of the alignment. */
const CHECKPOINT: Checkpoint = {
  fingerprint: FINGERPRINT,
  iterations: 9,
  maxSplats: 100,
  sceneUnit: 3.25,
  motion: 'decoder',
  loop: { iteration: 4, order: [2, 0], randomState: 0xfedcba98, momentsFrom: 1 },
  scene: {
    backend: 'reference',
    splats: createSplats(3, 1),
    arrays: {
      'first.means': Float64Array.of(1, NaN, -0, Infinity),
      anchorGrid: Uint32Array.of(0xffffffff),
      viewIndices: Uint16Array.of(1, 2, 65535),
      segments: Uint8Array.of(7),
      empty: new Float32Array(0),
    },
  },
  decoder: {
    sizes: { viewCount: 3, width: 64, height: 48, segmentCount: 5, seed: 1 },
    places: {
      viewIndices: new Uint16Array(3),
      imageCoords: new Float32Array(6),
      segments: new Uint8Array(3),
    },
    depth: decoderState(5, 4),
    opacity: null,
  },
  guides: [
    { tvWeights: new Float32Array(4), priorInverseDepth: null },
    { tvWeights: null, priorInverseDepth: Float32Array.of(0.5) },
  ],
  initialGaussianCount: 12,
  viewReports: [{ name: 'a "photo".png', confirmedShare: 0.5, alignmentResidual: null }],
  refinement: {
    steps: Uint32Array.of(3),
    poses: Float64Array.from({ length: 12 }, (_, i) => Math.cos(i)),
    poseMoments: moments(6),
    logFocal: Float64Array.of(-0.001),
    focalMoments: moments(1),
    colors: Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)),
    colorMoments: moments(12),
  },
};
const BYTES = encodeCheckpoint(CHECKPOINT);

/** As a forger would: the digest fits. */
function withDigest(bytes: Uint8Array): Uint8Array {
  const digest = new ContentHash().update(bytes.subarray(CHECKPOINT_HEAD_BYTES)).digest();
  bytes.set(new TextEncoder().encode(digest), 16);
  return bytes;
}

describe('a checkpoint in bytes', () => {
  it('comes back as it was, wherever the bytes lie', () => {
    expect(decodeCheckpoint(BYTES)).toEqual(CHECKPOINT);
    const shifted = new Uint8Array(BYTES.length + 3);
    shifted.set(BYTES, 3);
    expect(decodeCheckpoint(shifted.subarray(3))).toEqual(CHECKPOINT);
  });

  it('is refused when it is cut off or anything in it was changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: BYTES.length - 1 }), (length) => {
        expect(() => decodeCheckpoint(BYTES.slice(0, length))).toThrow(ImportError);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: BYTES.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = BYTES.slice();
        changed[at] = changed[at]! ^ flip;
        // The four bytes after the length mean nothing.
        if (at >= 12 && at < 16) return;
        expect(() => decodeCheckpoint(changed)).toThrow(ImportError);
      }),
      { numRuns: 400 },
    );
  });

  it('gives a checkpoint or an ImportError, whatever is written into its description', () => {
    const length = new DataView(BYTES.buffer).getUint32(8, true);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: length - 1 }),
        fc.constantFrom(...'0123456789-"[]{},ntf:e'),
        (at, letter) => {
          const changed = BYTES.slice();
          changed[CHECKPOINT_HEAD_BYTES + at] = letter.charCodeAt(0);
          try {
            expect(decodeCheckpoint(withDigest(changed)).scene.splats.means.length).toBe(9);
          } catch (error) {
            expect(error).toBeInstanceOf(ImportError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('takes no memory for numbers that are only announced', () => {
    const announce = (from: string, to: string): Uint8Array => {
      const text = new TextDecoder('latin1').decode(BYTES);
      expect(text).toContain(from);
      return withDigest(Uint8Array.from(text.replace(from, to), (character) => character.charCodeAt(0)));
    };
    expect(() => decodeCheckpoint(announce('["f32",36]', '["f64",1e9'.padEnd(9) + ']'))).toThrow(ImportError);
    expect(() => decodeCheckpoint(announce('"count":3', '"count":9'))).toThrow(/27 are expected/);
  });

  it('of the version before has no refinement', () => {
    const { refinement: _, ...before } = CHECKPOINT;
    const older = encodeCheckpoint(before as Checkpoint);
    older[4] = 1;
    expect(decodeCheckpoint(older)).toEqual({ ...CHECKPOINT, refinement: null });
  });

  it.each([0, 1])('is not taken for one of version %i, whose fields it has not', (version) => {
    const changed = BYTES.slice();
    changed[4] = version;
    expect(() => decodeCheckpoint(changed)).toThrow(ImportError);
  });

  it('of a newer version says so', () => {
    const newer = BYTES.slice();
    newer[4] = 3;
    expect(() => decodeCheckpoint(newer, 'my.checkpoint')).toThrow(/newer Vantage/);
    expect(() => decodeCheckpoint(newer, 'my.checkpoint')).toThrow(/my\.checkpoint/);
  });
});

describe('a folder of checkpoints', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage checkpoints 日本-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const at = (iteration: number): Checkpoint => ({ ...CHECKPOINT, loop: { ...CHECKPOINT.loop, iteration } });

  it('keeps the last two, gives the newest, falls back on the one before, and leaves other files alone', async () => {
    const state = join(folder, 'not', 'there yet');
    expect(await readNewestCheckpoint(state)).toBeNull();
    await writeCheckpoint(state, at(7));
    await writeFile(join(state, 'notes.txt'), 'mine');
    // A fresh run into the same folder: fewer iterations, and still the newer one.
    await writeCheckpoint(state, at(2));
    for (const name of ['.vantage-0a.tmp', '.vantage-0b.tmp']) await writeFile(join(state, name), 'half a checkpoi');
    await utimes(join(state, '.vantage-0a.tmp'), 1000, 1000);
    const newest = await writeCheckpoint(state, at(3));
    const names = await readdir(state);
    // The temporary file of now may be somebody's who is still writing; the old one was forgotten.
    expect(names).toHaveLength(4);
    expect(names).toEqual(expect.arrayContaining(['.vantage-0b.tmp', 'notes.txt']));
    expect(await readNewestCheckpoint(state)).toMatchObject({ file: newest, checkpoint: at(3), warnings: [] });
    await truncate(newest, 100);
    const fallback = await readNewestCheckpoint(state);
    expect(fallback?.checkpoint.loop.iteration).toBe(2);
    expect(fallback?.warnings.join()).toContain(newest);
    await truncate(fallback!.file, 0);
    await expect(readNewestCheckpoint(state)).rejects.toThrow(ImportError);
  });
});

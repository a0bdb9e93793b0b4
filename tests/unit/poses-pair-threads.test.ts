import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { ShapeError } from '../../engine/scene/errors.js';
import type { PairVerifier } from '../../engine/poses/verify-pairs.js';
import { verifyPairs } from '../../engine/poses/verify-pairs.js';
import { verifyPair } from '../../engine/poses/verify-pair.js';
import { PairThreads, startPairThreads } from '../../host/poses/pair-threads.js';
import { REPOSITORY_ROOT } from '../architecture/repository.js';
import { drawRingPair, isMotionWithin, phoneLens } from '../fixtures/synthetic-cameras.js';

const opened: PairThreads[] = [];

function open(threads: number): PairThreads {
  const made = new PairThreads(threads);
  opened.push(made);
  return made;
}

afterEach(async () => {
  for (const threads of opened.splice(0)) await threads.close();
});

describe('threads that check pairs', () => {
  it('find the motions that the pairs were made with, whatever comes back first', async () => {
    const threads = open(2);
    const pairs = [1, 2, 3, 4, 5].map((seed) => drawRingPair(seed, 100));
    const found = await Promise.all(pairs.map((pair) => threads.verify(pair, { seed: 1 })));
    expect(
      found.map(({ camera2FromCamera1 }, i) => isMotionWithin(camera2FromCamera1, pairs[i]!.camera2FromCamera1, 1e-5)),
    ).toEqual([true, true, true, true, true]);
  });

  it('take a signal among the options, which no thread can be sent', async () => {
    const { signal } = new AbortController();
    await expect(open(1).verify(drawRingPair(1, 100), { seed: 1, signal })).resolves.toMatchObject({
      relation: 'general',
    });
  });

  it('end with what cannot be checked: its error comes back, and the others are checked all the same', async () => {
    const threads = open(1);
    const pair = drawRingPair(1, 100);
    const broken = threads.verify({ ...pair, points1: pair.points1.subarray(1) }, { seed: 1 });
    const after = threads.verify(pair, { seed: 1 });
    await expect(broken).rejects.toBeInstanceOf(ShapeError);
    await expect(after).resolves.toMatchObject({ relation: 'general' });
    await expect(threads.verify(pair, { seed: 1 })).resolves.toMatchObject({ relation: 'general' });
  });

  it('leave nobody waiting when they are closed', async () => {
    const threads = open(1);
    const waiting = threads.verify(drawRingPair(1, 100), { seed: 1 });
    const ended = expect(waiting).rejects.toThrow('closed');
    await threads.close();
    await ended;
  });

  it('keep a program alive that waits for them, and no longer', async () => {
    const program = [join('scripts', 'run-ts.mjs'), join('tests', 'fixtures', 'await-pair.ts')];
    const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: REPOSITORY_ROOT });
    expect(stdout.trim()).toBe('general');
  });

  it('are not started for few pairs, nor where there is one core', () => {
    expect(startPairThreads(3, 8)).toBeNull();
    expect(startPairThreads(190, 1)).toBeNull();
  });
});

describe('pairs that are checked by several', () => {
  // Photos 0 and 1, 2 and 3 …: keypoint k of one is keypoint k of the other. Points are given in the plane z = 1.
  const drawn = [1, 2, 3, 4, 5, 6].map((seed) => drawRingPair(seed, 60));
  const lens = { ...phoneLens(), k1: 0, k2: 0 };
  const photos = drawn.flatMap(({ points1, points2 }) => [points1, points2].map((points) => ({ points, lens: 0 })));
  const unit = { ...lens, intrinsics: { ...lens.intrinsics, fx: 1, fy: 1, cx: 0, cy: 0 } };
  const indices = Uint32Array.from({ length: 120 }, (_, i) => Math.floor(i / 2));
  const pairs = drawn.map((_, i) => ({ first: 2 * i, second: 2 * i + 1, indices }));
  const asPhotos = photos.map(({ points, lens: of }) => ({ points: Float32Array.from(points), lens: of }));

  it('come back in their order, those that agree on nothing left out', async () => {
    // Answers the later the earlier it was asked, and knows nothing of the second pair.
    let asked = 0;
    const verifier: PairVerifier = {
      atOnce: 3,
      verify: async (pair, options) => {
        const wait = 30 - 5 * asked++;
        await new Promise((resolve) => setTimeout(resolve, wait));
        return verifyPair(pair, options);
      },
    };
    const options = { seed: 1, maxErrorPx: 0.003 };
    const alone = await verifyPairs(asPhotos, [unit], pairs, options);
    const shared = await verifyPairs(asPhotos, [unit], pairs, { ...options, verifier });
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(shared.map(({ first }) => first)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(shared).toEqual(alone);
  });
});

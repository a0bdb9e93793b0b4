import { describe, expect, it } from 'vitest';
import { findDisputed } from '../../engine/poses/disputed-pairs.js';
import type { PhotoFeatures } from '../../engine/poses/photo-features.js';
import type { CheckedPair } from '../../engine/poses/verify-pairs.js';

const COUNT = 200;

/** Photos of which each detector found COUNT keypoints. */
function photosOf(sources: number): PhotoFeatures[] {
  const offsets = Array.from({ length: sources }, (_, source) => source * COUNT);
  const points = new Float32Array(2 * COUNT * sources);
  return [0, 1].map(() => ({
    bySource: [],
    offsets,
    points,
    measures: { sharpness: 1, featureCount: COUNT * sources },
  }));
}

/** The first so many keypoints of each detector, matched one to one. */
function matched(...bySource: readonly number[]): Uint32Array {
  return Uint32Array.from(
    bySource.flatMap((count, source) => Array.from({ length: 2 * count }, (_, at) => source * COUNT + (at >> 1))),
  );
}

function disputedOf(putative: readonly number[], fitting: readonly number[]): number {
  const pair = { first: 0, second: 1 };
  const checked = [{ ...pair, indices: matched(...fitting) } as unknown as CheckedPair];
  return findDisputed(photosOf(putative.length), [{ ...pair, indices: matched(...putative) }], checked).size;
}

describe('pairs that one of two detectors disputes', () => {
  it('are those of which hardly any of its matches fit the motion, however many of the other do', () => {
    expect(disputedOf([150, 180], [8, 160])).toBe(1);
    expect(disputedOf([150, 180], [120, 10])).toBe(1);
  });

  it('are not those where both agree, or where one has too few matches to tell', () => {
    expect(disputedOf([150, 180], [45, 100])).toBe(0);
    expect(disputedOf([20, 180], [0, 150])).toBe(0);
  });

  it('are none where only one detector looked', () => {
    expect(disputedOf([150], [8])).toBe(0);
  });
});

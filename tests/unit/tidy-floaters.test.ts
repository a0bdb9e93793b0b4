import { describe, expect, it } from 'vitest';
import { createSplats } from '../../engine/scene/splats.js';
import { findFloaters, scoreFloaters } from '../../renderer/viewer/tools/floater-scores.js';
import { kthNeighbourDistances } from '../../renderer/viewer/tools/nearest-neighbours.js';

/** A repeatable stream of numbers in 0..1 (Park and Miller). */
function random(): () => number {
  let seed = 12345;
  return () => (seed = (seed * 48271) % 2147483647) / 2147483647;
}

describe('nearest neighbours', () => {
  it('are those of a search through all pairs', () => {
    const next = random();
    // Uneven on purpose: half in a speck, some on a line, some doubled.
    const points = Float32Array.from({ length: 600 * 3 }, (_, i) => {
      const point = Math.floor(i / 3);
      if (point < 300) return next() * 0.01;
      if (point < 400) return i % 3 === 0 ? next() * 10 : 1;
      return point < 420 ? 5 : next() * 20 - 10;
    });
    for (const k of [1, 5, 12]) {
      const found = kthNeighbourDistances(points, k);
      for (let i = 0; i < 600; i++) {
        const all: number[] = [];
        for (let j = 0; j < 600; j++) {
          if (j !== i) all.push(Math.hypot(...[0, 1, 2].map((axis) => points[i * 3 + axis]! - points[j * 3 + axis]!)));
        }
        all.sort((a, b) => a - b);
        expect(found[i]).toBeCloseTo(all[k - 1]!, 5);
      }
    }
  });

  it('leave out what is no number', () => {
    const distances = kthNeighbourDistances(Float32Array.from([0, 0, 0, NaN, 0, 0, 3, 4, 0]), 1);
    expect([...distances]).toEqual([5, Infinity, 5]);
  });
});

/** A solid plate of small, opaque Gaussians, and one of each kind of junk after it. */
function scene() {
  const plate = 900;
  const splats = createSplats(plate + 5, 0);
  for (let i = 0; i < plate; i++) splats.means.set([(i % 30) / 30, Math.floor(i / 30) / 30, 0], i * 3);
  splats.logScales.fill(Math.log(0.01));
  splats.rawOpacities.fill(3);
  const kinds = { alone: plate, huge: plate + 1, needle: plate + 2, unseen: plate + 3, near: plate + 4 };
  splats.means.set([3, 3, 3], kinds.alone * 3);
  splats.means.set([0.5, 0.5, 0.001], kinds.huge * 3);
  splats.logScales.fill(Math.log(0.6), kinds.huge * 3, kinds.huge * 3 + 3);
  splats.means.set([0.4, 0.4, 0.001], kinds.needle * 3);
  splats.logScales[kinds.needle * 3] = Math.log(0.5);
  splats.means.set([0.3, 0.3, 0.001], kinds.unseen * 3);
  splats.rawOpacities[kinds.unseen] = -6;
  splats.means.set([0.5, 0.5, -1.97], kinds.near * 3);
  const seenCounts = new Uint8Array(splats.count).fill(3);
  seenCounts[kinds.unseen] = 0;
  return { splats, seenCounts, kinds, plate, cameras: Float32Array.from([0.5, 0.5, -2, 0.7, 0.5, -2]) };
}

describe('floaters', () => {
  const { splats, seenCounts, kinds, plate, cameras } = scene();
  const scores = scoreFloaters({ splats, seenCounts, cameras });

  it('score above everything that belongs to the scene, each for its own reason', () => {
    const worstOfPlate = Math.max(...scores.subarray(0, plate));
    for (const [kind, index] of Object.entries(kinds)) {
      expect(scores[index], kind).toBeGreaterThan(worstOfPlate + 0.2);
      expect(scores[index], kind).toBeLessThanOrEqual(1);
    }
    expect(worstOfPlate).toBeLessThan(0.1);
  });

  it('are none at strength 0, more with strength, and spare the plate at the middle', () => {
    const counts = [0, 20, 50, 80, 100].map((strength) => {
      const found = findFloaters(scores, strength, null);
      return found.reduce((sum, value) => sum + value, 0);
    });
    expect(counts[0]).toBe(0);
    for (let i = 1; i < counts.length; i++) expect(counts[i]).toBeGreaterThanOrEqual(counts[i - 1]!);
    expect([...findFloaters(scores, 60, null).subarray(0, plate)].some((value) => value === 1)).toBe(false);
    expect(counts[3]).toBeGreaterThanOrEqual(5);
  });

  it('are not counted twice when they are hidden', () => {
    const hidden = new Uint8Array(splats.count);
    hidden[kinds.alone] = 1;
    expect(findFloaters(scores, 100, hidden)[kinds.alone]).toBe(0);
  });

  it('without counts, cameras or numbers still get a score', () => {
    const broken = createSplats(3, 0);
    broken.means.set([0, 0, 0, NaN, 0, 0, 1, 0, 0]);
    const found = scoreFloaters({ splats: broken, seenCounts: null, cameras: new Float32Array(0) });
    expect([...found].every((score) => score >= 0 && score <= 1)).toBe(true);
    expect(found[1]).toBe(1);
    expect(scoreFloaters({ splats: createSplats(0, 0), seenCounts: null, cameras: new Float32Array(0) })).toHaveLength(
      0,
    );
  });
});

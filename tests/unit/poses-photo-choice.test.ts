import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import { chooseKeypointCount, choosePairs } from '../../engine/poses/choose-pairs.js';
import { judgePhotos, measureSharpness } from '../../engine/poses/photo-quality.js';
import { ShapeError } from '../../engine/scene/errors.js';
import type { GreyImage } from '../../engine/scene/grey-image.js';
import { toGreyImage } from '../../engine/scene/grey-image.js';
import { spreadKeypoints } from '../../engine/scene/spread-keypoints.js';

describe('pairs of photos', () => {
  it('are all of them up to thirty photos', () => {
    expect(choosePairs(0).pairs).toEqual([]);
    expect(choosePairs(1).pairs).toEqual([]);
    const few = choosePairs(4);
    expect(few.pairs).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
    expect([few.possible, few.isComplete]).toEqual([6, true]);
    expect(choosePairs(30)).toMatchObject({ possible: 435, isComplete: true });
    expect(choosePairs(30).pairs).toHaveLength(435);
  });

  it('beyond are neighbours and far ones, each pair once', () => {
    const { pairs, possible, isComplete } = choosePairs(200);
    expect([possible, isComplete]).toEqual([19900, false]);
    expect(pairs.length).toBeLessThan(200 * 13);
    expect(new Set(pairs.map(String)).size).toBe(pairs.length);
    expect(pairs.every(([a, b]) => a < b && b < 200)).toBe(true);
    expect(pairs).toContainEqual([0, 128]);
    expect(pairs).toContainEqual([198, 199]);
  });

  it('get fewer keypoints where there are many', () => {
    expect(chooseKeypointCount(1)).toBe(6000);
    expect(chooseKeypointCount(3)).toBe(3000);
    // √(5 · 10⁸ / 190)
    expect(chooseKeypointCount(190)).toBe(1622);
    expect(chooseKeypointCount(435)).toBe(1500);
    expect(chooseKeypointCount(1e6)).toBe(1500);
    expect(chooseKeypointCount(0)).toBe(6000);
  });
});

/** Random checks, blurred by boxes of 2 r + 1 pixels. */
function checks(width: number, height: number, radius: number): GreyImage {
  const random = createRandom(4);
  const cells = Array.from({ length: 10_000 }, () => random.next());
  const shade = (x: number, y: number): number => cells[Math.floor(y / 8) * 100 + Math.floor(x / 8)] as number;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let dy = -radius; dy <= radius; dy++)
        for (let dx = -radius; dx <= radius; dx++)
          sum += shade(Math.max(0, Math.min(width - 1, x + dx)), Math.max(0, Math.min(height - 1, y + dy)));
      data[y * width + x] = sum / (2 * radius + 1) ** 2;
    }
  }
  return { width, height, data };
}

describe('sharpness', () => {
  it('is the variance of the Laplacian', () => {
    // Inner pixels are (1, 1) and (2, 1): Laplacians 4 · 1 − 0 and 0 − 1; mean 1.5, variance ((2.5)² + (2.5)²) / 2.
    const data = Float32Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0);
    expect(measureSharpness({ width: 4, height: 3, data })).toBeCloseTo(6.25, 9);
    expect(measureSharpness({ width: 2, height: 2, data: new Float32Array(4) })).toBe(0);
    expect(() => measureSharpness({ width: 4, height: 4, data })).toThrow(ShapeError);
  });

  it('falls with blur, and hardly with size', () => {
    const sharp = measureSharpness(checks(300, 200, 0));
    expect(measureSharpness(checks(300, 200, 2))).toBeLessThan(0.25 * sharp);
    const small = checks(600, 400, 1);
    const large: GreyImage = { width: 1200, height: 800, data: new Float32Array(1200 * 800) };
    large.data.forEach((_, i) => {
      large.data[i] = small.data[Math.floor(i / 2400) * 600 + Math.floor((i % 1200) / 2)]!;
    });
    expect(measureSharpness(large)).toBeCloseTo(measureSharpness(small), 9);
  });

  it('decides by what the other photos are like', () => {
    const of = (sharpness: number, featureCount = 1000) => ({ sharpness, featureCount });
    expect(judgePhotos([])).toEqual([]);
    expect(judgePhotos([of(2), of(3), of(0.4), of(2.5), of(2, 59), of(0, 3)])).toEqual([
      { kind: 'usable' },
      { kind: 'usable' },
      { kind: 'blurred', share: 0.2 },
      { kind: 'usable' },
      { kind: 'too-few-features', count: 59 },
      { kind: 'too-few-features', count: 3 },
    ]);
    // A capture of blurred photos is judged by its own.
    expect(judgePhotos([of(0.02), of(0.03)]).map(({ kind }) => kind)).toEqual(['usable', 'usable']);
    expect(judgePhotos([of(0), of(0)]).map(({ kind }) => kind)).toEqual(['usable', 'usable']);
  });
});

describe('grey', () => {
  it('is Rec. 601 luma', () => {
    const data = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, NaN, 0, 0);
    const grey = toGreyImage({ width: 2, height: 2, data });
    [0.299, 0.587, 0.114, 0].forEach((value, i) => expect(grey.data[i]).toBeCloseTo(value, 6));
    expect(() => toGreyImage({ width: 3, height: 2, data })).toThrow(ShapeError);
  });
});

describe('choosing among keypoints', () => {
  const random = createRandom(2);
  // 900 strong ones in a corner of 100 × 100, 100 weak ones elsewhere.
  const points = Float32Array.from({ length: 2000 }, (_, k) =>
    k < 1800 ? 100 * random.next() : k % 2 === 0 ? 1000 * random.next() : 100 + 900 * random.next(),
  );
  const scores = Float32Array.from({ length: 1000 }, (_, i) => (i < 900 ? 10 + random.next() : random.next()));
  const size = { width: 1000, height: 1000 };

  it('keeps all that are few enough', () => {
    expect([...spreadKeypoints(points, scores, size, 1000)]).toEqual([...Array(1000).keys()]);
    expect(spreadKeypoints(new Float32Array(0), new Float32Array(0), size, 10)).toHaveLength(0);
  });

  it('keeps the strongest, and a share for the rest of the photo', () => {
    const chosen = [...spreadKeypoints(points, scores, size, 200)];
    expect(chosen).toHaveLength(200);
    expect(new Set(chosen).size).toBe(200);
    expect([...chosen].sort((a, b) => a - b)).toEqual(chosen);
    const strongest = [...Array(1000).keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 160);
    expect(strongest.every((i) => chosen.includes(i))).toBe(true);
    expect(chosen.filter((i) => i >= 900).length).toBeGreaterThan(35);
  });

  it('takes NaN for the weakest', () => {
    const odd = Float32Array.of(1, NaN, 3, 2);
    expect([...spreadKeypoints(Float32Array.of(1, 1, 2, 2, 3, 3, 4, 4), odd, size, 3)]).toEqual([0, 2, 3]);
  });
});

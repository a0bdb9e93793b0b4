import { describe, expect, it } from 'vitest';
import { NO_SEGMENT, segmentDepth } from '../../engine/depth/segment-depth.js';
import { snapDepthEdges } from '../../engine/depth/snap-depth-edges.js';
import type { DepthMap } from '../../engine/scene/depth-map.js';
import type { RgbImage } from '../../engine/scene/view.js';

/** Deterministic noise in -1..1. */
function noise(i: number): number {
  const s = Math.sin(i * 12.9898) * 43758.5453;
  return 2 * (s - Math.floor(s)) - 1;
}

describe('depth layers', () => {
  it('finds five separate surfaces, farthest first', () => {
    const surfaces = [20, 9, 5, 3, 2];
    const depth = Float32Array.from({ length: 5000 }, (_, i) => surfaces[i % 5]! * (1 + 0.02 * noise(i)));
    const { segments, count, breaks } = segmentDepth(depth);
    expect(count).toBe(5);
    for (let i = 0; i < depth.length; i++) expect(segments[i]).toBe(i % 5);
    expect([...breaks]).toEqual([...breaks].sort((a, b) => a - b));
  });

  it('is as good as the best of all break positions tried exhaustively', () => {
    // 60 inverse depths, three layers: the least sum of squares over every pair of cuts of the sorted values.
    const inverse = Array.from({ length: 60 }, (_, i) => 0.2 + 0.1 * (i % 3) + 0.05 * noise(i)).sort((a, b) => a - b);
    const spread = (values: number[]): number => {
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      return values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    };
    let best = Infinity;
    for (let a = 1; a < 59; a++)
      for (let b = a + 1; b < 60; b++)
        best = Math.min(best, spread(inverse.slice(0, a)) + spread(inverse.slice(a, b)) + spread(inverse.slice(b)));
    const { segments } = segmentDepth(
      Float32Array.from(inverse, (w) => 1 / w),
      null,
      3,
    );
    const layers = [0, 1, 2].map((layer) => inverse.filter((_, i) => segments[i] === layer));
    // The histogram's bins are the only difference.
    expect(layers.reduce((sum, layer) => sum + spread(layer), 0)).toBeLessThan(best * 1.01);
  });

  it('takes a flat wall for one layer, ignores masked pixels for the breaks and marks missing depths', () => {
    expect(segmentDepth(new Float32Array(100).fill(3)).count).toBe(1);
    const depth = Float32Array.from([2, 2.01, 2, 2, 0, NaN, 500]);
    const masked = segmentDepth(depth, Uint8Array.from([1, 1, 1, 1, 1, 1, 0]), 2);
    expect([...masked.segments]).toEqual([1, 0, 1, 1, NO_SEGMENT, NO_SEGMENT, 0]);
    expect([...segmentDepth(new Float32Array(3)).segments]).toEqual([NO_SEGMENT, NO_SEGMENT, NO_SEGMENT]);
    expect(() => segmentDepth(depth, new Uint8Array(3))).toThrow(/length/);
    expect(() => segmentDepth(depth, null, 0)).toThrow(/layers/);
  });

  it('does not let a stray near pixel take a layer', () => {
    const depth = Float32Array.from({ length: 4000 }, (_, i) => (i % 2 ? 2 : 4) * (1 + 0.01 * noise(i)));
    depth[17] = 0.001;
    const { segments } = segmentDepth(depth, null, 2);
    for (let i = 0; i < depth.length; i++) if (i !== 17) expect(segments[i]).toBe(i % 2);
  });
});

const width = 24;
const height = 16;

function sceneOf(
  depthAt: (x: number, y: number) => number,
  isDark: (x: number, y: number) => boolean,
): [DepthMap, RgbImage] {
  const depth = new Float32Array(width * height);
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      depth[y * width + x] = depthAt(x, y);
      data.fill(isDark(x, y) ? 0.1 : 0.9, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  const confidence = new Float32Array(width * height);
  return [
    { width, height, depth, confidence },
    { width, height, data },
  ];
}

describe('snapping depth edges', () => {
  it('removes a blurred step and follows the edge of the photo', () => {
    // 2 | ramp of four pixels | 6, the photo's edge between columns 11 and 12.
    const ramp = [2.4, 3.2, 4.2, 5.2];
    const [map, image] = sceneOf(
      (x) => (x < 10 ? 2 : x < 14 ? ramp[x - 10]! : 6),
      (x) => x < 12,
    );
    const snapped = snapDepthEdges(map, image);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) expect(snapped.depth[y * width + x]).toBe(x < 12 ? 2 : 6);
  });

  it('moves a sharp step by a pixel or two to where the photo has it', () => {
    const [map, image] = sceneOf(
      (x) => (x < 13 ? 2 : 6),
      (x) => x < 12,
    );
    const snapped = snapDepthEdges(map, image);
    for (let x = 0; x < width; x++) expect(snapped.depth[8 * width + x]).toBe(x < 12 ? 2 : 6);
  });

  it('keeps a thin twig and does not touch slanted surfaces', () => {
    const [twig, image] = sceneOf(
      (x) => (x === 12 ? 2 : 6),
      (x) => x === 12,
    );
    expect(snapDepthEdges(twig, image).depth).toEqual(twig.depth);
    const [slanted, plain] = sceneOf(
      (x, y) => 2 * 1.01 ** (x + y),
      () => true,
    );
    expect(snapDepthEdges(slanted, plain).depth).toEqual(slanted.depth);
  });

  it('leaves no depth strictly between two slanted surfaces', () => {
    const [map, image] = sceneOf(
      (x, y) => {
        const [near, far] = [2 * 1.004 ** y, 5 * 1.004 ** y];
        const t = Math.min(1, Math.max(0, (x - 9) / 4));
        return near * (1 - t) + far * t;
      },
      (x) => x < 11,
    );
    const snapped = snapDepthEdges(map, image);
    for (let i = 0; i < snapped.depth.length; i++) {
      const z = snapped.depth[i]!;
      expect(z < 2.3 || z > 4.7).toBe(true);
      expect(z > 4.7).toBe(i % width >= 11);
    }
  });

  it('leaves confirmed depths alone when asked to, and forgets the confidence of what it moved', () => {
    const [map, image] = sceneOf(
      (x) => (x < 11 ? 2 : x < 13 ? 4 : 6),
      (x) => x < 12,
    );
    map.confidence.fill(1);
    expect(snapDepthEdges(map, image, { keepConfirmed: true }).depth).toEqual(map.depth);
    const snapped = snapDepthEdges(map, image);
    expect(snapped.confidence[5 * width + 2]).toBe(1);
    expect(snapped.confidence[5 * width + 11]).toBe(0);
    expect(map.depth[5 * width + 11]).toBe(4);
  });

  it('skips unknown depths and refuses sizes that disagree', () => {
    const [map, image] = sceneOf(
      (x) => (x < 12 ? 0 : x === 20 ? NaN : 6),
      () => true,
    );
    expect(snapDepthEdges(map, image).depth).toEqual(map.depth);
    expect(() => snapDepthEdges(map, { ...image, width: 3 })).toThrow(/size/);
  });
});

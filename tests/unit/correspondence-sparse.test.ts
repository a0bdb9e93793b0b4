import { describe, expect, it } from 'vitest';
import { chooseSources } from '../../engine/correspondence/choose-sources.js';
import { estimateInverseDepthRanges } from '../../engine/correspondence/sparse-depth-ranges.js';
import type { SparseMatches } from '../../engine/correspondence/sparse-matches.js';
import { findSparseMatches } from '../../engine/correspondence/sparse-matches.js';
import { createPairGeometry, triangulateMatch } from '../../engine/correspondence/triangulate-match.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { View } from '../../engine/scene/view.js';
import { cameraAt, renderPlanes, trueDepth } from '../fixtures/textured-planes.js';

const ROLL = 0.6;
const VIEWS: View[] = [
  renderPlanes('a.png', cameraAt([-0.25, 0, 0])),
  renderPlanes('b.png', cameraAt([0.2, 0.1, 0.1])),
  renderPlanes('c.png', cameraAt([0.05, -0.3, 0], ROLL)),
];

/** Relative errors of all matches' depths in their first view. */
function depthErrors(views: readonly View[], matches: SparseMatches): number[] {
  return matches.pairs.flatMap((pair) =>
    Array.from(pair.inverseDepths, (w, m) => {
      const { camera } = views[pair.firstView] as View;
      const depth = trueDepth(camera, pair.firstPx[2 * m] as number, pair.firstPx[2 * m + 1] as number);
      return Math.abs(w * depth - 1);
    }),
  );
}

describe('triangulateMatch', () => {
  it('recovers a depth worked by hand', () => {
    // Baseline 0.5 along x, point at depth 4 on the first axis: disparity 260 · 0.5 / 4 = 32.5 px.
    const pair = createPairGeometry(cameraAt([0, 0, 0]), cameraAt([0.5, 0, 0]));
    const result = triangulateMatch(pair, 131, 88, 131 - 32.5, 88);
    expect(result.inverseDepth).toBeCloseTo(0.25, 12);
    expect(result.depthRatio).toBeCloseTo(1, 12);
    expect(result.errorPx).toBeCloseTo(0, 9);
    // One pixel of disparity is 1 / (260 · 0.5) of inverse depth.
    expect(result.inverseDepthPerPx).toBeCloseTo(1 / 130, 12);
  });

  it('measures the distance from the epipolar line in pixels, with unequal focal lengths', () => {
    const pair = createPairGeometry(cameraAt([0, 0, 0]), cameraAt([0.5, 0, 0]));
    expect(triangulateMatch(pair, 131, 88, 131 - 32.5, 89.5).errorPx).toBeCloseTo(1.5, 9);
  });

  it('gives no number without a baseline', () => {
    const pair = createPairGeometry(cameraAt([0, 0, 0]), cameraAt([0, 0, 0], 0.1));
    expect(triangulateMatch(pair, 100, 50, 101, 50).inverseDepth).toBeNaN();
  });
});

describe('findSparseMatches', () => {
  it('finds points whose depths are right, in a rolled photo too', async () => {
    const matches = await findSparseMatches(VIEWS);
    expect(matches.pairs.length).toBe(3);
    for (const pair of matches.pairs) expect(pair.count).toBeGreaterThan(60);
    const errors = depthErrors(VIEWS, matches).sort((a, b) => a - b);
    expect(errors[Math.floor(0.5 * errors.length)]).toBeLessThan(0.006);
    // Corners at the board's rim lie on two depths at once; beyond them nothing may be far off.
    expect(errors.filter((error) => error > 0.05).length / errors.length).toBeLessThan(0.03);
    expect(Math.max(...matches.pairs.flatMap((pair) => [...pair.errorsPx]))).toBeLessThanOrEqual(1.5);
  });

  it('keeps the points of a flat wall seen from the front, whose depths have no spread', async () => {
    const near = [renderPlanes('a.png', cameraAt([-0.03, 0, 1.6])), renderPlanes('b.png', cameraAt([0.03, 0.01, 1.6]))];
    const matches = await findSparseMatches(near);
    expect(matches.points.count).toBeGreaterThan(100);
    expect(Math.max(...depthErrors(near, matches))).toBeLessThan(0.05);
    // The wall is 0.9 away; the range holds it with room on both sides, though nothing told how much.
    for (const { far, near: nearest } of estimateInverseDepthRanges(matches, near)) {
      expect(1 / nearest).toBeLessThan(0.85);
      expect(1 / far).toBeGreaterThan(0.95);
    }
  });

  it('gives the same points whatever the order of the photos', async () => {
    const forward = await findSparseMatches(VIEWS);
    const permutation = [2, 0, 1];
    const shuffled = permutation.map((i) => VIEWS[i] as View);
    const backward = await findSparseMatches(shuffled);
    expect([...backward.points.positions]).toEqual([...forward.points.positions]);
    expect([...backward.points.views].map((v) => permutation[v])).toEqual([...forward.points.views]);
    const sources = chooseSources(VIEWS, forward);
    const renamed = chooseSources(shuffled, backward).map((list) => list.map((j) => permutation[j]));
    permutation.forEach((original, position) => expect(renamed[position]).toEqual(sources[original]));
    const ranges = estimateInverseDepthRanges(forward, VIEWS);
    const shuffledRanges = estimateInverseDepthRanges(backward, shuffled);
    permutation.forEach((original, position) => expect(shuffledRanges[position]).toEqual(ranges[original]));
  });

  it('finds nothing under a mask', async () => {
    const mask = new Uint8Array(256 * 180).fill(1);
    for (let y = 0; y < 180; y++) mask.fill(0, y * 256, y * 256 + 128);
    const masked = VIEWS.map((view, i) => (i === 0 ? { ...view, mask } : view));
    const matches = await findSparseMatches(masked);
    for (const pair of matches.pairs.filter(({ firstView }) => firstView === 0)) {
      expect(pair.count).toBeGreaterThan(10);
      for (let m = 0; m < pair.count; m++) expect(pair.firstPx[2 * m] as number).toBeGreaterThan(128);
    }
  });

  it('says that cameras and photos do not fit when nothing matches', async () => {
    const plain = VIEWS.map((view) => renderPlanes(view.name, view.camera, false));
    await expect(findSparseMatches(plain)).rejects.toMatchObject({ name: 'ImportError', code: 'malformed' });
    // Cameras that have nothing to do with the photos: what looks alike lies off the epipolar lines.
    const wrong = VIEWS.map((view, i) => ({ ...view, camera: cameraAt([3 * i, i * i, -2 * i], 1 + 2 * i) }));
    await expect(findSparseMatches(wrong)).rejects.toBeInstanceOf(ImportError);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(findSparseMatches(VIEWS, { signal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('estimateInverseDepthRanges', () => {
  it('covers the true depths of every view and not much more', async () => {
    const ranges = estimateInverseDepthRanges(await findSparseMatches(VIEWS), VIEWS);
    ranges.forEach(({ far, near }, i) => {
      const { camera } = VIEWS[i] as View;
      for (const [u, v] of [
        [10, 10],
        [246, 10],
        [128, 90],
        [10, 170],
        [246, 170],
      ] as const) {
        const w = 1 / trueDepth(camera, u, v);
        expect(w).toBeGreaterThan(far);
        expect(w).toBeLessThan(near);
      }
      expect(1 / near).toBeGreaterThan(1.8);
      expect(1 / far).toBeLessThan(9);
    });
  });

  it('takes other views’ points for a view that has too few', async () => {
    const matches = await findSparseMatches(VIEWS);
    const blind = renderPlanes('d.png', cameraAt([0, 0, -0.2]), false);
    const ranges = estimateInverseDepthRanges({ ...matches, distant: [...matches.distant, new Float32Array()] }, [
      ...VIEWS,
      blind,
    ]);
    expect(1 / (ranges[3]?.near as number)).toBeLessThan(2.7);
    expect(1 / (ranges[3]?.far as number)).toBeGreaterThan(4.4);
    const away = renderPlanes('e.png', cameraAt([0, 0, 40]), false);
    const lost = { ...matches, distant: [...matches.distant, new Float32Array()] };
    expect(() => estimateInverseDepthRanges(lost, [...VIEWS, away])).toThrow(/e\.png/);
  });
});

describe('chooseSources', () => {
  it('prefers parallax over a near-duplicate, and never lists a view as its own source', async () => {
    const duplicate = renderPlanes('a2.png', cameraAt([-0.251, 0, 0]));
    const views = [...VIEWS, duplicate];
    const sources = chooseSources(views, await findSparseMatches(views), 2);
    expect(new Set(sources[0])).toEqual(new Set([1, 2]));
    sources.forEach((list, i) => {
      expect(list.length).toBeGreaterThan(0);
      expect(list).not.toContain(i);
    });
  });
});

import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat } from '../../engine/math/rigid-transform.js';
import type { GuidedMatchOptions } from '../../engine/poses/guided-matching.js';
import { findGuidedMatches } from '../../engine/poses/guided-matching.js';
import { KeypointGrid } from '../../engine/poses/keypoint-grid.js';
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import {
  fundamentalOfEssential,
  transferByFundamental,
  transferByHomography,
} from '../../engine/poses/pair-transfer.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import { ShapeError } from '../../engine/scene/errors.js';

const FIRST: Intrinsics = { fx: 500, fy: 510, cx: 330, cy: 240, width: 640, height: 480 };
const SECOND: Intrinsics = { fx: 620, fy: 600, cx: 310, cy: 250, width: 640, height: 480 };
const ANGLE = 0.12;
const ROTATION: Mat3 = [Math.cos(ANGLE), 0, Math.sin(ANGLE), 0, 1, 0, -Math.sin(ANGLE), 0, Math.cos(ANGLE)];
const TRANSLATION: Vec3 = [-0.6, 0.15, 0.1];
/** [t]× R, so that x₂ᵀ E x₁ = 0. */
const ESSENTIAL = multiplyMat(
  [0, -TRANSLATION[2], TRANSLATION[1], TRANSLATION[2], 0, -TRANSLATION[0], -TRANSLATION[1], TRANSLATION[0], 0],
  ROTATION,
);
const FUNDAMENTAL = fundamentalOfEssential(ESSENTIAL, FIRST, SECOND);

function inSecondCamera(x: number, y: number, depth: number): Vec3 {
  const p = [x * depth, y * depth, depth] as const;
  const r = ROTATION;
  return [0, 1, 2].map((k) => r[3 * k]! * p[0] + r[3 * k + 1]! * p[1] + r[3 * k + 2]! * p[2] + TRANSLATION[k]!) as Vec3;
}

interface Scene {
  readonly first: ImageFeatures;
  readonly second: ImageFeatures;
  /** Of both photos, on the planes z = 1. */
  readonly planes: readonly [Float64Array, Float64Array];
}

/**
 * Points at depths 2 to 6 seen by both cameras; keypoint k of both photos is the same point. Each descriptor belongs to eight points
 * (a repeated pattern): without the geometry nobody can tell them apart.
 */
function makeScene(count: number, samePattern = 8): Scene {
  const random = createRandom(7);
  const features = (camera: Intrinsics, plane: Float64Array): ImageFeatures => {
    const points = new Float32Array(plane.length);
    for (let i = 0; i < plane.length; i += 2) {
      points[i] = camera.fx * plane[i]! + camera.cx;
      points[i + 1] = camera.fy * plane[i + 1]! + camera.cy;
    }
    const bytesEach = 32;
    const data = new Uint8Array(count * bytesEach);
    const pattern = createRandom(99);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < bytesEach; k++) {
        const from = i % samePattern === 0 ? Math.floor(pattern.next() * 256) : data[(i - 1) * bytesEach + k]!;
        data[i * bytesEach + k] = from;
      }
    }
    // A few bits differ from photo to photo and from keypoint to keypoint.
    for (let bit = 0; bit < data.length * 8; bit++) if (random.next() < 0.04) data[bit >> 3]! ^= 1 << (bit & 7);
    const descriptors = { kind: 'binary', bytesEach, data } as const;
    const { width, height } = camera;
    return { detector: 'made-up', width, height, points, scores: new Float32Array(count).fill(1), descriptors };
  };
  const planes = [new Float64Array(2 * count), new Float64Array(2 * count)] as const;
  for (let i = 0; i < count; i++) {
    const [x, y] = [random.next() - 0.5, 0.8 * (random.next() - 0.5)];
    const p = inSecondCamera(x, y, 2 + 4 * random.next());
    planes[0].set([x, y], 2 * i);
    planes[1].set([p[0] / p[2], p[1] / p[2]], 2 * i);
  }
  return { first: features(FIRST, planes[0]), second: features(SECOND, planes[1]), planes };
}

function countRight(indices: Uint32Array): { right: number; all: number } {
  let right = 0;
  for (let k = 0; k < indices.length; k += 2) if (indices[k] === indices[k + 1]) right++;
  return { right, all: indices.length / 2 };
}

describe('guided matching along epipolar lines', () => {
  const scene = makeScene(400);
  const guided = (options: Partial<GuidedMatchOptions> = {}): Uint32Array =>
    findGuidedMatches(scene.first, scene.second, {
      transfer: transferByFundamental(FUNDAMENTAL),
      maxError: 2,
      ...options,
    }).indices;

  it('tells repeated patterns apart that descriptors alone cannot', () => {
    const alone = countRight(matchDescriptors(scene.first, scene.second).indices);
    const { right, all } = countRight(guided());
    expect(alone.right).toBeLessThan(60);
    expect(right).toBeGreaterThan(280);
    expect(right / all).toBeGreaterThan(0.97);
  });

  it('gives nothing farther from the line than it was told', () => {
    const line = new Float64Array(3);
    const transfer = transferByFundamental(FUNDAMENTAL);
    if (transfer.kind !== 'line') throw new Error('lines');
    const moved = {
      ...scene.second,
      points: scene.second.points.map((v, k) => (k % 2 === 1 && k % 4 === 1 ? v + 3 : v)),
    };
    const { indices } = findGuidedMatches(scene.first, moved, { transfer, maxError: 2 });
    expect(indices.length).toBeGreaterThan(200);
    for (let k = 0; k < indices.length; k += 2) {
      const [i, j] = [indices[k]!, indices[k + 1]!];
      transfer.lineInSecond(scene.first.points[2 * i]!, scene.first.points[2 * i + 1]!, line);
      const error = line[0]! * moved.points[2 * j]! + line[1]! * moved.points[2 * j + 1]! + line[2]!;
      expect(Math.abs(error)).toBeLessThanOrEqual(2);
      // Every other keypoint was moved off its line by 3 pixels, mostly across it.
      if (i === j) expect(j % 2).toBe(1);
    }
  });

  it('gives the same on the planes z = 1', () => {
    const [firstPoints, secondPoints] = scene.planes;
    const transfer = transferByFundamental(ESSENTIAL);
    const { right, all } = countRight(guided({ transfer, maxError: 2 / 610, firstPoints, secondPoints }));
    expect(right).toBeGreaterThan(280);
    expect(right / all).toBeGreaterThan(0.97);
    const unseen = firstPoints.slice().fill(NaN, 0, 100);
    const rest = guided({ transfer, maxError: 2 / 610, firstPoints: unseen, secondPoints });
    expect(Math.min(...rest.filter((_, k) => k % 2 === 0))).toBeGreaterThanOrEqual(50);
    expect(() => guided({ firstPoints: new Float64Array(4) })).toThrow(ShapeError);
  });

  it('adds to known matches and leaves their keypoints alone', () => {
    const all = guided();
    const known = all.slice(0, 200);
    const added = guided({ known });
    expect([...known, ...added]).toEqual([...all]);
    const wrong = Uint32Array.of(all[0]!, all[3]!);
    const others = guided({ known: wrong });
    expect([...others]).toEqual([...all.slice(4)]);
  });
});

describe('guided matching by a homography', () => {
  it('looks around the point alone', () => {
    const scene = makeScene(300);
    // A homography that maps the first photo's pixels exactly, and the second photo made by it.
    const h: Mat3 = [0.9, -0.1, 40, 0.12, 0.95, -20, 1e-4, -5e-5, 1];
    const points = new Float32Array(scene.first.points.length);
    const at = new Float64Array(2);
    const transfer = transferByHomography(h);
    if (transfer.kind !== 'point') throw new Error('points');
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [scene.first.points[i]!, scene.first.points[i + 1]!];
      transfer.pointInSecond(x, y, at);
      const w = h[6] * x + h[7] * y + h[8];
      expect(at[0]).toBeCloseTo((h[0] * x + h[1] * y + h[2]) / w, 9);
      points.set([at[0]! + 1, at[1]! - 1], i);
    }
    const second = { ...scene.second, points };
    const { right, all } = countRight(findGuidedMatches(scene.first, second, { transfer }).indices);
    expect(right).toBeGreaterThan(280);
    expect(right / all).toBeGreaterThan(0.98);
    expect(findGuidedMatches(scene.first, second, { transfer, maxError: 1.4 }).indices).toHaveLength(0);
    const behind = transferByHomography([1, 0, 0, 0, 1, 0, 0, 0, -1]);
    expect(findGuidedMatches(scene.first, second, { transfer: behind }).indices).toHaveLength(0);
  });
});

describe('the grid of keypoints', () => {
  it('visits what a search through all of them finds, each once', () => {
    const random = createRandom(3);
    const points = Float64Array.from({ length: 600 }, () => 100 * random.next() - 20);
    points[10] = NaN;
    points[13] = Infinity;
    const grid = new KeypointGrid(points);
    const all = Array.from({ length: 300 }, (_, i) => i);
    for (let trial = 0; trial < 60; trial++) {
      const angle = trial < 4 ? (trial * Math.PI) / 2 : 7 * random.next();
      const [a, b] = [Math.cos(angle), Math.sin(angle)];
      const c = 160 * random.next() - 100;
      const radius = trial % 3 === 0 ? 0.5 : 12;
      const near: number[] = [];
      grid.visitNearLine(a, b, c, radius, (i) => near.push(i));
      const expected = all.filter((i) => Math.abs(a * points[2 * i]! + b * points[2 * i + 1]! + c) <= radius);
      expect(near.sort((x, y) => x - y)).toEqual(expected);
      const around: number[] = [];
      grid.visitNearPoint(c, 30, radius, (i) => around.push(i));
      const within = all.filter((i) => Math.hypot(points[2 * i]! - c, points[2 * i + 1]! - 30) <= radius);
      expect(around.sort((x, y) => x - y)).toEqual(within);
    }
    const visited: number[] = [];
    grid.visitNearLine(NaN, NaN, NaN, 1e9, (i) => visited.push(i));
    grid.visitNearPoint(NaN, 0, 1e9, (i) => visited.push(i));
    new KeypointGrid([]).visitNearPoint(0, 0, 1e9, (i) => visited.push(i));
    expect(visited).toEqual([]);
    new KeypointGrid([5, 5, 5, 5]).visitNearPoint(5, 5, 0, (i) => visited.push(i));
    expect(visited).toEqual([0, 1]);
  });
});

import { describe, expect, it } from 'vitest';
import { depthAtAnchors, holdOutAnchors } from '../../engine/depth/pick-anchors.js';
import { projectPoints } from '../../engine/depth/project-points.js';
import { mergeSensorPoints } from '../../engine/scene/merge-sensor-points.js';
import { ShapeError } from '../../engine/scene/errors.js';
import { cloudOfPoints } from '../fixtures/cloud-of-points.js';

type Point = readonly [number, number, number];

const IDENTITY = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] } as const;
const INTRINSICS = { fx: 100, fy: 100, cx: 80, cy: 60, width: 160, height: 120 };
const CAMERA = {
  cameraFromSensor: { rotation: [...IDENTITY.rotation], translation: [...IDENTITY.translation] },
  intrinsics: INTRINSICS,
} as Parameters<typeof projectPoints>[1];

/** Points of a wall at depth z that lie at the given pixels: every `stepX`-th column and `stepY`-th row of a part of the picture. */
function wall(z: number, box: readonly [number, number, number, number], stepX: number, stepY: number): Point[] {
  const points: Point[] = [];
  const [left, top, right, bottom] = box;
  for (let v = top; v <= bottom; v += stepY)
    for (let u = left; u <= right; u += stepX) points.push([((u - 80) / 100) * z, ((v - 60) / 100) * z, z]);
  return points;
}

const WHOLE = [2, 2, 157, 117] as const;

describe('projecting a cloud', () => {
  it('gives pixel and depth as worked out by hand, origin and transform included', () => {
    // (3, 1, 8) + t = (4, −1, 10): u = 100 · 0.4 + 80 = 120, v = 100 · (−0.1) + 60 = 50.
    const points = cloudOfPoints([[500003, 1, 8]], [500000, 0, 0]);
    const cameraFromSensor = { rotation: CAMERA.cameraFromSensor.rotation, translation: [-499999, -2, 2] as const };
    const { anchors, pointIndex } = projectPoints(points, { ...CAMERA, cameraFromSensor } as typeof CAMERA);
    expect([...anchors.pixels, ...anchors.depth]).toEqual([120, 50, 10]);
    expect([...pointIndex]).toEqual([0]);
    // A lone point has no neighbours: its range alone is uncertain, 2 cm of 10 m.
    expect(anchors.sigmaLogDepth[0]).toBeCloseTo(0.002, 6);
  });

  it('leaves out what is behind, outside, masked or not finite', () => {
    const points = cloudOfPoints([
      [0, 0, -5],
      [0, 0, 0],
      [90, 0, 10],
      [NaN, 0, 10],
      [0, 0, Infinity],
      [0.05, 0.05, 10],
      [4, 0.05, 10],
    ]);
    const mask = new Uint8Array(160 * 120).fill(1);
    mask[60 * 160 + 120] = 0;
    const { pointIndex, counts } = projectPoints(points, CAMERA, { mask });
    expect([...pointIndex]).toEqual([5]);
    expect(counts).toEqual({ points: 7, inPicture: 1, sharedPixel: 0, hidden: 0 });
  });

  it('keeps the nearest of a pixel', () => {
    const { anchors, counts } = projectPoints(
      cloudOfPoints([
        [0.02, 0.02, 20],
        [0.01, 0.01, 10],
        [0.03, 0.03, 30],
      ]),
      CAMERA,
    );
    expect([...anchors.depth]).toEqual([10]);
    expect(counts.sharedPixel).toBe(2);
  });

  it('an empty cloud gives no anchors, and a wrong mask is our own error', () => {
    expect(projectPoints(cloudOfPoints([]), CAMERA).anchors.count).toBe(0);
    expect(() => projectPoints(cloudOfPoints([]), CAMERA, { mask: new Uint8Array(3) })).toThrow(ShapeError);
  });
});

describe('a wall before a wall', () => {
  it('hides what shines through between the rows of a scanner, though no pixel is shared', () => {
    // Rows 6 px apart, 2 px between points; the far wall's rows lie midway.
    const near = wall(5, WHOLE, 2, 6);
    const far = wall(20, [5, 5, 155, 107], 2, 6);
    const { anchors, counts } = projectPoints(cloudOfPoints([...near, ...far]), CAMERA);
    expect(counts.inPicture).toBe(near.length + far.length);
    expect(counts.hidden).toBe(far.length);
    expect(anchors.depth.every((z) => z === 5)).toBe(true);
  });

  it('keeps what is seen beside and over the near wall, up to its edge', () => {
    // The near wall fills columns 40 to 120 of the lower half: rows 64 to 112.
    const near = wall(5, [40, 64, 120, 112], 4, 8);
    const far = wall(20, [2, 4, 158, 116], 4, 8);
    const { pointIndex } = projectPoints(cloudOfPoints([...near, ...far]), CAMERA);
    const kept = new Set(pointIndex);
    far.forEach(([x, y, z], i) => {
      const [u, v] = [(100 * x) / z + 80, (100 * y) / z + 60];
      const isBehind = u > 40 && u < 120 && v > 64 && v < 112;
      expect(kept.has(near.length + i), `far point at ${u}, ${v}`).toBe(!isBehind);
    });
    near.forEach((_, i) => {
      expect(kept.has(i)).toBe(true);
    });
  });

  it('holds in a merged cloud, where the far wall is sampled more densely than the near one', () => {
    const near = wall(3, [10, 10, 150, 110], 7, 7);
    const far = wall(12, WHOLE, 2, 2);
    const merged = mergeSensorPoints([cloudOfPoints(near), cloudOfPoints(far, [100, 200, 300])]);
    const { anchors } = projectPoints(merged, CAMERA);
    for (let k = 0; k < anchors.count; k++) {
      const [u, v] = [anchors.pixels[2 * k] as number, anchors.pixels[2 * k + 1] as number];
      if (u > 10.5 && u < 149.5 && v > 10.5 && v < 109.5) expect(anchors.depth[k]).toBe(3);
    }
    // Around the near wall the far one is still there.
    expect(anchors.depth.filter((z) => z > 11).length).toBeGreaterThan(500);
  });

  it('lets a road be: rings that lie far apart in depth hide nothing of it', () => {
    // A plane 1.6 m below the camera, rings where a scanner's beams meet it.
    const road: Point[] = [];
    for (const z of [4, 4.6, 5.4, 6.5, 8, 10, 13, 18, 26])
      for (let x = -0.7 * z; x <= 0.7 * z; x += 0.04 * z) road.push([x, 1.6, z]);
    expect(projectPoints(cloudOfPoints(road), CAMERA).counts.hidden).toBe(0);
  });

  it('trusts a wall and doubts its outline', () => {
    const near = wall(5, [40, 20, 120, 100], 4, 4);
    const far = wall(20, [2, 2, 38, 118], 4, 4);
    const { anchors } = projectPoints(cloudOfPoints([...near, ...far]), CAMERA);
    const sigmaAt = (u: number, v: number): number => {
      const k = Array.from({ length: anchors.count }, (_, i) => i).find(
        (i) => anchors.pixels[2 * i] === u && anchors.pixels[2 * i + 1] === v,
      );
      return anchors.sigmaLogDepth[k ?? -1] as number;
    };
    expect(sigmaAt(80, 60)).toBeCloseTo(0.02 / 5, 6);
    // The far wall's column 38 lies 2 px beside: log 4 over 2 px.
    expect(sigmaAt(40, 60)).toBeGreaterThan(0.3);
  });
});

describe('holding points out', () => {
  it('takes every n-th point of the cloud, wherever it lands', () => {
    const projected = projectPoints(cloudOfPoints(wall(5, WHOLE, 10, 10)), CAMERA);
    const { kept, heldOut } = holdOutAnchors(projected, 5);
    expect(kept.count + heldOut.count).toBe(projected.anchors.count);
    expect(heldOut.count).toBe(Math.ceil(projected.anchors.count / 5));
    expect(holdOutAnchors(projected, 0).heldOut.count).toBe(0);
    const depth = Float32Array.from({ length: 160 * 120 }, (_, i) => i);
    const [u, v] = heldOut.pixels;
    expect(depthAtAnchors(depth, 160, heldOut)[0]).toBe(Math.floor(v as number) * 160 + Math.floor(u as number));
  });
});

import { describe, expect, it } from 'vitest';
import { anchorsOfDepth, believeConfirmedDepth } from '../../engine/depth/believe-confirmed-depth.js';
import { reportSensors } from '../../engine/pipeline/sensor-report.js';
import { ResidualGatherer } from '../../engine/pipeline/sensor-residuals.js';
import type { HeldOutDepths, SensorSupervision, ViewSensors } from '../../engine/pipeline/sensor-supervision.js';
import {
  bringToSensors,
  depthOfLonePhoto,
  sensedInverseDepths,
  sensorTargetOf,
} from '../../engine/pipeline/sensor-supervision.js';
import type { AnchorSource, DepthAnchors } from '../../engine/scene/depth-anchors.js';
import { createSplats } from '../../engine/scene/splats.js';
import type { View } from '../../engine/scene/view.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import type { SeedView } from '../../engine/training/seed-view.js';
import { createPlainCamera } from '../fixtures/random-splats.js';

type Row = readonly [column: number, row: number, z: number, sigma?: number];

/** Anchors at the middle of pixels. */
function anchorsAt(rows: readonly Row[], source: AnchorSource = 'lidar'): DepthAnchors {
  return {
    count: rows.length,
    pixels: Float32Array.from(rows.flatMap(([column, row]) => [column + 0.5, row + 0.5])),
    depth: Float32Array.from(rows, ([, , z]) => z),
    sigmaLogDepth: Float32Array.from(rows, ([, , , sigma = 0.01]) => sigma),
    source,
  };
}

/** A photo of one grey: nothing in it says where a surface ends. */
function greyView(width: number, height: number, mask: Uint8Array | null = null): View {
  const data = new Float32Array(width * height * 3).fill(0.5);
  return { name: 'a.jpg', camera: createPlainCamera(width, height), image: { width, height, data }, mask };
}

function seedOf(view: View, z: number, isConfirmed: 0 | 1): SeedView {
  const count = view.image.width * view.image.height;
  return {
    camera: view.camera,
    image: view.image,
    mask: view.mask,
    depth: new Float32Array(count).fill(z),
    confirmed: new Uint8Array(count).fill(isConfirmed),
    segments: new Uint8Array(count),
  };
}

const told = (anchors: readonly DepthAnchors[], heldOut: DepthAnchors | null = null): ViewSensors => ({
  anchors,
  heldOut,
});

/** Every fourth pixel of every third row. */
function gridOf(width: number, height: number, zAt: (column: number, row: number) => number): Row[] {
  const rows: Row[] = [];
  for (let y = 1; y < height; y += 3) for (let x = 1; x < width; x += 4) rows.push([x, y, zAt(x, y)]);
  return rows;
}

describe('what the LiDAR loss goes by', () => {
  const view = greyView(8, 6);
  it('is 1 / z and min(1, 0.01 / σ) at the points’ pixels, and nothing elsewhere', () => {
    const target = sensorTargetOf(
      view,
      told([
        anchorsAt([
          [2, 1, 4],
          [7, 5, 5, 0.02],
        ]),
      ]),
    )!;
    const at = (x: number, y: number) => Array.from(target.subarray(2 * (y * 8 + x), 2 * (y * 8 + x) + 2));
    expect(target).toHaveLength(96);
    expect(at(2, 1)).toEqual([0.25, 1]);
    expect(at(7, 5)[0]).toBeCloseTo(0.2, 6);
    expect(at(7, 5)[1]).toBeCloseTo(0.5, 6);
    expect(target.filter((value) => value !== 0)).toHaveLength(4);
  });

  it('averages points of one pixel by 1 / σ²: (0.25 · 10⁴ + 0.5 · 2500) / 12500 = 0.3', () => {
    const rows: Row[] = [
      [3, 3, 4, 0.01],
      [3, 3, 2, 0.02],
    ];
    expect(sensorTargetOf(view, told([anchorsAt(rows)]))![2 * (3 * 8 + 3)]).toBeCloseTo(0.3, 6);
  });

  it('is null for radar, under a mask, and without sensors', () => {
    expect(sensorTargetOf(view, told([anchorsAt([[2, 1, 4]], 'radar')]))).toBeNull();
    expect(sensorTargetOf(greyView(8, 6, new Uint8Array(48)), told([anchorsAt([[2, 1, 4]])]))).toBeNull();
    expect(sensorTargetOf(view, undefined)).toBeNull();
  });

  it('bounds where surfaces may be by at most 2000 inverse depths', () => {
    expect(sensedInverseDepths(undefined)).toEqual([]);
    const two: Row[] = [
      [0, 0, 2],
      [1, 1, 4],
    ];
    expect(sensedInverseDepths(told([anchorsAt(two)]))).toEqual([0.5, 0.25]);
    const many = Array.from({ length: 5000 }, (_, i): Row => [i % 8, i % 6, 5]);
    expect(sensedInverseDepths(told([anchorsAt(many)])).length).toBeLessThanOrEqual(2000);
  });
});

describe('confirmed depth beside LiDAR points', () => {
  const [width, height] = [20, 15];
  const given = (z: number) => ({
    width,
    height,
    depth: new Float32Array(width * height).fill(z),
    confirmed: new Uint8Array(width * height).fill(1),
  });
  const share = (marks: Uint8Array) => marks.reduce((sum, mark) => sum + mark, 0) / marks.length;

  it('is believed within 5 % of the points, or where there are none, and not where they say something else', () => {
    const wall = [anchorsAt(gridOf(width, height, () => 4))];
    expect(share(believeConfirmedDepth(given(4.15), wall))).toBe(1);
    expect(share(believeConfirmedDepth(given(3.6), wall))).toBe(0);
    expect(share(believeConfirmedDepth(given(4.5), wall))).toBe(0);
    expect(share(believeConfirmedDepth(given(3.6), []))).toBe(1);
  });

  it('is left alone by a radar, and by points that may be the next pixel’s if it lies between them', () => {
    const radar = [
      anchorsAt(
        gridOf(width, height, () => 4),
        'radar',
      ),
    ];
    expect(share(believeConfirmedDepth(given(3), radar))).toBe(1);
    const rim = gridOf(width, height, (column) => (column % 8 === 1 ? 2 : 4)).map(([x, y, z]): Row => [x, y, z, 0.1]);
    expect(believeConfirmedDepth(given(3), [anchorsAt(rim)])[7 * width + 10]).toBe(1);
  });

  it('becomes anchors at the middle of the marked pixels', () => {
    const marks = new Uint8Array(width * height);
    marks[2 * width + 3] = 1;
    const { count, pixels, depth, sigmaLogDepth } = anchorsOfDepth(given(7), marks, 0.5);
    expect([count, ...pixels, ...depth, ...sigmaLogDepth]).toEqual([1, 3.5, 2.5, 7, 0.5]);
  });
});

describe('depth that sensors bring', () => {
  const view = greyView(24, 18);
  /** A plane that leans away: 1 / z is linear over the picture. */
  const zAt = (column: number, row: number) => 1 / (0.2 + 0.004 * (column + 0.5) + 0.002 * (row + 0.5));
  const plane = anchorsAt(gridOf(24, 18, zAt));
  const held = anchorsAt([
    [3, 3, zAt(3, 3)],
    [12, 9, zAt(12, 9)],
    [20, 14, zAt(20, 14)],
  ]);

  it('of a lone photo is the plane that its points lie on, at held-out points too', () => {
    const { seed, heldOut } = depthOfLonePhoto(view, null, told([plane], held));
    for (const [k, z] of Array.from(held.depth).entries())
      expect(Math.abs(heldOut!.sensors[k]! / z - 1)).toBeLessThan(0.01);
    expect(heldOut!.measured).toEqual(held.depth);
    expect(heldOut!.photos).toBeNull();
    // Between its points; beyond the last of them the field is level.
    let worst = 0;
    for (let y = 1; y <= 16; y++)
      for (let x = 1; x <= 21; x++) worst = Math.max(worst, Math.abs(seed.depth[y * 24 + x]! / zAt(x, y) - 1));
    expect(worst).toBeLessThan(0.03);
    // A pixel with a point is confirmed.
    expect(seed.confirmed[1 * 24 + 1]).toBe(1);
  });

  it('keeps what a metric network alone said at held-out points; a relative one has no scale', () => {
    const values = new Float32Array(24 * 18).fill(3);
    const metric = depthOfLonePhoto(view, { values, kind: 'metric-depth' }, told([plane], held));
    expect(Array.from(metric.heldOut!.photos!)).toEqual([3, 3, 3]);
    const relative = depthOfLonePhoto(view, { values, kind: 'inverse-depth' }, told([plane], held));
    expect(relative.heldOut!.photos).toBeNull();
  });

  it('replaces confirmed depth that the LiDAR contradicts, keeps what it agrees with, and fills in the rest', () => {
    const wall = anchorsAt(gridOf(24, 18, () => 4));
    const at = anchorsAt([[10, 8, 4]]);
    const wrong = bringToSensors(view, seedOf(view, 3, 1), told([wall], at));
    expect(wrong.heldOut!.photos![0]).toBe(3);
    expect(wrong.heldOut!.sensors[0]).toBeCloseTo(4, 1);
    const open = bringToSensors(view, seedOf(view, 3, 0), told([wall], at));
    expect(open.heldOut!.sensors[0]).toBeCloseTo(4, 1);
    const right = bringToSensors(view, seedOf(view, 4.05, 1), told([wall], at));
    expect(right.heldOut!.sensors[0]).toBeGreaterThan(3.99);
    expect(right.heldOut!.sensors[0]).toBeLessThan(4.06);
    expect(Math.min(...right.seed.confirmed)).toBe(1);
  });

  it('is the photos’ own without a single point', () => {
    const seed = seedOf(view, 3, 1);
    const met = bringToSensors(view, seed, told([anchorsAt([])], anchorsAt([[1, 1, 4]])));
    expect(met.seed).toBe(seed);
    expect([met.heldOut!.photos![0], met.heldOut!.sensors[0]]).toEqual([3, 3]);
    expect(bringToSensors(view, seed, told([anchorsAt([])])).heldOut).toBeNull();
  });
});

describe('the report at points kept out', () => {
  const view = greyView(12, 9);
  /** One Gaussian so large that the whole picture sees it, at z = 2: its depth over its alpha is 2 everywhere. */
  const wall = createSplats(1, 0);
  wall.means.set([0, 0, 2]);
  wall.logScales.set([Math.log(20), Math.log(20), Math.log(0.01)]);
  wall.rawOpacities[0] = 5;
  const measure = (heldOut: DepthAnchors, before: ReadonlyMap<string, HeldOutDepths> = new Map()) => {
    const anchors = [anchorsAt([[1, 1, 2]]), anchorsAt([[2, 2, 2]], 'radar')];
    const sensors: SensorSupervision = {
      byView: new Map([['a.jpg', { anchors, heldOut, radarCount: 7 }]]),
      lossWeight: 0.25,
      unit: 'metre',
    };
    return reportSensors({ backend: createReferenceBackend(), splats: wall, views: [view], sensors, before }, {});
  };
  const report = async (heldOut: DepthAnchors, before?: ReadonlyMap<string, HeldOutDepths>) =>
    (await measure(heldOut, before)).report;
  const three = anchorsAt([
    [2, 2, 2],
    [6, 4, 2.5],
    [9, 7, 1.6],
  ]);

  it('by hand: 2 against 2, 2.5 and 1.6 is AbsRel 0.15, MAE 0.3', async () => {
    const { errors, residuals, ...rest } = await report(three, new Map());
    expect(rest).toEqual({ unit: 'metre', lossWeight: 0.25, lidarCount: 1, radarCount: 7 });
    // A run that was resumed knows of no earlier stage.
    expect(errors.map(({ stage }) => stage)).toEqual(['trained']);
    expect(errors[0]!.count).toBe(3);
    expect(errors[0]!.absRel).toBeCloseTo((0 + 0.5 / 2.5 + 0.4 / 1.6) / 3, 5);
    expect(errors[0]!.mae).toBeCloseTo(0.3, 5);
    expect(errors[0]!.rmse).toBeCloseTo(Math.sqrt((0.25 + 0.16) / 3), 5);
    // Residuals 0, −0.5 and 0.4 in 41 bins from −0.5 to 0.5: the 20th, the first, and 0.9 · 41 = 36.9.
    expect(residuals!.edges[0]).toBeCloseTo(-0.5, 5);
    expect(residuals!.edges[41]).toBeCloseTo(0.5, 5);
    expect([...residuals!.counts.entries()].filter(([, count]) => count > 0)).toEqual([
      [0, 1],
      [20, 1],
      [36, 1],
    ]);
  });

  it('has a row for each stage that has a scale', async () => {
    const before = { measured: three.depth, photos: Float32Array.of(4, 5, 3.2), sensors: Float32Array.of(2, 2.5, 1.6) };
    const { errors } = await report(three, new Map([['a.jpg', before]]));
    expect(errors.map(({ stage }) => stage)).toEqual(['photos', 'sensors', 'trained']);
    expect(errors[0]!.absRel).toBeCloseTo(1, 5);
    expect(errors[1]!.absRel).toBeCloseTo(0, 6);
    const without = await report(three, new Map([['a.jpg', { ...before, photos: null }]]));
    expect(without.errors.map(({ stage }) => stage)).toEqual(['sensors', 'trained']);
  });

  it('the histogram’s ends take what lies beyond: 100 residuals, one of them far off', async () => {
    const rows = Array.from({ length: 100 }, (_, i): Row => [i % 12, Math.floor(i / 12), i < 50 ? 2.125 : 1.875]);
    rows[99] = [3, 8, 1];
    const { residuals } = await report(anchorsAt(rows), new Map());
    expect(residuals!.edges[41]).toBeCloseTo(0.125, 4);
    expect(residuals!.counts[0]).toBe(50);
    expect(residuals!.counts[40]).toBe(50);
  });

  it('without points kept out has neither errors nor histogram', async () => {
    expect(await report(anchorsAt([]), new Map())).toMatchObject({ errors: [], residuals: null });
  });

  it('tells of every LiDAR point, held out or not, where it is and by how much the scene is too far', async () => {
    const { residuals } = await measure(three);
    expect(residuals!.count).toBe(4);
    const { fx, fy, cx, cy } = view.camera.intrinsics;
    const expected = [
      [2, 2, 2],
      [6, 4, 2.5],
      [9, 7, 1.6],
      [1, 1, 2],
    ].map(([column, row, z]) => [((column! + 0.5 - cx) * z!) / fx, ((row! + 0.5 - cy) * z!) / fy, z!]);
    expected.flat().forEach((value, i) => expect(residuals!.positions[i]).toBeCloseTo(value, 5));
    [0, -0.5, 0.4, 0].forEach((value, i) => expect(residuals!.residuals[i]).toBeCloseTo(value, 5));
  });
});

describe('residuals for a picture', () => {
  const points = anchorsAt(Array.from({ length: 10 }, (_, i): Row => [i, 0, 1 + i]));
  const camera = { ...createPlainCamera(12, 9), cameraFromWorld: { rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [1, 2, 3] } } as const; // prettier-ignore
  const gather = (limit: number, rendered: Float32Array) => {
    const gatherer = new ResidualGatherer(20, limit);
    const view = { ...camera, cameraFromWorld: { rotation: [...camera.cameraFromWorld.rotation], translation: [1, 2, 3] } }; // prettier-ignore
    for (let photo = 0; photo < 2; photo++) gatherer.add(view as never, points, rendered);
    return gatherer.finish();
  };

  it('lie where the camera that saw them says: x = Rᵀ (p − t), turned by a quarter about z', () => {
    const { positions } = gather(20, new Float32Array(10).fill(7))!;
    const { fx, fy, cx, cy } = camera.intrinsics;
    const [x, y, z] = [((3.5 - cx) * 4) / fx, ((0.5 - cy) * 4) / fy, 4];
    // R turns (x, y) into (−y, x), so Rᵀ turns (a, b) into (b, −a).
    [y - 2, -(x - 1), z - 3].forEach((value, k) => expect(positions[9 + k]).toBeCloseTo(value, 5));
  });

  it('are thinned evenly, over both photos alike, and never more than asked for', () => {
    const { count, residuals } = gather(4, new Float32Array(10).fill(7))!;
    // Of turns 0 to 19 every fifth: the 5th and the 10th point of each photo, at z = 5 and z = 10.
    expect([count, ...residuals]).toEqual([4, 2, -3, 2, -3]);
  });

  it('leave out what the scene does not cover, and there are none where it covers nothing', () => {
    const rendered = Float32Array.from({ length: 10 }, (_, i) => [0, NaN, Infinity, 5][i] ?? 0);
    expect([...gather(20, rendered)!.residuals]).toEqual([1, 1]);
    expect(gather(20, new Float32Array(10))).toBeNull();
  });
});

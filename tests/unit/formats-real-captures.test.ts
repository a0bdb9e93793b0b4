import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import { readColmapCamerasBinary, readColmapImagesBinary } from '../../engine/formats/read-colmap-binary.js';
import { readColmapPointsBinary } from '../../engine/formats/read-colmap-points.js';
import { cameraCentre } from '../../engine/math/conventions.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { loadViews, parseViewList } from '../../engine/pipeline/load-views.js';
import type { LoadOptions } from '../../engine/pipeline/load-views.js';
import type { Capture, CaptureView } from '../../engine/scene/view.js';
import { openCapture } from '../../host/capture-folder.js';
import { sharpPhotoDecoder } from '../../host/photo-decoder.js';

const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Real captures are not part of the project; where they are absent the tests say so. */
function describeReal(name: string, body: (folder: string) => void): void {
  const folder = join(DATA, name);
  const isThere = existsSync(folder);
  if (!isThere) console.log(`SKIPPED: importing the real capture ${name}: ${folder} is not there`);
  describe.skipIf(!isThere)(`the real capture ${name}`, () => body(folder));
}

async function importFolder(folder: string): Promise<Capture> {
  const { files, poseFile } = await openCapture(folder);
  return importCapture(files, poseFile);
}

async function loadFolder(folder: string, options: LoadOptions) {
  const { files, poseFile } = await openCapture(folder);
  return loadViews(await importCapture(files, poseFile), files, sharpPhotoDecoder, options, {});
}

function project(view: CaptureView, point: Vec3): [number, number] {
  const { fx, fy, cx, cy } = view.camera.intrinsics;
  const [x, y, z] = transformPoint(view.camera.cameraFromWorld, point);
  expect(z).toBeGreaterThan(0);
  return [(fx * x) / z + cx, (fy * y) / z + cy];
}

/** Mean direction in which the cameras look and the spread of their centres, in world units. */
function axesOf(views: readonly CaptureView[]) {
  const forward = [0, 1, 2].map(
    (axis) =>
      views.reduce((sum, { camera }) => sum + (camera.cameraFromWorld.rotation[6 + axis] as number), 0) / views.length,
  ) as Vec3;
  const centres = views.map(({ camera }) => cameraCentre(camera.cameraFromWorld));
  return { forward, centres };
}

describeReal('fern', (folder) => {
  it('is imported as LLFF: 20 photos, focal length of 4032 × 3024, forward-facing', async () => {
    const { format, views, warnings } = await importFolder(folder);
    expect([format, views.length, warnings]).toEqual(['llff', 20, []]);
    expect(views.map(({ imagePath }) => imagePath)[19]).toBe('images_8/image019.png');
    const { intrinsics } = views[0]?.camera ?? {};
    expect([intrinsics?.width, intrinsics?.height]).toEqual([4032, 3024]);
    expect(intrinsics?.fx).toBeCloseTo(3260.526, 3);
    // All cameras look the same way, give or take; the mean of unit vectors is then nearly a unit vector.
    expect(Math.hypot(...axesOf(views).forward)).toBeGreaterThan(0.95);
  });

  it("sees its own sparse points: most lie in front of every camera and inside every photo's frame", async () => {
    const { views } = await importFolder(folder);
    const file = 'points3D.bin';
    const points = readColmapPointsBinary(readFileSync(join(folder, 'sparse/0', file)), file);
    expect(points.count).toBeGreaterThan(5000);
    for (const view of views) {
      const { fx, fy, cx, cy, width, height } = view.camera.intrinsics;
      let inside = 0;
      for (let i = 0; i < points.count; i++) {
        const [x, y, z] = transformPoint(view.camera.cameraFromWorld, [
          ...points.positions.subarray(i * 3, i * 3 + 3),
        ] as Vec3);
        const [u, v] = [(fx * x) / z + cx, (fy * y) / z + cy];
        if (z > 0 && u > 0 && u < width && v > 0 && v < height) inside++;
      }
      expect(inside / points.count).toBeGreaterThan(0.6);
    }
  });

  it('is loaded at an eighth of its stated size, untouched and unmasked', async () => {
    const { views } = await loadFolder(folder, { widthPx: 504, select: [1, 10, 19] });
    expect(views.map(({ name, mask }) => [name, mask])).toEqual([
      ['image001.png', null],
      ['image010.png', null],
      ['image019.png', null],
    ]);
    const { intrinsics } = views[0]?.camera ?? {};
    expect([intrinsics?.width, intrinsics?.height, intrinsics?.cx, intrinsics?.cy]).toEqual([504, 378, 252, 189]);
    expect(intrinsics?.fx).toBeCloseTo(3260.526 / 8, 3);
  });
});

describeReal('fox', (folder) => {
  const MISSING = [
    '0005',
    '0016',
    '0017',
    '0024',
    '0032',
    '0051',
    '0068',
    '0071',
    '0075',
    '0083',
    '0087',
    '0088',
    '0093',
  ].concat(['0099', '0104', '0106', '0113']);

  it('has 50 photos; the 17 that are missing are named', async () => {
    const { format, views, warnings } = await importFolder(folder);
    expect([format, views.length, warnings.length]).toEqual(['transforms-json', 50, 17]);
    MISSING.forEach((stem, i) => expect(warnings[i]).toContain(`images/${stem}.jpg`));
    const names = views.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(parseViewList('0009,0018,0025', names).map((i) => names[i])).toEqual(['0009.jpg', '0018.jpg', '0025.jpg']);
    expect(views[0]?.distortion).toMatchObject({
      k1: 0.0578421,
      k2: -0.0805099,
      p1: -0.000980296,
      p2: 0.00015575,
      k3: 0,
    });
  });

  it('half surrounds what it looks at: the cameras see a common point ahead of them', async () => {
    const { views } = await importFolder(folder);
    // The point nearest to all optical axes: Σ (I − d dᵀ) p = Σ (I − d dᵀ) c, solved by fixed-point steps.
    const rays = views.map(({ camera }) => ({
      centre: cameraCentre(camera.cameraFromWorld),
      direction: camera.cameraFromWorld.rotation.slice(6, 9) as Vec3,
    }));
    let point: Vec3 = [0, 0, 0];
    for (let step = 0; step < 500; step++) {
      const feet = rays.map(({ centre, direction }) => {
        const along = direction.reduce(
          (sum, d, axis) => sum + d * ((point[axis] as number) - (centre[axis] as number)),
          0,
        );
        return centre.map((c, axis) => c + along * (direction[axis] as number));
      });
      point = [0, 1, 2].map(
        (axis) => feet.reduce((sum, foot) => sum + (foot[axis] as number), 0) / feet.length,
      ) as Vec3;
    }
    for (const view of views) {
      const [u, v] = project(view, point);
      expect(Math.abs(u / 1080 - 0.5)).toBeLessThan(0.5);
      expect(Math.abs(v / 1920 - 0.5)).toBeLessThan(0.5);
    }
  });

  it('is 504 × 896 with about 2 % of its pixels masked', async () => {
    const { views } = await loadFolder(folder, { widthPx: 504, select: ['0009', '0018'] });
    for (const { camera, mask, image } of views) {
      expect([image.width, image.height]).toEqual([504, 896]);
      expect(camera.intrinsics.fx).toBeCloseTo((1375.52 * 504) / 1080, 6);
      expect(camera.intrinsics.cy).toBeCloseTo((965.268 * 896) / 1920, 6);
      const masked = (mask ?? new Uint8Array(1)).reduce((sum, counts) => sum + 1 - counts, 0) / (504 * 896);
      console.log(`fox: ${(masked * 100).toFixed(2)} % masked`);
      expect(masked).toBeGreaterThan(0.01);
      expect(masked).toBeLessThan(0.03);
    }
  });
});

describeReal('temple', (folder) => {
  it('has 16 photos of 640 × 480 around the box that its README gives', async () => {
    const { format, views, warnings } = await importFolder(folder);
    expect([format, views.length, warnings]).toEqual(['middlebury', 16, []]);
    expect(views[0]?.camera.intrinsics).toEqual({
      fx: 1520.4,
      fy: 1525.9,
      cx: 302.32,
      cy: 246.87,
      width: 0,
      height: 0,
    });
    const [low, high] = [
      [-0.073568, 0.021728, -0.012445],
      [0.028855, 0.181892, 0.062736],
    ];
    for (const view of views)
      for (let corner = 0; corner < 8; corner++) {
        const point = [0, 1, 2].map((axis) => ((corner >> axis) & 1 ? high : low)?.[axis] as number) as Vec3;
        const [u, v] = project(view, point);
        expect(u > 0 && u < 640 && v > 0 && v < 480).toBe(true);
      }
    const loaded = await loadFolder(folder, { select: [0] });
    expect(loaded.views[0]?.camera.intrinsics).toMatchObject({ width: 640, height: 480, cx: 302.32 });
  });
});

describeReal('colmap-sample', (folder) => {
  const bytes = (name: string): Uint8Array => readFileSync(join(folder, 'sparse/0', name));

  it('has 23 photos with a camera each', async () => {
    const { format, views, warnings } = await importFolder(folder);
    expect([format, views.length, warnings]).toEqual(['colmap-binary', 23, []]);
    expect(readColmapCamerasBinary(bytes('cameras.bin'), 'cameras.bin').size).toBe(23);
    expect(views[0]?.imagePath).toBe('images/DSC_5283.jpg');
    const loaded = await loadFolder(folder, { widthPx: 500, select: [0, 22] });
    for (const { image, camera } of loaded.views) {
      expect(image.width).toBe(500);
      expect(Math.abs(image.height - 329)).toBeLessThanOrEqual(2);
      expect(camera.intrinsics.cx).toBeCloseTo(250, 6);
    }
  });

  it('projects its 1,443 points onto their keypoints, with the errors that the model states (mean 0.848 px)', async () => {
    const { views } = await importFolder(folder);
    const points = readColmapPointsBinary(bytes('points3D.bin'), 'points3D.bin');
    expect(points.count).toBe(1443);
    const images = new Map(
      readColmapImagesBinary(bytes('images.bin'), 'images.bin', true).map((image) => [image.id, image]),
    );
    const viewOf = new Map(views.map((view) => [view.name, view]));
    const ratios: number[] = [];
    let [sum, storedSum] = [0, 0];
    for (let i = 0; i < points.count; i++) {
      const position = [...points.positions.subarray(i * 3, i * 3 + 3)] as Vec3;
      let pointSum = 0;
      const [start, end] = [points.trackStarts[i] as number, points.trackStarts[i + 1] as number];
      for (let entry = start; entry < end; entry++) {
        const image = images.get(points.trackImageIds[entry] as number);
        const [u, v] = project(viewOf.get(image?.name ?? '') as CaptureView, position);
        const keypoint = points.trackKeypoints[entry] as number;
        const [ku, kv] = [
          image?.keypointsPx?.[keypoint * 2] as number,
          image?.keypointsPx?.[keypoint * 2 + 1] as number,
        ];
        pointSum += Math.hypot(u - ku, v - kv);
      }
      sum += pointSum / (end - start);
      storedSum += points.errorsPx[i] as number;
      ratios.push((points.errorsPx[i] as number) / (pointSum / (end - start)));
    }
    ratios.sort((x, y) => x - y);
    expect(storedSum / points.count).toBeCloseTo(0.848, 3);
    // The stored errors were measured before the photos were scaled down to about 1000 px, in pixels a third as wide: every
    // point's error is the stored one divided by the same number.
    const [low, middle, high] = [0.1, 0.5, 0.9].map((share) => ratios[Math.floor(share * ratios.length)] as number);
    expect((high as number) / (low as number)).toBeLessThan(1.02);
    expect(sum / points.count).toBeCloseTo(0.848 / (middle as number), 3);
    expect(sum / points.count).toBeLessThan(0.3);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { TaskOf } from '../../electron/ipc/job-contract.js';
import { exportCloudTask } from '../../electron/jobs/export-cloud-task.js';
import { loadSensorPoints } from '../../host/clouds/load-sensor-points.js';

const folder = mkdtempSync(join(tmpdir(), 'vantage-export-cloud é-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Its left half is red, its right half blue. */
const PIXELS = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => {
  const isLeft = Math.floor(i / 3) % 64 < 32;
  return i % 3 === (isLeft ? 0 : 2) ? 255 : 0;
});
const photoFile = join(folder, 'photo.png');
await sharp(PIXELS, { raw: { width: 64, height: 48, channels: 3 } })
  .png()
  .toFile(photoFile);
/** At (10, 0, 0), looking along +z. */
const POSE = {
  camera: {
    intrinsics: { fx: 64, fy: 64, cx: 32, cy: 24, width: 64, height: 48 },
    cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [-10, 0, 0] },
  },
  distortion: null,
  openIntrinsics: null,
};
const PHOTO = { photoId: 'a', path: 'photo.png', file: photoFile, maskFile: null, pose: POSE };
/** In its own frame, half as large: (x, y, z) lies at (2x + 10, 2y, 2z). */
const PLACE = { scale: 2, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [10, 0, 0] };

const cloudFile = join(folder, 'wolke.csv');
writeFileSync(cloudFile, 'x,y,z\n-0.3,0,2\n0.3,0,2\n0,0,-5\n');
const ownFile = join(folder, 'bunt.csv');
writeFileSync(ownFile, 'x,y,z,red,green,blue\n0.3,0,2,1,2,3\n');

async function exported(cloud: object, photos: readonly object[] = [PHOTO]) {
  const outputFile = join(folder, 'out.ply');
  const standard = { file: cloudFile, sensor: 'lidar', unit: null, upAxis: null, worldFromSensor: PLACE };
  const clouds = [{ ...standard, ...cloud }];
  const task = {
    kind: 'export-cloud',
    clouds,
    photos,
    isMetric: true,
    outputFile,
  } as unknown as TaskOf<'export-cloud'>;
  const fractions: number[] = [];
  const context = {
    tell: ({ fraction }: { fraction: number }) => fractions.push(fraction),
    signal: new AbortController().signal,
  };
  await exportCloudTask(task, context as never);
  expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
  return loadSensorPoints(outputFile, { sensor: 'lidar', maxPoints: 10 });
}

describe('the exported cloud', () => {
  it('lies in the scene, in the colours of the photos that see it; grey where none does', async () => {
    const { positions, origin, colors, frame } = await exported({});
    const world = Array.from(positions, (value, i) => origin[i % 3]! + value);
    [9.4, 0, 4, 10.6, 0, 4, 10, 0, -10].forEach((value, i) => expect(world[i]).toBeCloseTo(value, 5));
    expect([...colors!]).toEqual([255, 0, 0, 0, 0, 255, 128, 128, 128]);
    expect(frame.unit).toBe('metre');
  });

  it('keeps colours that it has', async () => {
    expect([...(await exported({ file: ownFile })).colors!]).toEqual([1, 2, 3]);
  });

  it('has none in a frame of its own, without photos, and where these cannot be read', async () => {
    expect((await exported({ worldFromSensor: null })).colors).toBeNull();
    expect((await exported({}, [])).colors).toBeNull();
    writeFileSync(join(folder, 'broken.png'), 'no picture');
    expect((await exported({}, [{ ...PHOTO, file: join(folder, 'broken.png') }])).colors).toBeNull();
    const both = [{ ...PHOTO, path: 'gone.png', file: join(folder, 'gone.png') }, PHOTO];
    expect([...(await exported({}, both)).colors!].slice(0, 3)).toEqual([255, 0, 0]);
  });
});

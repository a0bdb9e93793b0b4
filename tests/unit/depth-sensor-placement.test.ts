import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImportError } from '../../engine/scene/errors.js';
import type { SensorPlacement, SensorRig } from '../../engine/scene/sensor-rig.js';
import { loadSensorPoints } from '../../host/clouds/load-sensor-points.js';
import { measurePhotoDepth } from '../../host/depth/measure-photo-depth.js';
import type { LoadedPhoto } from '../../host/depth/open-photos.js';
import { openPhotos } from '../../host/depth/open-photos.js';
import { placeSensor } from '../../host/depth/place-sensor.js';
import { readRig } from '../../host/depth/read-rig.js';
import { KNOWN_CALIBRATIONS } from '../fixtures/known-calibrations.js';

const KITTI = fileURLToPath(new URL('../../../shared/data/kitti', import.meta.url));

const IDENTITY: SensorPlacement['cameraFromSensor'] = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
const STATED = { fx: 500, fy: 500, cx: 320, cy: 240, width: 640, height: 480 };

function photoOf(width: number, height: number, camera: LoadedPhoto['camera'] = null): LoadedPhoto {
  return { image: { width, height, data: new Float32Array(3 * width * height) }, mask: null, camera, warnings: [] };
}

function rigOf(...lidar: Partial<SensorPlacement>[]): SensorRig {
  const standard = { photo: null, channel: null, intrinsics: STATED, cameraFromSensor: IDENTITY };
  return { lidar: lidar.map((placement) => ({ ...standard, ...placement })), radar: [], warnings: [] };
}

describe('where a sensor sits to a photo', () => {
  const request = { sensor: 'lidar', photoName: 'a.jpg', isOnly: false } as const;

  it('scales stated intrinsics to the photo, takes them as they are without a size, and refuses another shape', () => {
    const half = placeSensor({ ...request, rig: rigOf({}), photo: photoOf(320, 240) });
    expect(half?.camera.intrinsics).toEqual({ fx: 250, fy: 250, cx: 160, cy: 120, width: 320, height: 240 });
    const unsized = rigOf({ intrinsics: { ...STATED, width: 0, height: 0 } });
    expect(placeSensor({ ...request, rig: unsized, photo: photoOf(100, 90) })?.camera.intrinsics).toEqual({
      ...STATED,
      width: 100,
      height: 90,
    });
    expect(() => placeSensor({ ...request, rig: rigOf({}), photo: photoOf(320, 300) })).toThrow(/another shape/);
  });

  it('keeps the intrinsics of a capture, to which its photo was undistorted', () => {
    const camera = { intrinsics: { ...STATED, fx: 510 }, cameraFromWorld: IDENTITY };
    const placed = placeSensor({ ...request, rig: rigOf({}), photo: photoOf(640, 480, camera) });
    expect([placed?.camera.intrinsics.fx, placed?.warnings]).toEqual([510, []]);
  });

  it('takes a cloud without calibration to be in the capture’s frame, and says so; a photo alone is refused', () => {
    const cameraFromWorld = { rotation: IDENTITY.rotation, translation: [1, 2, 3] as [number, number, number] };
    const camera = { intrinsics: STATED, cameraFromWorld };
    const placed = placeSensor({ ...request, rig: rigOf(), photo: photoOf(640, 480, camera) });
    expect(placed?.camera.cameraFromSensor).toEqual(cameraFromWorld);
    expect(placed?.warnings[0]).toContain('capture’s own frame'.replace('’', "'"));
    expect(() => placeSensor({ ...request, rig: rigOf(), photo: photoOf(640, 480) })).toThrow(ImportError);
  });

  it('takes the only named calibration for an only photo of another name, with a word on it, but never guesses among several', () => {
    const photo = photoOf(640, 480);
    const one = placeSensor({ ...request, isOnly: true, rig: rigOf({ photo: 'b.jpg' }), photo });
    expect(one?.warnings[0]).toContain('b.jpg');
    const several = rigOf({ photo: 'b.jpg' }, { photo: 'c.jpg' });
    expect(placeSensor({ ...request, isOnly: true, rig: several, photo })).toBeNull();
    expect(placeSensor({ ...request, rig: rigOf({ photo: 'b.jpg' }), photo })).toBeNull();
  });
});

describe('calibration files that the user names', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-rig-'));
    for (const name of ['calib.txt', 'radar_calib.txt'])
      await writeFile(join(folder, name), KNOWN_CALIBRATIONS[0]?.bytes ?? '');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const count = ({ lidar, radar }: SensorRig): number[] => [lidar.length, radar.length];

  it('are of the sensor that is said, the only one there, or the one in their name', async () => {
    const [plain, radar] = [join(folder, 'calib.txt'), join(folder, 'radar_calib.txt')];
    const both = ['lidar', 'radar'] as const;
    expect(count(await readRig({ calibrations: [plain, radar], sensors: both }))).toEqual([1, 1]);
    expect(count(await readRig({ calibrations: [`radar=${plain}`], sensors: both }))).toEqual([0, 1]);
    expect(count(await readRig({ calibrations: [`lidar=${radar}`], sensors: both }))).toEqual([1, 0]);
    expect(count(await readRig({ calibrations: [radar], sensors: ['lidar'] }))).toEqual([1, 0]);
    await expect(readRig({ calibrations: [join(folder, 'no.txt')], sensors: both })).rejects.toThrow(ImportError);
  });
});

if (!existsSync(KITTI)) console.log(`SKIPPED: depth of a KITTI frame: ${KITTI} is not there`);
describe.skipIf(!existsSync(KITTI))('a KITTI frame', () => {
  it('has a depth within 6 % of the LiDAR points that were held out', async () => {
    const [photo] = await openPhotos(join(KITTI, '000008.png'));
    const lidar = await loadSensorPoints(join(KITTI, '000008.bin'), { sensor: 'lidar', maxPoints: 1e6 });
    const rig = await readRig({ calibrations: [join(KITTI, '000008_calib.json')], sensors: ['lidar'] });
    const sources = { network: null, lidar, radar: null, rig, holdOutEvery: 5, isOnly: true };
    const loaded = await photo?.load();
    if (!photo || !loaded) throw new Error('no photo');
    const { heldOut, lidar: counts, depthMap, warnings } = await measurePhotoDepth(loaded, photo.name, sources);
    expect(warnings).toEqual([]);
    // Every point of the file projects into the picture (its README); the LiDAR sits above the camera, so some are hidden from it.
    expect([counts?.points, counts?.inPicture]).toEqual([17238, 17238]);
    expect(counts?.hidden).toBeGreaterThan(300);
    expect(counts?.hidden).toBeLessThan(0.1 * 17238);
    expect(heldOut?.absRel).toBeLessThan(0.06);
    expect(heldOut?.count).toBeGreaterThan(3000);
    expect(depthMap.depth.every((z) => z > 0 && z < 400)).toBe(true);
  }, 30_000);
});

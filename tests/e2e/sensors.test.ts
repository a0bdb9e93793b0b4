/** LiDAR and radar through the command line: a photo alone, two photos of a capture, and a real frame where there is one. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../engine/formats/read-npy.js';
import type { SensorReport } from '../../engine/pipeline/sensor-report.js';
import { SAMPLE_SHOTS } from '../../scripts/sample-scene/cameras.js';
import { renderDepth } from '../../scripts/sample-scene/render.js';
import type { SensorFolder } from '../fixtures/sensors/sample-sensor-files.js';
import { writeSensorFolder } from '../fixtures/sensors/sample-sensor-files.js';
import { finishVantage, SAMPLE } from './app/run-vantage.js';

const KITTI = fileURLToPath(new URL('../../../shared/data/kitti', import.meta.url));
const QUICK = ['--depth-model', 'none', '--width', '320', '--iterations', '0', '--hold-out-points', '5'];

const folder = mkdtempSync(join(tmpdir(), 'vantage-sensors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function reconstruct(name: string, ...args: readonly string[]): Promise<SensorReport> {
  const [scene, report] = [join(folder, `${name}.ply`), join(folder, `${name}.json`)];
  const { code, stderr } = await finishVantage('reconstruct', ...args, '-o', scene, '--report', report, ...QUICK);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  expect(existsSync(scene)).toBe(true);
  return (JSON.parse(readFileSync(report, 'utf8')) as { sensors: SensorReport }).sensors;
}

describe('the sample with simulated sensors', () => {
  let files: SensorFolder;
  let photo = '';
  beforeAll(async () => {
    files = await writeSensorFolder(join(folder, 'sensors'), 11);
    const { name } = files.lonePhoto;
    mkdirSync(join(folder, 'photo'));
    photo = join(folder, 'photo', name);
    copyFileSync(join(SAMPLE, 'images', name), photo);
  });

  it('becomes a scene in metres from one photo and a scan', async () => {
    const { lidarFile, lonePhoto } = files;
    const args = ['--lidar', lidarFile, '--calibration', lonePhoto.calibrationFile];
    const report = await reconstruct('lone', photo, ...args);
    // Nothing but the sensor knows of a scale.
    expect(report.errors.map(({ stage }) => stage)).toEqual(['sensors', 'trained']);
    expect(report.unit).toBe('metre');
    expect(report.lidarCount).toBeGreaterThan(1000);
    for (const { absRel, count } of report.errors) {
      expect(absRel).toBeLessThan(0.1);
      expect(count).toBeGreaterThan(300);
    }
  });

  it('has three rows of errors from two photos, LiDAR in the capture’s frame and radar by a calibration', async () => {
    const { lidarFile, radarFile, calibrationFile } = files;
    const sensors = ['--lidar', lidarFile, '--radar', radarFile, '--calibration', calibrationFile];
    const report = await reconstruct('two', SAMPLE, '--train-views', '03.jpg,06.jpg', ...sensors);
    expect(report.errors.map(({ stage }) => stage)).toEqual(['photos', 'sensors', 'trained']);
    const [photos, sensed] = report.errors;
    expect(sensed!.absRel).toBeLessThan(photos!.absRel);
    expect(sensed!.absRel).toBeLessThan(0.1);
    expect(report.radarCount).toBeGreaterThan(20);
  });

  it('has a depth map near the true one', async () => {
    const { lidarFile, lonePhoto, tree } = files;
    const args = ['--lidar', lidarFile, '--calibration', lonePhoto.calibrationFile, '--depth-model', 'none'];
    const { code, stdout } = await finishVantage('depth', photo, ...args, '--hold-out', '5', '-o', join(folder, 'depth'), '--json'); // prettier-ignore
    expect(code).toBe(0);
    const { photos } = JSON.parse(stdout) as { photos: { npy: string; unit: string; heldOut: { absRel: number } }[] };
    expect(photos[0]!.unit).toBe('metre');
    expect(photos[0]!.heldOut.absRel).toBeLessThan(0.1);
    const { data } = readNpy(readFileSync(photos[0]!.npy), 'depth.npy');
    const { camera } = SAMPLE_SHOTS.find(({ name }) => name === lonePhoto.name)!;
    const truth = renderDepth(tree, camera);
    // The upper rows are above what the scanner sees, and the sky has no depth.
    const relative = Array.from(truth, (z, i) => Math.abs(Number(data[i]) - z) / z)
      .filter((error, i) => i > 640 * 120 && Number.isFinite(error))
      .sort((a, b) => a - b);
    expect(relative[Math.floor(relative.length / 2)]).toBeLessThan(0.03);
  });
});

if (!existsSync(KITTI)) console.log(`SKIPPED: a scene from a KITTI frame: ${KITTI} is not there`);
describe.skipIf(!existsSync(KITTI))('a KITTI frame', () => {
  it('becomes a scene from one photo and its scan', async () => {
    const [photo, scan, calibration] = ['000008.png', '000008.bin', '000008_calib.json'].map((n) => join(KITTI, n));
    const args = ['--lidar', scan!, '--calibration', calibration!];
    const { errors } = await reconstruct('kitti', photo!, ...args, '--width', '621');
    expect(errors.map(({ stage }) => stage)).toEqual(['sensors', 'trained']);
    for (const { absRel } of errors) expect(absRel).toBeLessThan(0.1);
  });
});

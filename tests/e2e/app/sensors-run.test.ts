/** One photo, a scan and a calibration in the window: a scene in the metres of the scan, in which lengths are measured. */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSplatPly } from '../../../engine/formats/read-splat-ply.js';
import { findChromium } from '../../fixtures/find-chromium.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { photographStep } from './project-steps.js';
import { choosePreset, PATIENCE_MS, runTitle, setAdvanced, standIn, startRun, waitForSplats } from './window-steps.js';

const KITTI = fileURLToPath(new URL('../../../../shared/data/kitti', import.meta.url));
const hasChromium = (await findChromium()) !== null;
const canRun = hasChromium && existsSync(KITTI);
if (!canRun) console.log(`SKIPPED: a photo and a scan in the window: there is no ${hasChromium ? KITTI : 'Chromium'}`);

/** The data set's own kind of calibration, of the numbers that lie beside the photo. */
function calibrationText(): string {
  const { images } = JSON.parse(readFileSync(join(KITTI, '000008_calib.json'), 'utf8')) as {
    images: { CAM2: { cam2img: number[][]; lidar2cam: number[][] } };
  };
  const line = (name: string, rows: readonly number[][]): string => `${name}: ${rows.slice(0, 3).flat().join(' ')}`;
  const { cam2img, lidar2cam } = images.CAM2;
  return [line('P2', cam2img), line('R0_rect', [[1, 0, 0], [0, 1, 0], [0, 0, 1]]), line('Tr_velo_to_cam', lidar2cam), ''].join('\n'); // prettier-ignore
}

/** In metres: from every so many points of the scan to the nearest Gaussian. */
function distancesToScene(scene: string): number[] {
  const { means, count } = readSplatPly(readFileSync(scene), 'scene.ply').splats;
  const bytes = readFileSync(join(KITTI, '000008.bin'));
  const scan = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const distances: number[] = [];
  for (let i = 0; i < scan.length / 4; i += 100) {
    let nearest = Infinity;
    for (let k = 0; k < count; k++)
      nearest = Math.min(nearest, Math.hypot(...[0, 1, 2].map((axis) => means[3 * k + axis]! - scan[4 * i + axis]!)));
    distances.push(nearest);
  }
  return distances.sort((a, b) => a - b);
}

describe.skipIf(!canRun)('a photo beside a scan', () => {
  let app: AppWindow;
  const folder = mkdtempSync(join(tmpdir(), 'vantage scan é-'));
  beforeAll(async () => {
    for (const name of ['000008.png', '000008.bin']) copyFileSync(join(KITTI, name), join(folder, name));
    writeFileSync(join(folder, 'calib.txt'), calibrationText());
    app = await openWindow();
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is refused without the calibration, and with it becomes a scene in metres, in the frame of the scan', async () => {
    const { page } = app;
    await dropFiles(page, [join(folder, '000008.png'), join(folder, '000008.bin')]);
    await page.getByText(/^1 photo · 0 with a camera/).waitFor({ timeout: PATIENCE_MS });
    await page.getByText(/One is enough beside a LiDAR’s cloud and its calibration/).waitFor({ timeout: PATIENCE_MS });
    await dropFiles(page, [join(folder, 'calib.txt')]);
    await choosePreset(page, 'Draft');
    await setAdvanced(page, { Iterations: 10, 'Most splats': 30_000 });
    await startRun(page);
    await runTitle(page, /^Finished/);
    await page.getByText('1 photo · 1 with a camera').waitFor();
    expect(await waitForSplats(page, 5000)).toBeGreaterThan(5000);
    const scenes = readdirSync(app.host.dataFolder, { recursive: true, encoding: 'utf8' });
    const scene = scenes.find((path) => basename(path) === 'scene.ply') ?? '';
    const distances = distancesToScene(join(app.host.dataFolder, scene));
    expect(distances[Math.floor(distances.length / 2)]).toBeLessThan(0.3);
    expect(distances[Math.floor(0.9 * distances.length)]).toBeLessThan(2);
  });

  it('lengths are measured in metres', async () => {
    const { page } = app;
    await standIn(page, '000008.png');
    await page.locator('canvas').first().press('m');
    const bar = page.getByRole('group', { name: 'Measure' });
    const middle = bar.getByRole('button', { name: 'Take the middle of the view' });
    await middle.click();
    await bar.getByText('Click the second point.').waitFor();
    await page.locator('canvas').first().press('Shift+ArrowRight');
    await page.waitForTimeout(1500);
    await middle.click();
    const told = bar.getByText(/^Measured: [\d.]+ ± [\d.]+ m$/);
    await told.waitFor({ timeout: PATIENCE_MS });
    await photographStep(page, 'sensors-run');
    expect(app.complaints).toEqual([]);
  });
});

/** What a run with sensors gives back to the window: a table, a histogram, residuals in the picture, and where the clouds came to lie. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSensorPoints } from '../../../host/clouds/load-sensor-points.js';
import { findChromium } from '../../fixtures/find-chromium.js';
import { writeSensorFolder } from '../../fixtures/sensors/sample-sensor-files.js';
import { decodePicture, measurePsnr } from './compare-pictures.js';
import { photograph } from './look-steps.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { SAMPLE } from './run-vantage.js';
import { choosePreset, PATIENCE_MS, runTitle, setAdvanced, startRun } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: results of sensors in the window: there is no Chromium');

/** What the legend of the colours says, as numbers. */
const numbersIn = (text: string): number[] => (text.match(/-?[\d.]+(?= m\b)/g) ?? []).map(Number);

describe.skipIf(!hasChromium)('a run with sensors, in the window', () => {
  let app: AppWindow;
  let page: Page;
  let panel: Locator;
  let lidarCount = 0;
  const folder = mkdtempSync(join(tmpdir(), 'vantage results é-'));
  const card = (name: string): Locator => panel.getByRole('listitem', { name });

  beforeAll(async () => {
    const { lidarFile, radarFile, calibrationFile } = await writeSensorFolder(join(folder, 'sensors'), 11);
    app = await openWindow({ width: 1400, height: 1000 });
    ({ page } = app);
    const photos = [join(SAMPLE, 'images'), join(SAMPLE, 'transforms.json')];
    await dropFiles(page, [...photos, lidarFile, radarFile, calibrationFile]);
    await page.getByText('8 photos · 8 with a camera · 3 held out').waitFor({ timeout: PATIENCE_MS });
    panel = page.getByRole('tabpanel', { name: 'Sensors' });
    await page.getByRole('tab', { name: 'Sensors' }).click();
    await card('radar.ply').getByText('A calibration says').waitFor({ timeout: PATIENCE_MS });
    const shown = await card('lidar.ply').locator('dd').first().innerText({ timeout: PATIENCE_MS });
    lidarCount = Number(shown.replaceAll(',', ''));
    expect(lidarCount).toBeGreaterThan(3000);
    await panel.getByText('Places the radar to 8 cameras.').waitFor({ timeout: PATIENCE_MS });
    await page.getByRole('tab', { name: 'Run' }).click();
    await choosePreset(page, 'Draft');
    await setAdvanced(page, { Iterations: 20, 'Most splats': 20_000 });
    await startRun(page);
    await runTitle(page, /^Finished/);
    await page.getByRole('tab', { name: 'Sensors' }).click();
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says where each cloud came to lie, and by what', async () => {
    await card('lidar.ply').getByText('The last run took it to lie in the photos’ own frame.').waitFor();
    await card('radar.ply').getByText('Placed by the last run, at its own size.').waitFor();
    expect(await panel.getByText(/not known where this cloud lies/).count()).toBe(0);
  });

  it('measures depth on points that were held out, before the sensors, with them, and of the finished scene', async () => {
    const table = panel.getByRole('table', { name: 'On points that were held out of the run' });
    const rows = await table.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split('\t')[0])).toEqual(['photos alone', 'with sensors', 'trained']);
    for (const row of rows) expect(row).toMatch(/\d m\t[\d.]+ m\t0\.\d{3}\t[\d.]+ %$/);
    const [alone = 0, sensed = 0] = rows.map((row) => Number(row.split('\t')[3]));
    // That LiDAR helps is what the table is there to show.
    expect(sensed).toBeLessThan(alone);
    await panel.getByRole('img', { name: /Histogram of residuals from -[\d.]+ m to [\d.]+ m/ }).waitFor();
    await panel.getByText('As a table').click();
    const counts = await panel
      .getByRole('table', { name: 'Residuals' })
      .locator('tbody tr td:last-child')
      .allInnerTexts();
    const total = counts.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0);
    // Every tenth point is held out, and five photos are trained on.
    expect(total).toBeGreaterThan(lidarCount / 20);
    expect(total).toBeLessThan(lidarCount);
    await panel.getByText('As a table').click();
  });

  it('colours the points by their residuals, chosen by the keyboard, with a legend about zero in metres', async () => {
    const byHeight = await decodePicture(await photograph(page));
    const choice = panel.getByRole('button', { name: /Coloured by/ });
    await choice.press('Enter');
    await page.getByRole('option', { name: 'residual of the last run' }).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    const legend = page.getByRole('figure', { name: 'Colours of the points' }).first();
    await legend.getByText('Depth less measurement').waitFor();
    const [low = 0, zero, high = 0] = numbersIn(await legend.innerText());
    expect([zero, low]).toEqual([0, -high]);
    expect(high).toBeGreaterThan(0);
    await panel.getByText(/All LiDAR points that the photos see/).waitFor();
    await expect
      .poll(async () => measurePsnr(byHeight, await decodePicture(await photograph(page))), { timeout: PATIENCE_MS })
      .toBeLessThan(30);
    await choice.press('Enter');
    await page.getByRole('option', { name: 'height' }).waitFor();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await legend.getByText('Height').waitFor();
  });

  it('leaves nothing in the panel out of the keyboard’s reach', async () => {
    await page.getByRole('tab', { name: 'Sensors' }).focus();
    const reached = new Set<string>();
    for (let step = 0; step < 40; step++) {
      await page.keyboard.press('Tab');
      const [name, isInside] = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const label =
          element.getAttribute('aria-label') ?? element.closest('label')?.textContent ?? element.textContent;
        return [label.trim(), element.closest('[role=tabpanel]') !== null] as const;
      });
      if (isInside) reached.add(name);
    }
    const all = await panel
      .locator('button, input[type=checkbox]')
      .evaluateAll((elements) =>
        elements
          .filter((element) => !(element as HTMLButtonElement).disabled && element.tabIndex >= 0)
          .map((element) =>
            (element.getAttribute('aria-label') ?? element.closest('label')?.textContent ?? element.textContent).trim(),
          ),
      );
    expect(all.length).toBeGreaterThan(10);
    expect(all.filter((name) => !reached.has(name))).toEqual([]);
  });

  it('exports both sensors as one cloud in the scene, in the colours of the photos', async () => {
    await page.keyboard.press('Control+e');
    const dialog = page.getByRole('dialog', { name: 'Export' });
    await dialog.getByText('Sensors’ points .ply').click();
    const download = page.waitForEvent('download', { timeout: PATIENCE_MS });
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    const file = join(folder, 'points.ply');
    await (await download).saveAs(file);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    const header = readFileSync(file, 'latin1').split('end_header')[0] ?? '';
    expect(header).toMatch(/property (float|double) sensor/);
    const cloud = await loadSensorPoints(file, { sensor: 'lidar', maxPoints: 1_000_000 });
    expect(cloud.frame.unit).toBe('metre');
    const source = [...cloud.fields.get('sensor')!];
    expect(source.filter((value) => value === 0)).toHaveLength(lidarCount);
    expect(source.filter((value) => value === 1).length).toBeGreaterThan(50);
    // The garden is warm ground and green hedge: no photo is of one grey, and few points lie where none looks.
    const colors = cloud.colors!;
    const isGrey = (i: number): boolean => [0, 1, 2].every((c) => colors[3 * i + c] === 128);
    expect(source.filter((_, i) => isGrey(i)).length / source.length).toBeLessThan(0.5);
    expect(app.complaints).toEqual([]);
  });
});

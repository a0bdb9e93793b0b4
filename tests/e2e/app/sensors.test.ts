/** A cloud dropped beside a scene: read, drawn, asked about, placed by hand without a pointer, exported; a length with its uncertainty. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import { lookSceneFile } from './look-scene.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { PATIENCE_MS, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: sensors in the window: there is no Chromium');

/** The wall of the scene, at half its size and without a word on its unit. */
function wallFile(): string {
  const rows = Array.from(
    { length: 4000 },
    (_, i) => `${((i % 80) / 80) * 3 - 1.5},2,${Math.floor(i / 80) / 34},${i % 100}`,
  );
  return ['x,y,z,intensity', ...rows].join('\n');
}

describe.skipIf(!hasChromium)('a cloud beside a scene', () => {
  let app: AppWindow;
  let page: Page;
  let folder = '';
  let panel: Locator;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vantage sensors é-'));
    writeFileSync(join(folder, 'scene.ply'), lookSceneFile());
    writeFileSync(join(folder, 'wall.csv'), wallFile());
    app = await openWindow();
    ({ page } = app);
    await dropFiles(page, [join(folder, 'scene.ply'), join(folder, 'wall.csv')]);
    await waitForSplats(page, 3000);
    panel = page.getByRole('tabpanel', { name: 'Sensors' });
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is read and drawn, and what its file does not say is asked', async () => {
    await page.getByRole('tab', { name: 'Sensors' }).click();
    await panel.getByText('4,000').waitFor({ timeout: PATIENCE_MS });
    await panel.getByText('It is not known where this cloud lies in the scene').waitFor();
    await page.getByRole('figure', { name: 'Colours of the points' }).first().waitFor({ timeout: PATIENCE_MS });
    await panel.getByRole('button', { name: /Up axis of the cloud/ }).click();
    await page.getByRole('option', { name: 'z', exact: true }).click();
    await panel.getByRole('button', { name: /Coloured by/ }).click();
    await page.getByRole('option', { name: 'height' }).click();
    await panel.getByText('Height (unit unknown)').waitFor();
    const points = page.getByRole('button', { name: 'Points of sensors' });
    expect(await points.getAttribute('aria-pressed')).toBe('true');
    await page.locator('canvas').first().press('l');
    expect(await points.getAttribute('aria-pressed')).toBe('false');
    await page.locator('canvas').first().press('l');
  });

  it('is placed by two pairs that are picked in the middle of the view', async () => {
    await panel.getByRole('button', { name: 'Place by two points…' }).click();
    const bar = page.getByRole('group', { name: 'Placing wall.csv' });
    const middle = bar.getByRole('button', { name: 'Take the middle of the view' });
    for (const number of [1, 2]) {
      for (const where of ['in the cloud', 'in the scene']) {
        await bar.getByText(`point ${number} ${where}.`).waitFor({ timeout: PATIENCE_MS });
        // The view flies to where it was left.
        await page.waitForTimeout(1500);
        if (number === 2) {
          await page.locator('canvas').first().press('Shift+ArrowRight');
          await page.waitForTimeout(1500);
        }
        await middle.click();
      }
    }
    await bar.getByRole('button', { name: 'Place', exact: true }).click();
    await panel.getByText(/^Placed by picked points, at/).waitFor({ timeout: PATIENCE_MS });
    await panel.getByText(/Two pairs always fit/).waitFor();
    await bar.waitFor({ state: 'detached' });
  });

  it('is exported in the frame of the scene', async () => {
    await page.keyboard.press('Control+e');
    const dialog = page.getByRole('dialog', { name: 'Export' });
    await dialog.getByText('Sensors’ points .ply').click();
    const download = page.waitForEvent('download', { timeout: PATIENCE_MS });
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    const file = await (await download).path();
    const text = readFileSync(file, 'latin1');
    const header = text.slice(0, text.indexOf('end_header'));
    expect(header).toContain('element vertex 4000');
    expect(header).toMatch(/property (float|double) intensity/);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  });

  it('lengths are told with their uncertainty and what it consists of', async () => {
    await page.locator('canvas').first().press('m');
    const bar = page.getByRole('group', { name: 'Measure' });
    const middle = bar.getByRole('button', { name: 'Take the middle of the view' });
    await middle.click();
    await bar.getByText('Click the second point.').waitFor();
    await page.locator('canvas').first().press('Shift+ArrowRight');
    await page.waitForTimeout(1500);
    await middle.click();
    await bar.getByText(/^Measured: [\d.]+ ± [\d.]+ units$/).waitFor({ timeout: PATIENCE_MS });
    await bar.getByRole('textbox').focus();
    await page.keyboard.press('Shift+Tab');
    await page.getByRole('tooltip').getByText('thickness of the surfaces').waitFor();
    await page.keyboard.press('Escape');
    expect(app.complaints).toEqual([]);
  });
});

/** Photos that come without cameras: dropped, started, placed, and what the window says of each; and photos that share nothing. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { SAMPLE } from './run-vantage.js';
import { choosePreset, PATIENCE_MS, runTitle, setAdvanced, standIn, startRun, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: cameras that are found in the window: there is no Chromium');

/** A picture with plenty to recognise, none of it anywhere else. */
async function writeNoise(file: string): Promise<void> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const create = { width: 480, height: 320, channels: 3, background: '#777', noise } as const;
  writeFileSync(file, await sharp({ create }).blur(2).jpeg().toBuffer());
}

describe.skipIf(!hasChromium)('photos without cameras', () => {
  let app: AppWindow;
  const folder = mkdtempSync(join(tmpdir(), 'vantage bare é 日本-'));
  const photo = (name: string): string => join(folder, name);

  beforeAll(async () => {
    for (const name of ['01.jpg', '02.jpg', '03.jpg', '04.jpg']) cpSync(join(SAMPLE, 'images', name), photo(name));
    await writeNoise(photo('noise.jpg'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    app = await openWindow();
  });
  afterEach(() => app.close());

  it('become a scene, with cameras in the viewer and a word on each photo in its tile', async () => {
    const { page } = app;
    await dropFiles(page, [folder]);
    await page.getByText(/^5 photos · 0 with a camera/).waitFor({ timeout: PATIENCE_MS });
    await page.getByText(/^These photos come without cameras\./).waitFor({ timeout: PATIENCE_MS });
    await choosePreset(page, 'Draft');
    await setAdvanced(page, { Iterations: 20, 'Most splats': 20_000 });
    await startRun(page);
    await runTitle(page, /^Running · Find cameras/);
    await page.getByText('5 photos · 4 with a camera').waitFor({ timeout: PATIENCE_MS });
    await runTitle(page, /^Finished/);
    await page.getByText('4 of 5 photos placed').waitFor();
    const placed = page.getByRole('row', {
      name: /0\d\.jpg\. Camera (found|doubtful).*Placed by [\d,]+ points, \d\.\d\d px/,
    });
    expect(await placed.count()).toBe(4);
    await page.getByRole('row', { name: /noise\.jpg\. Not placed.*Not placed: \w/ }).click();
    await page
      .locator('.photo-outcome')
      .getByText(/^Not placed: \w/)
      .waitFor();
    expect(await waitForSplats(page, 1000)).toBeGreaterThan(1000);
    await standIn(page, '02.jpg');
    expect(app.complaints).toEqual([]);
  });

  it('that share nothing stay, and the window says why of each and what helps; looking for cameras can be cancelled', async () => {
    const { page } = app;
    await dropFiles(page, [photo('01.jpg'), photo('noise.jpg')]);
    await page.getByText(/^2 photos · 0 with a camera/).waitFor({ timeout: PATIENCE_MS });
    await startRun(page);
    await page.getByRole('button', { name: 'Cancel run' }).first().click();
    await runTitle(page, /^Cancelled/);
    await page.getByRole('button', { name: 'Start again' }).first().click();
    await runTitle(page, /^Failed/);
    await page.getByRole('alert').getByText('Where the photos were taken from could not be found.').waitFor();
    const report = page.getByRole('list', { name: 'Cameras' }).getByRole('listitem');
    const texts = await report.allInnerTexts();
    expect(texts).toHaveLength(2);
    for (const name of ['01.jpg', 'noise.jpg']) expect(texts.join('\n')).toContain(name);
    expect(texts.join('\n')).toMatch(/Not placed: no other photo shows the same things\. Add photos between it/);
    await page.getByText(/^2 photos · 0 with a camera/).waitFor();
    expect(app.complaints).toEqual([]);
  });
});

/** What people really drop: broken files, wrong ones, the same one twice, many, photos without cameras, names from everywhere. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { SAMPLE } from './run-vantage.js';
import { PATIENCE_MS } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: what people drop on the window: there is no Chromium');

describe.skipIf(!hasChromium)('dropping on the window', () => {
  let app: AppWindow;
  let folder = '';
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vantage drop é 日本-'));
    app = await openWindow();
  });
  afterEach(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('names what it cannot use and takes the rest', async () => {
    const photos = join(folder, 'Ferien in Zürich 写真');
    mkdirSync(photos);
    for (const name of ['01.jpg', '02.jpg', '03.jpg']) cpSync(join(SAMPLE, 'images', name), join(photos, name));
    writeFileSync(join(photos, 'cut off.jpg'), readFileSync(join(photos, '01.jpg')).subarray(0, 9000));
    cpSync(join(photos, '02.jpg'), join(photos, '02 (copy).jpg'));
    writeFileSync(join(photos, 'notes.docx'), 'no photo');
    writeFileSync(join(photos, 'empty.png'), '');
    await dropFiles(app.page, [photos]);
    await app.page.getByText(/^[3-6] photos · 0 with a camera/).waitFor({ timeout: PATIENCE_MS });
    await app.page.getByRole('tab', { name: /^Problems/ }).click();
    const problems = app.page.getByRole('tabpanel', { name: /^Problems/ });
    for (const name of ['notes.docx', 'empty.png', '02 (copy).jpg'])
      await problems.getByText(name).first().waitFor({ timeout: PATIENCE_MS });
    await expect
      .poll(async () => (await app.page.locator('body').innerText()).includes('cut off.jpg'), { timeout: PATIENCE_MS })
      .toBe(true);
  });

  it('says that cameras of photos without any are found first, and takes those that come later', async () => {
    await dropFiles(app.page, [join(SAMPLE, 'images', '01.jpg'), join(SAMPLE, 'images', '03.jpg')]);
    await app.page.getByText(/^2 photos · 0 with a camera/).waitFor({ timeout: PATIENCE_MS });
    await app.page
      .getByText(/These photos come without cameras\. Where each one was taken from is found first/)
      .first()
      .waitFor({ timeout: PATIENCE_MS });
    expect(await app.page.getByRole('button', { name: 'Start', exact: true }).first().isEnabled()).toBe(true);
    await dropFiles(app.page, [join(SAMPLE, 'transforms.json')]);
    await app.page.getByText(/^2 photos · 2 with a camera/).waitFor({ timeout: PATIENCE_MS });
    expect(await app.page.getByText(/These photos come without cameras/).count()).toBe(0);
    expect(await app.page.getByRole('button', { name: 'Start', exact: true }).first().isEnabled()).toBe(true);
  });

  it('takes sixty photos', async () => {
    const photos = join(folder, 'sixty');
    mkdirSync(photos);
    for (let i = 0; i < 60; i++) {
      const background = { r: i * 4, g: 255 - i * 4, b: (i * 37) % 256 };
      const picture = sharp({ create: { width: 1600, height: 1200, channels: 3, background } });
      await picture.jpeg().toFile(join(photos, `photo ${String(i + 1).padStart(2, '0')}.jpg`));
    }
    await dropFiles(app.page, [photos]);
    await app.page.getByText(/^60 photos/).waitFor({ timeout: PATIENCE_MS });
    const last = app.page.getByRole('row', { name: /photo 60\.jpg/ });
    await last.scrollIntoViewIfNeeded();
    await expect
      .poll(async () => last.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth), {
        timeout: PATIENCE_MS,
      })
      .toBeGreaterThan(0);
  });
});

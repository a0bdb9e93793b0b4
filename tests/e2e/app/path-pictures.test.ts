/** Pictures out of the window: stills of any size, the frames of a path, a video of it; what is cancelled leaves nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import type { Download, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import { decodePicture, measurePsnr } from './compare-pictures.js';
import { lookSceneFile } from './look-scene.js';
import type { PathFile } from './look-steps.js';
import { canvasBox, canvasOf, openPathTab, photograph, settle } from './look-steps.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { SAMPLE } from './run-vantage.js';
import { PATIENCE_MS, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: pictures out of the window: there is no Chromium');

const FPS = 24;
const SECONDS = 0.5;
/** The last of an open path is its end. */
const FRAMES = FPS * SECONDS + 1;

describe.skipIf(!hasChromium)('pictures out of the window', () => {
  let app: AppWindow;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), 'vantage pictures-'));
  const downloads: Download[] = [];
  const dialog = (): Locator => page.getByRole('dialog', { name: 'Export pictures of the path' });
  const type = async (label: string, value: number): Promise<void> => {
    const field = dialog().getByLabel(label, { exact: true });
    await field.fill(String(value));
    await field.press('Tab');
  };
  const setSize = async (width: number, height: number): Promise<void> => {
    await type('Width (pixels)', width);
    await type('Height (pixels)', height);
  };
  const open = async (keys: string): Promise<void> => {
    await canvasOf(page).press(keys);
    await dialog().waitFor();
  };
  const close = async (): Promise<void> => {
    await dialog().getByRole('button', { name: 'Close' }).first().click();
    await dialog().waitFor({ state: 'detached' });
  };
  const start = (): Promise<void> => dialog().getByRole('button', { name: 'Export', exact: true }).click();
  const exported = async (): Promise<Buffer> => {
    const download = page.waitForEvent('download', { timeout: PATIENCE_MS });
    await start();
    const bytes = readFileSync(await (await download).path());
    await dialog()
      .getByText(/^Saved as /)
      .waitFor({ timeout: PATIENCE_MS });
    return bytes;
  };

  beforeAll(async () => {
    const scene = join(folder, 'scene.ply');
    writeFileSync(scene, lookSceneFile());
    app = await openWindow();
    page = app.page;
    page.on('download', (download) => downloads.push(download));
    await dropFiles(page, [join(SAMPLE, 'images'), join(SAMPLE, 'transforms.json'), scene]);
    await page.getByText('8 photos · 8 with a camera · 3 held out').waitFor({ timeout: PATIENCE_MS });
    await waitForSplats(page, 3000);
    await openPathTab(page);
    await page.getByRole('button', { name: 'Path settings' }).click();
    const settings = page.getByRole('dialog', { name: 'Path settings' });
    const duration = settings.getByRole('textbox', { name: 'Duration (seconds)' });
    await duration.fill(String(SECONDS));
    await duration.press('Enter');
    await settings.getByRole('button', { name: /Frame rate/ }).click();
    await page.getByRole('option', { name: `${FPS} frames per second` }).click();
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    // The list gives the focus back when it has gone; before that Escape would be nobody's.
    await settings.locator(':focus').waitFor();
    await page.keyboard.press('Escape');
    await settings.waitFor({ state: 'detached' });
    await settle(page);
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('a still is the present view, of any size, sharper than the screen and without what lies over it', async () => {
    const box = await canvasBox(page);
    const [width, height] = [Math.round(box.width), Math.round(box.height)];
    const shown = await decodePicture(await photograph(page));
    await open('Control+Alt+s');
    await setSize(width, height);
    const still = await exported();
    expect(await sharp(still).metadata()).toMatchObject({ width, height, format: 'png' });
    const picture = await decodePicture(still);
    expect([shown.width, shown.height]).toEqual([width, height]);
    expect(measurePsnr(shown, picture, 2)).toBeGreaterThan(30);
    // Larger than a tile of the graphics card, and of an odd shape.
    await setSize(2400, 333);
    const wide = await exported();
    expect(await sharp(wide).metadata()).toMatchObject({ width: 2400, height: 333 });
    const middle = await sharp(wide).extract({ left: 1100, top: 66, width: 200, height: 200 }).png().toBuffer();
    expect((await sharp(middle).stats()).channels.some(({ stdev }) => stdev > 5)).toBe(true);
    await setSize(16, 16);
    expect(await sharp(await exported()).metadata()).toMatchObject({ width: 16, height: 16 });
    await close();
  });

  it('refuses a size that cannot be, and says why', async () => {
    await open('Control+Alt+s');
    await type('Width (pixels)', 16_384);
    await type('Height (pixels)', 16_384);
    const isTooLarge = dialog().getByText(/of memory, and .* are free/);
    const needs = dialog().getByText(/Needs up to .* of memory/);
    await expect(isTooLarge.or(needs).first().innerText()).resolves.toMatch(/GB/);
    await setSize(320, 240);
    await close();
  });

  it('frames come numbered in a ZIP, with the path beside them', async () => {
    await open('Control+Alt+f');
    await setSize(160, 120);
    const files = unzipSync(new Uint8Array(await exported()));
    const frames = Object.keys(files).filter((name) => name.endsWith('.png'));
    expect(frames.sort()).toEqual(
      Array.from({ length: FRAMES }, (_, i) => `frame_${String(i + 1).padStart(5, '0')}.png`),
    );
    const pictures = await Promise.all(frames.map((name) => decodePicture(files[name] as Uint8Array)));
    for (const picture of pictures) expect([picture.width, picture.height]).toEqual([160, 120]);
    const [first, second, last] = [pictures[0], pictures[1], pictures.at(-1)];
    if (first === undefined || second === undefined || last === undefined) throw new Error('too few frames');
    expect(measurePsnr(first, last)).toBeLessThan(measurePsnr(first, second));
    const path = JSON.parse(Buffer.from(files['path.json'] as Uint8Array).toString()) as PathFile;
    expect(path).toMatchObject({ format: 'vantage-camera-path', fps: FPS, durationMs: SECONDS * 1000 });
    await close();
  });

  for (const container of ['MP4', 'WebM'] as const)
    it(`a video as ${container} has every frame at its time`, async () => {
      await open('Control+Shift+e');
      await setSize(321, 240);
      await dialog().getByRole('button', { name: /File$/ }).click();
      await page.getByRole('option', { name: container, exact: true }).click();
      const bytes = await exported();
      const input = new Input({ source: new BufferSource(new Uint8Array(bytes)), formats: ALL_FORMATS });
      expect((await input.getFormat()).name).toBe(container);
      const track = await input.getPrimaryVideoTrack();
      if (track === null) throw new Error('there is no video in it');
      // Video frames have even sides.
      expect([await track.getDisplayWidth(), await track.getDisplayHeight()]).toEqual([320, 240]);
      const times: number[] = [];
      for await (const packet of new EncodedPacketSink(track).packets()) times.push(packet.timestamp);
      expect(times.sort((a, b) => a - b).map((time) => Math.round(time * FPS))).toEqual(
        Array.from({ length: FRAMES }, (_, i) => i),
      );
      expect(await input.computeDuration()).toBeCloseTo(FRAMES / FPS, 1);
      expect(await track.canDecode()).toBeDefined();
      await close();
    });

  for (const [what, keys] of [
    ['a video', 'Control+Shift+e'],
    ['frames', 'Control+Alt+f'],
  ] as const)
    it(`${what} that is cancelled ends at once and leaves nothing`, async () => {
      const before = downloads.length;
      await open(keys);
      await setSize(1920, 1080);
      await start();
      await dialog()
        .getByText(/^[1-9]\d* of \d+ done/)
        .waitFor({ timeout: PATIENCE_MS });
      // Measured by the page's own clock, from the press to the words.
      const elapsedMs = await page.evaluate(async () => {
        const cancel = [...document.querySelectorAll('button')].find((button) => button.innerText === 'Cancel export');
        const from = performance.now();
        cancel?.click();
        while (!document.body.innerText.includes('Cancelled. Nothing was kept.'))
          await new Promise((resolve) => setTimeout(resolve, 10));
        return performance.now() - from;
      });
      console.log(`cancelled within ${Math.round(elapsedMs)} ms`);
      await page.waitForTimeout(2000);
      expect(downloads.length).toBe(before);
      await close();
      await settle(page);
    });

  it('complained about nothing', () => {
    expect(app.complaints).toEqual([]);
  });
});

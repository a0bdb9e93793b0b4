/** Photos in, a scene out, in the window: drop, run, look, compare with the command line, scrub, export. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSplatPly } from '../../../engine/formats/read-splat-ply.js';
import { findChromium } from '../../fixtures/find-chromium.js';
import { cutMiddle, decodePicture, measurePsnr } from './compare-pictures.js';
import { photograph } from './look-steps.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { runVantage, SAMPLE } from './run-vantage.js';
import {
  choosePreset,
  PATIENCE_MS,
  photographCanvas,
  runTitle,
  standIn,
  startRun,
  waitForSplats,
} from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: the window from photos to a scene: there is no Chromium');

const ASPECT = 640 / 480;

describe.skipIf(!hasChromium)('from photos to a scene', () => {
  let app: AppWindow;
  const folder = mkdtempSync(join(tmpdir(), 'vantage whole way é 日本-'));
  const scene = join(folder, 'scene.ply');
  beforeAll(async () => {
    app = await openWindow({ width: 1600, height: 1000 });
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes in dropped photos with their cameras, thumbnails at once', async () => {
    await dropFiles(app.page, [join(SAMPLE, 'images'), join(SAMPLE, 'transforms.json')]);
    await app.page.getByText('8 photos · 8 with a camera · 3 held out').waitFor({ timeout: PATIENCE_MS });
    const images = app.page.getByRole('row').locator('img');
    await expect.poll(async () => images.count(), { timeout: PATIENCE_MS }).toBe(8);
    const widths = await images.evaluateAll((all) => all.map((image) => (image as HTMLImageElement).naturalWidth));
    expect(widths.every((width) => width > 0)).toBe(true);
  });

  it('shows splats while it runs, and scores when it is finished', async () => {
    await choosePreset(app.page, 'Draft');
    await startRun(app.page);
    expect(await waitForSplats(app.page, 20_000)).toBeGreaterThanOrEqual(20_000);
    await runTitle(app.page, /^Finished/);
    const score = await app.page
      .getByText(/^\d\d\.\d+ dB$/)
      .first()
      .innerText();
    // The sample's draft reaches 26 dB on its held-out views; far below that something is broken.
    expect(Number.parseFloat(score)).toBeGreaterThan(23);
  });

  it('shows by how many photos each place was seen', async () => {
    const colors = await decodePicture(await photograph(app.page));
    await app.page.getByRole('button', { name: 'Seen by how many photos', exact: true }).click();
    const legend = app.page.getByRole('figure', { name: 'Seen by how many photos' });
    expect((await legend.getByRole('listitem').allInnerTexts()).map((text) => text.trim())).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5+',
    ]);
    expect(measurePsnr(colors, await decodePicture(await photograph(app.page)))).toBeLessThan(25);
    await app.page.getByRole('button', { name: 'Colour', exact: true }).click();
    expect(measurePsnr(colors, await decodePicture(await photograph(app.page)))).toBeGreaterThan(40);
  });

  it('exports a .ply that reads back', async () => {
    await app.page
      .getByRole('button', { name: /^Export/ })
      .first()
      .click();
    const dialog = app.page.getByRole('dialog', { name: 'Export' });
    await dialog.waitFor();
    const download = app.page.waitForEvent('download', { timeout: PATIENCE_MS });
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    await (await download).saveAs(scene);
    await dialog.getByRole('button', { name: 'Close' }).first().click();
    const { splats, droppedCount } = readSplatPly(new Uint8Array(readFileSync(scene)), scene);
    expect(splats.count).toBeGreaterThan(20_000);
    expect(droppedCount).toBe(0);
  });

  it('draws a training camera as the command line does, at 30 dB or more', async () => {
    await standIn(app.page, '03.jpg');
    await app.page.waitForTimeout(6000);
    const shown = await cutMiddle(await photographCanvas(app.page), ASPECT);
    const picture = await decodePicture(shown);
    const views = join(folder, 'views');
    await runVantage(
      'render',
      scene,
      '--capture',
      SAMPLE,
      '--views',
      '03.jpg',
      '--width',
      String(picture.width),
      '-o',
      views,
    );
    const drawn = await decodePicture(readFileSync(join(views, '03.png')));
    expect(Math.abs(drawn.height - picture.height)).toBeLessThanOrEqual(1);
    const height = Math.min(drawn.height, picture.height);
    const cut = ({ width, pixels }: typeof drawn) => ({
      width,
      height,
      pixels: pixels.subarray(0, width * height * 3),
    });
    expect(measurePsnr(cut(drawn), cut(picture), 2)).toBeGreaterThanOrEqual(30);
  });

  it('moves along the path: other times, other pictures; the same time, the same picture', async () => {
    await app.page.getByRole('tab', { name: 'Camera path' }).click();
    const slider = app.page.getByRole('slider', { name: 'Playhead' });
    await slider.focus();
    const at = async (key: string): Promise<Awaited<ReturnType<typeof decodePicture>>> => {
      await slider.press(key);
      await app.page.waitForTimeout(4000);
      return decodePicture(await photographCanvas(app.page));
    };
    const start = await at('Home');
    const end = await at('End');
    const again = await at('Home');
    expect(measurePsnr(start, end)).toBeLessThan(25);
    expect(measurePsnr(start, again)).toBeGreaterThan(40);
  });

  it('asks only its own host, and breaks no rule of the page', () => {
    const hosts = new Set(app.requested.filter((url) => /^(https?|wss?):/.test(url)).map((url) => new URL(url).host));
    expect([...hosts]).toEqual([new URL(app.host.origin).host]);
    expect(app.complaints).toEqual([]);
    expect(app.host.output().trim().split('\n')).toEqual([`Vantage at ${app.host.address}`]);
  });
});

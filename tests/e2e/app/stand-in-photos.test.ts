/** The photos in the scene: their cameras from outside, standing in one, and comparing the rendering with it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import { cutMiddle, decodePicture, measurePsnr } from './compare-pictures.js';
import { cameraOf, CAMERAS, columnOf, distance, LENS, lookSceneFile, projectInto } from './look-scene.js';
import {
  canvasBox,
  canvasOf,
  choosePathFile,
  openPathTab,
  photograph,
  readPose,
  restingPose,
  settle,
} from './look-steps.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { SAMPLE } from './run-vantage.js';
import { PATIENCE_MS, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: standing in photos: there is no Chromium');

describe.skipIf(!hasChromium)('the photos in the scene', () => {
  let app: AppWindow;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), 'vantage photos-'));
  const bar = (): Locator => page.getByRole('group', { name: 'Photo', exact: true });

  beforeAll(async () => {
    writeFileSync(join(folder, 'scene.ply'), lookSceneFile());
    app = await openWindow();
    page = app.page;
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows all cameras from outside before there is a scene, and stands in the one that is clicked', async () => {
    await dropFiles(page, [join(SAMPLE, 'images'), join(SAMPLE, 'transforms.json')]);
    await page.getByText('8 photos · 8 with a camera · 3 held out').waitFor({ timeout: PATIENCE_MS });
    // What hovering over each place of the picture says is there.
    const seek = (): Promise<[string, { x: number; y: number }][]> =>
      canvasOf(page).evaluate((canvas: HTMLCanvasElement) => {
        const { left, top, width, height } = canvas.getBoundingClientRect();
        const found = new Map<string, { x: number; y: number }>();
        for (let y = top + 2; y < top + height; y += 6)
          for (let x = left + 2; x < left + width; x += 6) {
            canvas.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: y, pointerType: 'mouse' }));
            if (canvas.title !== '' && !found.has(canvas.title)) found.set(canvas.title, { x, y });
          }
        return [...found];
      });
    let places = new Map(await seek());
    await expect
      .poll(async () => (places = new Map(await seek())).size, { timeout: PATIENCE_MS, interval: 1000 })
      .toBe(8);
    expect([...places.keys()].sort()).toEqual(CAMERAS.map(({ name }) => name).sort());
    const { x, y } = places.get('05.jpg') as { x: number; y: number };
    await page.mouse.click(x, y + 6);
    await page.getByText('Standing in 05.jpg.').first().waitFor({ state: 'attached', timeout: PATIENCE_MS });
    await page.getByRole('button', { name: 'First view' }).click();
    await bar().waitFor({ state: 'detached', timeout: PATIENCE_MS });
  });

  it('goes to the first photo when a scene comes', async () => {
    await dropFiles(page, [join(folder, 'scene.ply')]);
    await waitForSplats(page, 3000);
    await openPathTab(page);
    await choosePathFile(page, 'Remove all keys');
    const pose = await restingPose(page);
    const { place, right, up, ahead } = cameraOf('01.jpg');
    expect(distance(pose.position, place)).toBeLessThan(1e-4);
    expect(distance(columnOf(pose, 2), ahead)).toBeLessThan(1e-4);
    expect(distance(columnOf(pose, 0), right)).toBeLessThan(1e-4);
    // The camera's second axis is down.
    expect(distance(columnOf(pose, 1), [-up[0], -up[1], -up[2]])).toBeLessThan(1e-4);
  });

  it('stands in a photo whose frustum is clicked, shows the photo, and leaves it again', async () => {
    await page.getByRole('button', { name: 'Show all' }).click();
    let pose = await restingPose(page);
    const box = await canvasBox(page);
    const { place } = cameraOf('04.jpg');
    // Nearer, until the cameras stand well apart in the picture.
    while (distance(pose.position, place) > 2) {
      const target = projectInto(box, pose, place);
      await page.mouse.move(box.x + target.x, box.y + target.y);
      await page.mouse.wheel(0, -80);
      pose = await readPose(page);
    }
    await settle(page);
    const target = projectInto(box, pose, place);
    await page.mouse.click(box.x + target.x, box.y + target.y);
    await bar().getByText('04.jpg').waitFor({ timeout: PATIENCE_MS });
    const standing = await restingPose(page);
    expect(distance(standing.position, place)).toBeLessThan(1e-4);
    expect(standing.fovYDegrees).toBeCloseTo((Math.atan(LENS.height / 2 / LENS.focal) * 360) / Math.PI, 3);

    const rendering = await decodePicture(await photograph(page));
    const slider = page.getByRole('slider', { name: 'From the rendering to the photo' });
    await slider.press('End');
    await expect.poll(async () => slider.inputValue()).toBe('1');
    const picture = await photograph(page);
    expect(measurePsnr(rendering, await decodePicture(picture))).toBeLessThan(25);
    const shown = await decodePicture(await cutMiddle(picture, LENS.width / LENS.height));
    const photo = await sharp(readFileSync(join(SAMPLE, 'images', '04.jpg')))
      .resize(shown.width, shown.height, { fit: 'fill' })
      .png()
      .toBuffer();
    expect(measurePsnr(shown, await decodePicture(photo), 2)).toBeGreaterThan(28);

    await bar().getByRole('button', { name: 'Next photo' }).click();
    await bar().getByText('05.jpg').waitFor({ timeout: PATIENCE_MS });
    expect(await slider.inputValue()).toBe('0');
    // The keyboard's user stays where they are: on the button, in the bar.
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Next photo');
    await settle(page);
    await bar().getByRole('button', { name: 'Leave' }).click();
    await bar().waitFor({ state: 'detached', timeout: PATIENCE_MS });
    expect(distance((await restingPose(page)).position, cameraOf('05.jpg').place)).toBeLessThan(1e-4);
  });

  it('complained about nothing', () => {
    expect(app.complaints).toEqual([]);
  });
});

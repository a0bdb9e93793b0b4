/** What the viewer shows of a scene and what one can ask of it: colour, depth, coverage, what is up, and how long things are. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import type { Picture } from './compare-pictures.js';
import { decodePicture, measurePsnr } from './compare-pictures.js';
import type { BallName, Pose } from './look-scene.js';
import { BALLS, columnOf, lookSceneFile, projectInto } from './look-scene.js';
import { canvasBox, canvasOf, choosePathFile, openPathTab, photograph, restingPose } from './look-steps.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { SAMPLE } from './run-vantage.js';
import { PATIENCE_MS, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: the tools of the viewer: there is no Chromium');

const luminanceAt = ({ width, pixels }: Picture, x: number, y: number): number => {
  const at = (Math.round(y) * width + Math.round(x)) * 3;
  return 0.2126 * (pixels[at] as number) + 0.7152 * (pixels[at + 1] as number) + 0.0722 * (pixels[at + 2] as number);
};

describe.skipIf(!hasChromium)('the tools of the viewer', () => {
  let app: AppWindow;
  let page: Page;
  let pose: Pose;
  const folder = mkdtempSync(join(tmpdir(), 'vantage tools-'));
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const picture = async (): Promise<Picture> => decodePicture(await photograph(page));
  const placeOf = async (ball: BallName): Promise<{ x: number; y: number }> => {
    const { x, y, ...size } = await canvasBox(page);
    const place = projectInto(size, pose, BALLS[ball].place);
    return { x: x + place.x, y: y + place.y };
  };
  const clickBall = async (ball: BallName): Promise<void> => {
    const { x, y } = await placeOf(ball);
    await page.mouse.click(x, y);
  };

  beforeAll(async () => {
    const scene = join(folder, 'scene.ply');
    writeFileSync(scene, lookSceneFile());
    app = await openWindow();
    page = app.page;
    await dropFiles(page, [join(SAMPLE, 'images'), join(SAMPLE, 'transforms.json'), scene]);
    await page.getByText('8 photos · 8 with a camera · 3 held out').waitFor({ timeout: PATIENCE_MS });
    await waitForSplats(page, 3000);
    await openPathTab(page);
    await choosePathFile(page, 'Remove all keys');
    pose = await restingPose(page);
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows depth with what its colours mean, and colour again', async () => {
    const color = await picture();
    await button('Depth').click();
    const legend = page.getByRole('figure', { name: 'Depth' });
    await legend.waitFor();
    await expect
      .poll(async () => (await legend.innerText()).match(/[\d.]+ units/g)?.length ?? 0, { timeout: PATIENCE_MS })
      .toBe(2);
    const [near = 0, far = 0] = (await legend.innerText()).match(/[\d.]+(?= units)/g)?.map(Number) ?? [];
    expect(near).toBeGreaterThan(1);
    expect(far).toBeGreaterThan(near);
    expect(far).toBeLessThan(6);
    const depth = await picture();
    expect(measurePsnr(color, depth)).toBeLessThan(20);
    const box = await canvasBox(page);
    const { x, y } = await placeOf('red');
    const [ballX, ballY] = [x - box.x, y - box.y];
    // The ball is a unit before the wall: nearer is brighter.
    expect(luminanceAt(depth, ballX, ballY)).toBeGreaterThan(luminanceAt(depth, ballX + 60, ballY) + 10);
    await canvasOf(page).press('1');
    expect(measurePsnr(color, await picture())).toBeGreaterThan(40);
  });

  it('shows coverage: white where something is, black where nothing is', async () => {
    await button('Show all').click();
    await button('Coverage').click();
    await page.getByRole('figure', { name: 'Coverage' }).waitFor();
    const { width, height, pixels } = await picture();
    const shares = { black: 0, white: 0 };
    for (let i = 0; i < pixels.length; i += 3) {
      if ((pixels[i] as number) < 8) shares.black += 1 / (width * height);
      if ((pixels[i] as number) > 235) shares.white += 1 / (width * height);
    }
    expect(shares.black).toBeGreaterThan(0.3);
    expect(shares.white).toBeGreaterThan(0.05);
    await button('Colour').click();
  });

  it('says why it cannot show yet by how many photos a place was seen', async () => {
    const seen = page.getByRole('button', { name: /^Seen by how many photos: known when a run has finished/ });
    expect(await seen.isDisabled()).toBe(true);
  });

  it('shows and hides photos and grid', async () => {
    const all = await picture();
    await canvasOf(page).press('k');
    const without = await picture();
    expect(measurePsnr(all, without)).toBeLessThan(60);
    await button('What is shown').click();
    const layers = page.getByRole('dialog', { name: 'What is shown' });
    expect(await layers.getByRole('checkbox', { name: 'Photos in the scene' }).isChecked()).toBe(false);
    await layers.getByText('Grid').click();
    await layers.getByText('Photos in the scene').click();
    await page.keyboard.press('Escape');
    await layers.waitFor({ state: 'detached' });
    const gridded = await picture();
    expect(measurePsnr(all, gridded)).toBeLessThan(50);
    await canvasOf(page).press('g');
    expect(measurePsnr(all, await picture())).toBeGreaterThan(45);
  });

  it('sets a tilted view upright, and turns the scene over', async () => {
    await button('First view').click();
    pose = await restingPose(page);
    await button('Move the camera').click();
    const pad = page.getByRole('dialog', { name: 'Move the camera' });
    for (let i = 0; i < 3; i++) await pad.getByRole('button', { name: 'Tilt left' }).click();
    await page.keyboard.press('Escape');
    await pad.waitFor({ state: 'detached' });
    const tilted = await restingPose(page);
    expect(Math.abs(columnOf(tilted, 0)[2] - columnOf(pose, 0)[2])).toBeGreaterThan(0.2);
    await button('Set the scene upright').click();
    const upright = await restingPose(page);
    expect(Math.abs(columnOf(upright, 0)[2])).toBeLessThan(0.02);
    expect(columnOf(upright, 1)[2]).toBeLessThan(-0.9);
    expect(upright.position).toEqual(tilted.position);
    await button('Turn the scene upside down').click();
    expect(columnOf(await restingPose(page), 1)[2]).toBeGreaterThan(0.9);
    await canvasOf(page).press('Shift+U');
    expect(columnOf(await restingPose(page), 1)[2]).toBeLessThan(-0.9);
  });

  it('takes a scale from two points, and then tells lengths in metres', async () => {
    pose = await restingPose(page);
    await canvasOf(page).press('m');
    const bar = page.getByRole('group', { name: 'Measure' });
    await bar.getByText('Click the first point.').waitFor();
    await clickBall('red');
    await bar.getByText('Click the second point.').waitFor();
    await clickBall('green');
    await bar.getByText(/^Measured: (0\.9[89]|1\.0[012])\d* ± 0\.0\d+ units$/).waitFor({ timeout: PATIENCE_MS });
    const field = bar.getByRole('textbox', { name: 'True length in metres' });
    await field.fill('one metre');
    await bar.getByText('A length such as 1.20 or 35 cm').waitFor();
    expect(await bar.getByRole('button', { name: 'Set scale' }).isDisabled()).toBe(true);
    await field.fill('1.20 m');
    await field.press('Enter');
    await bar.waitFor({ state: 'detached' });

    await button('Measure').click();
    await clickBall('green');
    await clickBall('blue');
    const told = bar.getByText(/^Measured: [\d.]+ ± [\d.]+ m$/);
    await told.waitFor({ timeout: PATIENCE_MS });
    const metres = Number(/[\d.]+/.exec(await told.innerText())?.[0]);
    expect(metres).toBeGreaterThan(0.94);
    expect(metres).toBeLessThan(0.98);
    await page.keyboard.press('Escape');
    await bar.waitFor({ state: 'detached' });
    await button('Depth').click();
    await page
      .getByRole('figure', { name: 'Depth' })
      .getByText(/[\d.]+ m$/)
      .first()
      .waitFor({ timeout: PATIENCE_MS });
  });

  it('says so when the graphics card takes the picture away, and shows it again afterwards', async () => {
    await button('Colour').click();
    const before = await picture();
    // A frame is on its way when it happens, as it mostly is.
    await canvasOf(page).press('g');
    const loss = await canvasOf(page).evaluateHandle((canvas: HTMLCanvasElement) => {
      const extension = canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context');
      extension?.loseContext();
      return extension;
    });
    const notice = page.getByRole('alert').filter({ hasText: 'The graphics card has taken the picture away' });
    await notice.waitFor({ timeout: PATIENCE_MS });
    await page.waitForTimeout(1000);
    expect(await notice.isVisible()).toBe(true);
    await loss.evaluate((extension) => extension?.restoreContext());
    await notice.waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await canvasOf(page).press('g');
    expect(measurePsnr(before, await picture())).toBeGreaterThan(40);
  });

  it('keeps the scale when the window is opened again', async () => {
    await page.waitForTimeout(1000);
    await page.reload();
    await waitForSplats(page, 3000);
    await button('Depth').click();
    await page
      .getByRole('figure', { name: 'Depth' })
      .getByText(/[\d.]+ m$/)
      .first()
      .waitFor({ timeout: PATIENCE_MS });
    expect(app.complaints).toEqual([]);
  });
});

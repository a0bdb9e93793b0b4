/** The viewer for those who see or have it otherwise: forced colours, reduced motion, and no WebGL at all. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readSplatPly } from '../../../engine/formats/read-splat-ply.js';
import { findChromium } from '../../fixtures/find-chromium.js';
import { decodePicture } from './compare-pictures.js';
import { cameraOf, columnOf, distance, lookSceneFile } from './look-scene.js';
import { canvasBox, canvasOf, choosePathFile, openPathTab, readPose, restingPose } from './look-steps.js';
import type { AppWindow, WindowOptions } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { SAMPLE } from './run-vantage.js';
import { choosePreset, PATIENCE_MS, runTitle, startRun, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium)
  console.log('SKIPPED: the viewer in forced colours, with reduced motion, without WebGL: there is no Chromium');

/** Pages cannot have what the graphics driver does not give. */
function withoutWebgl(): void {
  const getContext = Reflect.get(HTMLCanvasElement.prototype, 'getContext') as (
    kind: string,
    ...rest: unknown[]
  ) => unknown;
  Object.defineProperty(HTMLCanvasElement.prototype, 'getContext', {
    value(this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
      return /webgl/.test(kind) ? null : getContext.call(this, kind, ...rest);
    },
  });
}

describe.skipIf(!hasChromium)('the viewer', () => {
  let app: AppWindow;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), 'vantage otherwise-'));
  const scene = join(folder, 'scene.ply');
  const open = async (options: WindowOptions): Promise<void> => {
    app = await openWindow(options);
    page = app.page;
    await dropFiles(page, [join(SAMPLE, 'images'), join(SAMPLE, 'transforms.json'), scene]);
    await page.getByText('8 photos · 8 with a camera · 3 held out').waitFor({ timeout: PATIENCE_MS });
  };

  beforeAll(() => writeFileSync(scene, lookSceneFile()));
  afterEach(() => app.close());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** How much the brightness within an element differs: a sign that cannot be told from its ground has none. */
  async function contrastOf(element: Locator): Promise<number> {
    const { pixels } = await decodePicture(await element.screenshot({ timeout: PATIENCE_MS }));
    let [darkest, brightest] = [255, 0];
    for (let i = 0; i < pixels.length; i += 3) {
      const luma =
        0.2126 * (pixels[i] as number) + 0.7152 * (pixels[i + 1] as number) + 0.0722 * (pixels[i + 2] as number);
      darkest = Math.min(darkest, luma);
      brightest = Math.max(brightest, luma);
    }
    return brightest - darkest;
  }

  for (const colorScheme of ['light', 'dark'] as const)
    it(`in forced colours (${colorScheme}) every control is told from its ground`, async () => {
      await open({ colorScheme, context: { forcedColors: 'active' } });
      await waitForSplats(page, 3000);
      await openPathTab(page);
      const keys = page.getByRole('group', { name: 'Keys of the path' }).getByRole('button');
      await expect.poll(async () => keys.count(), { timeout: PATIENCE_MS }).toBe(5);
      await page.getByRole('button', { name: 'Stand in the nearest photo' }).click();
      const bar = page.getByRole('group', { name: 'Photo', exact: true });
      await bar.waitFor({ timeout: PATIENCE_MS });
      const toolbars = ['Display', 'Camera and tools', 'Camera path'].map((name) =>
        page.getByRole('toolbar', { name }).getByRole('button'),
      );
      const controls = [...toolbars, keys.locator('.path-key-diamond'), bar.locator('.viewer-blend-thumb')];
      for (const control of controls)
        for (const element of await control.all()) {
          const name = await element.evaluate(
            (node) => node.getAttribute('aria-label') ?? node.getAttribute('class') ?? '',
          );
          const isDisabled = await element.isDisabled();
          expect(await contrastOf(element), name).toBeGreaterThan(isDisabled ? 40 : 100);
        }
      // The chosen display mode differs from the others in more than its sign.
      const ground = (name: string): Promise<string> =>
        page.getByRole('button', { name, exact: true }).evaluate((node) => getComputedStyle(node).backgroundColor);
      expect(await ground('Colour')).not.toBe(await ground('Coverage'));
      expect(app.complaints).toEqual([]);
    });

  it('with reduced motion is where it goes at once, and never glides on', async () => {
    await open({ context: { reducedMotion: 'reduce' } });
    await waitForSplats(page, 3000);
    await openPathTab(page);
    await choosePathFile(page, 'Remove all keys');
    await restingPose(page);
    await canvasOf(page).press('PageDown');
    // Not a frame is waited for.
    const standing = await readPose(page);
    expect(distance(standing.position, cameraOf('01.jpg').place)).toBeLessThan(1e-4);
    await canvasOf(page).press('PageDown');
    const next = await readPose(page);
    expect(distance(next.position, cameraOf('02.jpg').place)).toBeLessThan(1e-4);
    const { x, y, width, height } = await canvasBox(page);
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + 40, y + height / 2, { steps: 4 });
    await page.mouse.up();
    const flicked = await readPose(page);
    expect(distance(columnOf(flicked, 2), columnOf(next, 2))).toBeGreaterThan(0.05);
    expect((await restingPose(page)).position).toEqual(flicked.position);
    expect(app.complaints).toEqual([]);
  });

  it('without WebGL says what is missing, and photos, runs and exports go on without it', async () => {
    await open({ before: withoutWebgl });
    const notice = page.getByRole('alert').filter({ hasText: 'The scene cannot be drawn here' });
    await notice.waitFor({ timeout: PATIENCE_MS });
    expect(await notice.innerText()).toMatch(/WebGL 2 is switched off, or the graphics driver is not supported/);
    expect(await page.getByRole('row').locator('img').count()).toBe(8);
    await page.getByRole('row', { name: /03\.jpg/ }).click();

    await page.keyboard.press('Control+e');
    const dialog = page.getByRole('dialog', { name: 'Export' });
    const download = page.waitForEvent('download', { timeout: PATIENCE_MS });
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    const bytes = readFileSync(await (await download).path());
    expect(readSplatPly(new Uint8Array(bytes), 'scene.ply').splats.count).toBe(
      readSplatPly(lookSceneFile(), scene).splats.count,
    );
    await dialog.getByRole('button', { name: 'Close' }).first().click();

    await openPathTab(page);
    await page.getByRole('button', { name: 'Export…' }).last().click();
    const pictures = page.getByRole('dialog', { name: 'Export pictures of the path' });
    await pictures.getByRole('button', { name: 'Export', exact: true }).click();
    await pictures.getByText(/The scene cannot be drawn here/).waitFor({ timeout: PATIENCE_MS });
    await pictures.getByRole('button', { name: 'Close' }).first().click();

    await choosePreset(page, 'Draft');
    await startRun(page);
    await runTitle(page, /^Running/);
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await runTitle(page, /^Cancelled/);
    expect(app.complaints.filter((text) => !text.includes('Error creating WebGL context'))).toEqual([]);
  });
});

/**
 * Every main state of the window, drawn by the built renderer under the hosts' own content security policy, on a host of fixed states:
 * axe finds nothing serious in either theme, the console stays silent, and nothing sticks out of the window at its usual sizes.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RENDERER_FOLDER, buildRenderer, isRendererStale } from '../../../electron/loopback/built-renderer.js';
import { findChromium, launchChromium } from '../../fixtures/find-chromium.js';
import { installMockHost } from '../../fixtures/mock-host.js';
import type { MockHost } from '../../fixtures/mock-host.js';
import { MOCK_STATES } from '../../fixtures/mock-states.js';
import type { MockStateName } from '../../fixtures/mock-states.js';
import { serveWindow } from '../../fixtures/serve-window.js';
import type { ServedWindow } from '../../fixtures/serve-window.js';

interface AxeResult {
  readonly violations: readonly { id: string; impact: string; nodes: readonly { html: string }[] }[];
}
interface PageGlobals {
  readonly axe: { run(root: Document, options: object): Promise<AxeResult> };
  readonly mockHost: MockHost;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const USUAL = { width: 1280, height: 720 };
/** 1280×720 at 200 % zoom. */
const ZOOMED = { width: 640, height: 360 };

const canRun = (await findChromium()) !== null;
if (!canRun) process.stdout.write('SKIPPED window states: no Chromium was found\n');

describe.runIf(canRun)('the window in its main states', () => {
  let browser: Browser;
  let served: ServedWindow;

  beforeAll(async () => {
    if (await isRendererStale()) await buildRenderer();
    served = await serveWindow(RENDERER_FOLDER);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });

  async function open(
    name: MockStateName,
    theme: 'dark' | 'light',
    viewport = USUAL,
  ): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport, colorScheme: theme, locale: 'en', reducedMotion: 'reduce' });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.addInitScript(installMockHost, MOCK_STATES[name]);
    await page.goto(served.origin);
    await page.locator('.window').waitFor();
    return { page, complaints };
  }

  async function findSerious(page: Page): Promise<string[]> {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as PageGlobals).axe.run(document, { resultTypes: ['violations'] }),
    );
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  }

  const sent = (page: Page): Promise<MockHost['sent']> =>
    page.evaluate(() => (globalThis as unknown as PageGlobals).mockHost.sent);

  for (const theme of ['dark', 'light'] as const) {
    for (const name of Object.keys(MOCK_STATES) as MockStateName[]) {
      it(`${name}, ${theme}: nothing serious, nothing in the console, nothing cut off`, async () => {
        const { page, complaints } = await open(name, theme);
        expect(await findSerious(page)).toEqual([]);
        expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
        await page.context().close();
      });
    }

    it(`sensors, ${theme}: facts, questions, errors and the report, nothing serious in any of it`, async () => {
      const { page, complaints } = await open('sensors', theme);
      await page.keyboard.press('Alt+6');
      const panel = page.getByRole('tabpanel', { name: 'Sensors' });
      await panel.getByText('20,412,118').first().waitFor();
      await panel.getByText('The file ends in the middle of point 812').waitFor();
      await panel.getByText('0.012 m · 0.02 m · 0.008 m').waitFor();
      expect(await panel.getByRole('button', { name: /Unit of the cloud/ }).count()).toBe(1);
      await panel.getByRole('row', { name: /with sensors 0\.311 m 0\.840 m 0\.048 96\.2 %/ }).waitFor();
      await panel.getByRole('img', { name: /Histogram of residuals from -1\.00 m to 1\.00 m/ }).waitFor();
      expect(await findSerious(page)).toEqual([]);
      await panel.getByText('As a table').click();
      await panel.getByRole('row', { name: /-0\.02 to 0\.02/ }).waitFor();
      expect(await findSerious(page)).toEqual([]);
      const overflow = await panel.evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await panel.getByText('Placed by the last run, at 0.25 times its size.').waitFor();
      await page.getByText('moved.laz, sensors.json are not where the project says.').waitFor();
      await panel.getByRole('listitem', { name: 'moved.laz' }).getByRole('button', { name: 'Find it…' }).press('Enter');
      const finding = page.getByRole('dialog', { name: 'Find missing files' });
      await finding.getByText('garden/sensors.json').waitFor();
      expect(await findSerious(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await finding.waitFor({ state: 'detached' });
      await panel.getByRole('button', { name: 'Remove unknown.laz' }).click();
      const sentNow = (await sent(page)).filter(({ command }) => command === 'removeSensor');
      expect(sentNow).toEqual([{ command: 'removeSensor', request: { sensorId: 'unknown' } }]);
      expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
      await page.context().close();
    });

    it(`dialogs, ${theme}: open by key, nothing serious, closed by Escape`, async () => {
      const { page } = await open('finished', theme);
      for (const [key, title] of [
        ['Control+e', 'Export'],
        ['Control+s', 'Save the project'],
        ['?', 'Keyboard shortcuts'],
      ] as const) {
        await page.keyboard.press(key);
        const dialog = page.getByRole('dialog', { name: title });
        await dialog.waitFor();
        expect(await findSerious(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
      }
      await page.context().close();
    });
  }

  it('at 200 % zoom the next step is in sight and nothing has to be scrolled sideways', async () => {
    const { page } = await open('loaded', 'dark', ZOOMED);
    const start = page.getByRole('banner').getByRole('button', { name: 'Start' });
    expect(await start.isVisible()).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(ZOOMED.width);
    await page.context().close();
  });

  it('the start button starts, the photos change roles, the presets change settings', async () => {
    const { page } = await open('loaded', 'dark');
    await page.getByText('Draft', { exact: true }).click();
    await page.locator('[data-photo=photo-2]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Hold out for the score' }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const commands = (await sent(page)).filter(({ command }) => !/^(get|save)/.test(command));
    expect(commands).toEqual([
      { command: 'changeSettings', request: { preset: 'draft' } },
      { command: 'setPhotoRole', request: { photoIds: ['photo-2'], role: 'held-out' } },
      { command: 'startRun', request: { from: 'fresh' } },
    ]);
    await page.context().close();
  });

  it('a new stage is said to screen readers', async () => {
    const { page } = await open('running', 'dark');
    await page.evaluate((run) => (globalThis as unknown as PageGlobals).mockHost.emit({ run }), {
      ...MOCK_STATES.running.state.run,
      stage: 'export' as const,
    });
    await page.getByTestId('announcements').filter({ hasText: 'Finish' }).waitFor({ state: 'attached' });
    await page.context().close();
  });

  it('speaks German where the browser does', async () => {
    const context = await browser.newContext({ viewport: USUAL, locale: 'de-AT' });
    const page = await context.newPage();
    await page.addInitScript(installMockHost, MOCK_STATES.empty);
    await page.goto(served.origin);
    await page.getByRole('button', { name: 'Beispiel ausprobieren' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    await context.close();
  });
});

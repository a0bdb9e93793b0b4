/** A run can be paused, resumed, cancelled and survived: by the window, by a second tab, by a job that dies. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import type { AppWindow } from './open-window.js';
import { openWindow, watchPage } from './open-window.js';
import {
  choosePreset,
  openSample,
  PATIENCE_MS,
  runTitle,
  setAdvanced,
  startRun,
  waitForSplats,
} from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: pausing, cancelling and surviving in the window: there is no Chromium');

/** Process ids of the host's children that run a pipeline. */
function findRunJobs(hostPid: number): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === hostPid && /start-job\S* run/.test(command ?? '') ? [Number(pid)] : [];
  });
}

async function iterationOf(app: AppWindow): Promise<number> {
  const text = await app.page
    .getByText(/^[\d,]+ of [\d,]+$/)
    .first()
    .innerText();
  return Number((text.split(' of ')[0] as string).replaceAll(',', ''));
}

describe.skipIf(!hasChromium)('a run in the window', () => {
  let app: AppWindow;
  beforeEach(async () => {
    app = await openWindow();
    await openSample(app.page);
    await choosePreset(app.page, 'Draft');
    await setAdvanced(app.page, { Iterations: 4000, 'Most splats': 30_000 });
    await startRun(app.page);
    await waitForSplats(app.page, 1000);
  });
  afterEach(async () => {
    await app.close();
  });

  it('stands still while it is paused, goes on, and is cancelled with what there is', async () => {
    await app.page.getByRole('button', { name: 'Pause' }).first().click();
    await runTitle(app.page, /^Paused/);
    const before = await iterationOf(app);
    await app.page.waitForTimeout(3000);
    expect(await iterationOf(app)).toBe(before);
    await app.page.getByRole('button', { name: 'Resume' }).first().click();
    await runTitle(app.page, /^Running/);
    await expect.poll(() => iterationOf(app), { timeout: PATIENCE_MS }).toBeGreaterThan(before);
    await app.page.getByRole('button', { name: 'Cancel run' }).first().click();
    await runTitle(app.page, /^Cancelled/);
    expect(findRunJobs(app.host.process.pid as number)).toEqual([]);
    expect(await waitForSplats(app.page, 1000)).toBeGreaterThan(1000);
  });

  it('shows itself in a second tab and after a reload, and listens to both', async () => {
    const second = await app.context.newPage();
    watchPage(second);
    await second.goto(`${app.host.origin}/`);
    await runTitle(second, /^Running/);
    // Reloaded is what one looks at; the browser starves a tab behind another one, and starves it more where it draws by software.
    await app.page.bringToFront();
    await app.page.reload();
    await runTitle(app.page, /^Running/);
    await waitForSplats(app.page, 1000);
    await second.bringToFront();
    await second.getByRole('button', { name: 'Pause' }).first().click();
    await app.page.bringToFront();
    await runTitle(app.page, /^Paused/);
    await app.page.getByRole('button', { name: 'Cancel run' }).first().click();
    await second.bringToFront();
    await runTitle(second, /^Cancelled/);
  });

  it('outlives its process: the window says so and goes on from the checkpoint', async () => {
    await app.page.getByRole('button', { name: 'Pause' }).first().click();
    await runTitle(app.page, /^Paused/);
    const before = await iterationOf(app);
    await app.page.getByRole('button', { name: 'Resume' }).first().click();
    await runTitle(app.page, /^Running/);
    const [job] = findRunJobs(app.host.process.pid as number);
    expect(job).toBeGreaterThan(0);
    process.kill(job as number, 'SIGKILL');
    await runTitle(app.page, /^Stopped unexpectedly/);
    await app.page.getByText('The engine’s process ended. This window and your work are fine.').first().waitFor();
    await app.page.getByRole('button', { name: 'Go on at half size' }).first().waitFor();
    await app.page
      .getByRole('button', { name: /^Go on from iteration/ })
      .first()
      .click();
    await runTitle(app.page, /^Running/);
    await expect.poll(() => iterationOf(app), { timeout: PATIENCE_MS }).toBeGreaterThan(before);
  });
});

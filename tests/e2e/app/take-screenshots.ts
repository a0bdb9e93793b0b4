/**
 * `npm run screenshots:app`: the window's main states on the bundled sample, as pictures for the documents. Takes a whole run, minutes.
 * `-- --width 2560 --height 1440 --out DIR` takes them at another size, elsewhere, to look at.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { openWindow } from './open-window.js';
import { choosePreset, openSample, PATIENCE_MS, runTitle, startRun, waitForSplats } from './window-steps.js';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '1280' },
    height: { type: 'string', default: '720' },
    out: { type: 'string', default: fileURLToPath(new URL('../../../docs/screenshots', import.meta.url)) },
  },
});

/** The viewer sharpens when it rests; software drawing takes its time. */
const REST_MS = 8000;

async function take(page: Page, name: string): Promise<void> {
  const bytes = await page.screenshot({ timeout: PATIENCE_MS });
  // A palette keeps a picture that changes with every release small in the history.
  const file = join(values.out, `app-${name}.png`);
  await sharp(bytes).png({ palette: true, colours: 256, effort: 10 }).toFile(file);
  process.stdout.write(`${file}\n`);
}

mkdirSync(values.out, { recursive: true });
const app = await openWindow({ width: Number(values.width), height: Number(values.height) });
const { page } = app;
try {
  await page.getByRole('button', { name: 'Try the sample' }).waitFor({ timeout: PATIENCE_MS });
  await take(page, 'start');
  await openSample(page);
  await choosePreset(page, 'Draft');
  await page.waitForTimeout(REST_MS);
  await take(page, 'photos');
  await startRun(page);
  await waitForSplats(page, 20_000);
  await page.waitForTimeout(3 * REST_MS);
  await take(page, 'running');
  await runTitle(page, /^Finished/);
  await page.waitForTimeout(REST_MS);
  await take(page, 'finished');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByRole('tab', { name: 'Camera path' }).click();
  await page.waitForTimeout(REST_MS);
  await take(page, 'path-dark');
  await page.getByRole('tab', { name: 'Tidy up' }).click();
  await page.waitForTimeout(REST_MS);
  await take(page, 'tidy-dark');
  await page.getByRole('tab', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Depth', exact: true }).first().click();
  await page.waitForTimeout(REST_MS);
  await take(page, 'depth-dark');
  await page
    .getByRole('button', { name: /^Export/ })
    .first()
    .click();
  await page.getByRole('dialog', { name: 'Export' }).waitFor();
  await page.waitForTimeout(REST_MS);
  await take(page, 'export-dark');
} finally {
  await app.close();
}

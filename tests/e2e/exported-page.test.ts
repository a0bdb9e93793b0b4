/** The exported page in a real browser, from the disk, without a network. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { createSplats, SH_C0 } from '../../engine/scene/splats.js';
import { exportSplats } from '../../host/splat-formats/export-splats.js';
import { CHROMIUM_ARGUMENTS, findChromium } from '../fixtures/find-chromium.js';

const executablePath = await findChromium();
if (executablePath === null) console.log('SKIPPED: the exported page in a browser: there is no Chromium');

/** A red ball above a green one, in a scene whose up is +z. */
function twoBalls() {
  const splats = createSplats(2, 0);
  splats.means.set([0, 0, 1, 0, 0, -1]);
  splats.logScales.fill(Math.log(0.35));
  splats.rawOpacities.fill(6);
  splats.shCoeffs.set([1, 0, 0, 0, 1, 0].map((value) => (value - 0.5) / SH_C0));
  return splats;
}

it.skipIf(executablePath === null)('shows the scene upright, opens no address, and names none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vantage page é-'));
  const browser = await chromium.launch({ executablePath: executablePath as string, args: CHROMIUM_ARGUMENTS });
  try {
    const outputFile = join(folder, 'two balls.html');
    await exportSplats(
      twoBalls(),
      {
        format: 'html',
        upAxis: 'unchanged',
        up: [0, 0, 1],
        shDegree: 3,
        hidden: null,
        title: 'Balls & <more>',
        viewpoint: { position: [0, -5, 0], target: [0, 0, 0], fovDegrees: 50 },
      },
      { outputFile },
    );
    const html = await readFile(outputFile, 'utf8');
    const addresses = html.match(/(https?|wss?):\/\/[a-z0-9.-]+/gi) ?? [];
    // The name of SVG's vocabulary; nothing is loaded from it.
    expect([...new Set(addresses)]).toEqual(['http://www.w3.org']);

    const context = await browser.newContext({ viewport: { width: 480, height: 480 }, offline: true });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(outputFile).href);
    expect(await page.title()).toBe('Balls & <more>');
    // ±1 at distance 5 and 50° over 480 pixels: 240 ∓ 103. Both from one picture: the page fades its splats in.
    const colorsSeen = async (): Promise<{ above: string; below: string }> => {
      const { data, info } = await sharp(await page.screenshot({ timeout: 120_000 }))
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const nameAt = (x: number, y: number): string => {
        const [r = 0, g = 0] = data.subarray((y * info.width + x) * 3);
        return r > 150 && g < 60 ? 'red' : g > 150 && r < 60 ? 'green' : `r ${r}, g ${g}`;
      };
      return { above: nameAt(240, 137), below: nameAt(240, 343) };
    };
    await expect.poll(colorsSeen, { timeout: 200_000, interval: 2000 }).toEqual({ above: 'red', below: 'green' });
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
});

/** The real thing, where Electron's program is installed: what only Electron itself can show of its security list. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { buildStaleBundles } from '../../scripts/bundle/build-bundles.js';
import { REPOSITORY_ROOT } from '../architecture/repository.js';

const pathFile = join(REPOSITORY_ROOT, 'node_modules', 'electron', 'path.txt');
const program = existsSync(pathFile)
  ? join(REPOSITORY_ROOT, 'node_modules', 'electron', 'dist', readFileSync(pathFile, 'utf8').trim())
  : '';
const isInstalled = program !== '' && existsSync(program);
if (!isInstalled)
  console.log("SKIPPED Electron smoke test: Electron's program is not installed (npx install-electron)");

const userData = mkdtempSync(join(tmpdir(), 'vantage-electron-'));
afterAll(() => rm(userData, { recursive: true, force: true }));

describe.skipIf(!isInstalled)('Electron', () => {
  it('opens the window on its own protocol, sandboxed, without Node, and stays there', async () => {
    await buildStaleBundles(() => undefined);
    const electron = await _electron.launch({
      executablePath: program,
      args: [REPOSITORY_ROOT, `--user-data-dir=${userData}`],
      // Chromium's sandbox does not start for root, as on build machines.
      chromiumSandbox: process.getuid?.() !== 0,
    });
    const addresses: string[] = [];
    const page = await electron.firstWindow();
    page.on('request', (request) => addresses.push(request.url()));
    await page.reload();
    await page.locator('#root > *').first().waitFor();
    expect(page.url()).toBe('app://vantage/index.html');
    expect(addresses.filter((address) => !/^(app:\/\/vantage\/|blob:app:\/\/vantage\/|data:)/.test(address))).toEqual(
      [],
    );

    const seen = await page.evaluate(() => ({
      node: [typeof Reflect.get(globalThis, 'require'), typeof Reflect.get(globalThis, 'process')],
      keys: Object.keys(Reflect.get(globalThis, 'vantage') as object).sort(),
      isIsolated: globalThis.crossOriginIsolated,
      opened: window.open('https://example.invalid/') === null,
    }));
    expect(seen).toEqual({
      node: ['undefined', 'undefined'],
      keys: ['importFiles', 'listen', 'send'],
      isIsolated: true,
      opened: true,
    });
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.injected = true';
      document.body.append(script);
      location.href = 'https://example.invalid/';
    });
    await page.waitForTimeout(500);
    expect(page.url()).toBe('app://vantage/index.html');
    expect(await page.evaluate(() => Reflect.get(globalThis, 'injected') as unknown)).toBeUndefined();
    await electron.close();
  });
});

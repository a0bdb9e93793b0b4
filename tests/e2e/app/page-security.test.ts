/** The live page keeps what the security list promises, and the host's door is shut to strangers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { findChromium } from '../../fixtures/find-chromium.js';
import type { AppWindow } from './open-window.js';
import { openWindow } from './open-window.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: security of the live page: there is no Chromium');

describe.skipIf(!hasChromium)('the live page', () => {
  let app: AppWindow;
  beforeAll(async () => {
    app = await openWindow();
    await app.page.getByRole('button', { name: 'Try the sample' }).waitFor();
  });
  afterAll(async () => {
    await app.close();
  });

  it('knows nothing of Node', async () => {
    const types = await app.page.evaluate(() => {
      const page = globalThis as unknown as Record<string, unknown>;
      return [typeof page['require'], typeof page['process'], typeof page['module']];
    });
    expect(types).toEqual(['undefined', 'undefined', 'undefined']);
  });

  it('runs no script that was injected, and loads none from elsewhere', async () => {
    const found = await app.page.evaluate(async () => {
      const refused: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ blockedURI }) => refused.push(blockedURI));
      const inline = document.createElement('script');
      inline.textContent = 'globalThis.injected = true';
      const foreign = document.createElement('script');
      foreign.src = 'https://example.invalid/x.js';
      document.head.append(inline, foreign);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const page = globalThis as unknown as Record<string, unknown>;
      return { hasRun: page['injected'] ?? false, refused: refused.sort() };
    });
    expect(found).toEqual({ hasRun: false, refused: ['https://example.invalid/x.js', 'inline'] });
  });

  it('fetches from nowhere else and is isolated', async () => {
    const result = await app.page.evaluate(async () => ({
      fetched: await fetch('http://localhost:9/').then(
        () => true,
        () => false,
      ),
      isIsolated: globalThis.crossOriginIsolated,
    }));
    expect(result).toEqual({ fetched: false, isIsolated: true });
    expect(app.requested.filter((url) => url.includes('localhost:9'))).toEqual([]);
  });

  it('is refused to whoever has no token, a wrong one, a used one, or another origin', async () => {
    const { address, origin } = app.host;
    const statusOf = async (url: string, headers: Record<string, string> = {}): Promise<number> =>
      (await fetch(url, { headers, redirect: 'manual' })).status;
    expect(await statusOf(`${origin}/`)).toBe(403);
    expect(await statusOf(`${origin}/?token=wrong`)).toBe(403);
    expect(await statusOf(address)).toBe(403);
    const cookies = await app.context.cookies(origin);
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    expect(await statusOf(`${origin}/`, { cookie })).toBe(200);
    expect(await statusOf(`${origin}/`, { cookie, origin: 'http://evil.example' })).toBe(403);
    const isOpened = (headers: Record<string, string>): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`, { headers });
        socket.on('open', () => {
          socket.close();
          resolve(true);
        });
        socket.on('error', () => resolve(false));
      });
    expect(await isOpened({ cookie, origin })).toBe(true);
    expect(await isOpened({ cookie, origin: 'http://evil.example' })).toBe(false);
    expect(await isOpened({ origin })).toBe(false);
  });
});

/** The desktop app's window in a real Chromium, on a real loopback host that is started as a user starts it. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from '../../fixtures/find-chromium.js';

const START = fileURLToPath(new URL('../../../electron/loopback/start-web.mjs', import.meta.url));
const ANNOUNCEMENT = /^Vantage at (http:\/\/127\.0\.0\.1:(\d+)\/\?token=\S+)$/m;

/** The first start builds the window and draws by software: nothing is judged by its time. */
const READY_WITHIN_MS = 120_000;

export interface LoopbackHost {
  /** The printed address, with its one-time token. */
  readonly address: string;
  readonly origin: string;
  readonly dataFolder: string;
  readonly process: ChildProcess;
  /** Everything that it printed to stdout. */
  readonly output: () => string;
  stop(): Promise<void>;
}

/** Starts the host with a data folder of its own; `paths` are taken in as picked by the user. */
export async function startHost(paths: readonly string[] = [], dataFolder?: string): Promise<LoopbackHost> {
  const data = dataFolder ?? mkdtempSync(join(tmpdir(), 'vantage-app-'));
  const child = spawn(process.execPath, [START, '--no-open', '--data', data, ...paths], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const address = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`the host ended with ${code ?? 'a signal'} before it was ready:\n${output}`));
    });
    child.stdout.on('data', () => {
      const match = ANNOUNCEMENT.exec(output);
      if (match !== null) resolve(match[1] as string);
    });
  });
  return {
    address,
    origin: new URL(address).origin,
    dataFolder: data,
    process: child,
    output: () => output,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGINT');
        await ended;
      }
      if (dataFolder === undefined) rmSync(data, { recursive: true, force: true });
    },
  };
}

export interface AppWindow {
  readonly host: LoopbackHost;
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained about: errors, refused resources, violations of the content security policy. */
  readonly complaints: string[];
  /** Every address that the page asked for. */
  readonly requested: string[];
  close(): Promise<void>;
}

export interface WindowOptions {
  readonly paths?: readonly string[];
  readonly host?: LoopbackHost;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly language?: string;
  /** What else is particular about the user's browser: touch, forced colours, reduced motion. */
  readonly context?: BrowserContextOptions;
  /** Runs in the page before anything of it does. */
  readonly before?: () => void;
}

/** Follows what a page says and asks for. */
export function watchPage(page: Page): Pick<AppWindow, 'complaints' | 'requested'> {
  const complaints: string[] = [];
  const requested: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requested.push(request.url()));
  page.on('websocket', (socket) => requested.push(socket.url()));
  return { complaints, requested };
}

/** Starts a host (unless one is given) and a browser, and opens the printed address. */
export async function openWindow(options: WindowOptions = {}): Promise<AppWindow> {
  const host = options.host ?? (await startHost(options.paths));
  const browser = await launchChromium();
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 720 },
    colorScheme: options.colorScheme ?? 'light',
    locale: options.language ?? 'en-US',
    acceptDownloads: true,
    ...options.context,
  });
  if (options.before !== undefined) await context.addInitScript(options.before);
  const page = await context.newPage();
  const watched = watchPage(page);
  await page.goto(host.address);
  // Until the host has spoken there is nothing to act on, for a person as for a test.
  await page.locator('.window').waitFor({ timeout: READY_WITHIN_MS });
  return {
    host,
    browser,
    context,
    page,
    ...watched,
    close: async () => {
      await browser.close();
      if (options.host === undefined) await host.stop();
    },
  };
}

/** Drops real files or folders on a place of the window, by default its middle, as the system's file manager does. */
export async function dropFiles(
  page: Page,
  files: readonly string[],
  at?: { readonly x: number; readonly y: number },
): Promise<void> {
  const size = page.viewportSize() ?? { width: 1280, height: 720 };
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', {
      type,
      x: at?.x ?? size.width / 2,
      y: at?.y ?? size.height / 2,
      data,
    });
  await session.detach();
}

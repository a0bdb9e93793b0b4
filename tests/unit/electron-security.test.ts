/**
 * Electron's security list, one test a line, against a fake that grants and allows what Electron grants and allows by default. What only a
 * live page can show is tested again in tests/e2e/ (in Chromium) and tests/e2e/electron-smoke.test.ts (in Electron, where it is installed).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import { ESLint, Linter } from 'eslint';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMAND_CHANNEL, EVENT_CHANNEL } from '../../electron/ipc/channels.js';
import { commands } from '../../electron/ipc/contract.js';
import { isAllowedOutside, openOutside } from '../../electron/main/open-external.js';
import { createWindowConnection } from '../../electron/preload/window-connection.js';
import { FUSES } from '../../scripts/package/fuses.js';
import { PAGE_TEXT, openDesktop } from '../fixtures/electron-fake/open-desktop.js';
import type { OpenDesktop } from '../fixtures/electron-fake/open-desktop.js';
import { REPOSITORY_ROOT as REPOSITORY } from '../architecture/repository.js';

const FOREIGN = 'https://example.invalid/';
/** Starts like our own address, and is not. */
const LOOKALIKES = [
  'app://vantage.example.invalid/index.html',
  'app://vantage@example.invalid/index.html',
  'app://vantage:8080/index.html',
  'app:vantage/index.html',
  'apps://vantage/index.html',
  'file:///app://vantage/index.html',
  'javascript:void(0)//app://vantage/',
  'data:text/html,app://vantage/',
  'about:blank',
];

/** Sources that are shipped, as [path, text]. */
function readSources(...folders: string[]): readonly (readonly [string, string])[] {
  return folders.flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|tsx|mjs|html|css)$/.test(path))
      .map((path) => [join(folder, path), readFileSync(join(REPOSITORY, folder, path), 'utf8')] as const),
  );
}

/** Rule that a line of source for Electron's main process breaks; null when none. */
let lintOf: (code: string, file?: string) => string | null;
let desktop: OpenDesktop;

beforeAll(async () => {
  const eslint = new ESLint({ cwd: REPOSITORY });
  const rules = new Map<string, unknown>();
  for (const file of ['electron/main/main.ts', 'electron/main/ipc-endpoint.ts', 'renderer/main.tsx']) {
    const config = (await eslint.calculateConfigForFile(join(REPOSITORY, file))) as { rules: Record<string, unknown> };
    rules.set(file, config.rules['no-restricted-syntax']);
  }
  lintOf = (code, file = 'electron/main/main.ts') => {
    const rule = rules.get(file) as Linter.RuleEntry;
    const [message] = new Linter().verify(code, { rules: { 'no-restricted-syntax': rule } });
    return message === undefined ? null : (message.ruleId ?? `unreadable: ${message.message}`);
  };
});

beforeEach(async () => {
  desktop = await openDesktop();
  return () => desktop.remove();
});

describe('Electron security list', () => {
  it('1: only secure content is loaded', () => {
    expect(desktop.electron.loadedUrls).toEqual(['app://vantage/index.html']);
    const privileges = desktop.electron.schemes.get('app');
    expect(privileges).toMatchObject({ secure: true, standard: true });
    expect(privileges).not.toHaveProperty('bypassCSP');
    // Addresses that a browser could be sent to; names of XML's vocabularies are none.
    const insecure = readSources('renderer', 'electron/main', 'electron/preload').flatMap(([path, text]) =>
      [...text.matchAll(/['"`](http|ws):\/\/(?!www\.w3\.org\/)[^'"`]*/g)].map(([found]) => `${path}: ${found}`),
    );
    expect(insecure).toEqual([]);
  });

  it('2: no Node.js integration', () => {
    const { webPreferences } = desktop.window.options;
    expect(webPreferences).toMatchObject({
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
    });
    expect(lintOf('new BrowserWindow({ webPreferences: { nodeIntegration: true } })')).toBe('no-restricted-syntax');
    expect(lintOf('x({ nodeIntegrationInWorker: true })')).toBe('no-restricted-syntax');
    expect(lintOf('x({ nodeIntegrationInSubFrames: true })')).toBe('no-restricted-syntax');
    expect(lintOf('x({ nodeIntegration: false })')).toBeNull();
  });

  it('3: context isolation is on', () => {
    expect(desktop.window.options.webPreferences).toMatchObject({ contextIsolation: true });
    expect(lintOf('x({ contextIsolation: false })')).toBe('no-restricted-syntax');
  });

  it('4: every process is sandboxed', () => {
    expect(desktop.electron.calls).toEqual(['enableSandbox', 'ready']);
    expect(desktop.window.options.webPreferences).toMatchObject({ sandbox: true });
    expect(lintOf('x({ sandbox: false })')).toBe('no-restricted-syntax');
    const shipped: (readonly [string, string])[] = [...readSources('electron', 'scripts/start')];
    shipped.push(['package.json', readFileSync(join(REPOSITORY, 'package.json'), 'utf8')]);
    expect(shipped.filter(([, text]) => text.includes('no-sandbox')).map(([path]) => path)).toEqual([]);
  });

  it('5: permissions are denied unless listed', () => {
    const session = desktop.electron.defaultSession;
    const own = 'app://vantage/index.html';
    for (const denied of [
      'media',
      'geolocation',
      'notifications',
      'midi',
      'openExternal',
      'clipboard-read',
      'hid',
      'unknown',
    ]) {
      expect(session.requestPermission(denied, own), denied).toBe(false);
      expect(session.checkPermission(denied, 'app://vantage'), denied).toBe(false);
    }
    for (const granted of ['fullscreen', 'clipboard-sanitized-write']) {
      expect(session.requestPermission(granted, own), granted).toBe(true);
      expect(session.checkPermission(granted, 'app://vantage/'), granted).toBe(true);
      for (const address of [FOREIGN, '', ...LOOKALIKES]) {
        expect(session.requestPermission(granted, address), address).toBe(false);
        expect(session.checkPermission(granted, address), address).toBe(false);
      }
    }
    expect(session.allowsDevice()).toBe(false);
  });

  it('6: web security is not disabled', () => {
    expect(desktop.window.options.webPreferences).not.toHaveProperty('webSecurity');
    expect(lintOf('x({ webSecurity: false })')).toBe('no-restricted-syntax');
  });

  it('7: a content security policy on every answer', async () => {
    const policy =
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; img-src 'self' blob: data:; style-src 'self'; font-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    for (const path of ['index.html', '', 'assets/main-1a2b.js', 'media/thumbnail/known', 'missing.js']) {
      const { headers } = await desktop.electron.fetch(`app://vantage/${path}`);
      expect(headers.get('content-security-policy'), path).toBe(policy);
      expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
      expect(headers.get('cross-origin-embedder-policy'), path).toBe('require-corp');
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    }
    const page = readFileSync(join(REPOSITORY, 'renderer/index.html'), 'utf8');
    expect(page).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son[a-z]+=|style=/);
  });

  it('8: insecure content is not allowed to run', () => {
    expect(desktop.window.options.webPreferences).not.toHaveProperty('allowRunningInsecureContent');
    expect(lintOf('x({ allowRunningInsecureContent: true })')).toBe('no-restricted-syntax');
  });

  it('9: no experimental features and no switches', () => {
    expect(desktop.window.options.webPreferences).not.toHaveProperty('experimentalFeatures');
    expect(lintOf('x({ experimentalFeatures: true })')).toBe('no-restricted-syntax');
    expect(lintOf("app.commandLine.appendSwitch('enable-unsafe-webgpu')")).toBe('no-restricted-syntax');
  });

  it('10: no Blink features', () => {
    expect(desktop.window.options.webPreferences).not.toHaveProperty('enableBlinkFeatures');
    expect(lintOf("x({ enableBlinkFeatures: 'Serial' })")).toBe('no-restricted-syntax');
  });

  it('11: no webviews, so none with popups', () => {
    expect(desktop.window.options.webPreferences).toMatchObject({ webviewTag: false });
    expect(lintOf('x({ webviewTag: true })')).toBe('no-restricted-syntax');
    const withWebview = readSources('renderer').filter(([, text]) => /<webview|allowpopups/i.test(text));
    expect(withWebview.map(([path]) => path)).toEqual([]);
  });

  it('12: a webview that is made all the same is not attached', () => {
    desktop.window.webContents.attachWebview(FOREIGN);
    desktop.window.webContents.attachWebview('app://vantage/index.html');
    expect(desktop.window.webContents.attachedWebviews).toEqual([]);
  });

  it('13: no navigation away, by whichever event it is announced', () => {
    const contents = desktop.window.webContents;
    const frame = { url: 'about:srcdoc', parent: contents.mainFrame };
    for (const address of [FOREIGN, 'file:///home/user/dropped.html', ...LOOKALIKES]) {
      contents.navigate(address);
      contents.redirect(address);
      contents.navigateSubframe(frame, address);
      expect(contents.getURL(), address).toBe('app://vantage/index.html');
      expect(frame.url, address).toBe('about:srcdoc');
    }
    // Each of the events is enough by itself.
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
      expect(contents.listenerCount(name), name).toBeGreaterThan(0);
    }
    contents.navigate('app://vantage/index.html#licences');
    expect(contents.getURL()).toBe('app://vantage/index.html#licences');
  });

  it('14: no new windows', () => {
    const contents = desktop.window.webContents;
    for (const address of [FOREIGN, '', 'about:blank', 'app://vantage/index.html'])
      expect(contents.open(address)).toBeNull();
    expect(contents.opened).toEqual([]);
    expect(desktop.electron.windows).toHaveLength(1);
  });

  it('15: only listed https addresses are handed to the system', async () => {
    const { shell } = desktop.electron.api;
    const refused = [
      'http://github.com/',
      'https://github.com.example.invalid/',
      'https://example.invalid/?github.com',
      'https://github.com@example.invalid/',
      'https://user:word@github.com/',
      'https://github.com:444/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'ms-msdt:/id PCWDiagnostic',
      'smb://github.com/share',
      '\\\\github.com\\share',
      '',
    ];
    for (const address of refused) {
      expect(isAllowedOutside(address), address).toBe(false);
      await expect(openOutside(shell, address), address).rejects.toThrow('not one that Vantage opens');
    }
    expect(desktop.electron.opened).toEqual([]);
    await desktop.service.options?.openExternal('https://github.com/nothing/nowhere');
    expect(desktop.electron.opened).toEqual(['https://github.com/nothing/nowhere']);
    expect(lintOf("electron.shell.openExternal('x')")).toBe('no-restricted-syntax');
    expect(lintOf("shell.openExternal('x')", 'renderer/main.tsx')).toBe('no-restricted-syntax');
  });

  it('16: a supported version of Electron, checked in the last half year', () => {
    const { checkedOn, majors } = JSON.parse(
      readFileSync(join(REPOSITORY, 'electron/main/supported-electron.json'), 'utf8'),
    ) as { checkedOn: string; majors: number[] };
    const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string }>;
    };
    const locked = lock.packages['node_modules/electron']?.version ?? '';
    expect(majors).toContain(Number(locked.split('.')[0]));
    const weeks = (Date.now() - Date.parse(checkedOn)) / (7 * 24 * 3600 * 1000);
    // Then look at https://releases.electronjs.org, update Electron, the list and its date.
    expect(weeks).toBeLessThan(26);
  });

  it('17: every message is checked by sender and schema', async () => {
    const { electron, service, window } = desktop;
    const contents = window.webContents;
    expect([...electron.handlers.keys()]).toEqual([COMMAND_CHANNEL]);
    const message = { command: 'pauseRun', request: {} };
    await expect(electron.invoke(contents, [COMMAND_CHANNEL, message])).resolves.toEqual({ ok: true, response: {} });
    service.handled.length = 0;

    const strangers = [FOREIGN, ...LOOKALIKES].map((url) => ({ url, parent: null }));
    const frameInOurPage = { url: 'app://vantage/index.html', parent: contents.mainFrame };
    for (const frame of [...strangers, frameInOurPage, null]) {
      await expect(electron.invoke(contents, [COMMAND_CHANNEL, message], frame)).rejects.toThrow('refused');
    }
    const other = new electron.api.BrowserWindow({}).webContents as unknown as typeof contents;
    other.mainFrame.url = 'app://vantage/index.html';
    await expect(electron.invoke(other, [COMMAND_CHANNEL, message])).rejects.toThrow('refused');

    // Whatever a page sends, the service sees only what the contract allows, and the answer is a refusal.
    const command = fc.oneof(
      fc.constantFrom(...Object.keys(commands)),
      fc.string(),
      fc.constantFrom('__proto__', 'toString'),
    );
    await fc.assert(
      fc.asyncProperty(command, fc.anything(), async (name, request) => {
        let reply: unknown;
        try {
          reply = await electron.invoke(contents, [COMMAND_CHANNEL, { command: name, request }]);
        } catch (error) {
          // What cannot be cloned does not leave the page.
          expect((error as Error).name).toBe('DataCloneError');
          return;
        }
        const seen = service.handled.pop();
        if (seen === undefined) expect(reply).toMatchObject({ ok: false });
        else expect(commands[seen.command].request.safeParse(request).success).toBe(true);
      }),
      { numRuns: 500 },
    );
    for (const args of [[], [null], ['pauseRun'], [message, message], [{ ...message, extra: 1 }]]) {
      await expect(electron.invoke(contents, [COMMAND_CHANNEL, ...args])).resolves.toMatchObject({ ok: false });
    }
    expect(lintOf("electron.ipcMain.on('x', () => {})")).toBe('no-restricted-syntax');
    expect(lintOf("import { ipcMain } from 'electron';")).toBe('no-restricted-syntax');
    expect(lintOf("electron.ipcMain.handle('x', () => {})", 'electron/main/ipc-endpoint.ts')).toBeNull();
  });

  it('18: a protocol of our own that serves nothing outside its folder', async () => {
    const { electron } = desktop;
    await expect(electron.fetch('app://vantage/').then((answer) => answer.text())).resolves.toBe(PAGE_TEXT);
    const evil = [
      '../secret.json',
      '%2e%2e/secret.json',
      '%2E%2E%2Fsecret.json',
      '..%2fsecret.json',
      '..%5csecret.json',
      '..\\secret.json',
      'assets/../../secret.json',
      'assets/..%2f..%2fsecret.json',
      '%252e%252e/secret.json',
      '/etc/passwd',
      '//etc/passwd.json',
      join(desktop.folder, 'app', 'out', 'secret.json'),
      'C:/Windows/win.json',
      '%5c%5cserver%5cshare%5csecret.json',
      'index.html%00.js',
      'index\0.html',
      '.hidden.json',
      'assets/',
      'assets',
      'index.html/',
      'media/picture/..%2f..%2fsecret',
      'media/thumbnail/unknown',
      'media/files/known',
    ];
    for (const path of evil) {
      const answer = await electron.fetch(`app://vantage/${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.text()).not.toContain('secret"');
    }
    for (const address of ['app://other/index.html', 'app://vantage.example.invalid/index.html'])
      expect((await electron.fetch(address)).status).toBe(404);
    expect((await electron.fetch('app://vantage/index.html', { method: 'POST' })).status).toBe(405);
    await expect(electron.fetch('file:///etc/passwd')).rejects.toThrow('UNKNOWN_URL_SCHEME');
    expect(lintOf("window.loadFile('index.html')")).toBe('no-restricted-syntax');
  });

  it('19: fuses', () => {
    // Read back from a packaged binary in tests/e2e/package.test.ts.
    expect(FUSES).toEqual({
      version: '1',
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: false,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
    });
    const forking = readSources('electron/main', 'electron/service').filter(([, text]) =>
      /\bfork\(.*child_process|from 'node:child_process'/.test(text),
    );
    expect(forking.map(([path]) => path)).toEqual([]);
  });

  it('20: the page gets a frozen list of calls and no event objects', async () => {
    const contents = desktop.window.webContents;
    const removed: string[] = [];
    const ipc = {
      invoke: (...args: unknown[]) => desktop.electron.invoke(contents, args),
      on: (channel: string, listener: (...args: unknown[]) => void) => contents.page.on(channel, listener),
      removeListener: (channel: string, listener: (...args: unknown[]) => void) => {
        removed.push(channel);
        contents.page.removeListener(channel, listener);
      },
    };
    const connection = createWindowConnection(ipc as never, { getPathForFile: () => '' });
    expect(Object.keys(connection).sort()).toEqual(['importFiles', 'listen', 'send']);
    expect(Object.values(connection).every((value) => typeof value === 'function')).toBe(true);

    const received: unknown[][] = [];
    const stop = connection.listen((...args) => received.push(args));
    desktop.service.announce({ type: 'menu', command: 'file.new' });
    expect(received).toEqual([[{ type: 'menu', command: 'file.new' }]]);
    stop();
    desktop.service.announce({ type: 'menu', command: 'file.new' });
    expect(received).toHaveLength(1);
    expect(removed).toEqual([EVENT_CHANNEL]);
    // A page that was taken over cannot name files that the user did not drop.
    await expect(connection.send('importPaths', { paths: ['/etc/passwd'] })).rejects.toThrow('not from a page');
    expect(desktop.service.handled).toEqual([]);
    const preload = readFileSync(join(REPOSITORY, 'electron/preload/preload.ts'), 'utf8');
    expect(preload.match(/exposeInMainWorld\('[a-z]+'/g)).toEqual(["exposeInMainWorld('vantage'"]);
  });
});

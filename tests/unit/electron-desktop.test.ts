/** The Electron host's behaviour on the fake: window, files from the system, dialogs, downloads, job processes, leaving. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EVENT_CHANNEL } from '../../electron/ipc/channels.js';
import { menuCommandIds } from '../../electron/ipc/menu.js';
import { startDesktopApp } from '../../electron/main/desktop-app.js';
import { openedPaths } from '../../electron/main/opened-files.js';
import { spawnUtilityJob } from '../../electron/main/utility-job.js';
import { droppedPaths } from '../../electron/preload/dropped-paths.js';
import { createWindowConnection } from '../../electron/preload/window-connection.js';
import { CommandRefusedError } from '../../electron/service/app-service.js';
import type { JobExit, JobProcess } from '../../electron/service/app-service.js';
import { preventable } from '../fixtures/electron-fake/fake-contents.js';
import type { FakeMenuItem } from '../fixtures/electron-fake/fake-electron.js';
import { FakeElectron } from '../fixtures/electron-fake/fake-electron.js';
import { FakeService } from '../fixtures/electron-fake/fake-service.js';
import { ECHO_JOB, fakeUtilityProcess } from '../fixtures/electron-fake/fake-utility-process.js';
import { makeAppFolder, openDesktop } from '../fixtures/electron-fake/open-desktop.js';
import type { OpenDesktop } from '../fixtures/electron-fake/open-desktop.js';

const opened: OpenDesktop[] = [];
afterEach(async () => {
  for (const desktop of opened.splice(0)) await desktop.remove();
});

async function open(options: Parameters<typeof openDesktop>[0] = {}): Promise<OpenDesktop> {
  const desktop = await openDesktop(options);
  opened.push(desktop);
  return desktop;
}

/** Everything that is already under way. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('window', () => {
  it('remembers where it was, and forgets a place that no screen shows', async () => {
    const { window, folder } = await open();
    expect(window.options).toMatchObject({ width: 1440, height: 900 });
    window.isMax = true;
    window.close();
    const file = join(folder, 'data', 'window.json');
    await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 5000 }).not.toBe('');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      x: 10,
      y: 20,
      width: 1440,
      height: 900,
      isMaximized: true,
    });

    const cases: [unknown, object][] = [
      [
        { x: 300, y: 200, width: 1000, height: 700, isMaximized: false },
        { x: 300, y: 200, width: 1000, height: 700 },
      ],
      // The second screen on the left has been taken away.
      [
        { x: -1500, y: 100, width: 1000, height: 700, isMaximized: false },
        { width: 1440, height: 900 },
      ],
      [
        { x: 0, y: 0, width: 1e9, height: 700, isMaximized: false },
        { width: 1440, height: 900 },
      ],
      ['{ damaged', { width: 1440, height: 900 }],
    ];
    for (const [saved, expected] of cases) {
      const again = await open({
        createService: async (options) => {
          await Promise.resolve();
          return new FakeService().create(options);
        },
      });
      await writeFile(
        join(again.folder, 'data', 'window.json'),
        typeof saved === 'string' ? saved : JSON.stringify(saved),
      );
      const electron = new FakeElectron({ userData: join(again.folder, 'data') });
      await startDesktopApp(electron.api, {
        appFolder: join(again.folder, 'app'),
        argv: [],
        workingFolder: again.folder,
        platform: 'linux',
        createService: new FakeService().create,
      });
      const { width, height, x, y } = electron.windows[0]?.options ?? {};
      expect({ width, height, ...(x === undefined ? {} : { x, y }) }).toEqual(expected);
    }
  });

  it('loads its page again after a crash, says so, and gives up when it crashes for ever', async () => {
    const { electron, window } = await open();
    window.webContents.crash('oom');
    await settle();
    expect(window.webContents.getURL()).toBe('app://vantage/index.html');
    expect(electron.boxes.at(-1)?.message).toMatch(/loaded again/);
    for (let crash = 0; crash < 3; crash++) {
      window.webContents.crash('crashed');
      await settle();
    }
    expect(electron.loadedUrls).toHaveLength(4);
    expect(electron.boxes.at(-1)?.message).toMatch(/keeps failing/);
  });

  it('passes events of the service on, and none to a window that is gone', async () => {
    const { service, window } = await open();
    service.announce({ type: 'history', reset: true, points: [] });
    expect(window.webContents.sent).toEqual([
      { channel: EVENT_CHANNEL, message: { type: 'history', reset: true, points: [] } },
    ]);
    window.close();
    service.announce({ type: 'history', reset: true, points: [] });
    expect(window.webContents.sent).toHaveLength(1);
  });

  it('has a menu whose items ask the window for its commands', async () => {
    for (const platform of ['linux', 'darwin'] as const) {
      const { electron, window } = await open({ platform });
      const items = electron.menu.flatMap(({ submenu }) => submenu ?? []);
      const click = (id: string): void => items.find((item: FakeMenuItem) => item.id === id)?.click?.();
      for (const id of menuCommandIds()) click(id);
      expect(window.webContents.sent.map(({ message }) => message)).toEqual(
        menuCommandIds().map((command) => ({ type: 'menu', command })),
      );
      expect(items.filter(({ role }) => role === 'quit')).toHaveLength(1);
    }
    expect(new Set(menuCommandIds()).size).toBe(menuCommandIds().length);
  });
});

describe('answers to the window', () => {
  it('are refusals in words when the service refuses or fails', async () => {
    const { electron, service, window } = await open();
    const ipc = { invoke: (...args: unknown[]) => electron.invoke(window.webContents, args) };
    const connection = createWindowConnection(ipc as never, {} as never);
    await expect(connection.send('pauseRun', {})).resolves.toEqual({});
    service.failure = new CommandRefusedError('There is no run.', 'Start one.');
    await expect(connection.send('pauseRun', {})).rejects.toEqual({ message: 'There is no run.', hint: 'Start one.' });
    service.failure = new Error('disk full');
    await expect(connection.send('pauseRun', {})).rejects.toMatchObject({
      message: expect.stringContaining('disk full') as string,
    });
  });

  it('take in what was dropped, folders as folders', async () => {
    const { electron, service, window } = await open();
    const ipc = { invoke: (...args: unknown[]) => electron.invoke(window.webContents, args) };
    const paths = new Map([
      ['a', '/home/u/Fotos 日本/a.jpg'],
      ['b', '/home/u/Fotos 日本/b.jpg'],
    ]);
    const connection = createWindowConnection(ipc as never, {
      getPathForFile: (file: { name: string }) => paths.get(file.name) ?? '',
    });
    const file = (name: string, relativePath: string): never => ({ file: { name }, relativePath }) as never;
    await connection.importFiles([file('a', 'Fotos 日本/a.jpg'), file('b', 'Fotos 日本/b.jpg')]);
    expect(service.handled).toEqual([{ command: 'importPaths', request: { paths: ['/home/u/Fotos 日本'] } }]);
    await expect(connection.importFiles([file('made in the page', 'x.jpg')])).rejects.toMatchObject({
      hint: expect.stringContaining('Save them') as string,
    });
    await connection.importFiles([]);
    expect(service.handled).toHaveLength(1);
  });

  it('name each dropped path once', () => {
    const located = (path: string, relativePath: string) => ({ path, relativePath });
    expect(
      droppedPaths([
        located('/p/scan/sparse/0/cameras.bin', 'scan/sparse/0/cameras.bin'),
        located('/p/scan/images/a.jpg', 'scan/images/a.jpg'),
        located('/p/b.jpg', 'b.jpg'),
        located('C:\\Bilder\\Küche\\1.jpg', 'Küche/1.jpg'),
        // Reached through a link: what the page saw is not how the system spells it.
        located('/elsewhere/other/1.jpg', 'link/1.jpg'),
        located('', 'blob.jpg'),
        located('/p/b.jpg', 'b.jpg'),
      ]),
    ).toEqual(['/p/scan', '/p/b.jpg', 'C:\\Bilder\\Küche', '/elsewhere/other/1.jpg']);
  });
});

describe('files from the system', () => {
  it('are told from switches and other arguments', () => {
    expect(
      openedPaths(
        ['/usr/bin/vantage', '--flag=a.ply', 'scene.PLY', '/data/My Project.vantage/', 'notes.txt', '.'],
        '/home/u',
      ),
    ).toEqual(['/home/u/scene.PLY', '/data/My Project.vantage/']);
  });

  it('are taken in from arguments, events and a second start', async () => {
    const { electron, service, window } = await open({ argv: ['vantage', 'a.spz'], workingFolder: '/start' });
    const event = preventable();
    electron.app.emit('open-file', event, '/b.vantage');
    electron.app.emit('second-instance', {}, ['vantage', 'c.sog'], '/elsewhere');
    expect(event.defaultPrevented).toBe(true);
    expect(window.wasFocused).toBe(true);
    expect(service.handled.map(({ request }) => request)).toEqual([
      { paths: ['/start/a.spz'] },
      { paths: ['/b.vantage'] },
      { paths: ['/elsewhere/c.sog'] },
    ]);
    service.failure = new CommandRefusedError('Not a project.', 'Choose another.');
    electron.app.emit('open-file', preventable(), '/broken.vantage');
    await settle();
    expect(electron.boxes.at(-1)).toMatchObject({ detail: 'Not a project.\n\nChoose another.' });
  });

  it('wait when they come before the application is ready', async () => {
    const folder = await makeAppFolder();
    const electron = new FakeElectron({ userData: join(folder, 'data') });
    const service = new FakeService();
    const started = startDesktopApp(electron.api, {
      appFolder: join(folder, 'app'),
      argv: ['vantage'],
      workingFolder: folder,
      platform: 'darwin',
      createService: service.create,
    });
    electron.app.emit('open-file', preventable(), '/early.vantage');
    await started;
    expect(service.handled).toEqual([{ command: 'importPaths', request: { paths: ['/early.vantage'] } }]);
  });

  it('a second instance ends itself and opens nothing', async () => {
    const folder = await makeAppFolder();
    const electron = new FakeElectron({ userData: join(folder, 'data'), isSecondInstance: true });
    await startDesktopApp(electron.api, {
      appFolder: join(folder, 'app'),
      argv: ['vantage', 'a.ply'],
      workingFolder: folder,
      platform: 'linux',
      createService: () => Promise.reject(new Error('must not be made')),
    });
    expect(electron.windows).toEqual([]);
    expect(electron.app.hasQuit).toBe(true);
  });
});

describe('dialogs and downloads', () => {
  it('answer with what was picked, and with nothing when the user thought better of it', async () => {
    const { electron, service } = await open();
    const pickers = service.options?.pickers;
    electron.dialogAnswers.push({ canceled: false, filePaths: ['/p/a.jpg', '/p/b.jpg'] });
    expect(await pickers?.choose('photos')).toEqual(['/p/a.jpg', '/p/b.jpg']);
    expect(await pickers?.choose('folder')).toEqual([]);
    await pickers?.choose('project');
    // On Linux and Windows a dialog shows files or folders, never both; a project is a folder.
    expect(electron.dialogQuestions.map(({ properties }) => properties)).toEqual([
      ['openFile', 'multiSelections'],
      ['openDirectory'],
      ['openDirectory'],
    ]);
    electron.dialogAnswers.push({ canceled: false, filePath: '/p/Küche.vantage' });
    expect(await pickers?.chooseProjectFolder('Küche')).toBe('/p/Küche.vantage');
    expect(await pickers?.chooseProjectFolder('Küche')).toBeNull();
  });

  it('files leave only from our own page', async () => {
    const { electron } = await open();
    const { defaultSession: session } = electron;
    expect(session.download('app://vantage/media/export/1')).toBe(true);
    expect(session.download('blob:app://vantage/0b1e')).toBe(true);
    for (const url of [
      'https://example.invalid/x.exe',
      'blob:https://example.invalid/1',
      'data:text/plain,x',
      'file:///etc/passwd',
    ])
      expect(session.download(url), url).toBe(false);
    expect(session.download('app://vantage/media/export/1', ['https://example.invalid/'])).toBe(false);
  });

  it('exports arrive with their name', async () => {
    const { electron } = await open();
    const answer = await electron.fetch('app://vantage/media/export/known');
    expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''K%C3%BCche%201.ply");
    expect(await answer.text()).toBe('splats');
  });
});

describe('job processes', () => {
  const spawn = (): JobProcess => spawnUtilityJob(fakeUtilityProcess as never, ECHO_JOB, 'files');
  const exitOf = (job: JobProcess): Promise<JobExit> => new Promise((resolve) => job.onExit(resolve));

  it('are started where the bundle is, and talk through the port of their parent', async () => {
    const { service, folder } = await open();
    fakeUtilityProcess.forked.length = 0;
    const started = service.options?.spawnJob('files');
    started?.kill();
    expect(fakeUtilityProcess.forked[0]?.entry).toBe(join(folder, 'app', '.vite', 'build', 'job-main.js'));

    const job = spawn();
    const answer = new Promise((resolve) => job.onMessage(resolve));
    job.post({ bytes: new Uint8Array([1, 2, 3]).buffer });
    expect(await answer).toEqual({ echoed: { bytes: new Uint8Array([1, 2, 3]).buffer }, name: 'files' });
    const exit = exitOf(job);
    job.post('leave');
    expect(await exit).toMatchObject({ code: 0, signal: null });
    // The end may be noticed after the last message has been written.
    job.post('anything');
  });

  it('tell how they died', async () => {
    const job = spawn();
    const exit = exitOf(job);
    job.post('die');
    expect(await exit).toEqual({ code: 7, signal: null, lastWords: 'FATAL ERROR: JavaScript heap out of memory\n' });
  });

  it('can be ended while they compute and hear nothing', async () => {
    const job = spawn();
    const answer = new Promise((resolve) => job.onMessage(resolve));
    job.post('hello');
    await answer;
    job.post('hang');
    const exit = exitOf(job);
    job.kill();
    expect(await exit).toMatchObject({ code: null, signal: 'SIGKILL' });
  });
});

describe('leaving', () => {
  it('waits for the project to be saved', async () => {
    const { electron, service, window } = await open();
    let save: () => void = () => undefined;
    service.onDispose = () => new Promise((resolve) => (save = resolve));
    window.close();
    await settle();
    expect(electron.app.hasQuit).toBe(false);
    save();
    await settle();
    expect(service.isDisposed).toBe(true);
    expect(electron.app.hasQuit).toBe(true);
  });

  it('is not kept from ending by a service that fails', async () => {
    const { electron, service, window } = await open();
    service.onDispose = () => Promise.reject(new Error('disk full'));
    window.close();
    await settle();
    expect(electron.app.hasQuit).toBe(true);
  });
});

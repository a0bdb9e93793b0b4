import { describe, expect, it } from 'vitest';
import { ArgumentError, parseWebArguments } from '../../electron/loopback/arguments.js';
import { defaultDataFolder } from '../../electron/loopback/data-folder.js';
import { EventLane } from '../../electron/loopback/event-lane.js';
import { browserCommand, openInBrowser } from '../../electron/loopback/open-browser.js';
import { safeUploadPath } from '../../electron/loopback/safe-upload-path.js';

describe('npm run start:web', () => {
  it('takes its options, and paths that the user names', () => {
    expect(parseWebArguments([])).toEqual({ open: true, port: 0, dataFolder: null, paths: [] });
    expect(parseWebArguments(['--no-open', '--port', '8123', '--data', 'd', 'a photo.jpg', 'folder'])).toEqual({
      open: false,
      port: 8123,
      dataFolder: 'd',
      paths: ['a photo.jpg', 'folder'],
    });
  });

  it.each([['--port', 'x'], ['--port', '70000'], ['--port', '-1'], ['--unknown'], ['--data']])(
    'says what is wrong: %s %s',
    (...words) => {
      expect(() => parseWebArguments(words)).toThrow(ArgumentError);
    },
  );

  it('keeps its files where each system wants them, and hands addresses on as an argument', async () => {
    expect(defaultDataFolder('linux', {}, '/h')).toBe('/h/.local/share/vantage');
    expect(defaultDataFolder('linux', { XDG_DATA_HOME: '/x' }, '/h')).toBe('/x/vantage');
    expect(defaultDataFolder('darwin', {}, '/h')).toBe('/h/Library/Application Support/Vantage');
    const url = 'http://127.0.0.1:1/?token=a&b;c';
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      expect(browserCommand(url, platform)[1].at(-1)).toMatch(/token=a&b;c$/);
    for (const other of ['file:///etc/passwd', 'javascript:alert(1)', 'ms-settings:x'])
      expect(await openInBrowser(other)).toBe(false);
  });
});

describe('names of uploads', () => {
  it('are possible on Windows too', () => {
    expect(safeUploadPath('CON.jpg/aux/10%3A30%3F.jpg', true)).toEqual(['_CON.jpg', '_aux', '10_30_.jpg']);
    expect(safeUploadPath('ends%20with%20dots...', true)).toEqual(['ends with dots_']);
  });

  it('stay as they are where they can, since pose files name them', () => {
    expect(safeUploadPath('images/IMG_0001.JPG', true)).toEqual(['images', 'IMG_0001.JPG']);
    expect(safeUploadPath('10%3A30.jpg', false)).toEqual(['10:30.jpg']);
  });
});

describe('a slow window', () => {
  it('is sent what is true now, once it can take it, and every point of the plot', async () => {
    const sent: unknown[] = [];
    const socket = {
      bufferedAmount: 10,
      send: (text: string) => void sent.push((JSON.parse(text) as { event: unknown }).event),
    };
    const lane = new EventLane(socket, 5);
    for (const revision of [1, 2, 3]) {
      lane.push({ type: 'state', slices: { scene: { revision } as never } });
      lane.push({ type: 'history', reset: false, points: [{ iteration: revision, loss: 1, psnr: null }] });
    }
    lane.push({ type: 'state', slices: { estimate: null } });
    expect(sent).toEqual([]);
    socket.bufferedAmount = 0;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(sent).toEqual([
      { type: 'state', slices: { scene: { revision: 3 }, estimate: null } },
      { type: 'history', reset: false, points: [1, 2, 3].map((iteration) => ({ iteration, loss: 1, psnr: null })) },
    ]);
    lane.push({ type: 'state', slices: { scene: null } });
    expect(sent.at(-1)).toEqual({ type: 'state', slices: { scene: null } });
    lane.close();
  });
});

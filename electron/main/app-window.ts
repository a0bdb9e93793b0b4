/** The one window. */
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import type { ElectronApi } from './electron-api.js';
import { PAGE_ADDRESS } from './page-address.js';
import { readWindowBounds, writeWindowBounds } from './window-bounds.js';

export interface WindowOptions {
  readonly preload: string;
  readonly icon: string;
  /** Where the window's place is remembered. */
  readonly boundsFile: string;
  /** Words for the user once the page is there again after its process died. */
  readonly onRevived: (reason: string) => void;
}

/** Everything that Electron's documentation calls dangerous is said again, so that a changed default changes nothing. */
const WEB_PREFERENCES = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  // A run's plot and pictures go on while another window is in front.
  backgroundThrottling: false,
} as const;

/** A page that dies again and again is not loaded for ever. */
const MAX_REVIVALS = 3;
const REVIVAL_WINDOW_MS = 60_000;

/** The page is not loaded yet: who talks to it must know the window first. */
export async function createAppWindow(
  electron: Pick<ElectronApi, 'BrowserWindow' | 'screen' | 'dialog'>,
  options: WindowOptions,
): Promise<BrowserWindow> {
  const screens = electron.screen.getAllDisplays().map(({ workArea }) => workArea);
  const bounds = await readWindowBounds(options.boundsFile, screens);
  const place: BrowserWindowConstructorOptions =
    bounds === null
      ? { width: 1440, height: 900 }
      : { x: bounds.x, y: bounds.y, width: bounds.width, height: bounds.height };
  const window = new electron.BrowserWindow({
    ...place,
    minWidth: 800,
    minHeight: 560,
    show: false,
    title: 'Vantage',
    icon: options.icon,
    backgroundColor: '#16181d',
    webPreferences: { ...WEB_PREFERENCES, preload: options.preload },
  });
  if (bounds?.isMaximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  rememberBounds(window, options.boundsFile);
  reviveWhenGone(electron, window, options);
  return window;
}

function rememberBounds(window: BrowserWindow, file: string): void {
  window.on('close', () => {
    // Where it goes back to, not the screen's edges of a maximized window.
    const bounds = { ...window.getNormalBounds(), isMaximized: window.isMaximized() };
    // A place that could not be remembered is no reason to keep the window open.
    void writeWindowBounds(file, bounds).catch(() => undefined);
  });
}

function reviveWhenGone(electron: Pick<ElectronApi, 'dialog'>, window: BrowserWindow, options: WindowOptions): void {
  let deaths: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const now = Date.now();
    deaths = [...deaths.filter((at) => now - at < REVIVAL_WINDOW_MS), now];
    if (deaths.length > MAX_REVIVALS) {
      electron.dialog.showErrorBox(
        'The window keeps failing',
        'Your project is saved and a run goes on. Restart Vantage; if it happens again, update the graphics driver.',
      );
      return;
    }
    window.webContents.once('did-finish-load', () => options.onRevived(reason));
    void window.loadURL(PAGE_ADDRESS);
  });
}

/** The application's life: what must be said before Electron is ready, the window, files from the system, and leaving. */
import type { BrowserWindow } from 'electron';
import { join } from 'node:path';
import { CommandRefusedError } from '../service/app-service.js';
import type { AppService, ServiceOptions } from '../service/app-service.js';
import { installMenu } from './app-menu.js';
import { createAppWindow } from './app-window.js';
import type { ElectronApi } from './electron-api.js';
import { answerCommands, sendEvent } from './ipc-endpoint.js';
import { createNativePickers } from './native-pickers.js';
import { guardDownloads, guardNavigation } from './navigation-guard.js';
import { openOutside } from './open-external.js';
import { openedPaths } from './opened-files.js';
import { PAGE_ADDRESS } from './page-address.js';
import { registerPageScheme, servePage } from './page-protocol.js';
import { guardPermissions } from './permissions.js';
import { spawnUtilityJob } from './utility-job.js';

export interface DesktopOptions {
  /** Holds `.vite/build`, `out/renderer` and `assets`: the repository, or the archive of the packaged application. */
  readonly appFolder: string;
  readonly argv: readonly string[];
  readonly workingFolder: string;
  readonly platform: NodeJS.Platform;
  readonly createService: (options: ServiceOptions) => Promise<AppService>;
}

/** A service that hangs must not keep the application from ending. */
const DISPOSE_LIMIT_MS = 10_000;

/** Must be called before Electron is ready. Resolves when the window is there, or at once in a second instance, which ends itself. */
export async function startDesktopApp(electron: ElectronApi, options: DesktopOptions): Promise<void> {
  const { app } = electron;
  app.enableSandbox();
  registerPageScheme(electron);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  const desktop = new DesktopApp(electron, options);
  app.on('web-contents-created', (_event, contents) => guardNavigation(contents));
  app.on('open-file', (event, path) => {
    event.preventDefault();
    desktop.open([path]);
  });
  app.on('second-instance', (_event, argv, workingFolder) => {
    desktop.show();
    desktop.open(openedPaths(argv, workingFolder));
  });
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => desktop.leave(event));
  await app.whenReady();
  await desktop.start();
}

class DesktopApp {
  #window: BrowserWindow | null = null;
  #service: AppService | null = null;
  /** Handed over before the service was there. */
  readonly #waiting: string[] = [];
  #hasLeft = false;

  constructor(
    private readonly electron: ElectronApi,
    private readonly options: DesktopOptions,
  ) {}

  async start(): Promise<void> {
    const { electron, options } = this;
    const { appFolder, platform } = options;
    const session = electron.session.defaultSession;
    guardPermissions(session);
    guardDownloads(session);
    const dataFolder = electron.app.getPath('userData');
    const service = await options.createService({
      hostKind: 'electron',
      dataFolder,
      spawnJob: (name) =>
        spawnUtilityJob(electron.utilityProcess, join(appFolder, '.vite', 'build', 'job-main.js'), name),
      pickers: createNativePickers(electron.dialog, platform, () => this.#window),
      openExternal: (address) => openOutside(electron.shell, address),
    });
    this.#service = service;
    servePage(electron, { pageFolder: join(appFolder, 'out', 'renderer'), service });
    answerCommands({
      electron,
      service,
      isOwnWindow: (contents) => contents === this.#window?.webContents,
    });
    service.subscribe((event) => this.#send(event));
    installMenu(electron, platform === 'darwin', (command) => this.#send({ type: 'menu', command }));
    await this.#openWindow(dataFolder);
    this.open([...this.#waiting.splice(0), ...openedPaths(options.argv, options.workingFolder)]);
  }

  /** The system handed these over, so the user picked them. */
  open(paths: readonly string[]): void {
    if (paths.length === 0) return;
    if (this.#service === null) {
      this.#waiting.push(...paths);
      return;
    }
    this.#service.handle('importPaths', { paths: [...paths] }).catch((error: unknown) => {
      const detail = error instanceof CommandRefusedError ? `${error.message}\n\n${error.hint}` : String(error);
      this.#tell('error', 'This could not be opened', detail);
    });
  }

  show(): void {
    if (this.#window === null) return;
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.focus();
  }

  /** Holds the end back until the project is saved and the jobs have ended. */
  leave(event: { preventDefault(): void }): void {
    if (this.#service === null || this.#hasLeft) return;
    event.preventDefault();
    const service = this.#service;
    const limit = new Promise<void>((resolve) => setTimeout(resolve, DISPOSE_LIMIT_MS).unref());
    const leave = (): void => {
      this.#hasLeft = true;
      this.electron.app.quit();
    };
    Promise.race([service.dispose(), limit]).then(leave, leave);
  }

  async #openWindow(dataFolder: string): Promise<void> {
    const { electron, options } = this;
    const window = await createAppWindow(electron, {
      preload: join(options.appFolder, '.vite', 'build', 'preload.cjs'),
      icon: join(options.appFolder, 'assets', 'icons', 'icon.png'),
      boundsFile: join(dataFolder, 'window.json'),
      onRevived: () =>
        this.#tell(
          'warning',
          'The window had to be loaded again',
          'Its process ended unexpectedly. Nothing was lost: your project is saved, and a run goes on.',
        ),
    });
    this.#window = window;
    window.on('closed', () => {
      this.#window = null;
    });
    await window.loadURL(PAGE_ADDRESS);
  }

  #send(event: Parameters<typeof sendEvent>[1]): void {
    if (this.#window !== null) sendEvent(this.#window.webContents, event);
  }

  #tell(type: 'warning' | 'error', message: string, detail: string): void {
    const box = { type, message, detail, buttons: ['OK'], title: 'Vantage' };
    void (this.#window === null
      ? this.electron.dialog.showMessageBox(box)
      : this.electron.dialog.showMessageBox(this.#window, box));
  }
}

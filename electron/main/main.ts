/** Entry of Electron's main process. */
import * as electron from 'electron';
import { createAppService } from '../service/create-app-service.js';
import { startDesktopApp } from './desktop-app.js';

startDesktopApp(electron, {
  appFolder: electron.app.getAppPath(),
  argv: process.argv,
  workingFolder: process.cwd(),
  platform: process.platform,
  createService: createAppService,
}).catch((error: unknown) => {
  electron.dialog.showErrorBox('Vantage could not start', error instanceof Error ? error.message : String(error));
  electron.app.exit(1);
});

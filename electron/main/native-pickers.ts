/** The system's dialogs as the service asks for them. */
import type { BrowserWindow, OpenDialogOptions } from 'electron';
import { SPLAT_EXTENSIONS } from './opened-files.js';
import type { NativePickers } from '../service/app-service.js';
import type { ElectronApi } from './electron-api.js';

const PHOTO_EXTENSIONS = ['jpg', 'jpeg', 'png', 'webp', 'tif', 'tiff', 'avif', 'heic'];
/** Of clouds that lie beside the photos. */
const CLOUD_EXTENSIONS = ['las', 'laz', 'e57', 'pcd', 'ply', 'pts', 'xyz', 'csv'];
const ALL_FILES = { name: 'All files', extensions: ['*'] };

const DIALOGS: Record<Parameters<NativePickers['choose']>[0], OpenDialogOptions> = {
  photos: {
    title: 'Add photos',
    properties: ['openFile', 'multiSelections'],
    // Pose files and point clouds lie beside the photos.
    filters: [
      {
        name: 'Photos, cameras and sensors',
        extensions: [...PHOTO_EXTENSIONS, 'json', 'bin', 'txt', 'npy', ...CLOUD_EXTENSIONS],
      },
      ALL_FILES,
    ],
  },
  folder: { title: 'Add a folder of photos', properties: ['openDirectory'] },
  scene: {
    title: 'Open a splat file',
    properties: ['openFile'],
    filters: [{ name: 'Splats', extensions: [...SPLAT_EXTENSIONS] }, ALL_FILES],
  },
  // A project is a folder; macOS shows it as one file because the package declares the type.
  project: { title: 'Open a project', properties: ['openDirectory', 'openFile'] },
};

type Dialogs = Pick<ElectronApi['dialog'], 'showOpenDialog' | 'showSaveDialog'>;

/** `window`: the dialog belongs to it and blocks it; null while there is none. */
export function createNativePickers(
  dialog: Dialogs,
  platform: NodeJS.Platform,
  window: () => BrowserWindow | null,
): NativePickers {
  return {
    choose: async (kind) => {
      const options = DIALOGS[kind];
      // Only macOS can offer files and folders in one dialog; elsewhere `openFile` would hide the folders.
      const properties =
        kind === 'project' && platform !== 'darwin' ? (['openDirectory'] as const) : (options.properties ?? []);
      const parent = window();
      const asked = { ...options, properties: [...properties] };
      const { canceled, filePaths } = await (parent === null
        ? dialog.showOpenDialog(asked)
        : dialog.showOpenDialog(parent, asked));
      return canceled ? [] : filePaths;
    },
    chooseProjectFolder: async (suggestedName) => {
      const parent = window();
      const asked = {
        title: 'Save the project as',
        defaultPath: `${suggestedName}.vantage`,
        filters: [{ name: 'Vantage project', extensions: ['vantage'] }],
        properties: ['createDirectory' as const, 'showOverwriteConfirmation' as const],
      };
      const { canceled, filePath } = await (parent === null
        ? dialog.showSaveDialog(asked)
        : dialog.showSaveDialog(parent, asked));
      return canceled || filePath === '' ? null : filePath;
    },
  };
}

/** Asks for files: the system's dialog where the host has one, the browser's otherwise. */
import type { DroppedFile } from '../../electron/ipc/host-connection.js';
import { importDropped } from '../app/import-dropped.js';
import { sendCommand } from '../app/send.js';
import { useAppStore } from '../app/store.js';

export type PickKind = 'photos' | 'folder' | 'scene' | 'project';

const SCENE_TYPES = '.ply,.spz,.splat,.sog,.glb,.ksplat';

/** The page's own file chooser. Photos may be of any type, since cameras and point clouds are picked together with them. */
export function askForFiles(kind: PickKind, take: (files: readonly DroppedFile[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = kind !== 'scene';
  input.webkitdirectory = kind === 'folder' || kind === 'project';
  if (kind === 'scene') input.accept = SCENE_TYPES;
  input.addEventListener('change', () =>
    take(
      [...(input.files ?? [])].map((file) => ({
        file,
        relativePath: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
      })),
    ),
  );
  input.click();
}

export function pickFiles(kind: PickKind): void {
  const hasDialogs = useAppStore.getState().state?.session.hasNativeDialogs === true;
  if (hasDialogs) void sendCommand('chooseFiles', { kind });
  else askForFiles(kind, (files) => void importDropped(files));
}

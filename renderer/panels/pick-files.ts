/** Asks for files: the system's dialog where the host has one, the browser's otherwise. */
import { importDropped } from '../app/import-dropped.js';
import { sendCommand } from '../app/send.js';
import { useAppStore } from '../app/store.js';

export type PickKind = 'photos' | 'folder' | 'scene' | 'project';

const SCENE_TYPES = '.ply,.spz,.splat,.sog,.glb,.ksplat';

/** A file chooser of the page: photos may be any type, since cameras and point clouds are picked together with them. */
function pickInPage(kind: PickKind): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  if (kind === 'folder' || kind === 'project') input.webkitdirectory = true;
  if (kind === 'scene') {
    input.multiple = false;
    input.accept = SCENE_TYPES;
  }
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    void importDropped(
      files.map((file) => ({
        file,
        relativePath: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
      })),
    );
  });
  input.click();
}

export function pickFiles(kind: PickKind): void {
  if (useAppStore.getState().state?.session.hasNativeDialogs === true) void sendCommand('chooseFiles', { kind });
  else pickInPage(kind);
}

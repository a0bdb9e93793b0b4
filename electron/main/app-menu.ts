/** The system's menu bar, from the list that the window's commands are checked against. */
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuEntry } from '../ipc/menu.js';
import { applicationMenu } from '../ipc/menu.js';
import type { ElectronApi } from './electron-api.js';

export function installMenu(
  electron: Pick<ElectronApi, 'Menu'>,
  isMac: boolean,
  onCommand: (id: string) => void,
): void {
  const template = applicationMenu(isMac).map(({ label, entries }) => ({
    label,
    submenu: entries.map((entry) => toMenuItem(entry, onCommand)),
  }));
  electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(template));
}

function toMenuItem(entry: MenuEntry, onCommand: (id: string) => void): MenuItemConstructorOptions {
  switch (entry.kind) {
    case 'separator':
      return { type: 'separator' };
    case 'role':
      return { role: entry.role };
    case 'command':
      return {
        id: entry.command,
        label: entry.label,
        ...(entry.accelerator === undefined ? {} : { accelerator: entry.accelerator, registerAccelerator: false }),
        click: () => onCommand(entry.command),
      };
  }
}

/**
 * The native menu as data. Items name commands of the window (`renderer/app/commands.ts`), which the host sends back as `menu` events,
 * or roles that the system itself fills in. Accelerators are shown and not registered: the window knows the same keys, and also when a text field owns them.
 */
export type MenuRole =
  | 'about'
  | 'services'
  | 'hide'
  | 'hideOthers'
  | 'unhide'
  | 'quit'
  | 'close'
  | 'minimize'
  | 'zoom'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'togglefullscreen';

export type MenuEntry =
  | { readonly kind: 'command'; readonly command: string; readonly label: string; readonly accelerator?: string }
  | { readonly kind: 'role'; readonly role: MenuRole }
  | { readonly kind: 'separator' };

export interface MenuSection {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
}

const command = (id: string, label: string, accelerator?: string): MenuEntry => ({
  kind: 'command',
  command: id,
  label,
  ...(accelerator === undefined ? {} : { accelerator }),
});
const role = (name: MenuRole): MenuEntry => ({ kind: 'role', role: name });
const separator: MenuEntry = { kind: 'separator' };

const MAC_APPLICATION: MenuSection = {
  label: 'Vantage',
  entries: [
    role('about'),
    separator,
    role('services'),
    separator,
    role('hide'),
    role('hideOthers'),
    role('unhide'),
    separator,
    role('quit'),
  ],
};

const FILE_ENTRIES: readonly MenuEntry[] = [
  command('file.new', 'New Project', 'CmdOrCtrl+N'),
  command('file.openProject', 'Open Project…', 'CmdOrCtrl+O'),
  command('file.saveAs', 'Save Project As…', 'CmdOrCtrl+S'),
  separator,
  command('file.addPhotos', 'Add Photos…', 'CmdOrCtrl+Shift+O'),
  command('file.addFolder', 'Add Folder…', 'CmdOrCtrl+Alt+O'),
  command('file.openScene', 'Open Splat File…'),
  command('file.openSample', 'Open Sample Scene'),
  separator,
  command('file.export', 'Export…', 'CmdOrCtrl+E'),
  separator,
];

const COMMON_SECTIONS: readonly MenuSection[] = [
  {
    label: 'Edit',
    entries: [
      command('edit.undo', 'Undo', 'CmdOrCtrl+Z'),
      command('edit.redo', 'Redo', 'CmdOrCtrl+Shift+Z'),
      separator,
      role('cut'),
      role('copy'),
      role('paste'),
    ],
  },
  {
    label: 'Run',
    entries: [
      command('run.start', 'Start', 'CmdOrCtrl+Enter'),
      command('run.findCameras', 'Find Cameras Only'),
      command('run.pause', 'Pause', 'CmdOrCtrl+Shift+P'),
      command('run.resume', 'Resume', 'CmdOrCtrl+Shift+R'),
      command('run.cancel', 'Cancel', 'CmdOrCtrl+.'),
    ],
  },
  {
    label: 'View',
    entries: [role('resetZoom'), role('zoomIn'), role('zoomOut'), separator, role('togglefullscreen')],
  },
  { label: 'Window', entries: [role('minimize'), role('zoom')] },
  {
    label: 'Help',
    entries: [
      command('help.shortcuts', 'Keyboard Shortcuts'),
      command('help.documentation', 'Documentation'),
      command('help.issues', 'Report a Problem'),
      command('help.licences', 'Licences'),
    ],
  },
];

/** `isMac`: the system's own application menu comes first there, and quitting belongs to it. */
export function applicationMenu(isMac: boolean): readonly MenuSection[] {
  const file: MenuSection = { label: 'File', entries: [...FILE_ENTRIES, role(isMac ? 'close' : 'quit')] };
  return [...(isMac ? [MAC_APPLICATION] : []), file, ...COMMON_SECTIONS];
}

/** The ids of every command that the native menu can ask the window for. */
export function menuCommandIds(): readonly string[] {
  return applicationMenu(true).flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.kind === 'command' ? [entry.command] : [])),
  );
}

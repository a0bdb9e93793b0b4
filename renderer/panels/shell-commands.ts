/** Commands of files, projects, runs, the window itself and help. Ids that the native menu names stand in electron/ipc/menu.ts too. */
import type { AppState } from '../../electron/ipc/contract.js';
import type { AppCommand, Shortcut } from '../app/commands.js';
import { sendCommand } from '../app/send.js';
import { useAppStore } from '../app/store.js';
import { chooseTheme, openDialog, showDock, showInspector, useUiStore } from '../app/ui-store.js';
import { missingFiles } from './project/missing-files.js';
import {
  canCancel,
  canPause,
  canResume,
  canStart,
  findsCamerasFirst,
  hasSplats,
  hasUsedClouds,
  hasWork,
} from './run/run-permissions.js';
import { pickFiles } from './pick-files.js';

const always = (): boolean => useAppStore.getState().connected;
const when = (test: (state: AppState) => boolean) => (): boolean => {
  const { connected, state } = useAppStore.getState();
  return connected && state !== null && test(state);
};
const key = (name: string, modifiers: Omit<Shortcut, 'key'> = {}): Shortcut => ({ key: name, ...modifiers });
const primary = (name: string, modifiers: Omit<Shortcut, 'key'> = {}): Shortcut =>
  key(name, { primary: true, ...modifiers });

function command(
  id: `${string}.${string}`,
  menu: AppCommand['menu'],
  shortcuts: readonly Shortcut[],
  run: AppCommand['run'],
  isEnabled: () => boolean = always,
): AppCommand {
  return { id, menu, shortcuts, run, isEnabled };
}

/** A new project loses nothing that was saved; work that is not asks first. */
function newProject(): void {
  const { state } = useAppStore.getState();
  if (state !== null && hasWork(state)) openDialog('new-project');
  else void sendCommand('newProject', {});
}

const fileCommands: readonly AppCommand[] = [
  command('file.addPhotos', 'file', [primary('o', { shift: true })], () => pickFiles('photos')),
  command('file.addFolder', 'file', [primary('o', { alt: true })], () => pickFiles('folder')),
  command('file.openScene', 'file', [], () => pickFiles('scene')),
  command('file.openSample', 'file', [], () => void sendCommand('openSample', {})),
  command('file.new', 'file', [primary('n')], newProject),
  command('file.openProject', 'file', [primary('o')], () => pickFiles('project')),
  command(
    'file.saveAs',
    'file',
    [primary('s'), primary('s', { shift: true })],
    () => openDialog('save-as'),
    when(hasWork),
  ),
  command(
    'file.relink',
    'file',
    [],
    () => openDialog('relink'),
    when(({ project }) => missingFiles(project).length > 0 && !project.isReadOnly),
  ),
  command(
    'file.export',
    'file',
    [primary('e')],
    () => openDialog('export'),
    when((state) => hasSplats(state) || hasUsedClouds(state)),
  ),
];

const runCommands: readonly AppCommand[] = [
  command(
    'run.start',
    'run',
    [primary('Enter')],
    () => void sendCommand('startRun', { from: 'fresh' }),
    when(canStart),
  ),
  command(
    'run.findCameras',
    'run',
    [],
    () => void sendCommand('findCameras', {}),
    when((state) => canStart(state) && findsCamerasFirst(state)),
  ),
  command('run.pause', 'run', [primary('p', { shift: true })], () => void sendCommand('pauseRun', {}), when(canPause)),
  command(
    'run.resume',
    'run',
    [primary('r', { shift: true })],
    () => void sendCommand('resumeRun', {}),
    when(canResume),
  ),
  command('run.cancel', 'run', [primary('.')], () => void sendCommand('cancelRun', {}), when(canCancel)),
];

function themeCommand(theme: 'system' | 'dark' | 'light'): AppCommand {
  return {
    ...command(
      `window.theme.${theme}`,
      'view',
      [],
      () => chooseTheme(theme),
      () => true,
    ),
    isChecked: () => useUiStore.getState().theme === theme,
  };
}

const windowCommands: readonly AppCommand[] = [
  command(
    'window.run',
    'view',
    [key('1', { alt: true })],
    () => showInspector('run'),
    () => true,
  ),
  command(
    'window.tidy',
    'view',
    [key('2', { alt: true })],
    () => showInspector('tidy'),
    () => true,
  ),
  command(
    'window.problems',
    'view',
    [key('3', { alt: true })],
    () => showInspector('problems'),
    () => true,
  ),
  command(
    'window.sensors',
    'view',
    [key('6', { alt: true })],
    () => showInspector('sensors'),
    () => true,
  ),
  command(
    'window.photos',
    'view',
    [key('4', { alt: true })],
    () => showDock('photos'),
    () => true,
  ),
  command(
    'window.path',
    'view',
    [key('5', { alt: true })],
    () => showDock('path'),
    () => true,
  ),
  themeCommand('system'),
  themeCommand('dark'),
  themeCommand('light'),
];

const helpCommands: readonly AppCommand[] = [
  command(
    'help.shortcuts',
    'help',
    [key('?'), key('F1')],
    () => openDialog('shortcuts'),
    () => true,
  ),
  command('help.documentation', 'help', [], () => void sendCommand('openLink', { link: 'documentation' })),
  command('help.issues', 'help', [], () => void sendCommand('openLink', { link: 'issues' })),
  command('help.licences', 'help', [], () => void sendCommand('openLink', { link: 'licences' })),
  command(
    'help.about',
    'help',
    [],
    () => openDialog('about'),
    () => true,
  ),
];

export const shellCommands: readonly AppCommand[] = [
  ...fileCommands,
  ...runCommands,
  ...windowCommands,
  ...helpCommands,
];

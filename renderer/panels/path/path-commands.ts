/** Commands of the camera path: its playhead, its keys, its files and pictures. */
import type { AppCommand, Shortcut } from '../../app/commands.js';
import { useAppStore } from '../../app/store.js';
import { showDock, useUiStore } from '../../app/ui-store.js';
import { openPathExport } from './export/export-store.js';
import {
  addKeyFromView,
  changeTiming,
  clearPath,
  deleteKey,
  duplicateKey,
  editedKeyId,
  resetToPhotos,
  updateKeyFromView,
} from './path-editing.js';
import { pickPathFile, savePathFile } from './path-documents.js';
import { LOOK_AHEAD, usePathStore } from './path-store.js';
import {
  canPlay,
  goToEnd,
  goToKey,
  goToStart,
  hasPath,
  lookAhead,
  playOrPause,
  stepBy,
  toggleFollowing,
} from './path-transport.js';

const key = (name: string, modifiers: Omit<Shortcut, 'key'> = {}): Shortcut => ({ key: name, ...modifiers });
const hasScene = (): boolean => (useAppStore.getState().state?.scene ?? null) !== null;
const hasKey = (): boolean => editedKeyId() !== null;
/** Arrows, Home and End move the camera elsewhere; here they are the path's, while the camera is on it or its panel is open. */
const ownsArrows = (): boolean =>
  hasPath() && (usePathStore.getState().isFollowing || useUiStore.getState().dockTab === 'path');

function command(
  id: `path.${string}`,
  shortcuts: readonly Shortcut[],
  run: () => void,
  isEnabled: () => boolean,
  isChecked?: () => boolean,
): AppCommand {
  return { id, menu: 'path', shortcuts, run, isEnabled, ...(isChecked === undefined ? {} : { isChecked }) };
}

const addKey = (): void => {
  showDock('path');
  addKeyFromView();
};

export const pathCommands: readonly AppCommand[] = [
  command('path.play', [key(' ')], playOrPause, canPlay, () => usePathStore.getState().playback.isPlaying),
  command('path.previousFrame', [key(',')], () => stepBy(-1), hasPath),
  command('path.nextFrame', [key('.')], () => stepBy(1), hasPath),
  command('path.left', [key('ArrowLeft')], () => stepBy(-1), ownsArrows),
  command('path.right', [key('ArrowRight')], () => stepBy(1), ownsArrows),
  command('path.left10', [key('ArrowLeft', { shift: true })], () => stepBy(-10), ownsArrows),
  command('path.right10', [key('ArrowRight', { shift: true })], () => stepBy(10), ownsArrows),
  command('path.start', [key('Home')], goToStart, ownsArrows),
  command('path.end', [key('End')], goToEnd, ownsArrows),
  command('path.previousKey', [key('<')], () => goToKey(-1), hasPath),
  command('path.nextKey', [key('>')], () => goToKey(1), hasPath),
  command('path.addKey', [key('Enter')], addKey, hasScene),
  command('path.updateKey', [key('Enter', { alt: true })], updateKeyFromView, hasKey),
  command('path.duplicateKey', [key('d', { primary: true })], duplicateKey, hasKey),
  command('path.deleteKey', [key('Enter', { shift: true })], () => deleteKey(), hasKey),
  command('path.follow', [key('p')], toggleFollowing, hasPath, () => usePathStore.getState().isFollowing),
  command('path.lookAhead', [key('p', { shift: true })], lookAhead, () => usePathStore.getState().look !== LOOK_AHEAD),
  command('path.leave', [key('Escape')], toggleFollowing, () => usePathStore.getState().isFollowing),
  command(
    'path.loop',
    [key('l', { shift: true })],
    () => changeTiming({ isLoop: !usePathStore.getState().path.isLoop }),
    canPlay,
    () => usePathStore.getState().path.isLoop,
  ),
  command(
    'path.constantSpeed',
    [],
    () => changeTiming({ isConstantSpeed: !usePathStore.getState().path.isConstantSpeed }),
    canPlay,
    () => usePathStore.getState().path.isConstantSpeed,
  ),
  command('path.reset', [], resetToPhotos, () => useAppStore.getState().state !== null),
  command('path.clear', [], clearPath, hasPath),
  command(
    'path.open',
    [key('o', { alt: true, shift: true })],
    pickPathFile,
    () => useAppStore.getState().state !== null,
  ),
  command('path.save', [key('s', { alt: true, shift: true })], () => savePathFile('vantage'), hasPath),
  command('path.saveNerfstudio', [], () => savePathFile('nerfstudio'), hasPath),
  command(
    'path.exportVideo',
    [key('e', { primary: true, shift: true })],
    () => openPathExport('video'),
    () => hasPath() && hasScene(),
  ),
  command(
    'path.exportFrames',
    [key('f', { primary: true, alt: true })],
    () => openPathExport('frames'),
    () => hasPath() && hasScene(),
  ),
  command('path.exportStill', [key('s', { primary: true, alt: true })], () => openPathExport('still'), hasScene),
];

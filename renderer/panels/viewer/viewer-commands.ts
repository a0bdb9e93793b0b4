/** The viewer's part of menus and shortcuts. */
import type { AppCommand, Shortcut } from '../../app/commands.js';
import { useAppStore } from '../../app/store.js';
import type { DisplayMode } from '../../viewer/viewer-contract.js';
import { DISPLAY_MODES } from '../../viewer/viewer-contract.js';
import {
  fixUp,
  flipUp,
  hasSplats,
  isVisible,
  leavePhoto,
  moveCamera,
  MOVES,
  posedPhotos,
  setBlend,
  setDisplay,
  standInNearest,
  startMeasuring,
  stepPhoto,
  stopMeasuring,
  toggleNavigation,
  toggleVisible,
} from './viewer-actions.js';
import type { MoveName } from './viewer-actions.js';
import { getViewer } from './viewer-instance.js';
import type { VisibleThing } from './viewer-store.js';
import { useViewerStore } from './viewer-store.js';

const key = (name: string, modifiers: Omit<Shortcut, 'key'> = {}): Shortcut => ({ key: name, ...modifiers });
const hasClouds = (): boolean => (useAppStore.getState().state?.sensors.length ?? 0) > 0;
const hasScene = (): boolean => (useAppStore.getState().state?.scene ?? null) !== null || hasPhotos() || hasClouds();
const isReady = (): boolean => hasSplats(useAppStore.getState().state);
const hasPhotos = (): boolean => posedPhotos().length > 0;
const isMeasuring = (): boolean => useViewerStore.getState().measurement !== null;
const isStanding = (): boolean => useViewerStore.getState().photoId !== null;

function command(
  id: string,
  menu: 'view' | 'camera',
  shortcuts: readonly Shortcut[],
  run: () => void,
  isEnabled: () => boolean = hasScene,
): AppCommand {
  return { id, menu, shortcuts, run, isEnabled };
}

const modeKeys: Record<DisplayMode, string> = { color: '1', depth: '2', alpha: '3', seen: '4' };
const displayCommands = DISPLAY_MODES.map((mode): AppCommand => ({
  ...command(`view.display.${mode}`, 'view', [key(modeKeys[mode])], () => setDisplay(mode), isReady),
  isChecked: () => useViewerStore.getState().mode === mode,
}));

const visibleKeys: Record<VisibleThing, readonly Shortcut[]> = {
  grid: [key('g')],
  frustums: [key('k')],
  points: [],
  clouds: [key('l')],
  hud: [],
};
const visibleCommands = (['grid', 'frustums', 'points', 'clouds', 'hud'] as const).map((what): AppCommand => ({
  ...command(`view.show.${what}`, 'view', visibleKeys[what], () => toggleVisible(what)),
  isChecked: () => isVisible(what),
}));

const moveKeys: Partial<Record<MoveName, readonly Shortcut[]>> = { zoomIn: [key('+'), key('=')], zoomOut: [key('-')] };
const moveCommands = (Object.keys(MOVES) as MoveName[]).map((name) =>
  command(`camera.${name}`, 'camera', moveKeys[name] ?? [], () => moveCamera(name)),
);

export const viewerCommands: readonly AppCommand[] = [
  ...displayCommands,
  ...visibleCommands,
  command('view.fixUp', 'view', [key('u')], fixUp),
  command('view.flipUp', 'view', [key('u', { shift: true })], flipUp),
  command('view.measure', 'view', [key('m')], startMeasuring, isReady),
  command('view.stopMeasuring', 'view', [key('Escape')], stopMeasuring, isMeasuring),
  command('camera.frameAll', 'camera', [key('f')], () => getViewer().frameAll()),
  command('camera.reset', 'camera', [key('f', { shift: true })], () => getViewer().resetView()),
  {
    ...command('camera.fly', 'camera', [key('v')], toggleNavigation),
    isChecked: () => useViewerStore.getState().navigation === 'fly',
  },
  command('camera.nextPhoto', 'camera', [key('PageDown')], () => stepPhoto(1), hasPhotos),
  command('camera.previousPhoto', 'camera', [key('PageUp')], () => stepPhoto(-1), hasPhotos),
  command('camera.nearestPhoto', 'camera', [key('i')], standInNearest, hasPhotos),
  command('camera.leavePhoto', 'camera', [key('i', { shift: true })], leavePhoto, isStanding),
  command(
    'camera.comparePhoto',
    'camera',
    [key('j')],
    () => setBlend(useViewerStore.getState().blend > 0.5 ? 0 : 1),
    isStanding,
  ),
  ...moveCommands,
];

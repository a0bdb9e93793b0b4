/** Commands of tidying up, and undo and redo for everything that the history holds. */
import type { AppCommand, Shortcut } from '../../app/commands.js';
import { showInspector } from '../../app/ui-store.js';
import { getViewer } from '../viewer/viewer-instance.js';
import { editHistory } from './edit-history.js';
import { selectAtCentre } from './region-tools.js';
import { hideSelected, selectAll, selectInverse, selectNone, setCrop, showAll, startCrop } from './tidy-editing.js';
import type { TidyTool } from './tidy-store.js';
import { MAX_BRUSH_PX, MIN_BRUSH_PX, useTidyStore } from './tidy-store.js';

const BRUSH_STEP = 1.2;

const key = (name: string, modifiers: Omit<Shortcut, 'key'> = {}): Shortcut => ({ key: name, ...modifiers });
const primary = (name: string, modifiers: Omit<Shortcut, 'key'> = {}): Shortcut =>
  key(name, { primary: true, ...modifiers });
const hasScene = (): boolean => useTidyStore.getState().scene !== null;
const hasHidden = (): boolean => useTidyStore.getState().counts.hidden > 0;
const hasSelection = (): boolean => useTidyStore.getState().counts.selected > 0;

function command(
  id: `edit.${string}` | `tidy.${string}`,
  shortcuts: readonly Shortcut[],
  run: () => void,
  isEnabled: () => boolean = hasScene,
  isChecked?: () => boolean,
): AppCommand {
  return { id, menu: 'edit', shortcuts, run, isEnabled, ...(isChecked === undefined ? {} : { isChecked }) };
}

export function toggleTool(tool: Exclude<TidyTool, 'none'>): void {
  useTidyStore.setState(({ tool: now }) => ({ tool: now === tool ? 'none' : tool }));
}

export function toggleCrop(): void {
  if (useTidyStore.getState().crop === null) startCrop();
  else setCrop(null);
}

export function scaleBrush(factor: number): void {
  useTidyStore.setState(({ brushPx }) => ({
    brushPx: Math.min(MAX_BRUSH_PX, Math.max(MIN_BRUSH_PX, Math.round(brushPx * factor))),
  }));
}

const toolIs = (tool: TidyTool) => (): boolean => useTidyStore.getState().tool === tool;
const chooseTool = (tool: Exclude<TidyTool, 'none'>) => (): void => {
  showInspector('tidy');
  toggleTool(tool);
};

export const tidyCommands: readonly AppCommand[] = [
  command(
    'edit.undo',
    [primary('z')],
    () => void editHistory.undo(),
    () => editHistory.state.undoLabel !== null,
  ),
  command(
    'edit.redo',
    [primary('z', { shift: true }), primary('y')],
    () => void editHistory.redo(),
    () => editHistory.state.redoLabel !== null,
  ),
  command('tidy.selectAll', [primary('a')], selectAll),
  command('tidy.selectNone', [primary('a', { shift: true })], selectNone, hasSelection),
  command('tidy.invert', [primary('i')], selectInverse),
  command('tidy.delete', [key('Delete'), key('Backspace')], () => hideSelected('historyDelete'), hasSelection),
  command('tidy.hide', [key('h')], () => hideSelected('historyHide'), hasSelection),
  command('tidy.showAll', [key('h', { shift: true })], showAll, hasHidden),
  command('tidy.brush', [key('b')], chooseTool('brush'), hasScene, toolIs('brush')),
  command('tidy.box', [key('r')], chooseTool('box'), hasScene, toolIs('box')),
  command('tidy.selectCentre', [key('b', { shift: true })], () => selectAtCentre(getViewer())),
  command('tidy.smallerBrush', [key('[')], () => scaleBrush(1 / BRUSH_STEP)),
  command('tidy.largerBrush', [key(']')], () => scaleBrush(BRUSH_STEP)),
  command('tidy.crop', [key('c')], toggleCrop, hasScene, () => useTidyStore.getState().crop !== null),
  command(
    'tidy.leaveTool',
    [key('Escape')],
    () => useTidyStore.setState({ tool: 'none' }),
    () => useTidyStore.getState().tool !== 'none',
  ),
];

/** Brush and box in the viewer: pointer gestures that select what lies under them, each gesture one step of the history. */
import type { CanvasRegion, SceneViewer } from '../../viewer/viewer-contract.js';
import { combineSelection, unite } from '../../viewer/tools/masks.js';
import type { SelectionMode } from '../../viewer/tools/masks.js';
import { select } from './tidy-editing.js';
import { useTidyStore } from './tidy-store.js';

type PointerTool = (event: PointerEvent, phase: 'down' | 'move' | 'up' | 'cancel') => void;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A box smaller than this is a click that missed. */
const MIN_BOX_PX = 3;

function placeOf(event: PointerEvent, viewer: SceneViewer): Place {
  const box = viewer.overlay?.getBoundingClientRect();
  return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
}

/** Shift adds, Alt takes away, whatever the panel says. */
function modeOf(event: Pick<PointerEvent, 'shiftKey' | 'altKey'>): SelectionMode {
  if (event.altKey) return 'subtract';
  return event.shiftKey ? 'add' : useTidyStore.getState().mode;
}

/** An element over the picture that shows where the tool is; no input reaches it. */
function createMark(viewer: SceneViewer, className: string): HTMLElement {
  const mark = document.createElement('div');
  mark.className = className;
  mark.hidden = true;
  viewer.overlay?.append(mark);
  return mark;
}

function placeMark(mark: HTMLElement, left: number, top: number, width: number, height: number): void {
  mark.hidden = false;
  mark.style.left = `${left}px`;
  mark.style.top = `${top}px`;
  mark.style.width = `${width}px`;
  mark.style.height = `${height}px`;
}

export interface RegionTool {
  readonly handle: PointerTool;
  dispose(): void;
}

export function createBoxTool(viewer: SceneViewer): RegionTool {
  const mark = createMark(viewer, 'tidy-box-mark');
  let start: Place | null = null;
  const regionTo = (end: Place): Extract<CanvasRegion, { kind: 'box' }> => {
    const from = start ?? end;
    return {
      kind: 'box',
      left: Math.min(from.x, end.x),
      top: Math.min(from.y, end.y),
      right: Math.max(from.x, end.x),
      bottom: Math.max(from.y, end.y),
    };
  };
  return {
    handle: (event, phase) => {
      const here = placeOf(event, viewer);
      if (phase === 'down') start = here;
      if (start === null) return;
      const region = regionTo(here);
      const [width, height] = [region.right - region.left, region.bottom - region.top];
      if (phase === 'move') placeMark(mark, region.left, region.top, width, height);
      if (phase !== 'up' && phase !== 'cancel') return;
      start = null;
      mark.hidden = true;
      if (phase === 'cancel' || Math.min(width, height) < MIN_BOX_PX) return;
      select(viewer.findInRegion(region, useTidyStore.getState().through), modeOf(event));
    },
    dispose: () => mark.remove(),
  };
}

export function createBrushTool(viewer: SceneViewer): RegionTool {
  const mark = createMark(viewer, 'tidy-brush-mark');
  let last: Place | null = null;
  let found: Uint8Array | null = null;
  let ring: Place | null = null;
  const showRing = (): void => {
    const { brushPx } = useTidyStore.getState();
    if (ring === null) mark.hidden = true;
    else placeMark(mark, ring.x - brushPx, ring.y - brushPx, 2 * brushPx, 2 * brushPx);
  };
  const moveMark = (event: PointerEvent): void => {
    ring = placeOf(event, viewer);
    showRing();
  };
  const leave = (): void => {
    ring = null;
    showRing();
  };
  const paint = (here: Place): void => {
    const { through, brushPx } = useTidyStore.getState();
    const points = last === null ? [here] : [last, here];
    const touched = viewer.findInRegion({ kind: 'brush', points, radius: brushPx }, through);
    found = found === null ? touched : unite(found, touched);
    last = here;
  };
  // The viewer hands over presses; the ring also follows the pointer between them, and its size the keys.
  const around = viewer.overlay?.parentElement;
  around?.addEventListener('pointermove', moveMark);
  around?.addEventListener('pointerleave', leave);
  const stopSize = useTidyStore.subscribe((now, before) => {
    if (now.brushPx !== before.brushPx) showRing();
  });
  return {
    handle: (event, phase) => {
      if (phase === 'cancel') {
        [last, found] = [null, null];
        showStroke(viewer, null, 'replace');
        return;
      }
      if (phase === 'down') [last, found] = [null, null];
      else if (found === null) return;
      moveMark(event);
      paint(placeOf(event, viewer));
      const mode = modeOf(event);
      if (phase !== 'up') {
        showStroke(viewer, found, mode);
        return;
      }
      const stroke = found ?? new Uint8Array(0);
      [last, found] = [null, null];
      select(stroke, mode);
      showStroke(viewer, null, mode);
    },
    dispose: () => {
      around?.removeEventListener('pointermove', moveMark);
      around?.removeEventListener('pointerleave', leave);
      stopSize();
      mark.remove();
    },
  };
}

/** What the stroke makes of the selection so far, while it is drawn. */
function showStroke(viewer: SceneViewer, found: Uint8Array | null, mode: SelectionMode): void {
  const { selected, hidden } = useTidyStore.getState();
  viewer.setSelected(found === null ? selected : combineSelection(selected, found, mode, hidden));
}

/** What a press of the brush in the middle of the picture would select: the tool for who has no pointer. */
export function selectAtCentre(viewer: SceneViewer): void {
  const { clientWidth = 0, clientHeight = 0 } = viewer.overlay ?? {};
  const { brushPx, through, mode } = useTidyStore.getState();
  const points = [{ x: clientWidth / 2, y: clientHeight / 2 }];
  select(viewer.findInRegion({ kind: 'brush', points, radius: brushPx }, through), mode);
}

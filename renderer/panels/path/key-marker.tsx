/** One key of the path on its timeline: press to stand in it, drag or arrows to move it in time, Delete to remove it. */
import { useRef } from 'react';
import type { KeyboardEvent, PointerEvent, ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { formatFixed } from '../../app/format.js';
import { useAppStore } from '../../app/store.js';
import type { PathKeyframe } from '../../viewer/path/camera-path.js';
import { useLanguage } from '../controls/use-language.js';
import { editHistory } from '../tidy/edit-history.js';
import { usePathStore } from './path-store.js';
import { deleteKey, moveKey, nudgeKey, selectKey } from './path-editing.js';

interface KeyMarkerProps {
  readonly keyframe: PathKeyframe;
  readonly number: number;
  readonly timeMs: number;
  readonly durationMs: number;
  readonly isTabStop: boolean;
  readonly isSelected: boolean;
  readonly widthPx: () => number;
}

/** A press that wanders less than this is a click. */
const DRAG_THRESHOLD_PX = 3;

export function KeyMarker(props: KeyMarkerProps): ReactElement {
  const { keyframe, number, timeMs, durationMs, isTabStop, isSelected } = props;
  const { t } = useTranslation('path');
  const language = useLanguage();
  const photo = useAppStore(({ state }) => state?.photos.find(({ id }) => id === keyframe.photoId) ?? null);
  const drag = useKeyDrag(props);
  const time = formatFixed(timeMs / 1000, language, 2);
  const label =
    photo === null ? t('keyLabel', { number, time }) : t('keyLabelPhoto', { number, time, photo: photo.name });
  return (
    <button
      type="button"
      className="path-key"
      style={{ left: `${(100 * timeMs) / durationMs}%` }}
      aria-label={label}
      aria-describedby="path-key-help"
      aria-pressed={isSelected}
      title={label}
      tabIndex={isTabStop ? 0 : -1}
      data-key-id={keyframe.id}
      data-selected={isSelected || undefined}
      onClick={() => selectKey(keyframe.id)}
      onKeyDown={(event) => handleKey(event, keyframe.id)}
      onKeyUp={() => editHistory.seal()}
      {...drag}
    >
      {photo === null || photo.thumbnailUrl === null ? null : (
        <img className="path-key-photo" src={photo.thumbnailUrl} alt="" draggable={false} />
      )}
      <span className="path-key-diamond" />
    </button>
  );
}

function handleKey(event: KeyboardEvent<HTMLButtonElement>, id: string): void {
  const frames = event.shiftKey ? 10 : 1;
  const button = event.currentTarget;
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => nudgeKey(id, -frames),
    ArrowRight: () => nudgeKey(id, frames),
    ArrowUp: () => focusNeighbour(button, id, -1),
    ArrowDown: () => focusNeighbour(button, id, 1),
    Delete: () => removeFocused(button, id),
    Backspace: () => removeFocused(button, id),
  };
  const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
}

/** The element of the key that comes so many after one in time. */
function neighbour(button: HTMLElement, id: string, offset: number): { id: string; element: HTMLElement } | null {
  const { keyframes } = usePathStore.getState().path;
  const other = keyframes[keyframes.findIndex((key) => key.id === id) + offset];
  const markers = [...(button.parentElement?.querySelectorAll<HTMLElement>('.path-key') ?? [])];
  const element = markers.find((marker) => marker.dataset['keyId'] === other?.id);
  return other === undefined || element === undefined ? null : { id: other.id, element };
}

function focusNeighbour(button: HTMLElement, id: string, direction: 1 | -1): void {
  const next = neighbour(button, id, direction);
  if (next === null) return;
  next.element.focus();
  selectKey(next.id);
}

/** The focus goes to the neighbour, or it would be lost with the button. */
function removeFocused(button: HTMLElement, id: string): void {
  (neighbour(button, id, 1) ?? neighbour(button, id, -1))?.element.focus();
  deleteKey(id);
}

interface DragHandlers {
  readonly onPointerDown: (event: PointerEvent<HTMLButtonElement>) => void;
  readonly onPointerMove: (event: PointerEvent<HTMLButtonElement>) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
}

function useKeyDrag({ keyframe, timeMs, durationMs, widthPx }: KeyMarkerProps): DragHandlers {
  /** Where the drag began, and the scale it began with: the path may grow under it. */
  const start = useRef<{ x: number; timeMs: number; msPerPx: number; isDragging: boolean } | null>(null);
  const end = (): void => {
    start.current = null;
    editHistory.seal();
  };
  return {
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      start.current = { x: event.clientX, timeMs, msPerPx: durationMs / Math.max(1, widthPx()), isDragging: false };
    },
    onPointerMove: (event) => {
      const from = start.current;
      if (from === null) return;
      const moved = event.clientX - from.x;
      from.isDragging ||= Math.abs(moved) >= DRAG_THRESHOLD_PX;
      if (from.isDragging) moveKey(keyframe.id, from.timeMs + moved * from.msPerPx);
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}

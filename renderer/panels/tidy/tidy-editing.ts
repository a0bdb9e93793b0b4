/** Edits of the scene, each a step of the history. Nothing is ever destroyed: what is deleted is hidden, and can be shown again. */
import type { CropBox } from '../../../engine/scene/edits-document.js';
import { i18next } from '../../app/i18n/index.js';
import { announce } from '../../app/ui-store.js';
import { findOutside, fitCrop, moveFace } from '../../viewer/tools/crop.js';
import type { Operation } from '../../viewer/tools/history.js';
import type { MaskChange, SelectionMode } from '../../viewer/tools/masks.js';
import {
  applyChange,
  changeBetween,
  changeBytes,
  combineSelection,
  countMarked,
  exclude,
  invertSelection,
  isNoChange,
  unite,
} from '../../viewer/tools/masks.js';
import { getViewer } from '../viewer/viewer-instance.js';
import { editHistory } from './edit-history.js';
import type { TidyMasks } from './tidy-store.js';
import { NO_FLOATERS, useTidyStore } from './tidy-store.js';

export type TidyEditLabel =
  'historySelect' | 'historyDelete' | 'historyHide' | 'historyShowAll' | 'historyFloaters' | 'historyCrop';

const OPERATION_BYTES = 200;

/** Masks and crop box from one state to another, as differences. */
class TidyOperation implements Operation {
  readonly label: string;
  readonly bytes: number;

  constructor(
    readonly name: TidyEditLabel,
    readonly removed: MaskChange,
    readonly selected: MaskChange,
    readonly crops: { readonly before: CropBox | null; readonly after: CropBox | null },
    /** The face of the crop box that is dragged: such steps melt into one; empty: this one stands for itself. */
    readonly target: string,
  ) {
    this.label = `tidy:${name}`;
    this.bytes = OPERATION_BYTES + changeBytes(removed) + changeBytes(selected);
  }

  do(): void {
    this.#apply(this.crops.after);
  }

  undo(): void {
    this.#apply(this.crops.before);
  }

  merge(next: Operation): Operation | null {
    const follows = next instanceof TidyOperation && this.target !== '' && next.target === this.target;
    const onlyCrop = follows && isNoChange(next.removed) && isNoChange(next.selected);
    if (!onlyCrop) return null;
    const crops = { before: this.crops.before, after: next.crops.after };
    return new TidyOperation(this.name, this.removed, this.selected, crops, this.target);
  }

  #apply(crop: CropBox | null): void {
    const { removed, selected } = useTidyStore.getState();
    showMasks({ removed: applyChange(removed, this.removed), selected: applyChange(selected, this.selected), crop });
  }
}

/** Puts masks into the store with what follows from them. */
export function showMasks({ removed, selected, crop }: TidyMasks): void {
  const { scene, floaters } = useTidyStore.getState();
  if (scene === null) return;
  const hidden = crop === null ? removed : unite(removed, findOutside(scene.splats, crop));
  const shownSelected = exclude(selected, hidden);
  useTidyStore.setState({
    removed,
    selected,
    crop,
    hidden,
    counts: { total: scene.splats.count, hidden: countMarked(hidden), selected: countMarked(shownSelected) },
    // What was previewed was counted against what was hidden then.
    floaters: { ...NO_FLOATERS, scores: floaters.scores },
  });
}

function edit(name: TidyEditLabel, change: Partial<TidyMasks>, target = ''): void {
  const { scene, removed, selected, crop } = useTidyStore.getState();
  if (scene === null) return;
  const after = { removed, selected, crop, ...change };
  const removedChange = changeBetween(removed, after.removed);
  const selectedChange = changeBetween(selected, after.selected);
  if (isNoChange(removedChange) && isNoChange(selectedChange) && after.crop === crop) return;
  editHistory.run(new TidyOperation(name, removedChange, selectedChange, { before: crop, after: after.crop }, target));
}

function say(key: 'announceSelected' | 'announceHidden', count: number): void {
  announce(i18next.t(key, { ns: 'tidy', count }));
}

export function select(found: Uint8Array, mode: SelectionMode): void {
  const { selected, hidden } = useTidyStore.getState();
  edit('historySelect', { selected: combineSelection(selected, found, mode, hidden) });
  say('announceSelected', useTidyStore.getState().counts.selected);
}

export function selectAll(): void {
  const { hidden } = useTidyStore.getState();
  select(new Uint8Array(hidden.length).fill(1), 'replace');
}

export function selectNone(): void {
  const { hidden } = useTidyStore.getState();
  select(new Uint8Array(hidden.length), 'replace');
}

export function selectInverse(): void {
  const { selected, hidden } = useTidyStore.getState();
  select(invertSelection(selected, hidden), 'replace');
}

function hideMask(name: TidyEditLabel, mask: Uint8Array): void {
  const { removed, selected } = useTidyStore.getState();
  const count = countMarked(mask);
  const after = unite(removed, mask);
  edit(name, { removed: after, selected: combineSelection(selected, mask, 'subtract', after) });
  say('announceHidden', count);
}

export function hideSelected(name: 'historyDelete' | 'historyHide'): void {
  const { selected, hidden } = useTidyStore.getState();
  hideMask(name, exclude(selected, hidden));
}

/** Everything that was hidden by hand is shown again, and what the crop box hides: the box goes. */
export function showAll(): void {
  const { removed } = useTidyStore.getState();
  edit('historyShowAll', { removed: new Uint8Array(removed.length), crop: null });
  announce(i18next.t('announceShown', { ns: 'tidy' }));
}

export function deleteFloaters(): void {
  const { found } = useTidyStore.getState().floaters;
  if (found !== null) hideMask('historyFloaters', found);
}

export function setCrop(crop: CropBox | null, target = ''): void {
  edit('historyCrop', { crop }, target);
}

/** A box around what is shown, standing upright as the viewer does. */
export function startCrop(): void {
  const { scene, removed } = useTidyStore.getState();
  if (scene !== null) setCrop(fitCrop(scene.splats, removed, getViewer().frame.up));
}

export function dragCropFace(axis: 0 | 1 | 2, end: 'min' | 'max', value: number): void {
  const { crop } = useTidyStore.getState();
  if (crop === null || !Number.isFinite(value)) return;
  useTidyStore.setState({ isDragging: true });
  setCrop(moveFace(crop, axis, end, value), `crop-${axis}`);
}

/** It was let go: the next drag is a step of its own. */
export function dropCropFace(): void {
  editHistory.seal();
  useTidyStore.setState({ isDragging: false });
}

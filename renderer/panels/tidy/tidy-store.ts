/** What is hidden and selected in the scene, and the tools for it. Masks and the crop box change by operations of the history only. */
import { create } from 'zustand';
import type { CropBox } from '../../../engine/scene/edits-document.js';
import type { Splats } from '../../../engine/scene/splats.js';
import type { SelectionMode } from '../../viewer/tools/masks.js';

/** What is edited. */
export interface EditedScene {
  readonly sceneId: string;
  readonly splats: Splats;
  readonly fingerprint: string;
}

export interface TidyMasks {
  /** [N] 1: hidden by hand. */
  readonly removed: Uint8Array;
  /** [N] 1: selected. What the crop box hides stays so, but counts only where it is shown again. */
  readonly selected: Uint8Array;
  readonly crop: CropBox | null;
}

export type TidyTool = 'none' | 'brush' | 'box';

export interface FloaterPreview {
  readonly strength: number;
  /** null: not computed yet for this scene. */
  readonly scores: Float32Array | null;
  readonly isComputing: boolean;
  /** [N] 1: would go; null: nothing is previewed. */
  readonly found: Uint8Array | null;
  readonly count: number;
}

export interface TidyStore extends TidyMasks {
  /** null: there is nothing to edit, or it is a preview of a run that goes on. */
  readonly scene: EditedScene | null;
  /** [N] 1: hidden by hand or by the crop box: what is not shown and not exported. */
  readonly hidden: Uint8Array;
  /** `selected`: of those that are shown. */
  readonly counts: { readonly total: number; readonly hidden: number; readonly selected: number };
  readonly tool: TidyTool;
  readonly mode: SelectionMode;
  readonly brushPx: number;
  /** Whether a region also takes what lies behind what is seen. */
  readonly through: boolean;
  readonly floaters: FloaterPreview;
  /** A face of the crop box is on its way: it is written down where it is let go. */
  readonly isDragging: boolean;
  /** The project's edits were made for another scene and were left alone. */
  readonly hasForeignEdits: boolean;
}

export const NO_MASK = new Uint8Array(0);
export const MIN_BRUSH_PX = 4;
export const MAX_BRUSH_PX = 200;
export const NO_FLOATERS: FloaterPreview = { strength: 0, scores: null, isComputing: false, found: null, count: 0 };

/** What is true of no scene; what the user chose of the tools stays. */
export const NO_SCENE = {
  scene: null,
  removed: NO_MASK,
  selected: NO_MASK,
  crop: null,
  hidden: NO_MASK,
  counts: { total: 0, hidden: 0, selected: 0 },
  tool: 'none',
  floaters: NO_FLOATERS,
  isDragging: false,
  hasForeignEdits: false,
} as const satisfies Partial<TidyStore>;

export const useTidyStore = create<TidyStore>(() => ({
  ...NO_SCENE,
  mode: 'replace',
  brushPx: 24,
  through: true,
}));

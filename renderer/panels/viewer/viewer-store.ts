/** What the viewer's panel shows of the viewer: written by its events and by the panel's own actions. */
import { create } from 'zustand';
import type { PickedPoint } from '../../viewer/tools/measure-distance.js';
import type { DisplayMode, FrameStatistics, NavigationMode, SceneFrame } from '../../viewer/viewer-contract.js';

export type VisibleThing = 'frustums' | 'grid' | 'points' | 'clouds' | 'hud';

/** Measuring: two points are picked, then their distance is told. */
export interface Measurement {
  readonly points: readonly PickedPoint[];
}

export interface ViewerStore {
  readonly mode: DisplayMode;
  readonly navigation: NavigationMode;
  readonly photoId: string | null;
  readonly blend: number;
  readonly statistics: FrameStatistics | null;
  readonly depthRange: { readonly near: number; readonly far: number } | null;
  /** points: null shows them as long as there are no splats. */
  readonly visible: {
    readonly frustums: boolean;
    readonly grid: boolean;
    readonly points: boolean | null;
    readonly clouds: boolean;
    readonly hud: boolean;
  };
  readonly frame: SceneFrame;
  readonly problem: string | null;
  readonly measurement: Measurement | null;
  readonly hasSeenCounts: boolean;
  /** Something is being fetched for the first time. */
  readonly isLoading: boolean;
}

export const DEFAULT_FRAME: SceneFrame = { up: [0, -1, 0], metresPerUnit: null };

export const useViewerStore = create<ViewerStore>(() => ({
  mode: 'color',
  navigation: 'orbit',
  photoId: null,
  blend: 0,
  statistics: null,
  depthRange: null,
  visible: { frustums: true, grid: false, points: null, clouds: true, hud: true },
  frame: DEFAULT_FRAME,
  problem: null,
  measurement: null,
  hasSeenCounts: false,
  isLoading: false,
}));

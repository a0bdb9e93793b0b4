/** State that is the window's own: what is open, chosen and under way in it. The host knows nothing of it. */
import { create } from 'zustand';
import type { Refusal } from '../../electron/ipc/contract.js';
import { readChoice, writePreference } from './preferences.js';

export const INSPECTOR_TABS = ['run', 'tidy', 'sensors', 'problems'] as const;
export type InspectorTab = (typeof INSPECTOR_TABS)[number];
export const DOCK_TABS = ['photos', 'path'] as const;
export type DockTab = (typeof DOCK_TABS)[number];
export const THEMES = ['system', 'dark', 'light'] as const;
export type ThemeChoice = (typeof THEMES)[number];
export type DialogName = 'export' | 'save-as' | 'relink' | 'shortcuts' | 'about' | 'new-project';

export interface UploadProgress {
  readonly sentFiles: number;
  readonly files: number;
  readonly fraction: number;
  readonly cancel: () => void;
}

/** A command that the host refused, shown among the problems. */
export interface ShownRefusal extends Refusal {
  readonly id: number;
}

/** A dropped picture, shown until the host has made its thumbnail. */
export interface LocalPreview {
  readonly relativePath: string;
  readonly url: string;
}

export interface UiStore {
  readonly inspectorTab: InspectorTab;
  readonly dockTab: DockTab;
  readonly dialog: DialogName | null;
  readonly theme: ThemeChoice;
  readonly upload: UploadProgress | null;
  readonly refusals: readonly ShownRefusal[];
  readonly previews: readonly LocalPreview[];
  readonly selectedPhotos: ReadonlySet<string>;
  /** Last thing said politely to screen readers. */
  readonly announcement: string;
  /** There is a host at this address, and it does not know this window: it was started after it. */
  readonly isShutOut: boolean;
}

export const useUiStore = create<UiStore>(() => ({
  inspectorTab: 'run',
  dockTab: 'photos',
  dialog: null,
  theme: readChoice('theme', THEMES, 'system'),
  upload: null,
  refusals: [],
  previews: [],
  selectedPhotos: new Set<string>(),
  announcement: '',
  isShutOut: false,
}));

export function openDialog(dialog: DialogName | null): void {
  useUiStore.setState({ dialog });
}

export function showInspector(inspectorTab: InspectorTab): void {
  useUiStore.setState({ inspectorTab });
}

export function showDock(dockTab: DockTab): void {
  useUiStore.setState({ dockTab });
}

export function chooseTheme(theme: ThemeChoice): void {
  writePreference('theme', theme);
  useUiStore.setState({ theme });
}

/** Says a sentence to screen readers, without interrupting. */
export function announce(announcement: string): void {
  useUiStore.setState({ announcement });
}

let nextRefusal = 0;
const MAX_REFUSALS = 20;

export function showRefusal(refusal: Refusal): void {
  const id = nextRefusal++;
  useUiStore.setState(({ refusals }) => ({ refusals: [...refusals, { ...refusal, id }].slice(-MAX_REFUSALS) }));
}

export function dismissRefusal(id: number): void {
  useUiStore.setState(({ refusals }) => ({ refusals: refusals.filter((refusal) => refusal.id !== id) }));
}

/** The window's mirror of the host's state. Only the connection writes it (connect.ts); panels read it. */
import { create } from 'zustand';
import type { AppState, HistoryPoint, HostEvent } from '../../electron/ipc/contract.js';

export interface AppStore {
  readonly connected: boolean;
  /** null until the host has told everything once. */
  readonly state: AppState | null;
  readonly history: readonly HistoryPoint[];
}

/** Slices that must all be there before panels see a state; kept in step with the contract by the type. */
const SLICES: Record<keyof AppState, true> = {
  session: true,
  project: true,
  photos: true,
  settings: true,
  estimate: true,
  notices: true,
  run: true,
  scene: true,
  recents: true,
  recoveries: true,
  exports: true,
  documents: true,
  sensors: true,
  calibrations: true,
};

function isWhole(slices: Partial<AppState>): slices is AppState {
  return Object.keys(SLICES).every((name) => name in slices);
}

/** What an event makes of the store. Slices that come before the first whole state are dropped: that state will hold them. */
export function applyEvent(store: AppStore, event: HostEvent): AppStore {
  if (event.type === 'history') {
    return { ...store, history: event.reset ? event.points : [...store.history, ...event.points] };
  }
  if (event.type !== 'state') return store;
  const slices = event.slices as Partial<AppState>;
  if (store.state !== null) return { ...store, state: { ...store.state, ...slices } };
  return isWhole(slices) ? { ...store, state: slices } : store;
}

export const useAppStore = create<AppStore>(() => ({ connected: false, state: null, history: [] }));

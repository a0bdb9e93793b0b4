/** Keeps the store in step with the host from the window's start on, through broken connections. */
import type { HostEvent } from '../../electron/ipc/contract.js';
import { getHost, getLoopback } from './host.js';
import { clearPreviews } from './import-dropped.js';
import { toRefusal } from './refusal.js';
import { applyEvent, useAppStore } from './store.js';
import { showRefusal } from './ui-store.js';

async function readAll(): Promise<void> {
  try {
    const host = getHost();
    const [state, history] = await Promise.all([host.send('getState', {}), host.send('getHistory', {})]);
    useAppStore.setState({ connected: true, state, history });
  } catch (thrown) {
    // A connection that broke again is tried again by itself; anything else is for the user.
    if (getLoopback() === null) showRefusal(toRefusal(thrown));
  }
}

/** `onMenu` carries out a command that the system's menu asks for. */
export function connect(onMenu: (commandId: string) => void): void {
  const take = (event: HostEvent): void => {
    if (event.type === 'menu') onMenu(event.command);
    else useAppStore.setState((store) => applyEvent(store, event));
  };
  getHost().listen(take);
  useAppStore.subscribe(({ state }, before) => {
    if (state === null || state.photos === before.state?.photos) return;
    const isWaiting = state.photos.some(({ thumbnailUrl, status }) => thumbnailUrl === null && status === 'reading');
    if (!isWaiting && state.photos.length > 0) clearPreviews();
  });
  const loopback = getLoopback();
  if (loopback === null) {
    void readAll();
    return;
  }
  loopback.onStatus((connected) => {
    if (connected) void readAll();
    else useAppStore.setState({ connected: false });
  });
  loopback.open();
}

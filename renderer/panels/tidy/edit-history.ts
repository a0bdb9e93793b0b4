/** The window's one history: edits of the scene and of the camera path are undone in the order in which they were made. */
import { useSyncExternalStore } from 'react';
import type { HistoryState } from '../../viewer/tools/history.js';
import { History } from '../../viewer/tools/history.js';

export const editHistory = new History();

export function useEditHistory(): HistoryState {
  return useSyncExternalStore(
    (changed) => editHistory.subscribe(changed),
    () => editHistory.state,
  );
}

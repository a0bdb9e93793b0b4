/** Edits and camera path belong to the project, not to their panels: they are taken up as soon as there is something to see. */
import { useAppStore } from '../../app/store.js';
import { startPath } from '../path/start-path.js';
import { startTidy } from './start-tidy.js';

export function startToolsWithScene(): void {
  const stop = useAppStore.subscribe(({ state }) => {
    if (state === null || (state.scene === null && state.photos.length === 0)) return;
    stop();
    startTidy();
    startPath();
  });
}

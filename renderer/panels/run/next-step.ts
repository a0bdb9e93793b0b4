/** What the user will most likely want now: it gets the one filled button of the top bar. */
import type { AppState } from '../../../electron/ipc/contract.js';
import { canStart, findBlocker, hasSplats } from './run-permissions.js';

export type NextStep = 'add' | 'start' | 'pause' | 'resume' | 'export' | 'see-run' | 'add-cameras' | 'find-photos';

export function findNextStep(state: AppState): NextStep | null {
  const { run, photos } = state;
  switch (run.status) {
    case 'running':
      return 'pause';
    case 'paused':
      return 'resume';
    case 'starting':
    case 'pausing':
    case 'cancelling':
      return null;
    case 'failed':
    case 'crashed':
      return 'see-run';
    case 'finished':
      return hasSplats(state) ? 'export' : null;
    case 'idle':
    case 'cancelled':
      break;
  }
  if (photos.length === 0) return hasSplats(state) ? 'export' : 'add';
  if (canStart(state)) return 'start';
  const blocker = findBlocker(state);
  if (blocker === 'no-cameras') return 'add-cameras';
  if (blocker === 'missing') return 'find-photos';
  return blocker === 'too-few' ? 'add' : 'see-run';
}

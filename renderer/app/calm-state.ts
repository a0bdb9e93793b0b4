/** What of the host's state stands still while a run's figures tick several times a second. */
import type { AppState } from '../../electron/ipc/contract.js';

interface WithState {
  readonly state: AppState;
}

/**
 * For React's `memo`: everything is the same but figures of a run in the same status. A panel that shows no figures of the run need not be
 * made anew with each of them; on two cores that a run computes on, it would cost the window its fluency.
 */
export function isSameButFigures<P extends WithState>(before: P, after: P): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof P>;
  names.delete('state');
  if ([...names].some((name) => !Object.is(before[name], after[name]))) return false;
  if (before.state.run.status !== after.state.run.status) return false;
  return (Object.keys(after.state) as (keyof AppState)[]).every(
    (slice) => slice === 'run' || before.state[slice] === after.state[slice],
  );
}

import { StoppedError } from '../host/run/user-errors.js';
import { printNote } from './terminal.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Ctrl-C means what it usually means again. */
  release(): void;
}

/** What a shell reports for a program that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

/** The first Ctrl-C (or SIGTERM) asks the run to stop, by default keeping what there is; the second quits at once. */
export function listenForInterrupt(
  note = 'Stopping and keeping what there is …',
  outcome = 'Stopped before there was a scene to write.',
): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    printNote(`\n${note} (Ctrl-C again quits at once)`);
    controller.abort(new StoppedError(outcome));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

import { StoppedError } from '../host/run/user-errors.js';
import { printNote } from './terminal.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Ctrl-C means what it usually means again. */
  release(): void;
}

/** What a shell reports for a program that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

/** The first Ctrl-C (or SIGTERM) asks the run to stop and keep what there is; the second quits at once. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    printNote('\nStopping and keeping what there is … (Ctrl-C again quits at once)');
    controller.abort(new StoppedError('Stopped before there was a scene to write.'));
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

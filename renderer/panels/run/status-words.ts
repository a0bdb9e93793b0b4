import type { RunStatus } from '../../../electron/ipc/contract.js';

export const STATUS_WORDS = {
  idle: 'statusIdle',
  starting: 'statusStarting',
  running: 'statusRunning',
  pausing: 'statusPausing',
  paused: 'statusPaused',
  cancelling: 'statusCancelling',
  cancelled: 'statusCancelled',
  finished: 'statusFinished',
  failed: 'statusFailed',
  crashed: 'statusCrashed',
} as const satisfies Record<RunStatus, string>;

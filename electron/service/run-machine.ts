/** Which states a run may go through, and the words for what cannot be done now. */
import type { RunStatus } from '../ipc/contract.js';
import { CommandRefusedError } from './app-service.js';

export type RunOrder = 'start' | 'pause' | 'resume' | 'cancel';

/** States in which a process works or stands still for the run. */
const ALIVE: ReadonlySet<RunStatus> = new Set(['starting', 'running', 'pausing', 'paused', 'cancelling']);

const ALLOWED: Readonly<Record<RunOrder, ReadonlySet<RunStatus>>> = {
  start: new Set(['idle', 'cancelled', 'finished', 'failed', 'crashed']),
  pause: new Set(['starting', 'running']),
  resume: new Set(['pausing', 'paused']),
  cancel: new Set(['starting', 'running', 'pausing', 'paused']),
};

const REFUSALS: Readonly<Record<RunOrder, readonly [string, string]>> = {
  start: ['A run is under way already.', 'Wait until it is over, or cancel it.'],
  pause: ['There is no run that could be paused.', 'Start one first.'],
  resume: ['There is no paused run.', 'Pause works only while a run is under way.'],
  cancel: ['There is no run that could be cancelled.', 'It is over already.'],
};

/** Which state may follow which; everything else is a mistake of ours. */
const TRANSITIONS: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  idle: ['starting'],
  // 'idle': only cameras were to be found, and they are.
  starting: ['running', 'pausing', 'cancelling', 'finished', 'failed', 'crashed', 'idle'],
  running: ['pausing', 'cancelling', 'finished', 'failed', 'crashed', 'idle'],
  pausing: ['paused', 'running', 'cancelling', 'finished', 'failed', 'crashed', 'idle'],
  paused: ['running', 'cancelling', 'finished', 'failed', 'crashed', 'idle'],
  cancelling: ['cancelled'],
  cancelled: ['starting', 'idle'],
  finished: ['starting', 'idle'],
  failed: ['starting', 'idle'],
  crashed: ['starting', 'idle'],
};

export function isRunAlive(status: RunStatus): boolean {
  return ALIVE.has(status);
}

export function canFollow(from: RunStatus, to: RunStatus): boolean {
  return from === to || TRANSITIONS[from].includes(to);
}

/** @throws CommandRefusedError when the order makes no sense now. */
export function assertOrder(order: RunOrder, status: RunStatus): void {
  if (ALLOWED[order].has(status)) return;
  const [message, hint] = REFUSALS[order];
  throw new CommandRefusedError(message, hint);
}

/** What must be over before another project, another scene or another folder takes the place of this one. */
export function assertNoRun(status: RunStatus, what: string): void {
  if (!isRunAlive(status)) return;
  throw new CommandRefusedError(`A run is under way, so that ${what}.`, 'Wait until it is over, or cancel it first.');
}

/** What the host says when it understood a command and could not do it. */
import type { Refusal } from '../../electron/ipc/contract.js';

export class HostRefusedError extends Error implements Refusal {
  override readonly name = 'HostRefusedError';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** Words for anything that was thrown, also for what came over Electron's bridge, where classes are lost. */
export function toRefusal(thrown: unknown): Refusal {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string') {
    const hint = 'hint' in thrown && typeof thrown.hint === 'string' ? thrown.hint : '';
    return { message: thrown.message, hint };
  }
  return { message: String(thrown), hint: '' };
}

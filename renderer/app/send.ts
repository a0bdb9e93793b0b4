/** Sends a command whose refusal is for the user: it is shown, and the caller learns that there is no answer. */
import type { CommandName, CommandRequest, CommandResponse } from '../../electron/ipc/contract.js';
import { getHost } from './host.js';
import { toRefusal } from './refusal.js';
import { showRefusal } from './ui-store.js';

export async function sendCommand<N extends CommandName>(
  command: N,
  request: CommandRequest<N>,
): Promise<CommandResponse<N> | null> {
  try {
    return await getHost().send(command, request);
  } catch (thrown) {
    showRefusal(toRefusal(thrown));
    return null;
  }
}

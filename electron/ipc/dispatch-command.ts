/** A command from outside, whatever it is: known and well formed, or refused in words. Both hosts pass everything through here. */
import type { CommandName, Refusal } from './contract.js';
import { commands } from './contract.js';

export type CommandOutcome =
  { readonly type: 'answer'; readonly response: unknown } | { readonly type: 'refusal'; readonly refusal: Refusal };

/** Carries a checked command out; throws an error with a `hint` to refuse it. */
export type CommandHandler = (command: CommandName, request: never) => Promise<unknown>;

const UNKNOWN: Refusal = {
  message: 'The window asked for something that this version does not know.',
  hint: 'Reload the window.',
};
const MALFORMED: Refusal = {
  message: 'The window asked for something in a form that is not understood.',
  hint: 'Reload the window; if it happens again, report it as an issue.',
};

function unforeseen(reason: string): Refusal {
  const message = `Something unforeseen happened: ${reason}`.slice(0, 20_000);
  return { message, hint: 'Try again; if it happens again, report it as an issue.' };
}

function isCommandName(name: unknown): name is CommandName {
  return typeof name === 'string' && Object.hasOwn(commands, name);
}

/** Whatever a handler throws becomes words; what was not meant for the user is called unforeseen. */
function describeRefusal(error: unknown): Refusal {
  const { message, hint, name } = (error ?? {}) as { message?: unknown; hint?: unknown; name?: unknown };
  if (typeof message !== 'string') return unforeseen(String(error));
  if (name !== 'CommandRefusedError' || typeof hint !== 'string') return unforeseen(message);
  return { message: message.slice(0, 20_000), hint: hint.slice(0, 1000) };
}

/** Never rejects. */
export async function dispatchCommand(
  handle: CommandHandler,
  command: unknown,
  request: unknown,
): Promise<CommandOutcome> {
  if (!isCommandName(command)) return { type: 'refusal', refusal: UNKNOWN };
  const parsed = commands[command].request.safeParse(request);
  if (!parsed.success) return { type: 'refusal', refusal: MALFORMED };
  try {
    const response = await handle(command, parsed.data as never);
    const checked = commands[command].response.safeParse(response);
    if (checked.success) return { type: 'answer', response: checked.data };
    return { type: 'refusal', refusal: unforeseen('the answer is not in the form that the window expects.') };
  } catch (error) {
    return { type: 'refusal', refusal: describeRefusal(error) };
  }
}

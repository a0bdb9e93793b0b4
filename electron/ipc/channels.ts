/** Names of what is said over Electron's IPC; imports nothing, since the sandboxed preload carries it. */
export const COMMAND_CHANNEL = 'vantage:command';
export const EVENT_CHANNEL = 'vantage:event';

/** How the host answers: an error that crosses Electron's IPC keeps only its message, so refusals travel as values. */
export type CommandReply =
  | { readonly ok: true; readonly response: unknown }
  | { readonly ok: false; readonly refusal: { readonly message: string; readonly hint: string } };

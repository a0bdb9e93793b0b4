/** The window's end of the contract, whichever way it reaches the host. */
import type { CommandName, CommandRequest, CommandResponse, HostEvent } from './contract.js';

/** What the window holds, whichever way it reaches the host: Electron's preload puts one at `window.vantage`, the loopback client makes one. */
export interface HostConnection {
  /** Rejects with a HostRefusal-shaped error `{ message, hint }` when the host refuses. */
  send<N extends CommandName>(command: N, request: CommandRequest<N>): Promise<CommandResponse<N>>;
  /** Returns how to stop listening. */
  listen(listener: (event: HostEvent) => void): () => void;
  /** Takes in files that were dropped or picked in the window, folders with their relative paths. */
  importFiles(files: readonly DroppedFile[]): Promise<void>;
}

/** A `File` of the page and where it lay in what was dropped, with forward slashes. */
export interface DroppedFile {
  readonly file: Blob & { readonly name: string };
  readonly relativePath: string;
}

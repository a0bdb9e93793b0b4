/** The way from a job process to its host: Node's channel of a forked process, or that of Electron's utility process. */

import { createSpiller } from './spill-buffers.js';

export interface JobPort {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The host is gone. */
  onClosed(listener: () => void): void;
}

/** What a utility process finds at `process.parentPort`. */
interface ElectronParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** @throws Error when this process was started by nobody that it could speak to. */
export function openJobPort(): JobPort {
  const { parentPort } = process as unknown as { parentPort?: ElectronParentPort };
  if (parentPort !== undefined && parentPort !== null)
    return {
      post: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data)),
      // Electron ends its utility processes itself.
      onClosed: () => undefined,
    };
  if (process.send === undefined) throw new Error('a job process must be started by the application');
  // A host that names no folder gets everything through the channel.
  const folder = process.env['VANTAGE_JOB_FOLDER'];
  const spill = folder === undefined ? (message: unknown) => message : createSpiller(folder);
  return {
    // The callback takes the error of a channel that closed in the meantime; 'disconnect' says so too.
    post: (message) => process.send?.(spill(message), undefined, undefined, () => undefined),
    onMessage: (listener) => process.on('message', listener),
    onClosed: (listener) => process.on('disconnect', listener),
  };
}

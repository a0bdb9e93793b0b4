/** The one connection to the host: Electron's preload puts it at `window.vantage`; otherwise it is the loopback host's WebSocket. */
import type { HostConnection } from '../../electron/ipc/host-connection.js';
import { LoopbackConnection } from './loopback-connection.js';

declare global {
  interface Window {
    readonly vantage?: HostConnection;
  }
}

let connection: HostConnection | null = null;

export function getHost(): HostConnection {
  connection ??= window.vantage ?? new LoopbackConnection();
  return connection;
}

/** The connection where it can break and come back; null in Electron, whose window lives and dies with its host. */
export function getLoopback(): LoopbackConnection | null {
  const host = getHost();
  return host instanceof LoopbackConnection ? host : null;
}

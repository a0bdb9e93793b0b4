/**
 * The window's end of the loopback host: commands and events over one WebSocket of the page's own origin, files by POST. When the socket
 * breaks it is tried again, slower each time, and commands that were under way are refused rather than left hanging.
 */
import { commands, replyEnvelopeSchema } from '../../electron/ipc/contract.js';
import type { CommandName, CommandRequest, CommandResponse, HostEvent } from '../../electron/ipc/contract.js';
import type { DroppedFile, HostConnection } from '../../electron/ipc/host-connection.js';
import { HostRefusedError } from './refusal.js';
import { useUiStore } from './ui-store.js';
import { uploadFiles } from './upload.js';

interface PendingCommand {
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: Error) => void;
}

const FIRST_RETRY_MS = 400;
const SLOWEST_RETRY_MS = 5000;
const FORBIDDEN = 403;

/** The host's cookie says who asks; the token of the printed address has been traded for it before the page was sent. */
function socketAddress(page: Location): string {
  return `${page.protocol === 'https:' ? 'wss:' : 'ws:'}//${page.host}/socket`;
}

export class LoopbackConnection implements HostConnection {
  private socket: WebSocket | null = null;
  private nextId = 0;
  private retryMs = FIRST_RETRY_MS;
  private retryTimer = 0;
  private readonly pending = new Map<number, PendingCommand>();
  private readonly listeners = new Set<(event: HostEvent) => void>();
  private readonly statusListeners = new Set<(connected: boolean) => void>();

  /** Starts connecting and keeps at it. */
  open(): void {
    const socket = new WebSocket(socketAddress(window.location));
    this.socket = socket;
    socket.addEventListener('open', () => {
      this.retryMs = FIRST_RETRY_MS;
      useUiStore.setState({ isShutOut: false });
      for (const tell of this.statusListeners) tell(true);
    });
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') this.receive(data);
    });
    socket.addEventListener('close', () => this.lose(socket));
  }

  /** Does not wait for the next attempt. */
  retry(): void {
    if (this.socket !== null) return;
    window.clearTimeout(this.retryTimer);
    this.retryMs = FIRST_RETRY_MS;
    this.open();
  }

  onStatus(listener: (connected: boolean) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  async send<N extends CommandName>(command: N, request: CommandRequest<N>): Promise<CommandResponse<N>> {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) {
      throw new HostRefusedError('Vantage is not connected to its engine.', 'Wait until the connection is back.');
    }
    const id = this.nextId++;
    const response = await new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, command, request }));
    });
    return commands[command].response.parse(response) as CommandResponse<N>;
  }

  listen(listener: (event: HostEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async importFiles(files: readonly DroppedFile[]): Promise<void> {
    const uploadId = await this.upload(files);
    if (uploadId !== null) await this.send('importUpload', { uploadId });
  }

  /** See `uploadFiles`. */
  upload(files: readonly DroppedFile[]): Promise<string | null> {
    return uploadFiles(files, (uploadId) => {
      // Nothing had arrived yet, or nobody is there to hear it: then there is nothing to delete.
      this.send('discardUpload', { uploadId }).catch(() => undefined);
    });
  }

  private receive(text: string): void {
    const parsed = replyEnvelopeSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    const reply = parsed.data;
    if (reply.type === 'event') {
      for (const tell of this.listeners) tell(reply.event);
      return;
    }
    const waiting = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (reply.type === 'answer') waiting?.resolve(reply.response);
    else waiting?.reject(new HostRefusedError(reply.refusal.message, reply.refusal.hint));
  }

  private lose(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = null;
    for (const { reject } of this.pending.values()) {
      reject(new HostRefusedError('The connection to the engine broke.', 'Try again when it is back.'));
    }
    this.pending.clear();
    for (const tell of this.statusListeners) tell(false);
    void this.askWhetherShutOut();
    this.retryTimer = window.setTimeout(() => this.open(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, SLOWEST_RETRY_MS);
  }

  /** A socket does not say why it broke. Goes on being tried: whoever opens the new host's address here is let in with all windows. */
  private async askWhetherShutOut(): Promise<void> {
    const status = await fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
      (answer) => answer.status,
      () => null,
    );
    if (this.socket?.readyState !== WebSocket.OPEN) useUiStore.setState({ isShutOut: status === FORBIDDEN });
  }
}

/** One window's WebSocket: commands in, answers and events out. What is not understood ends the connection, never the host. */
import type { RawData, WebSocket } from 'ws';
import { requestEnvelopeSchema } from '../ipc/contract.js';
import { dispatchCommand } from '../ipc/dispatch-command.js';
import type { AppService } from '../service/app-service.js';
import { EventLane } from './event-lane.js';

/** A document of the window is at most 16 Mi characters; in JSON and UTF-8 it may take three times that. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const MAX_UNDER_WAY = 256;
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;

function parseText(data: RawData): unknown {
  try {
    return JSON.parse((data as Buffer).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** Commands that make sense in the other host alone: a page of this one names no paths. */
const OTHER_HOST: ReadonlySet<string> = new Set(['importPaths']);

export function serveSocket(service: Pick<AppService, 'handle' | 'subscribe'>, socket: WebSocket): void {
  const lane = new EventLane(socket);
  const unsubscribe = service.subscribe((event) => lane.push(event));
  let underWay = 0;
  const reply = (message: object): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };

  const obey = async (id: number, command: string, request: unknown): Promise<void> => {
    underWay++;
    const name = OTHER_HOST.has(command) ? null : command;
    const outcome = await dispatchCommand((known, checked) => service.handle(known, checked), name, request);
    underWay--;
    reply({ ...outcome, id });
  };

  socket.on('message', (data, isBinary) => {
    if (isBinary) {
      socket.close(UNSUPPORTED_DATA, 'text is expected');
      return;
    }
    const envelope = requestEnvelopeSchema.safeParse(parseText(data));
    if (!envelope.success) {
      socket.close(POLICY_VIOLATION, 'this is not understood');
      return;
    }
    if (underWay >= MAX_UNDER_WAY) {
      socket.close(POLICY_VIOLATION, 'too much at once');
      return;
    }
    const { id, command, request } = envelope.data;
    void obey(id, command, request);
  });
  // Frames that are too large or broken; 'close' follows.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    unsubscribe();
    lane.close();
  });
}

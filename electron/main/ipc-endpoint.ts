/** The only file that touches `ipcMain`: each message is checked by sender and schema before anything else sees it. */
import type { IpcMainInvokeEvent, WebContents } from 'electron';
import { z } from 'zod';
import type { CommandReply } from '../ipc/channels.js';
import { COMMAND_CHANNEL, EVENT_CHANNEL } from '../ipc/channels.js';
import type { CommandName, HostEvent } from '../ipc/contract.js';
import { commands, eventSchema } from '../ipc/contract.js';
import { dispatchCommand } from '../ipc/dispatch-command.js';
import type { AppService } from '../service/app-service.js';
import type { ElectronApi } from './electron-api.js';
import { isOwnAddress } from './page-address.js';

/** Only Electron's preload can say which files were dropped; uploads are the other host's. */
const LOOPBACK_ONLY: ReadonlySet<CommandName> = new Set(['importUpload']);

const commandNames = Object.keys(commands) as [CommandName, ...CommandName[]];
const messageSchema = z.object({ command: z.enum(commandNames), request: z.unknown() }).strict();

const REFUSED_MESSAGE: CommandReply = {
  ok: false,
  refusal: {
    message: 'The window sent something that the application does not understand.',
    hint: 'Reload the window.',
  },
};

export interface IpcEndpoint {
  readonly electron: Pick<ElectronApi, 'ipcMain'>;
  readonly service: Pick<AppService, 'handle'>;
  /** Whether messages of these contents are taken at all. */
  readonly isOwnWindow: (contents: WebContents) => boolean;
}

export function answerCommands(endpoint: IpcEndpoint): void {
  handleFromWindow(endpoint, COMMAND_CHANNEL, messageSchema, ({ command, request }) =>
    answerCommand(endpoint, command, request),
  );
}

/** Events go to the one window, checked too: what the host says is held to the same contract. */
export function sendEvent(contents: Pick<WebContents, 'send' | 'isDestroyed'>, event: HostEvent): void {
  if (!contents.isDestroyed()) contents.send(EVENT_CHANNEL, eventSchema.parse(event));
}

/** The wrapper that every channel goes through. */
function handleFromWindow<T>(
  { electron, isOwnWindow }: Pick<IpcEndpoint, 'electron' | 'isOwnWindow'>,
  channel: string,
  schema: z.ZodType<T>,
  answer: (message: T) => Promise<CommandReply>,
): void {
  electron.ipcMain.handle(channel, async (event, ...received: unknown[]): Promise<CommandReply> => {
    if (!isFromOwnPage(event) || !isOwnWindow(event.sender))
      throw new Error('refused: not a window of this application');
    if (received.length !== 1) return REFUSED_MESSAGE;
    const message = schema.safeParse(received[0]);
    return message.success ? answer(message.data) : REFUSED_MESSAGE;
  });
}

/** The main frame of our own page; null when the frame is gone already. */
function isFromOwnPage({ senderFrame }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOwnAddress(senderFrame.url);
}

async function answerCommand({ service }: IpcEndpoint, command: CommandName, request: unknown): Promise<CommandReply> {
  if (LOOPBACK_ONLY.has(command)) return REFUSED_MESSAGE;
  const outcome = await dispatchCommand((known, checked) => service.handle(known, checked), command, request);
  return outcome.type === 'answer' ? { ok: true, response: outcome.response } : { ok: false, refusal: outcome.refusal };
}

/** The window's end of the contract over Electron's IPC. Carries no schema: both ends of the page are the same build, and the host checks. */
import type { IpcRenderer, IpcRendererEvent, WebUtils } from 'electron';
import type { CommandReply } from '../ipc/channels.js';
import { COMMAND_CHANNEL, EVENT_CHANNEL } from '../ipc/channels.js';
import type { CommandName, CommandRequest, CommandResponse, HostEvent } from '../ipc/contract.js';
import type { DroppedFile, HostConnection } from '../ipc/host-connection.js';
import { droppedPaths } from './dropped-paths.js';

type Ipc = Pick<IpcRenderer, 'invoke' | 'on' | 'removeListener'>;

/** A page names no paths: only what was dropped on it, whose paths the system tells us and not the page, is taken in. */
const NOT_FROM_A_PAGE = 'Paths are taken from what was dropped, not from a page.';
const NOT_FILES = {
  message: 'What was dropped are no files of this computer.',
  hint: 'Save them to a folder first, then drop that.',
};

export function createWindowConnection(ipc: Ipc, webUtils: WebUtils): HostConnection {
  async function send<N extends CommandName>(command: N, request: CommandRequest<N>): Promise<CommandResponse<N>> {
    const reply = (await ipc.invoke(COMMAND_CHANNEL, { command, request })) as CommandReply;
    // An Error that passes from the preload to the page loses everything but its message; a plain object keeps its fields.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    if (!reply.ok) throw reply.refusal;
    return reply.response as CommandResponse<N>;
  }
  return {
    send: (command, request) =>
      command === 'importPaths' ? Promise.reject(new Error(NOT_FROM_A_PAGE)) : send(command, request),
    listen: (listener) => {
      // The event itself, which leads back to ipcRenderer, stays here.
      const receive = (_event: IpcRendererEvent, event: HostEvent): void => listener(event);
      ipc.on(EVENT_CHANNEL, receive);
      return () => {
        ipc.removeListener(EVENT_CHANNEL, receive);
      };
    },
    importFiles: async (files) => {
      const paths = droppedPaths(files.map((dropped) => locate(dropped, webUtils)));
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- as above
      if (paths.length === 0 && files.length > 0) throw NOT_FILES;
      if (paths.length > 0) await send('importPaths', { paths: [...paths] });
    },
  };
}

function locate({ file, relativePath }: DroppedFile, webUtils: WebUtils): { path: string; relativePath: string } {
  try {
    return { path: webUtils.getPathForFile(file as File), relativePath };
  } catch {
    return { path: '', relativePath };
  }
}

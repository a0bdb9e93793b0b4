/**
 * What both hosts have behind the contract: the application's state, its projects and its jobs. Knows neither Electron nor HTTP: a host
 * hands in how processes are started and how the user is asked for files.
 */
import type { CommandName, CommandRequest, CommandResponse, HostEvent } from '../ipc/contract.js';
import type { MediaAddress } from '../ipc/media.js';

/** Words for the user about a command that was understood and could not be done. */
export class CommandRefusedError extends Error {
  override readonly name = 'CommandRefusedError';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** The system's dialogs; every path that comes back was picked by the user. */
export interface NativePickers {
  choose(kind: 'photos' | 'folder' | 'scene' | 'project'): Promise<readonly string[]>;
  /** Where a `.vantage` folder shall be; null when cancelled. */
  chooseProjectFolder(suggestedName: string): Promise<string | null>;
}

export interface JobExit {
  /** null: ended by a signal. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last that the process wrote to its error output, where the host keeps that. */
  readonly lastWords?: string;
}

/** A process that runs jobs; see electron/ipc/job-contract.ts for what is said. */
export interface JobProcess {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (exit: JobExit) => void): void;
  kill(): void;
}

export type SpawnJob = (name: string) => JobProcess;

export interface MediaBody {
  readonly contentType: string;
  readonly body: Uint8Array | { readonly file: string };
  /** Set for downloads. */
  readonly fileName?: string;
}

export interface ServiceOptions {
  readonly hostKind: 'electron' | 'loopback';
  readonly spawnJob: SpawnJob;
  /** The application's own folder: recents, projects that are not saved elsewhere, uploads. */
  readonly dataFolder: string;
  readonly pickers: NativePickers | null;
  /** Opens one of the known https addresses in the system's browser. */
  readonly openExternal: (url: string) => Promise<void>;
}

export interface AppService {
  /** Validates the request, carries the command out, validates the answer. Throws CommandRefusedError. */
  handle<N extends CommandName>(command: N, request: CommandRequest<N>): Promise<CommandResponse<N>>;
  /** Returns how to stop listening. */
  subscribe(listener: (event: HostEvent) => void): () => void;
  media(address: MediaAddress): Promise<MediaBody | null>;
  /** A fresh folder inside `dataFolder` that uploads of this id go to; `importUpload` takes it in. */
  openUpload(uploadId: string): Promise<string>;
  /** Autosaves, ends the jobs, gives the lock back. */
  dispose(): Promise<void>;
}

/** The service as its own host sees it. */
export interface LocalAppService extends AppService {
  /** Takes in files that the user named otherwise than in the window: on the command line, by opening them with the application. */
  importPicked(paths: readonly string[]): Promise<void>;
}

/** What the commands work with. */
import type { CommandName, CommandRequest, CommandResponse } from '../ipc/contract.js';
import type { ServiceOptions } from './app-service.js';
import type { Estimator } from './estimator.js';
import type { ExportList } from './export-list.js';
import type { FilesJob } from './files-job.js';
import type { Importer } from './importer.js';
import type { Notices } from './notices.js';
import type { PhotoList } from './photo-list.js';
import type { ProjectSession } from './project-session.js';
import type { ProjectStore } from './projects/project.js';
import type { RunSupervisor } from './run-supervisor.js';
import type { SceneHolder } from './scene-holder.js';
import type { SceneKeeper } from './scene-keeper.js';
import type { SensorList } from './sensor-list.js';
import type { StateStore } from './state-store.js';
import type { Uploads } from './uploads.js';

export interface ServiceContext {
  readonly options: ServiceOptions;
  readonly store: StateStore;
  readonly notices: Notices;
  readonly files: FilesJob;
  readonly projects: ProjectStore;
  readonly session: ProjectSession;
  readonly photos: PhotoList;
  readonly sensors: SensorList;
  readonly scene: SceneHolder;
  readonly sceneKeeper: SceneKeeper;
  readonly run: RunSupervisor;
  readonly estimator: Estimator;
  readonly exports: ExportList;
  readonly uploads: Uploads;
  readonly importer: Importer;
}

/** What carries the commands out; requests have been checked. */
export type CommandHandlers = {
  readonly [N in CommandName]: (request: CommandRequest<N>) => Promise<CommandResponse<N>>;
};

/** Puts the service together: state, jobs, projects, and the commands of the contract. */
import { mkdir, realpath } from 'node:fs/promises';
import { VANTAGE_VERSION } from '../../host/machine.js';
import type { CommandName } from '../ipc/contract.js';
import { commands } from '../ipc/contract.js';
import type { AppService, LocalAppService, ServiceOptions } from './app-service.js';
import { CommandRefusedError } from './app-service.js';
import { documentCommands } from './commands/documents.js';
import { exportCommands } from './commands/export.js';
import { photoCommands } from './commands/photos.js';
import { projectCommands } from './commands/project.js';
import { runCommands } from './commands/run.js';
import { sensorCommands } from './commands/sensors.js';
import { Estimator } from './estimator.js';
import { ExportList } from './export-list.js';
import { FilesJob } from './files-job.js';
import { Importer } from './importer.js';
import { DEFAULT_SETTINGS, initialState } from './initial-state.js';
import { JobDiedError, TaskFailedError } from './job-client.js';
import { MediaSource } from './media-source.js';
import { Notices } from './notices.js';
import { openProjectFolder, refreshRecents } from './open-project.js';
import { PhotoList } from './photo-list.js';
import { ProjectSession } from './project-session.js';
import { openProjectStore } from './projects/project-store.js';
import { savedProjectsFolder } from './projects/save-copy.js';
import { ProjectError } from './projects/project.js';
import { RunSupervisor } from './run-supervisor.js';
import { SceneHolder } from './scene-holder.js';
import { SceneKeeper } from './scene-keeper.js';
import { SensorList } from './sensor-list.js';
import type { CommandHandlers, ServiceContext } from './service-context.js';
import type { SessionFolder } from './session-folder.js';
import { openSessionFolder } from './session-folder.js';
import { StateStore } from './state-store.js';
import { Uploads } from './uploads.js';

/** What went wrong below, in the words that were meant for the user; anything else stays what it is. */
function asRefusal(error: unknown): unknown {
  if (error instanceof ProjectError) return new CommandRefusedError(error.message, error.hint);
  if (error instanceof TaskFailedError) return new CommandRefusedError(error.message, error.failure.hint);
  if (error instanceof JobDiedError) return new CommandRefusedError(error.message, error.death.hint);
  return error;
}

async function createContext(options: ServiceOptions, folder: SessionFolder): Promise<ServiceContext> {
  const store = new StateStore(initialState(options));
  const notices = new Notices(store);
  const files = new FilesJob(options.spawnJob, (abilities) =>
    store.change('session', (session) => ({ ...session, ...abilities })),
  );
  const projects = await openProjectStore({
    dataFolder: options.dataFolder,
    appVersion: VANTAGE_VERSION,
    defaultSettings: DEFAULT_SETTINGS,
  });
  const photos = new PhotoList(store, files, folder.thumbnails);
  const sensors = new SensorList(store, files, (sensorId, kind) => {
    const { current } = session;
    if (current === null || current.isReadOnly) return;
    current.change({ sensors: current.content.sensors.map((one) => (one.id === sensorId ? { ...one, kind } : one)) });
    sensors.set(current.content);
  });
  const session = new ProjectSession({ store, projects, photos, sensors, notices });
  const scene = new SceneHolder(store);
  const run = new RunSupervisor(store, scene, options.spawnJob);
  const sceneKeeper = new SceneKeeper({ files, notices, session, scene });
  const parts = { store, notices, files, projects, session, photos, sensors, scene, run, sceneKeeper };
  const estimator = new Estimator(store, files, photos);
  const openProject = (path: string): Promise<void> => openProjectFolder({ ...parts, estimator }, path);
  return {
    ...parts,
    options,
    estimator,
    exports: new ExportList(store, files, folder.exports),
    uploads: new Uploads(folder.uploads),
    importer: new Importer({ ...parts, openProject, projectsFolder: savedProjectsFolder(options.dataFolder) }),
  };
}

function handlersOf(context: ServiceContext): CommandHandlers {
  return {
    ...photoCommands(context),
    ...runCommands(context),
    ...sensorCommands(context),
    ...exportCommands(context),
    ...projectCommands(context),
    ...documentCommands(context),
  };
}

/** Starts the service; its job process starts along with it, so that the first photos need not wait. */
export async function createAppService(given: ServiceOptions): Promise<LocalAppService> {
  await mkdir(given.dataFolder, { recursive: true });
  // Paths of what lies in it are compared with real ones.
  const options = { ...given, dataFolder: await realpath(given.dataFolder) };
  const folder = await openSessionFolder(options.dataFolder);
  const context = await createContext(options, folder);
  const { store, files, run, session, sensors, exports, estimator, uploads } = context;
  const handlers = handlersOf(context);
  const media = new MediaSource({ ...context, pictureFolder: folder.thumbnails });
  files.warmUp();
  await refreshRecents(context);
  void context.projects.collectGarbage().catch(() => undefined);

  const handle = async (command: CommandName, request: unknown): Promise<unknown> => {
    const { request: requests, response: responses } = commands[command];
    const checked = requests.safeParse(request);
    if (!checked.success)
      throw new CommandRefusedError('The window asked for something that is not understood.', 'Reload the window.');
    try {
      // The union of handlers and the union of requests are matched by the command's name.
      const handler = handlers[command] as (request: unknown) => Promise<unknown>;
      return responses.parse(await handler(checked.data));
    } catch (error) {
      throw asRefusal(error);
    }
  };

  return {
    handle: handle as AppService['handle'],
    subscribe: (listener) => store.subscribe(listener),
    media: (address) => media.find(address),
    importPicked: async (paths) => {
      await context.importer.importPaths(paths);
      estimator.refresh();
    },
    openUpload: async (uploadId) => uploads.open(uploadId),
    dispose: async () => {
      estimator.dispose();
      exports.dispose();
      sensors.dispose();
      await run.dispose();
      await session.close();
      files.dispose();
      store.flush();
      await folder.dispose().catch(() => undefined);
    },
  };
}

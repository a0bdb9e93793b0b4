import { join } from 'node:path';
import type { Run } from '../../ipc/contract.js';
import { CommandRefusedError } from '../app-service.js';
import type { TaskOf } from '../../ipc/job-contract.js';
import type { Notices } from '../notices.js';
import { CameraChange } from '../camera-change.js';
import type { CameraSource } from '../../ipc/job-contract.js';
import { fewestPhotos } from '../../ipc/camera-search.js';
import type { FoundCameras } from '../found-cameras.js';
import { assertEnoughPlaced, cameraPlan, cameraTask, canSearch, knowledgeOf } from '../found-cameras.js';
import { photoSourceOf } from '../photo-list.js';
import {
  clearCheckpoints,
  LATEST_CHECKPOINT,
  recordCheckpoint,
  restoreCheckpoint,
} from '../projects/checkpoint-folder.js';
import type { OpenProject, ProjectPhoto } from '../projects/project.js';
import { assertOrder } from '../run-machine.js';
import type { FinishedRun, RunPlan } from '../run-supervisor.js';
import { calibrationArgument } from '../sensor-list.js';
import type { CommandHandlers, ServiceContext } from '../service-context.js';
import { worldOriginOf } from '../world-origin.js';

type Handlers = Pick<
  CommandHandlers,
  'changeSettings' | 'startRun' | 'findCameras' | 'pauseRun' | 'resumeRun' | 'cancelRun'
>;

export const CAMERAS_HELP =
  'Drop a pose file beside them: COLMAP (a folder with sparse/0), nerfstudio or instant-ngp (transforms.json), LLFF ' +
  '(poses_bounds.npy) or Middlebury (a _par.txt file).';

interface ChosenPhotos {
  readonly train: readonly ProjectPhoto[];
  readonly heldOut: readonly ProjectPhoto[];
}

interface Choice {
  readonly canFindCameras: boolean;
  /** Photos that a run needs. */
  readonly fewest: number;
}

/** @throws CommandRefusedError that says what is missing and what helps. */
export function choosePhotos(photos: readonly ProjectPhoto[], { canFindCameras, fewest }: Choice): ChosenPhotos {
  if (photos.length === 0)
    throw new CommandRefusedError('There are no photos that could be used.', 'Drop at least two photos of one place.');
  const posed = photos.filter(({ pose }) => pose !== null);
  const unposed = photos.length - posed.length;
  if (posed.length < fewest && unposed > 0 && !canFindCameras)
    throw new CommandRefusedError(
      `It is not known where the photos were taken from: ${unposed} of ${photos.length} have no camera, and this computer cannot find them, as it has no WebAssembly with SIMD and threads.`,
      CAMERAS_HELP,
    );
  // Cameras are no worry of the user's here: how many photos are meant for training is.
  if (posed.length < fewest) assertEnoughToTrain(photos, photos, fewest);
  assertEnoughToTrain(photos, posed, fewest);
  return {
    train: posed.filter(({ role }) => role === 'train'),
    heldOut: posed.filter(({ role }) => role === 'held-out'),
  };
}

/** @param posed those that a run can use. @throws CommandRefusedError. */
function assertEnoughToTrain(photos: readonly ProjectPhoto[], posed: readonly ProjectPhoto[], fewest: number): void {
  const train = posed.filter(({ role }) => role === 'train');
  if (train.length >= fewest) return;
  throw new CommandRefusedError(
    `Only ${train.length} of ${photos.length} photos would be left to train on; ${fewest === 1 ? 'one is' : 'two are'} needed.`,
    'Add photos, or use some that are held out or left out for training.',
  );
}

/** What a run would read must be there; clouds that are not used may be anywhere. @throws CommandRefusedError. */
function assertSensorsThere({ session, store }: ServiceContext): void {
  const { sensors = [], calibrations = [] } = session.current?.content ?? {};
  const used = sensors.filter(({ isUsed }) => isUsed);
  const missing = new Set(store.current.project.missingSensorFiles.map(({ fileId }) => fileId));
  const gone = used.length === 0 ? undefined : [...used, ...calibrations].find(({ id }) => missing.has(id));
  if (gone === undefined) return;
  throw new CommandRefusedError(
    `${gone.name} is not where the project says.`,
    'Show Vantage the folder that it is in now, or do without it in the Sensors panel.',
  );
}

/** The book of checkpoints, written one entry after the other. */
class CheckpointBook {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly notices: Notices,
  ) {}

  record(state: NonNullable<Run['checkpoint']>): void {
    this.last = this.last
      .then(() => recordCheckpoint(this.folder, state))
      .catch(() =>
        this.notices.add({
          severity: 'warning',
          message: 'A checkpoint could not be kept.',
          hint: 'Check that there is room on the disk.',
        }),
      );
  }
}

/** Makes the checkpoint folder ready. Answers the file that the run's process reads and writes. */
async function prepareCheckpoints(folder: string, from: 'fresh' | 'checkpoint' | 'half-size'): Promise<string> {
  if (from === 'fresh') await clearCheckpoints(folder);
  else if ((await restoreCheckpoint(folder)) === null && from === 'checkpoint')
    throw new CommandRefusedError('There is no checkpoint to go on from.', 'Start a new run.');
  return join(folder, LATEST_CHECKPOINT);
}

interface Preparation {
  readonly from: RunPlan['from'];
  readonly checkpointFile: string;
  readonly found: FoundCameras | null;
  readonly cameras: CameraChange;
  readonly isSearchOnly: boolean;
}

/** Keeps the cameras that were found, and chooses photos by what is known now. @throws CommandRefusedError. */
async function prepareTask(
  { photos, store }: ServiceContext,
  project: OpenProject,
  { from, checkpointFile, found, cameras, isSearchOnly }: Preparation,
): ReturnType<RunPlan['prepare']> {
  if (found !== null) {
    await cameras.take(found);
    assertEnoughPlaced(found);
  }
  if (isSearchOnly) return null;
  const usable = photos.usable();
  const fewest = fewestPhotos(knowledgeOf(usable), store.current.sensors);
  const { canFindCameras } = store.current.session;
  const { train, heldOut } = choosePhotos(usable, { canFindCameras, fewest });
  return {
    kind: 'reconstruct',
    train: train.map(photoSourceOf),
    heldOut: heldOut.map(photoSourceOf),
    settings: store.current.settings,
    checkpointFile,
    from,
    sceneFile: project.paths.sceneFile,
    ...sensorsOf(project),
  };
}

/** All that a run may know of the project's sensors. */
function sensorsOf({ content }: OpenProject): Pick<TaskOf<'reconstruct'>, 'sensors' | 'calibrations' | 'origin'> {
  // Cameras that were found have a world of their own, where a cloud's frame is another unless they were brought onto it.
  const areFound = content.photos.some(({ outcome }) => outcome?.isPlaced === true);
  const origin = worldOriginOf(content);
  return {
    ...(origin === null ? {} : { origin }),
    sensors: content.sensors.map(({ kind, absolutePath, isUsed, unit, upAxis, placement, registration }) => ({
      kind,
      path: absolutePath,
      isUsed,
      unit,
      upAxis,
      // What a run found out is no promise for the next one, whose cameras may lie elsewhere.
      worldFromSensor: placement?.by === 'picks' ? placement.worldFromSensor : null,
      frame: !areFound ? 'cameras' : registration === 'placed' ? 'metres' : 'unknown',
    })),
    calibrations: content.calibrations.map(calibrationArgument),
  };
}

/** Where a run found the clouds to lie, by their paths; what the user picked stays. */
async function keepPlacements(context: ServiceContext, project: OpenProject, result: FinishedRun): Promise<void> {
  if ((result.placements ?? []).length === 0 || project.isReadOnly) return;
  const byPath = new Map(result.placements?.map(({ path, worldFromSensor }) => [path, worldFromSensor]));
  const sensors = project.content.sensors.map((sensor) => {
    const worldFromSensor = byPath.get(sensor.absolutePath);
    if (worldFromSensor === undefined || sensor.placement?.by === 'picks') return sensor;
    return { ...sensor, placement: { worldFromSensor, by: 'run' as const, errors: [] } };
  });
  await context.session.change({ sensors });
  context.sensors.set(project.content);
}

async function keepScene(context: ServiceContext, project: OpenProject, result: FinishedRun | null): Promise<void> {
  const { scene } = context.store.current;
  if (scene === null || context.session.current !== project) return;
  if (result !== null) await keepPlacements(context, project, result);
  const { name, count, iteration } = scene;
  const scores = context.store.current.run.finalScores;
  return context.sceneKeeper.keep({ name, origin: 'run', count, iteration, scores }, result !== null);
}

interface Beginning {
  readonly from: RunPlan['from'];
  /** What is done about cameras first; null: nothing. */
  readonly source: CameraSource | null;
  readonly isSearchOnly: boolean;
}

async function begin(context: ServiceContext, { from, source, isSearchOnly }: Beginning): Promise<void> {
  const { store, session, photos, run, notices } = context;
  const project = await session.writable();
  const { checkpoints } = project.paths;
  const checkpointFile = await prepareCheckpoints(checkpoints, from);
  const book = new CheckpointBook(checkpoints, notices);
  const cameras = new CameraChange(context, project);
  const logFile = project.paths.cameraLogFile;
  run.start({
    from,
    search:
      source === null
        ? null
        : cameraTask(photos.usable(), store.current.settings, { cameras: source, logFile, ...sensorsOf(project) }),
    prepare: (found) => prepareTask(context, project, { from, checkpointFile, found, cameras, isSearchOnly }),
    sceneName: project.content.name,
    onCheckpoint: (state) => book.record(state),
    keep: (result) => keepScene(context, project, result),
    abandon: () => cameras.takeBack(),
  });
}

export function runCommands(context: ServiceContext): Handlers {
  const { store, session, photos, run, estimator } = context;
  return {
    changeSettings: async (change) => {
      const settings = { ...store.current.settings, ...withoutUndefined(change) };
      if (session.current !== null) await session.change({ settings });
      store.set('settings', settings);
      estimator.refresh();
      return {};
    },
    startRun: async ({ from }) => {
      assertOrder('start', store.current.run.status);
      const usable = photos.usable();
      const { sensors } = store.current;
      const { canFindCameras } = store.current.session;
      const isCaptureless = (session.current?.content.capture ?? null) === null;
      const source = cameraPlan(usable, sensors, { isFresh: from === 'fresh', canFindCameras, isCaptureless });
      const fewest = fewestPhotos(knowledgeOf(usable), sensors);
      if (source === 'sought' || source === 'calibrated') assertEnoughToTrain(usable, usable, fewest);
      else choosePhotos(usable, { canFindCameras, fewest });
      assertSensorsThere(context);
      await begin(context, { from, source, isSearchOnly: false });
      return {};
    },
    findCameras: async () => {
      assertOrder('start', store.current.run.status);
      if (!store.current.session.canFindCameras || !canSearch(photos.usable(), store.current.sensors))
        throw new CommandRefusedError('There are no photos whose cameras could be looked for.', 'Press Start.');
      await begin(context, { from: 'fresh', source: 'sought', isSearchOnly: true });
      return {};
    },
    pauseRun: async () => {
      run.pause();
      return {};
    },
    resumeRun: async () => {
      run.resume();
      return {};
    },
    cancelRun: async () => {
      await run.cancel();
      return {};
    },
  };
}

/** A key that is there with `undefined` says nothing. */
function withoutUndefined<T extends object>(change: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

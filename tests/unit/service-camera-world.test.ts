/** The world of a project's cameras, where sensors tell of another: what a run does about it first, and that nothing else of the project is left behind. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppState } from '../../electron/ipc/contract.js';
import { appStateSchema } from '../../electron/ipc/contract.js';
import type { HostMessage, TaskOf, TaskResult } from '../../electron/ipc/job-contract.js';
import type { LocalAppService } from '../../electron/service/app-service.js';
import type { CloudKnowledge } from '../../electron/ipc/camera-search.js';
import { createAppService } from '../../electron/service/create-app-service.js';
import { cameraPlan } from '../../electron/service/found-cameras.js';
import { findBlocker, findsCamerasFirst, findsCamerasForCloud } from '../../renderer/panels/run/run-permissions.js';
import type { FakeJob } from '../fixtures/fake-job.js';
import { answerFilesTask, fakeSpawner } from '../fixtures/fake-job.js';

const SAMPLE = new URL('../../assets/sample', import.meta.url).pathname;
const RUN_RESULT = { splats: new ArrayBuffer(16), count: 0, iteration: 100, seen: null, stopped: false, scores: null, warnings: [] }; // prettier-ignore
type Found = TaskResult<'find-cameras'>;
type Pose = NonNullable<Found['photos'][number]['pose']>;

const pose = (x: number): Pose => ({
  camera: {
    intrinsics: { fx: 500, fy: 500, cx: 320, cy: 240, width: 640, height: 480 },
    cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [x, 0, 2] },
  },
  distortion: null,
  openIntrinsics: null,
});
const placed = (photoId: string, x: number): Found['photos'][number] => ({
  photoId,
  pose: pose(x),
  outcome: { isPlaced: true, pointCount: 300, medianErrorPx: 0.5, doubts: [] },
});
const HERE = { scale: 1, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] as [number, number, number] };

let root: string;
let service: LocalAppService;
let jobs: FakeJob[];
/** How often a calibration places a LiDAR. */
let placements: number;
let onCameras: (task: TaskOf<'find-cameras'>) => Found;
/** Ends a run: false: it stays under way. */
let endRun: (job: FakeJob, taskId: string) => void;

function onRun(job: FakeJob, message: HostMessage): void {
  if (message.type !== 'start') return;
  if (message.task.kind === 'find-cameras') job.answer(onCameras(message.task), message.taskId);
  if (message.task.kind === 'reconstruct') endRun(job, message.taskId);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vantage-camera-world-'));
  placements = 0;
  onCameras = ({ photos }) => ({ photos: photos.map(({ photoId }, i) => placed(photoId, i)) });
  endRun = (job, taskId) => job.answer(RUN_RESULT, taskId);
  const spawner = fakeSpawner(onRun, true, (job, message) => {
    if (message.type === 'start' && message.task.kind === 'inspect-calibration')
      job.answer({ lidar: placements, radar: 0, warnings: [] }, message.taskId);
    else answerFilesTask(job, message);
  });
  jobs = spawner.jobs;
  service = await createAppService({
    hostKind: 'loopback',
    spawnJob: spawner.spawnJob,
    dataFolder: join(root, 'data'),
    pickers: null,
    openExternal: () => Promise.resolve(),
  });
});
afterEach(async () => {
  await service.dispose();
  await rm(root, { recursive: true, force: true });
});

const state = (): Promise<AppState> => service.handle('getState', {});
const until = (holds: (now: AppState) => void): Promise<void> => vi.waitFor(async () => holds(await state()));

async function dropPhotos(...numbers: readonly number[]): Promise<void> {
  const folder = await mkdtemp(join(root, 'photos-'));
  for (const number of numbers) await cp(join(SAMPLE, 'images', `0${number}.jpg`), join(folder, `0${number}.jpg`));
  await service.importPicked([folder]);
  await until(({ photos }) => expect(photos.every(({ status }) => status === 'ready')).toBe(true));
}
async function dropCloud(name = 'scan.las'): Promise<string> {
  await writeFile(join(root, name), name);
  await service.importPicked([join(root, name)]);
  await until(({ sensors }) => expect(sensors.every(({ status }) => status === 'ready')).toBe(true));
  return (await state()).sensors.find((sensor) => sensor.name === name)?.id ?? '';
}
/** Of one camera, which places the LiDAR. */
async function dropCalibration(): Promise<void> {
  placements = 1;
  await writeFile(
    join(root, 'calib.txt'),
    'P2: 700 0 600 0 0 700 180 0 0 0 1 0\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n',
  );
  await service.importPicked([join(root, 'calib.txt')]);
  await until(({ sensors }) => expect(sensors.every(({ isCalibrated }) => isCalibrated)).toBe(true));
}
/** Starts, and waits for the end. Answers the tasks that were carried out. */
async function run(status: AppState['run']['status'] = 'finished') {
  const before = jobs.filter(({ name }) => name === 'run').length;
  await service.handle('startRun', { from: 'fresh' });
  await until((now) => expect(now.run.status).toBe(status));
  // What is kept is kept a moment later.
  await new Promise((resolve) => setTimeout(resolve, 30));
  const received = jobs.filter(({ name }) => name === 'run').slice(before).flatMap((job) => job.received); // prettier-ignore
  const tasks = received.flatMap((message) => (message.type === 'start' ? [message.task] : []));
  return {
    cameras: tasks.find((task) => task.kind === 'find-cameras'),
    reconstruct: tasks.find((task) => task.kind === 'reconstruct'),
  };
}
const xs = async (): Promise<readonly (number | null)[]> =>
  (await state()).photos.map(({ camera }) => camera?.translation[0] ?? null);

describe('one photo', () => {
  it('beside a LiDAR that a calibration places is run, with the camera that the calibration tells', async () => {
    await dropPhotos(1);
    expect(findBlocker(await state())).toBe('too-few');
    await expect(service.handle('startRun', { from: 'fresh' })).rejects.toThrow(/Only 1 of 1 photos.*two are/);
    const sensorId = await dropCloud();
    expect(findBlocker(await state())).toBe('too-few');
    await dropCalibration();
    expect(findBlocker(await state())).toBeNull();
    expect(findsCamerasFirst(await state())).toBe(false);
    onCameras = ({ photos }) => ({ photos: photos.map(({ photoId }) => ({ photoId, pose: pose(7), outcome: null })) });
    const { cameras, reconstruct } = await run();
    expect(cameras).toMatchObject({ cameras: 'calibrated', photos: [{ pose: null }], calibrations: [join(root, 'calib.txt')] }); // prettier-ignore
    expect(reconstruct?.train.map((photo) => photo.pose?.camera.cameraFromWorld.translation[0])).toEqual([7]);
    const { photos, run: over } = await state();
    expect(photos[0]).toMatchObject({ outcome: null, camera: { translation: [7, 0, 2] } });
    expect(over.cameras).toBe('known');
    // Asked again each time: the calibration may be another by now.
    expect((await run()).cameras).toMatchObject({ cameras: 'calibrated' });
    await service.handle('changeSensor', { sensorId, isUsed: false });
    expect(findBlocker(await state())).toBe('too-few');
    await expect(service.handle('startRun', { from: 'fresh' })).rejects.toThrow(/two are/);
  });
});

describe('cameras that came with the photos', () => {
  beforeEach(async () => {
    await service.importPicked([SAMPLE]);
    await until(({ photos }) => expect(photos.length === 8 && photos.every(({ status }) => status === 'ready')).toBe(true)); // prettier-ignore
    await dropCloud();
  });

  it('are brought to metres first, with all that lies in their world; a second run has nothing left to do', async () => {
    const left = (await state()).photos.at(-1)?.id ?? '';
    await service.handle('setPhotoRole', { photoIds: [left], role: 'left-out' });
    const before = await xs();
    const sensorId = (await state()).sensors[0]?.id ?? '';
    const pairs = [0, 1, 2].map((x) => ({ inSensor: [x, 0, 0] as [number, number, number], inWorld: [2 * x, x, 0] as [number, number, number] })); // prettier-ignore
    await service.handle('placeSensor', { sensorId, pairs, up: null });
    onCameras = () => ({ photos: [], scale: 2.5 });
    const { cameras, reconstruct } = await run();
    expect(cameras?.cameras).toBe('given');
    const after = await xs();
    after.forEach((x, i) => expect(x).toBeCloseTo(2.5 * before[i]!, 9));
    const trained = reconstruct?.train[0]?.pose?.camera.cameraFromWorld.translation[0];
    expect(after).toContain(trained);
    // The fake's fit was scale 2, moved by (1, 2, 3).
    const place = { scale: 5, translation: [2.5, 5, 7.5] };
    expect(reconstruct?.sensors[0]).toMatchObject({ worldFromSensor: place, frame: 'cameras' });
    expect((await state()).sensors[0]?.placement).toMatchObject({ by: 'picks', worldFromSensor: place });
    expect((await state()).sensors[0]?.placement?.errors[1]).toBeCloseTo(0.05, 9);
    onCameras = () => ({ photos: [], scale: 1 });
    await run();
    expect(await xs()).toEqual(after);
    expect(appStateSchema.safeParse(await state()).success).toBe(true);
  });

  it('bring those that their pose file has for photos that come later along, saved and opened too', async () => {
    await dropCalibration();
    const last = (await state()).photos.at(-1);
    const [x] = last?.camera?.translation ?? [0];
    await service.handle('removePhotos', { photoIds: [last?.id ?? ''] });
    onCameras = () => ({ photos: [], scale: 2 });
    await run();
    await service.handle('saveProjectAs', { name: 'Kept' });
    await service.handle('newProject', {});
    const [recent] = (await state()).recents;
    await service.handle('openRecent', { recentId: recent?.id ?? '' });
    await service.importPicked([join(SAMPLE, 'images', last?.name ?? '')]);
    await until(({ photos }) => expect(photos).toHaveLength(8));
    const again = (await state()).photos.find(({ name }) => name === last?.name);
    expect(again?.camera?.translation[0]).toBeCloseTo(2 * x, 9);
  });

  it('come back where the run leaves nothing to see and an older scene needs them', async () => {
    await run();
    await dropCalibration();
    const before = await xs();
    onCameras = () => ({ photos: [], scale: 2 });
    const failure = { message: 'No.', hint: '', file: null, isOutOfMemory: false, isCancelled: false };
    endRun = (job, taskId) => job.say({ type: 'failed', taskId, failure });
    await run('failed');
    await until(({ photos }) => expect(photos.map(({ camera }) => camera?.translation[0] ?? null)).toEqual(before));
    // With something to see, they stay with it.
    endRun = (job, taskId) => {
      job.tell({ type: 'snapshot', splats: new ArrayBuffer(16), count: 0, iteration: 5 }, taskId);
      job.say({ type: 'failed', taskId, failure });
    };
    await run('failed');
    (await xs()).forEach((x, i) => expect(x).toBeCloseTo(2 * before[i]!, 9));
  });
});

describe('cameras that were found', () => {
  beforeEach(() => dropPhotos(1, 2, 3));

  it('are found once more with a LiDAR that was added and that nothing places, which the window says', async () => {
    expect((await run()).cameras).toMatchObject({ cameras: 'sought', sensors: [] });
    expect(findsCamerasFirst(await state())).toBe(false);
    await dropCloud();
    expect(findsCamerasForCloud(await state())).toBe(true);
    onCameras = ({ photos, sensors }) => ({
      photos: photos.map(({ photoId }, i) => placed(photoId, 10 * i)),
      registrations: sensors.map(({ path }) => ({ path, worldFromSensor: { ...HERE, scale: 0.3048 } })),
    });
    const { cameras, reconstruct } = await run();
    expect(cameras).toMatchObject({ cameras: 'sought', sensors: [{ path: join(root, 'scan.las') }] });
    expect(reconstruct?.sensors[0]).toMatchObject({ frame: 'metres', worldFromSensor: null });
    expect((await state()).sensors[0]).toMatchObject({ registration: 'placed', placement: { by: 'run', worldFromSensor: { scale: 0.3048 } } }); // prettier-ignore
    // There is nothing left to look for.
    expect(findsCamerasFirst(await state())).toBe(false);
    expect(await run()).toMatchObject({ cameras: undefined, reconstruct: { sensors: [{ frame: 'metres' }] } });
    const sensorId = (await state()).sensors[0]?.id ?? '';
    await service.handle('changeSensor', { sensorId, unit: 'foot' });
    expect(findsCamerasForCloud(await state())).toBe(true);
  });

  it('stay where it cannot be brought onto them: it is left out, and they are not looked for again', async () => {
    await dropCloud();
    onCameras = ({ photos, sensors }) => ({
      photos: photos.map(({ photoId }, i) => placed(photoId, i)),
      registrations: sensors.map(({ path }) => ({ path, worldFromSensor: null })),
    });
    expect((await run()).reconstruct?.sensors[0]).toMatchObject({ frame: 'unknown' });
    expect((await state()).sensors[0]).toMatchObject({ registration: 'failed', placement: null });
    expect(await xs()).toEqual([0, 1, 2]);
    expect((await run()).cameras).toBeUndefined();
    // A calibration places it, without a search.
    await dropCalibration();
    onCameras = () => ({ photos: [], scale: 4 });
    expect((await run()).cameras).toMatchObject({ cameras: 'given' });
    expect(await xs()).toEqual([0, 4, 8]);
    expect((await state()).photos.every(({ outcome }) => outcome?.isPlaced)).toBe(true);
  });

  it('take places that were picked among the others with them', async () => {
    await dropCloud();
    await run();
    const sensorId = (await state()).sensors[0]?.id ?? '';
    const pairs = [0, 1, 2].map((x) => ({ inSensor: [x, 0, 0] as [number, number, number], inWorld: [2 * x, x, 0] as [number, number, number] })); // prettier-ignore
    await service.handle('placeSensor', { sensorId, pairs, up: null });
    onCameras = () => ({ photos: [], scale: 1 });
    expect((await run()).cameras).toMatchObject({ cameras: 'given' });
    expect((await state()).sensors[0]?.placement?.by).toBe('picks');
    await dropPhotos(4);
    onCameras = ({ photos }) => ({ photos: photos.map(({ photoId }, i) => placed(photoId, 5 + i)) });
    expect((await run()).cameras).toMatchObject({ cameras: 'sought' });
    expect((await state()).sensors[0]?.placement).toBeNull();
    expect((await state()).notices.map(({ message }) => message).join()).toMatch(
      /not placed by picked points any more/,
    );
  });
});

describe('what is done about cameras', () => {
  const given = { role: 'train', pose: pose(1), outcome: null } as const;
  const bare = { ...given, pose: null };
  const found = { ...given, outcome: placed('x', 1).outcome } as const;
  const cloud = { kind: 'lidar', isUsed: true, isCalibrated: false, placement: null, registration: null } as const;
  const calibrated = { ...cloud, isCalibrated: true };
  const picked = { ...cloud, placement: { by: 'picks', errors: [], worldFromSensor: HERE } } as const;
  const radar = { ...cloud, kind: 'radar' } as const;
  const fresh = { isFresh: true, canFindCameras: true, isCaptureless: false };

  it.each([
    ['given ones alone', [given, given], [], fresh, null],
    ['given ones and a cloud in their frame', [given, given], [cloud], fresh, null],
    ['given ones and a calibration', [given, given], [calibrated], fresh, 'given'],
    ['given ones and picks', [given, given], [picked], fresh, 'given'],
    [
      'given ones and a calibration of what is not used',
      [given, given],
      [{ ...calibrated, isUsed: false }],
      fresh,
      null,
    ],
    ['a run that goes on', [given, given], [calibrated], { ...fresh, isFresh: false }, null],
    ['a run of one photo that goes on', [given], [calibrated], { ...fresh, isFresh: false }, null],
    ['none, and a calibration', [bare, bare], [calibrated], fresh, 'sought'],
    [
      'none, a calibration, and no search',
      [bare, bare],
      [calibrated],
      { ...fresh, canFindCameras: false },
      'calibrated',
    ],
    ['one without', [bare], [calibrated], fresh, 'calibrated'],
    ['one without, and a cloud', [bare], [cloud], fresh, null],
    ['those of an earlier calibration', [given, given], [calibrated], { ...fresh, isCaptureless: true }, 'calibrated'],
    ['found ones', [found, found], [], fresh, null],
    ['found ones and a LiDAR', [found, found], [cloud], fresh, 'sought'],
    ['found ones and a radar', [found, found], [radar], fresh, null],
    ['found ones on a LiDAR', [found, found], [{ ...cloud, registration: 'placed' }], fresh, null],
    ['found ones and a LiDAR that does not fit', [found, found], [{ ...cloud, registration: 'failed' }], fresh, null],
    ['found ones and picks', [found, found], [picked], fresh, 'given'],
  ] as const)('%s', (_, photos, clouds, situation, expected) => {
    expect(
      cameraPlan(
        photos,
        clouds.map((one) => one as CloudKnowledge),
        situation,
      ),
    ).toBe(expected);
  });
});

/** Runs on photos that come without cameras: when cameras are looked for, what is kept of what was found, and how it ends without any. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppState } from '../../electron/ipc/contract.js';
import { needsCameraSearch } from '../../electron/ipc/camera-search.js';
import type { TaskOf, TaskResult } from '../../electron/ipc/job-contract.js';
import type { LocalAppService } from '../../electron/service/app-service.js';
import { createAppService } from '../../electron/service/create-app-service.js';
import type { FakeJob } from '../fixtures/fake-job.js';
import { fakeSpawner } from '../fixtures/fake-job.js';

const SAMPLE = new URL('../../assets/sample', import.meta.url).pathname;
const RUN_RESULT = {
  splats: new ArrayBuffer(16),
  count: 0,
  iteration: 100,
  seen: null,
  stopped: false,
  scores: null,
  warnings: [],
};

type Answer = TaskResult<'find-cameras'>['photos'][number];

const pose = (x: number): NonNullable<Answer['pose']> => ({
  camera: {
    intrinsics: { fx: 500, fy: 500, cx: 320, cy: 240, width: 640, height: 480 },
    cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [x, 0, 2] },
  },
  distortion: null,
  openIntrinsics: null,
});
const placed = (photoId: string, x = 0): Answer => ({
  photoId,
  pose: pose(x),
  outcome: { isPlaced: true, pointCount: 300, medianErrorPx: 0.5, doubts: [] },
});
const leftOut = (photoId: string): Answer => ({
  photoId,
  pose: null,
  outcome: { isPlaced: false, reason: 'no-overlap' },
});

let dataFolder: string;
let service: LocalAppService;
let jobs: FakeJob[];

async function open(): Promise<void> {
  const spawner = fakeSpawner(undefined, true);
  jobs = spawner.jobs;
  service = await createAppService({
    hostKind: 'loopback',
    spawnJob: spawner.spawnJob,
    dataFolder,
    pickers: null,
    openExternal: () => Promise.resolve(),
  });
}

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'vantage-cameras-'));
  await open();
});
afterEach(async () => {
  await service.dispose();
  await rm(dataFolder, { recursive: true, force: true });
});

const state = (): Promise<AppState> => service.handle('getState', {});

async function until(holds: (state: AppState) => boolean): Promise<AppState> {
  for (;;) {
    const now = await state();
    if (holds(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Photos of the sample without its cameras, by number. */
async function drop(...numbers: readonly number[]): Promise<void> {
  const folder = await mkdtemp(join(dataFolder, 'photos-'));
  for (const number of numbers) await cp(join(SAMPLE, 'images', `0${number}.jpg`), join(folder, `0${number}.jpg`));
  await service.importPicked([folder]);
  await until(({ photos, session }) => session.canFindCameras && photos.every(({ status }) => status === 'ready'));
}

const runJobs = (): FakeJob[] => jobs.filter(({ name }) => name === 'run');

/** The newest run's task of that kind, once it has been sent. */
async function task<K extends 'find-cameras' | 'reconstruct'>(kind: K): Promise<{ job: FakeJob; task: TaskOf<K> }> {
  for (;;) {
    const job = runJobs().at(-1);
    const sent = job?.received.length === 0 ? undefined : job?.lastTask().task;
    if (job !== undefined && sent?.kind === kind) return { job, task: sent as TaskOf<K> };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function startAndFind(answer: (photoId: string, index: number) => Answer): Promise<void> {
  await service.handle('startRun', { from: 'fresh' });
  const { job, task: search } = await task('find-cameras');
  job.answer({ photos: search.photos.map(({ photoId }, index) => answer(photoId, index)) });
}

async function finish(): Promise<void> {
  const { job } = await task('reconstruct');
  job.answer(RUN_RESULT);
  await until(({ run }) => run.status === 'finished');
}

describe('photos without cameras', () => {
  it('are placed first, in the same process, and the run is on those that were', async () => {
    await drop(1, 2, 3, 4);
    await service.handle('changeSettings', { seed: 7, threads: 3, cameraFinder: 'colmap', depthModel: 'none' });
    await service.handle('startRun', { from: 'fresh' });
    const { job, task: search } = await task('find-cameras');
    expect(search).toMatchObject({ seed: 7, threads: 3, cameraFinder: 'colmap', depthModel: 'none' });
    expect(search.logFile).toMatch(/colmap\.log$/);
    expect(search.photos).toHaveLength(4);
    expect((await state()).run).toMatchObject({ status: 'starting', cameras: 'sought' });
    job.tell({ type: 'progress', stage: 'poses', fraction: 0.25, detail: '2 of 6 pairs' });
    expect((await state()).run).toMatchObject({ status: 'running', stage: 'poses', stageFraction: 0.25 });
    const [first, ...others] = search.photos.map(({ photoId }) => photoId);
    job.answer({ photos: [leftOut(first!), ...others.map((id, index) => placed(id, index))] });
    const { task: run } = await task('reconstruct');
    expect(runJobs()).toHaveLength(1);
    expect(run.train.map(({ photoId }) => photoId)).toEqual(others);
    expect(run.train[2]?.pose).toEqual(pose(2));
    const { photos, run: now } = await state();
    expect(now.cameras).toBe('found');
    expect(photos.map(({ camera }) => camera?.translation[0] ?? null)).toEqual([null, 0, 1, 2]);
    expect(photos.map(({ outcome }) => outcome?.isPlaced)).toEqual([false, true, true, true]);
    await finish();
  });

  it('are not looked for again with other settings, with fewer photos, or after the project was opened again', async () => {
    await drop(1, 2, 3, 4);
    await startAndFind((id, index) => (index === 0 ? leftOut(id) : placed(id, index)));
    await finish();
    await service.handle('changeSettings', { preset: 'draft' });
    const last = (await state()).photos.at(-1)?.id ?? '';
    await service.handle('removePhotos', { photoIds: [last] });
    await service.handle('startRun', { from: 'fresh' });
    expect((await task('reconstruct')).task.train).toHaveLength(2);
    expect((await state()).run.cameras).toBe('known');
    await finish();
    await service.handle('saveProjectAs', { name: 'Fox' });
    await service.dispose();
    await open();
    const [recent] = (await state()).recents;
    await service.handle('openRecent', { recentId: recent?.id ?? '' });
    const again = await until(({ photos }) => photos.length === 3 && photos.every(({ status }) => status === 'ready'));
    expect(again.photos.map(({ outcome }) => outcome?.isPlaced)).toEqual([false, true, true]);
    await service.handle('startRun', { from: 'fresh' });
    expect((await task('reconstruct')).task.train).toHaveLength(2);
  });

  it('are looked for again when a photo has come, all of them, as cameras of two searches do not fit together', async () => {
    await drop(1, 2, 3);
    await startAndFind(placed);
    await finish();
    await drop(4);
    await service.handle('startRun', { from: 'fresh' });
    const { task: search } = await task('find-cameras');
    expect(search.photos).toHaveLength(4);
  });

  it('that cannot be placed end the run in words, and stay with what became of each', async () => {
    await drop(1, 2, 3);
    await startAndFind((id, index) => (index === 0 ? placed(id) : leftOut(id)));
    const { run, photos, scene } = await until(({ run: { status } }) => status === 'failed');
    expect(run).toMatchObject({ cameras: 'not-found', error: { isOutOfMemory: false } });
    expect(run.error?.message).toContain('1 of 3');
    expect(photos.map(({ outcome, camera }) => [outcome?.isPlaced, camera])).toEqual([
      [true, null],
      [false, null],
      [false, null],
    ]);
    expect(scene).toBeNull();
    // Another try looks again: other settings may help.
    await service.handle('startRun', { from: 'fresh' });
    expect((await task('find-cameras')).task.photos).toHaveLength(3);
  });

  it('are let go within a second when the user cancels, and nothing of them is kept', async () => {
    await drop(1, 2);
    await service.handle('startRun', { from: 'fresh' });
    const { job } = await task('find-cameras');
    await service.handle('cancelRun', {});
    expect((await state()).run.status).toBe('cancelled');
    expect(job.received.map(({ type }) => type)).toContain('cancel');
    expect(job.isKilled).toBe(true);
    expect((await state()).photos.map(({ outcome }) => outcome)).toEqual([null, null]);
  });

  it('are held when the user pauses, and the run that follows stands still until it is told to go on', async () => {
    await drop(1, 2);
    await service.handle('startRun', { from: 'fresh' });
    const { job, task: search } = await task('find-cameras');
    await service.handle('pauseRun', {});
    job.tell({ type: 'paused' });
    expect((await state()).run.status).toBe('paused');
    job.answer({ photos: search.photos.map(({ photoId }) => placed(photoId)) });
    await task('reconstruct');
    const orders = (): string[] => job.received.map(({ type }) => type);
    await expect.poll(orders).toEqual(['start', 'pause', 'start', 'pause']);
  });

  it('are placed and nothing more where that is asked for; the next start goes on from there', async () => {
    await drop(1, 2, 3);
    await service.handle('findCameras', {});
    const { job, task: search } = await task('find-cameras');
    job.tell({ type: 'points', points: new ArrayBuffer(4), count: 0 });
    job.answer({ photos: search.photos.map(({ photoId }, index) => placed(photoId, index)) });
    const { run, photos, scene } = await until((now) => now.run.status === 'idle');
    expect(run).toMatchObject({ cameras: 'found', stage: null });
    expect(photos.every(({ camera }) => camera !== null)).toBe(true);
    expect(scene).toMatchObject({ splatsUrl: null, isPreview: false, pointsUrl: expect.any(String) as string });
    expect(job.received.map(({ type }) => type)).toEqual(['start']);
    await expect(service.handle('findCameras', {})).rejects.toThrow(/no photos whose cameras/);
    await service.handle('startRun', { from: 'fresh' });
    expect((await task('reconstruct')).task.train).toHaveLength(3);
    expect(runJobs()).toHaveLength(2);
  });

  it('that are too few to train on are refused before anything is looked for', async () => {
    await drop(1, 2);
    const [first] = (await state()).photos;
    await service.handle('setPhotoRole', { photoIds: [first?.id ?? ''], role: 'left-out' });
    await expect(service.handle('startRun', { from: 'fresh' })).rejects.toThrow(/Only 1 of 2 photos/);
    expect(runJobs()).toEqual([]);
  });

  it('give up the cameras that were found once a pose file brings others', async () => {
    await drop(1, 2, 3);
    await startAndFind(placed);
    await finish();
    await service.importPicked([join(SAMPLE, 'transforms.json')]);
    const { photos } = await until((now) => now.photos.some(({ outcome }) => outcome === null));
    expect(photos.slice(0, 3).every(({ camera, outcome }) => camera !== null && outcome === null)).toBe(true);
    await service.handle('startRun', { from: 'fresh' });
    await task('reconstruct');
  });
});

describe('whether cameras have to be looked for', () => {
  const given = { hasCamera: true, outcome: null };
  const bare = { hasCamera: false, outcome: null };
  const found = { hasCamera: true, outcome: placed('x').outcome };
  const lost = { hasCamera: false, outcome: leftOut('x').outcome };

  it.each([
    ['no photos', [], false],
    ['one', [bare], false],
    ['two without', [bare, bare], true],
    ['two given, one passed over', [given, given, bare], false],
    ['one given', [given, bare], true],
    ['all looked at', [found, found, lost], false],
    ['one that came later', [found, found, lost, bare], true],
    ['too few were placed', [lost, lost], true],
  ] as const)('%s', (_name, photos, expected) => {
    expect(needsCameraSearch(photos)).toBe(expected);
  });
});

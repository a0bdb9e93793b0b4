/** The service with processes that are told what to do: runs from start to end, and every way in which they go wrong. */
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppState, HostEvent } from '../../electron/ipc/contract.js';
import type { HostMessage } from '../../electron/ipc/job-contract.js';
import type { LocalAppService } from '../../electron/service/app-service.js';
import { createAppService } from '../../electron/service/create-app-service.js';
import type { FakeJob } from '../fixtures/fake-job.js';
import { fakeSpawner } from '../fixtures/fake-job.js';

const SAMPLE = new URL('../../assets/sample', import.meta.url).pathname;
const SPLATS = new ArrayBuffer(16);
const RESULT = { splats: SPLATS, count: 0, iteration: 100, seen: null, stopped: false, scores: null, warnings: [] };

let dataFolder: string;
let service: LocalAppService;
let jobs: FakeJob[];

async function start(onRun: (job: FakeJob, message: HostMessage) => void = () => undefined): Promise<void> {
  const spawner = fakeSpawner(onRun);
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
  dataFolder = await mkdtemp(join(tmpdir(), 'vantage-service-'));
});

afterEach(async () => {
  await service.dispose();
  await rm(dataFolder, { recursive: true, force: true });
});

const state = (): Promise<AppState> => service.handle('getState', {});
const runJob = (): FakeJob => jobs.filter(({ name }) => name === 'run').at(-1) as FakeJob;

async function until(holds: (state: AppState) => boolean): Promise<AppState> {
  for (;;) {
    const now = await state();
    if (holds(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function startSampleRun(): Promise<FakeJob> {
  await service.handle('openSample', {});
  await service.handle('startRun', { from: 'fresh' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  return runJob();
}

describe('photos', () => {
  it('of the sample are those of its own split, with cameras and thumbnails', async () => {
    await start();
    await service.handle('openSample', {});
    const { photos, estimate } = await until((s) => s.estimate !== null && s.photos.every((p) => p.status === 'ready'));
    const roles = Object.fromEntries(photos.map(({ name, role }) => [name, role]));
    expect(roles).toEqual({
      '01.jpg': 'train',
      '02.jpg': 'held-out',
      '03.jpg': 'train',
      '04.jpg': 'train',
      '05.jpg': 'held-out',
      '06.jpg': 'train',
      '07.jpg': 'held-out',
      '08.jpg': 'train',
    });
    expect(photos.every(({ camera, thumbnailUrl }) => camera !== null && thumbnailUrl !== null)).toBe(true);
    expect(estimate?.gaussianCount).toBe(1000);
  });

  it('without cameras are taken in, and a run says what is missing and what helps', async () => {
    await start();
    const folder = join(dataFolder, 'no cameras 日本');
    await cp(join(SAMPLE, 'images'), folder, { recursive: true });
    await service.importPicked([folder]);
    const { photos } = await state();
    expect(photos.map(({ camera, status }) => [camera, status])).toContainEqual([null, expect.any(String)]);
    expect(photos).toHaveLength(8);
    await expect(service.handle('startRun', { from: 'fresh' })).rejects.toMatchObject({
      name: 'CommandRefusedError',
      message: expect.stringMatching(/8 of 8 have no camera/) as string,
      hint: expect.stringMatching(/COLMAP.*transforms\.json/) as string,
    });
    expect((await state()).run.status).toBe('idle');
  });

  it('can be left out until too few are left to train on', async () => {
    await start();
    await service.handle('openSample', {});
    const { photos } = await state();
    const photoIds = photos.filter(({ role }) => role === 'train').map(({ id }) => id);
    await service.handle('setPhotoRole', { photoIds: photoIds.slice(1), role: 'left-out' });
    await expect(service.handle('startRun', { from: 'fresh' })).rejects.toThrow(/Only 1 of 8 photos/);
    await service.handle('removePhotos', { photoIds });
    expect((await state()).photos).toHaveLength(3);
  });

  it('that are broken, of other kinds or there twice are named, and the rest goes on', async () => {
    await start();
    const uploadFolder = await service.openUpload('upload-1');
    await cp(join(SAMPLE, 'images', '01.jpg'), join(uploadFolder, 'a.jpg'));
    await cp(join(SAMPLE, 'images', '01.jpg'), join(uploadFolder, 'again.jpg'));
    await cp(join(SAMPLE, 'images', '02.jpg'), join(uploadFolder, 'b.jpg'));
    await writeFile(join(uploadFolder, 'empty.jpg'), '');
    await service.handle('importUpload', { uploadId: 'upload-1' });
    const { photos, notices } = await state();
    const named = notices.map(({ file }) => file);
    expect(named).toContain('empty.jpg');
    expect(named).toContain('again.jpg');
    expect(photos.filter(({ status }) => status !== 'failed').map(({ name }) => name)).toEqual(['a.jpg', 'b.jpg']);
    expect(photos.find(({ name }) => name === 'empty.jpg')).toMatchObject({ status: 'failed', role: 'left-out' });
    // The upload's own folder is gone, and the photos are the project's.
    await expect(readdir(uploadFolder)).rejects.toThrow();
    await expect(service.handle('importUpload', { uploadId: 'upload-1' })).rejects.toThrow(/have not arrived/);
  });
});

describe('a run', () => {
  it('hands the process the photos by their roles, with cameras', async () => {
    await start();
    const job = await startSampleRun();
    const { task } = job.lastTask();
    if (task.kind !== 'reconstruct') throw new Error(task.kind);
    expect(task.train.map(({ path }) => path.slice(-6))).toEqual(['01.jpg', '03.jpg', '04.jpg', '06.jpg', '08.jpg']);
    expect(task.heldOut.map(({ path }) => path.slice(-6))).toEqual(['02.jpg', '05.jpg', '07.jpg']);
    expect(task.train.every(({ pose }) => pose !== null)).toBe(true);
  });

  it('goes from starting to finished; only the newest snapshot is kept', async () => {
    await start();
    const job = await startSampleRun();
    expect((await state()).run.status).toBe('starting');
    job.tell({ type: 'stage', stage: 'optimisation', title: 'Training' });
    job.tell({ type: 'points', points: new ArrayBuffer(4), count: 0 });
    job.tell({ type: 'iteration', iteration: 5, iterations: 100, loss: 0.25, gaussianCount: 7, etaMs: Infinity });
    job.tell({ type: 'evaluation', iteration: 5, psnr: 20 });
    job.tell({ type: 'snapshot', splats: new Uint8Array(16).fill(1).buffer, count: 1, iteration: 5 });
    job.tell({ type: 'snapshot', splats: new Uint8Array(16).fill(2).buffer, count: 2, iteration: 6 });
    const { run, scene } = await state();
    expect(run).toMatchObject({ status: 'running', iteration: 5, loss: 0.25, etaMs: null, heldOutPsnr: 20 });
    expect(scene).toMatchObject({ origin: 'run', isPreview: true, count: 2, iteration: 6 });
    const old = await service.media({ kind: 'splats', id: scene?.id ?? '', detail: '1' });
    expect((old?.body as Uint8Array)[0]).toBe(2);
    expect(await service.handle('getHistory', {})).toEqual([
      { iteration: 5, loss: 0.25, psnr: null },
      { iteration: 5, loss: 0.25, psnr: 20 },
    ]);
    job.answer({ ...RESULT, scores: { psnr: 21, ssim: 0.5, views: 3 } });
    const done = await until((s) => s.run.status === 'finished');
    expect(done.run.finalScores).toEqual({ psnr: 21, ssim: 0.5, views: 3 });
    expect(done.scene?.isPreview).toBe(false);
    expect(await service.handle('getHistory', {})).toContainEqual({
      iteration: RESULT.iteration,
      loss: 0.25,
      psnr: 21,
    });
  });

  it('is paused and goes on', async () => {
    await start();
    const job = await startSampleRun();
    await service.handle('pauseRun', {});
    expect((await state()).run.status).toBe('pausing');
    job.tell({ type: 'paused' });
    expect((await state()).run.status).toBe('paused');
    await service.handle('resumeRun', {});
    expect((await state()).run.status).toBe('running');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(job.received.map(({ type }) => type)).toEqual(['start', 'pause', 'resume']);
  });

  it('refuses in words what makes no sense now', async () => {
    await start();
    for (const command of ['pauseRun', 'resumeRun', 'cancelRun'] as const)
      await expect(service.handle(command, {})).rejects.toMatchObject({ name: 'CommandRefusedError' });
    await expect(service.handle('startRun', { from: 'fresh' })).rejects.toThrow(/no photos/);
    await startSampleRun();
    await expect(service.handle('startRun', { from: 'fresh' })).rejects.toThrow(/under way already/);
    for (const command of ['newProject', 'openSample'] as const)
      await expect(service.handle(command, {})).rejects.toThrow(/A run is under way/);
    await expect(service.handle('saveProjectAs', { name: 'x' })).rejects.toThrow(/A run is under way/);
    await expect(
      service.handle('startExport', { format: 'ply', upAxis: 'unchanged', shDegree: 3, applyEdits: true }),
    ).rejects.toThrow(/no scene/);
  });

  it('that obeys is cancelled, and what it had stays', async () => {
    await start((job, message) => {
      if (message.type === 'cancel') job.answer({ ...RESULT, stopped: true, iteration: 50 });
    });
    await startSampleRun();
    await service.handle('cancelRun', {});
    const { run, scene } = await state();
    expect(run.status).toBe('cancelled');
    expect(scene).toMatchObject({ isPreview: false, iteration: 50 });
  });

  it('that does not obey is ended all the same', async () => {
    await start();
    const job = await startSampleRun();
    job.tell({ type: 'snapshot', splats: SPLATS, count: 0, iteration: 1 });
    await service.handle('cancelRun', {});
    expect((await state()).run).toMatchObject({ status: 'cancelled', error: null });
    expect(job.isKilled).toBe(true);
    expect((await state()).scene).toMatchObject({ isPreview: false, iteration: 1 });
  });

  it.each([
    [{ code: 134, signal: null }, true],
    [{ code: 137, signal: null }, true],
    [{ code: null, signal: 'SIGKILL' }, true],
    [{ code: 1, signal: null, lastWords: 'FATAL ERROR: Reached heap limit - JavaScript heap out of memory' }, true],
    [{ code: 1, signal: null, lastWords: 'TypeError' }, false],
    [{ code: null, signal: 'SIGSEGV' }, false],
  ])('whose process dies (%j) has crashed, in words; the service lives on', async (exit, isOutOfMemory) => {
    await start();
    const job = await startSampleRun();
    job.tell({ type: 'snapshot', splats: SPLATS, count: 0, iteration: 1 });
    job.exit(exit);
    const { run, scene } = await until((s) => s.run.status === 'crashed');
    expect(run.error).toMatchObject({ isOutOfMemory, message: expect.stringMatching(/are safe/) as string });
    expect(scene?.isPreview).toBe(false);
    await service.handle('startRun', { from: 'fresh' });
    expect((await state()).run).toMatchObject({ status: 'starting', error: null });
  });

  it('that fails says why', async () => {
    await start();
    const job = await startSampleRun();
    const failure = {
      message: 'The photo is cut off.',
      hint: 'Copy it.',
      file: 'a.jpg',
      isOutOfMemory: false,
      isCancelled: false,
    };
    job.say({ type: 'failed', taskId: job.lastTask().taskId, failure });
    const { run, scene } = await until((s) => s.run.status === 'failed');
    expect(run.error).toEqual({ message: 'a.jpg: The photo is cut off.', hint: 'Copy it.', isOutOfMemory: false });
    expect(scene).toBeNull();
  });

  it('is not confused by a process that talks nonsense', async () => {
    await start();
    const job = await startSampleRun();
    const { taskId } = job.lastTask();
    for (const nonsense of [
      null,
      1,
      'x',
      [],
      { type: 'event' },
      { type: 'event', taskId, event: { type: 'iteration' } },
      { type: 'done', taskId: 'other' },
    ])
      job.sayAnything(nonsense);
    expect((await state()).run.status).toBe('starting');
    job.answer({ splats: 'no splats' });
    expect((await until((s) => s.run.status === 'failed')).run.error?.message).toMatch(/cannot be used/);
  });

  it('goes on from its checkpoint, with what the plot showed until then', async () => {
    await start();
    const job = await startSampleRun();
    const { task } = job.lastTask();
    if (task.kind !== 'reconstruct') throw new Error(task.kind);
    await writeFile(task.checkpointFile, 'state of the optimiser');
    for (const iteration of [10, 20])
      job.tell({ type: 'iteration', iteration, iterations: 100, loss: 1 / iteration, gaussianCount: 1, etaMs: 1 });
    job.tell({ type: 'checkpoint', iteration: 10, iterations: 100 });
    // The book of checkpoints is kept on the disk.
    await new Promise((resolve) => setTimeout(resolve, 300));
    job.exit({ code: null, signal: 'SIGKILL' });
    const { run } = await until((s) => s.run.status === 'crashed');
    expect(run.checkpoint).toMatchObject({ iteration: 10, iterations: 100 });
    await service.handle('startRun', { from: 'checkpoint' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(runJob()).not.toBe(job);
    expect(runJob().lastTask().task).toMatchObject({ kind: 'reconstruct', from: 'checkpoint' });
    expect(await service.handle('getHistory', {})).toEqual([{ iteration: 10, loss: 0.1, psnr: null }]);
  });
});

describe('windows', () => {
  it('are sent only what changed, and progress at most four times a second', async () => {
    await start();
    const job = await startSampleRun();
    job.tell({ type: 'stage', stage: 'optimisation', title: '' });
    await until((s) => s.estimate !== null && s.photos.every(({ status }) => status === 'ready'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const events: HostEvent[] = [];
    service.subscribe((event) => events.push(event));
    const began = performance.now();
    for (let iteration = 1; iteration <= 100; iteration++) {
      job.tell({ type: 'iteration', iteration, iterations: 100, loss: 1, gaussianCount: 1, etaMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise((resolve) => setTimeout(resolve, 350));
    const states = events.flatMap((event) => (event.type === 'state' ? [event.slices] : []));
    expect(states.length).toBeLessThanOrEqual((performance.now() - began) / 250 + 2);
    // The project may still tell that it has saved what was before.
    const changed = new Set(states.flatMap((slices) => Object.keys(slices)));
    for (const unchanged of ['photos', 'settings', 'scene', 'session', 'documents', 'exports', 'estimate'])
      expect(changed.has(unchanged)).toBe(false);
    expect(states.at(-1)?.run?.iteration).toBe(100);
    const points = events.flatMap((event) => (event.type === 'history' ? event.points : []));
    expect(points.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });
});

/** Clouds and calibrations that were moved or renamed while their project was closed: named, kept out of runs, and found again. */
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppState } from '../../electron/ipc/contract.js';
import type { LocalAppService } from '../../electron/service/app-service.js';
import { createAppService } from '../../electron/service/create-app-service.js';
import type { FakeJob } from '../fixtures/fake-job.js';
import { answerFilesTask, fakeSpawner } from '../fixtures/fake-job.js';

const SAMPLE = new URL('../../assets/sample', import.meta.url).pathname;
const CALIB = 'P2: 700 0 600 0 0 700 180 0 0 0 1 0\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n';

let root: string;
let jobs: FakeJob[];
let service: LocalAppService;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vantage moved é-'));
  const spawner = fakeSpawner(() => undefined, false, answerFilesTask);
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
const missing = async (): Promise<string[]> =>
  (await state()).project.missingSensorFiles.map(({ shownPath }) => basename(shownPath));
const at = (...path: string[]): string => join(root, ...path);

async function put(path: string, content: string): Promise<string> {
  await mkdir(join(at(path), '..'), { recursive: true });
  await writeFile(at(path), content);
  return at(path);
}

async function readAll(): Promise<AppState> {
  return vi.waitFor(async () => {
    const now = await state();
    expect(now.sensors.every(({ status }) => status !== 'reading')).toBe(true);
    return now;
  });
}

/** The file that was looked into last. */
const lookedInto = (kind: 'inspect-cloud' | 'inspect-calibration'): string | undefined =>
  jobs
    .flatMap(({ received }) => received)
    .flatMap((message) => (message.type === 'start' && message.task.kind === kind ? [message.task] : []))
    .map((task) => (task.kind === 'inspect-cloud' ? task.file : task.calibration))
    .at(-1);

async function reopen(): Promise<AppState> {
  await service.handle('newProject', {});
  await service.handle('openRecent', { recentId: (await state()).recents[0]?.id ?? '' });
  return readAll();
}

/** A project with two clouds and a calibration in a folder of the user's. */
beforeEach(async () => {
  await service.importPicked([
    SAMPLE,
    await put('in/scan.las', 'all of the scan'),
    await put('in/other.las', 'the other scan'),
    await put('in/radar_calib/1.txt', CALIB),
  ]);
  await readAll();
  await service.handle('saveProjectAs', { name: 'Moved' });
});

async function upload(folder: string): Promise<string> {
  const uploadId = `upload-${Math.random().toString(16).slice(2)}`;
  await cp(folder, join(await service.openUpload(uploadId), basename(folder)), { recursive: true });
  return uploadId;
}

describe('clouds and calibrations that were moved', () => {
  it('are named when the project is opened, and nothing else is', async () => {
    await rename(at('in/scan.las'), at('scan.las'));
    await rm(at('in/radar_calib/1.txt'));
    const { project, sensors, calibrations } = await reopen();
    expect(project.missingSensorFiles).toHaveLength(2);
    expect(await missing()).toEqual(['scan.las', '1.txt']);
    expect(sensors.map(({ status }) => status)).toEqual(['failed', 'ready']);
    expect(sensors[0]?.problem?.message).toContain('not where it was');
    expect(calibrations[0]?.problem?.message).toContain('not where it was');
  });

  it('keep runs from starting, unless they are not used', async () => {
    await rename(at('in/scan.las'), at('scan.las'));
    const { sensors } = await reopen();
    await expect(service.handle('startRun', { from: 'fresh' })).rejects.toThrow('scan.las is not where');
    await service.handle('changeSensor', { sensorId: sensors[0]?.id ?? '', isUsed: false });
    await service.handle('startRun', { from: 'fresh' });
    await service.handle('cancelRun', {});
  });

  it('are missed no more once they are removed, and when they have come back', async () => {
    await rename(at('in/scan.las'), at('scan.las'));
    await rename(at('in/other.las'), at('other.las'));
    const { sensors } = await reopen();
    await service.handle('removeSensor', { sensorId: sensors[0]?.id ?? '' });
    expect(await missing()).toEqual(['other.las']);
    await service.handle('rereadSensor', { sensorId: sensors[1]?.id ?? '' });
    expect((await readAll()).sensors[0]?.status).toBe('failed');
    await rename(at('other.las'), at('in/other.las'));
    await service.handle('rereadSensor', { sensorId: sensors[1]?.id ?? '' });
    expect(await missing()).toEqual([]);
    expect((await readAll()).sensors[0]?.status).toBe('ready');
  });

  it('are found where the user drops their folder, under other names too, and stay what the user made of them', async () => {
    const [first] = (await state()).sensors;
    await service.handle('changeSensor', { sensorId: first?.id ?? '', unit: 'foot' });
    await mkdir(at('new'));
    await rename(at('in/scan.las'), at('new/renamed.las'));
    await rename(at('in/radar_calib/1.txt'), at('new/calib.txt'));
    await writeFile(at('new/scan.las'), 'not of that scan');
    await reopen();
    await service.importPicked([at('new')]);
    const { sensors, calibrations, project, notices } = await readAll();
    expect(project.missingSensorFiles).toEqual([]);
    expect(sensors[0]).toMatchObject({ id: first?.id, status: 'ready', chosenUnit: 'foot', problem: null });
    expect(calibrations[0]?.problem).toBeNull();
    // The other file of that name is one that the project has not had.
    expect(sensors).toHaveLength(3);
    expect(notices).toEqual([]);
    expect(lookedInto('inspect-calibration')).toBe(`radar=${at('new/calib.txt')}`);
  });

  it('are found in an upload and belong to the project then', async () => {
    await mkdir(at('new'));
    await rename(at('in/scan.las'), at('new/scan.las'));
    await reopen();
    expect((await service.handle('relinkPhotos', { uploadId: await upload(at('new')) })).found).toBe(1);
    expect(await missing()).toEqual([]);
    const { project } = await readAll();
    const kept = join(project.folder ?? '', 'sensors', 'scan.las');
    expect(await readFile(kept, 'utf8')).toBe('all of the scan');
    expect(lookedInto('inspect-cloud')).toBe(kept);
    expect((await stat(at('new/scan.las'))).isFile()).toBe(true);
  });

  it('are not mistaken for files of the same name, or of the same size, with other content', async () => {
    await mkdir(at('new'));
    await rename(at('in/scan.las'), at('elsewhere.las'));
    await writeFile(at('new/scan.las'), 'ALL of the scan');
    await writeFile(at('new/alike.las'), 'not of the scan');
    await reopen();
    expect((await service.handle('relinkPhotos', { uploadId: await upload(at('new')) })).found).toBe(0);
    expect(await missing()).toEqual(['scan.las']);
  });

  it('of a project that knows no fingerprints are found by name and size', async () => {
    const file = join((await state()).project.folder ?? '', 'project.json');
    await service.handle('newProject', {});
    const stored = JSON.parse(await readFile(file, 'utf8')) as { content: { sensors: { fingerprint?: object }[] } };
    expect(stored.content.sensors[0]?.fingerprint).toMatchObject({ bytes: 15, covers: 'whole' });
    for (const sensor of stored.content.sensors) delete sensor.fingerprint;
    await writeFile(file, JSON.stringify(stored));
    await mkdir(at('new'));
    await rename(at('in/scan.las'), at('new/scan.las'));
    await rename(at('in/other.las'), at('new/renamed.las'));
    await service.handle('openRecent', { recentId: (await state()).recents[0]?.id ?? '' });
    await service.handle('relinkPhotos', { uploadId: await upload(at('new')) });
    expect(await missing()).toEqual(['other.las']);
  });
});

/** Sensors through the commands of the window: dropped, looked into, changed, kept in the project, handed to a run, exported. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppState, Sensor } from '../../electron/ipc/contract.js';
import { appStateSchema } from '../../electron/ipc/contract.js';
import type { HostMessage, TaskOf } from '../../electron/ipc/job-contract.js';
import { parseMediaAddress } from '../../electron/ipc/media.js';
import type { LocalAppService } from '../../electron/service/app-service.js';
import { createAppService } from '../../electron/service/create-app-service.js';
import { SceneHolder } from '../../electron/service/scene-holder.js';
import { StateStore } from '../../electron/service/state-store.js';
import type { FakeJob } from '../fixtures/fake-job.js';
import { answerFilesTask, fakeSpawner } from '../fixtures/fake-job.js';

const SAMPLE = new URL('../../assets/sample', import.meta.url).pathname;
const CALIB = 'P2: 700 0 600 0 0 700 180 0 0 0 1 0\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n';
const RUN_RESULT = {
  splats: new ArrayBuffer(16),
  count: 0,
  iteration: 100,
  seen: null,
  stopped: false,
  scores: null,
  warnings: [],
};

let root: string;
let jobs: FakeJob[];
let service: LocalAppService;
let onRun: (job: FakeJob, message: HostMessage) => void;
/** Answers otherwise than `answerFilesTask` does; false: as that. */
let onFiles: (job: FakeJob, message: HostMessage) => boolean;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vantage-sensors-'));
  onRun = () => undefined;
  onFiles = () => false;
  await start();
});
afterEach(async () => {
  await service.dispose();
  await rm(root, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const spawner = fakeSpawner(
    (job, message) => onRun(job, message),
    false,
    (job, message) => onFiles(job, message) || answerFilesTask(job, message),
  );
  jobs = spawner.jobs;
  service = await createAppService({
    hostKind: 'loopback',
    spawnJob: spawner.spawnJob,
    dataFolder: join(root, 'data'),
    pickers: null,
    openExternal: () => Promise.resolve(),
  });
}

const state = (): Promise<AppState> => service.handle('getState', {});
async function settled(): Promise<readonly Sensor[]> {
  return vi.waitFor(async () => {
    const { sensors } = await state();
    expect(sensors.length).toBeGreaterThan(0);
    expect(sensors.every(({ status }) => status !== 'reading')).toBe(true);
    return sensors;
  });
}

async function put(path: string, content: string): Promise<string> {
  const file = join(root, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
  return file;
}

const started = (kind: string): TaskOf<'inspect-cloud'>[] =>
  jobs
    .flatMap(({ received }) => received)
    .flatMap((message) => (message.type === 'start' && message.task.kind === kind ? [message.task] : []))
    .map((task) => task as TaskOf<'inspect-cloud'>);

describe('sensors of a project', () => {
  it('are looked into when they are dropped; what the file says is shown, and unknown stays unknown', async () => {
    await service.importPicked([await put('in/scan.las', 'x'), await put('in/calib/1.txt', CALIB)]);
    const [sensor] = await settled();
    expect(sensor).toMatchObject({ name: 'scan.las', kind: 'lidar', isUsed: true, placement: null, chosenUnit: null });
    expect(sensor?.facts).toMatchObject({ points: 2, unit: 'unknown', upAxis: 'unknown' });
    await vi.waitFor(async () => expect((await state()).sensors[0]?.isCalibrated).toBe(true));
    expect(appStateSchema.safeParse(await state()).success).toBe(true);
    const media = await service.media({ kind: 'cloud', id: sensor?.id ?? '', detail: '1' });
    expect((media?.body as Uint8Array).length).toBe(24);
  });

  it('are taken for radars where only radars have such fields, unless somebody said otherwise', async () => {
    onFiles = (job, message) => {
      if (message.type !== 'start' || message.task.kind !== 'inspect-cloud') return false;
      const facts = { variant: 'CSV', points: 1, leftOut: 0, drawn: 1, bounds: null, hasColors: false };
      const frame = { unit: 'metre', upAxis: 'z', crs: null, warnings: [] };
      job.answer({ facts: { ...facts, ...frame, fields: ['rcs'] }, picture: new ArrayBuffer(8) }, message.taskId);
      return true;
    };
    await service.importPicked([await put('in/returns.pcd', 'x')]);
    await vi.waitFor(async () => expect((await settled())[0]?.kind).toBe('radar'));
    const id = (await settled())[0]?.id ?? '';
    await service.handle('changeSensor', { sensorId: id, kind: 'lidar' });
    await vi.waitFor(async () => expect((await settled())[0]?.status).toBe('ready'));
    expect((await settled())[0]?.kind).toBe('lidar');
  });

  it('that cannot be read say why, and can be read again or removed', async () => {
    let isBroken = true;
    onFiles = (job, message) => {
      if (message.type !== 'start' || message.task.kind !== 'inspect-cloud' || !isBroken) return false;
      const failure = { message: 'It is cut off (byte 99).', hint: 'Copy it again.', file: 'scan.las' };
      const { taskId } = message;
      job.say({ type: 'failed', taskId, failure: { ...failure, isOutOfMemory: false, isCancelled: false } });
      return true;
    };
    await service.importPicked([await put('in/scan.las', 'x')]);
    const [failed] = await settled();
    expect(failed).toMatchObject({ status: 'failed', problem: { message: 'It is cut off (byte 99).' } });
    isBroken = false;
    await service.handle('rereadSensor', { sensorId: failed?.id ?? '' });
    expect((await settled())[0]).toMatchObject({ status: 'ready', problem: null });
    await service.handle('removeSensor', { sensorId: failed?.id ?? '' });
    expect((await state()).sensors).toEqual([]);
    expect(await service.media({ kind: 'cloud', id: failed?.id ?? '', detail: null })).toBeNull();
  });

  it('can be cancelled while they are read, and the next one is read all the same', async () => {
    let isHeld = true;
    onFiles = (_, message) => message.type === 'start' && message.task.kind === 'inspect-cloud' && isHeld;
    await service.importPicked([await put('in/a.las', 'x'), await put('in/b.las', 'y')]);
    const { sensors } = await state();
    await vi.waitFor(() => expect(started('inspect-cloud')).toHaveLength(1));
    isHeld = false;
    await service.handle('cancelSensor', { sensorId: sensors[0]?.id ?? '' });
    const done = await settled();
    expect(done.map(({ status }) => status)).toEqual(['failed', 'ready']);
    expect(done[0]?.problem?.message).toContain('cancelled');
  });

  it('are kept with all that the user said of them, and copied in from an upload', async () => {
    await put('up/radar/scan.las', 'x');
    const folder = await service.openUpload('u1');
    await cp(join(root, 'up'), join(folder, 'up'), { recursive: true });
    await service.handle('importUpload', { uploadId: 'u1' });
    const [added] = await settled();
    const { id, kind } = added as Sensor;
    expect(kind).toBe('radar');
    await service.handle('changeSensor', { sensorId: id, isUsed: false, unit: 'foot', upAxis: 'y' });
    await service.handle('placeSensor', {
      sensorId: id,
      pairs: [0, 1, 2].map((x) => ({ inSensor: [x, 0, 0], inWorld: [2 * x, x, 0] })),
      up: null,
    });
    await service.handle('saveProjectAs', { name: 'Kept' });
    const saved = (await state()).project.folder ?? '';
    await service.handle('newProject', {});
    expect((await state()).sensors).toEqual([]);
    const [recent] = (await state()).recents;
    await service.handle('openRecent', { recentId: recent?.id ?? '' });
    const [again] = await settled();
    expect(again).toMatchObject({ id, kind: 'radar', isUsed: false, chosenUnit: 'foot', chosenUpAxis: 'y' });
    expect(again?.placement).toMatchObject({ by: 'picks', errors: [0.01, 0.02, 0.01], worldFromSensor: { scale: 2 } });
    expect(again?.status).toBe('ready');
    expect(started('inspect-cloud').at(-1)?.file).toBe(join(saved, 'sensors', 'scan.las'));
    expect(await readFile(join(saved, 'sensors', 'scan.las'), 'utf8')).toBe('x');
  });

  it('a project of before sensors opens, and has none; a file that is no cloud is never one', async () => {
    await service.importPicked([await put('in/scan.las', 'x')]);
    await settled();
    await service.handle('saveProjectAs', { name: 'Old' });
    const folder = (await state()).project.folder ?? '';
    await service.handle('newProject', {});
    const path = join(folder, 'project.json');
    const file = JSON.parse(await readFile(path, 'utf8')) as {
      content: { sensors?: { file: object }[]; calibrations?: unknown };
    };
    const stored = file.content.sensors?.[0];
    if (stored) stored.file = { relativePath: null, absolutePath: '/etc/passwd' };
    await writeFile(path, JSON.stringify(file));
    await service.importPicked([folder]);
    expect((await state()).sensors).toEqual([]);
    await service.handle('newProject', {});
    delete file.content.sensors;
    delete file.content.calibrations;
    await writeFile(path, JSON.stringify(file));
    await service.importPicked([folder]);
    expect(await state()).toMatchObject({ project: { name: 'Old' }, sensors: [], calibrations: [] });
  });
});

describe('sensors and runs', () => {
  it('a run is told of them, and what it found out is kept with the scene', async () => {
    const report = {
      unit: 'metre' as const,
      rows: [{ name: 'trained' as const, mae: 0.1, rmse: 0.2, absRel: 0.03, delta1: 0.98, count: 40 }],
      histogram: { edges: [-1, 0, 1], counts: [3, 4] },
    };
    onRun = (job, message) => {
      if (message.type !== 'start') return;
      // The photos keep their cameras: nothing is to be scaled.
      if (message.task.kind === 'find-cameras') job.answer({ photos: [], scale: 1 }, message.taskId);
      if (message.task.kind !== 'reconstruct') return;
      const found = { scale: 1, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 5] };
      const placements = [{ path: message.task.sensors[0]?.path, worldFromSensor: found }];
      const residuals = new Float32Array([1, 2, 3, -0.5]).buffer;
      const more = { isMetric: true, scaleUncertainty: 0.01, sensorReport: report, sensorResiduals: residuals };
      job.answer({ ...RUN_RESULT, ...more, placements }, message.taskId);
    };
    await service.importPicked([
      SAMPLE,
      await put('in/a.las', 'x'),
      await put('in/b.las', 'y'),
      await put('in/radar_calib/1.txt', CALIB),
    ]);
    const sensors = await settled();
    await service.handle('changeSensor', { sensorId: sensors[1]?.id ?? '', isUsed: false, unit: 'foot' });
    await service.handle('startRun', { from: 'fresh' });
    await vi.waitFor(async () => expect((await state()).run.status).toBe('finished'));
    const run = jobs.find(({ name }) => name === 'run')?.lastTask().task as TaskOf<'reconstruct'>;
    expect(run.sensors.map(({ path, kind, isUsed, unit }) => [basename(path), kind, isUsed, unit])).toEqual([
      ['a.las', 'lidar', true, null],
      ['b.las', 'lidar', false, 'foot'],
    ]);
    expect(run.calibrations).toEqual([`radar=${join(root, 'in/radar_calib/1.txt')}`]);
    const { scene } = await state();
    expect(scene).toMatchObject({ isMetric: true, scaleUncertainty: 0.01, sensorReport: report });
    await vi.waitFor(async () => expect((await state()).sensors[0]?.placement).toMatchObject({ by: 'run' }));
    const media = await service.media({ kind: 'residuals', id: scene?.id ?? '', detail: null });
    expect((media?.body as Uint8Array).length).toBe(16);
  });

  it('the residuals of a run that went on have another address than those before: the window fetches each address once', async () => {
    const store = new StateStore({ ...(await state()), scene: null });
    const scene = new SceneHolder(store);
    scene.begin({ name: 'a', origin: 'run' });
    const addresses = [1, 2].map((iteration) => {
      scene.setSplats({ splats: new ArrayBuffer(16), count: 0 }, { isPreview: false, iteration });
      const residuals = new ArrayBuffer(16 * iteration);
      scene.setFindings({ isMetric: true, scaleUncertainty: null, sensorReport: null, residuals });
      const url = store.current.scene?.residualsUrl ?? '';
      const address = parseMediaAddress(url);
      expect(scene.bytes('residuals', address?.id ?? '')).toBe(residuals);
      return url;
    });
    expect(new Set(addresses).size).toBe(2);
  });

  it('clouds that do not lie in one frame are not exported as one', async () => {
    await service.importPicked([await put('in/a.las', 'x'), await put('in/b.las', 'y')]);
    const [first, second] = await settled();
    await expect(service.handle('startCloudExport', {})).rejects.toThrow(/not known where a.las lies/);
    await service.handle('changeSensor', { sensorId: first?.id ?? '', isUsed: false });
    const { exportId } = await service.handle('startCloudExport', {});
    await vi.waitFor(async () =>
      expect((await state()).exports.find(({ id }) => id === exportId)).toMatchObject({
        status: 'finished',
        format: 'cloud-ply',
        fileName: expect.stringMatching(/\.points\.ply$/) as string,
      }),
    );
    await service.handle('changeSensor', { sensorId: second?.id ?? '', isUsed: false });
    await expect(service.handle('startCloudExport', {})).rejects.toThrow(/no points/);
  });
});

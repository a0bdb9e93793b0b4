/** Every command with whatever may come: answered, or refused in words; never a crash, never a state that breaks the contract. */
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandName } from '../../electron/ipc/contract.js';
import {
  appStateSchema,
  commands,
  DOCUMENT_NAMES,
  EXPORT_FORMATS,
  PRESET_NAMES,
  UP_AXES,
} from '../../electron/ipc/contract.js';
import { dispatchCommand } from '../../electron/ipc/dispatch-command.js';
import type { LocalAppService } from '../../electron/service/app-service.js';
import { createAppService } from '../../electron/service/create-app-service.js';
import { fakeSpawner } from '../fixtures/fake-job.js';

let dataFolder: string;
let service: LocalAppService;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'vantage-fuzz-'));
  service = await createAppService({
    hostKind: 'loopback',
    spawnJob: fakeSpawner().spawnJob,
    dataFolder,
    pickers: null,
    openExternal: () => Promise.resolve(),
  });
});

afterAll(async () => {
  await service.dispose();
  await rm(dataFolder, { recursive: true, force: true });
});

const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.constantFrom('..', '../x', '__proto__', 'a/b', 'nul\0'),
);
const ids = fc.array(id, { minLength: 1, maxLength: 3 });
const integer = fc.integer({ min: 0, max: 100_000 });
const coordinate = fc.double({ noNaN: true, noDefaultInfinity: true });
const point = fc.tuple(coordinate, coordinate, coordinate);
const exportOptions = fc.record({
  format: fc.constantFrom(...EXPORT_FORMATS),
  upAxis: fc.constantFrom(...UP_AXES),
  shDegree: fc.integer({ min: 0, max: 3 }),
  applyEdits: fc.boolean(),
});

/** Requests that have the right form, whatever they mean. */
const wellFormed: Readonly<Record<CommandName, fc.Arbitrary<unknown>>> = {
  getState: fc.constant({}),
  getHistory: fc.constant({}),
  chooseFiles: fc.record({ kind: fc.constantFrom('photos', 'folder', 'scene', 'project') }),
  importPaths: fc.record({ paths: ids }),
  importUpload: fc.record({ uploadId: id }),
  discardUpload: fc.record({ uploadId: id }),
  removePhotos: fc.record({ photoIds: ids }),
  setPhotoRole: fc.record({ photoIds: ids, role: fc.constantFrom('train', 'held-out', 'left-out') }),
  changeSettings: fc.record(
    { preset: fc.constantFrom(...PRESET_NAMES), iterations: integer, seed: integer, depthModel: fc.string() },
    { requiredKeys: [] },
  ),
  startRun: fc.record({ from: fc.constantFrom('fresh', 'checkpoint', 'half-size') }),
  findCameras: fc.constant({}),
  pauseRun: fc.constant({}),
  resumeRun: fc.constant({}),
  cancelRun: fc.constant({}),
  openSample: fc.constant({}),
  newProject: fc.constant({}),
  openRecent: fc.record({ recentId: id }),
  forgetRecent: fc.record({ recentId: id }),
  recover: fc.record({ recoveryId: id }),
  discardRecovery: fc.record({ recoveryId: id }),
  saveProjectAs: fc.record({ name: id }),
  relinkPhotos: fc.record({ uploadId: fc.option(id) }),
  saveDocument: fc.record({ name: fc.constantFrom(...DOCUMENT_NAMES), text: fc.option(fc.string()) }),
  estimateExport: exportOptions,
  startExport: exportOptions,
  startCloudExport: fc.constant({}),
  changeSensor: fc.record(
    {
      sensorId: id,
      kind: fc.constantFrom('lidar', 'radar'),
      isUsed: fc.boolean(),
      unit: fc.constantFrom('metre', 'foot', 'us-survey-foot', 'unknown'),
      upAxis: fc.constantFrom('y', 'z', 'unknown'),
    },
    { requiredKeys: ['sensorId'] },
  ),
  removeSensor: fc.record({ sensorId: id }),
  cancelSensor: fc.record({ sensorId: id }),
  rereadSensor: fc.record({ sensorId: id }),
  changeCalibration: fc.record({ calibrationId: id, kind: fc.constantFrom('lidar', 'radar', null) }),
  removeCalibration: fc.record({ calibrationId: id }),
  placeSensor: fc.record({
    sensorId: id,
    pairs: fc.array(fc.record({ inSensor: point, inWorld: point }), { maxLength: 3 }),
    up: fc.option(point),
  }),
  cancelExport: fc.record({ exportId: id }),
  dismissNotice: fc.record({ noticeId: fc.option(id) }),
  openLink: fc.record({ link: fc.constantFrom('documentation', 'issues', 'licences') }),
};

const ask = (command: string, request: unknown): ReturnType<typeof dispatchCommand> =>
  dispatchCommand((name, checked) => service.handle(name, checked), command, request);

describe('commands', () => {
  it.each(Object.keys(commands) as CommandName[])('%s: anything at all is refused or answered', async (command) => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (request) => {
        const { success } = commands[command].request.safeParse(request);
        const outcome = await ask(command, request);
        if (!success) expect(outcome.type).toBe('refusal');
      }),
      { numRuns: 30 },
    );
  });

  it.each(Object.keys(commands) as CommandName[])(
    '%s: of the right form, it is carried out or refused in words',
    async (command) => {
      await fc.assert(
        fc.asyncProperty(wellFormed[command], async (request) => {
          const outcome = await ask(command, request);
          if (outcome.type === 'answer')
            expect(commands[command].response.safeParse(outcome.response).success).toBe(true);
          // Words that were chosen, not those for a mistake of ours.
          else expect(outcome.refusal.message).not.toMatch(/unforeseen|not understood/);
          expect(appStateSchema.safeParse(await service.handle('getState', {})).error).toBeUndefined();
        }),
        { numRuns: command === 'openSample' ? 2 : 8 },
      );
      if (['starting', 'running'].includes((await service.handle('getState', {})).run.status))
        await service.handle('cancelRun', {});
    },
  );

  it('that do not exist are refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (command) => {
        fc.pre(!Object.hasOwn(commands, command));
        expect((await ask(command, {})).type).toBe('refusal');
      }),
      { numRuns: 50 },
    );
    for (const command of ['__proto__', 'toString', 'constructor'])
      expect((await ask(command, {})).type).toBe('refusal');
  });

  it('keep the settings in the project, and documents as they came', async () => {
    await ask('newProject', {});
    await ask('changeSettings', { preset: 'high', seed: 42 });
    await ask('saveDocument', { name: 'camera-path', text: '{"a":[1]}' });
    const state = await service.handle('getState', {});
    expect(state.settings).toMatchObject({ preset: 'high', seed: 42, iterations: null });
    expect(state.documents['camera-path']).toBe('{"a":[1]}');
  });
});

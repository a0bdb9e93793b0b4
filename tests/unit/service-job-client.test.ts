import { describe, expect, it } from 'vitest';
import { FilesJob } from '../../electron/service/files-job.js';
import { JobClient, JobDiedError, TaskFailedError } from '../../electron/service/job-client.js';
import { canFollow } from '../../electron/service/run-machine.js';
import { defaultRoles, rolesAfterImport } from '../../electron/service/roles.js';
import { StateStore } from '../../electron/service/state-store.js';
import { RUN_STATUSES } from '../../electron/ipc/contract.js';
import type { AppState, HostEvent } from '../../electron/ipc/contract.js';
import { answerFilesTask, FAKE_ABILITIES, FakeJob } from '../fixtures/fake-job.js';

const TASK = { kind: 'open-splats', file: '/x.ply' } as const;

describe('a job process', () => {
  it('that stops beating is ended, and its tasks are told', async () => {
    const job = new FakeJob('run');
    const client = new JobClient(job, 500);
    const { done } = client.start(TASK);
    await expect(done).rejects.toMatchObject({
      death: { message: expect.stringMatching(/stopped answering/) as string },
    });
    expect(job.isKilled).toBe(true);
    await expect(client.ready).rejects.toBeInstanceOf(JobDiedError);
    await expect(client.start(TASK).done).rejects.toBeInstanceOf(JobDiedError);
  });

  it('that beats is left alone, however long a task takes', async () => {
    const job = new FakeJob('run');
    const client = new JobClient(job, 1500);
    const beat = setInterval(() => job.say({ type: 'heartbeat' }), 100);
    const { done } = client.start(TASK);
    await new Promise((resolve) => setTimeout(resolve, 2600));
    clearInterval(beat);
    expect(job.isKilled).toBe(false);
    job.answer({ splats: new ArrayBuffer(0), count: 0, warnings: [] });
    await expect(done).resolves.toMatchObject({ count: 0 });
    client.kill();
  });

  it('says what it can do', async () => {
    const job = new FakeJob('files');
    const client = new JobClient(job);
    job.say({ type: 'ready', abilities: { ...FAKE_ABILITIES, depthModels: [], cameraFinders: ['auto'] } });
    await expect(client.ready).resolves.toMatchObject({ canFindCameras: false });
    client.kill();
  });
});

describe('the files process', () => {
  it('is started again when it dies, and its tasks are repeated', async () => {
    const jobs: FakeJob[] = [];
    const files = new FilesJob((name) => {
      const isFirst = jobs.length === 0;
      const job: FakeJob = new FakeJob(name, (self, message) => {
        if (isFirst) self.exit({ code: 1, signal: null });
        else answerFilesTask(self, message);
      });
      jobs.push(job);
      return job;
    });
    await expect(files.run(TASK)).resolves.toMatchObject({ count: 0 });
    expect(jobs).toHaveLength(2);
    files.dispose();
  });

  it('gives a task up that ends it again', async () => {
    let started = 0;
    const files = new FilesJob((name) => {
      started++;
      return new FakeJob(name, (self) => self.exit({ code: 134, signal: null }));
    });
    await expect(files.run(TASK)).rejects.toMatchObject({ death: { isOutOfMemory: true } });
    expect(started).toBe(2);
  });

  it('passes the reason of a failure on', async () => {
    const files = new FilesJob(
      (name) =>
        new FakeJob(name, (self, message) => {
          const failure = { message: 'no splats', hint: 'h', file: null, isOutOfMemory: false, isCancelled: false };
          if (message.type === 'start') self.say({ type: 'failed', taskId: message.taskId, failure });
        }),
    );
    await expect(files.run(TASK)).rejects.toBeInstanceOf(TaskFailedError);
    files.dispose();
  });

  it('is ended when a task does not let itself be cancelled', async () => {
    const jobs: FakeJob[] = [];
    const files = new FilesJob((name) => {
      const job = new FakeJob(name);
      jobs.push(job);
      return job;
    });
    const abort = new AbortController();
    const running = files.run(TASK, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 10);
    await expect(running).rejects.toThrow('enough');
    expect(jobs[0]?.received.map(({ type }) => type)).toEqual(['start', 'cancel']);
    expect(jobs[0]?.isKilled).toBe(true);
  });
});

describe("a run's states", () => {
  it('always lead to an end, and from every end to a new start', () => {
    for (const status of ['finished', 'failed', 'crashed', 'cancelled', 'idle'] as const)
      expect(canFollow(status, 'starting')).toBe(true);
    for (const status of ['starting', 'running', 'pausing', 'paused'] as const) {
      expect(canFollow(status, 'crashed')).toBe(true);
      expect(canFollow(status, 'cancelling')).toBe(true);
    }
    // Also from those that work: a search for cameras alone ends where it began. What is being cancelled ends as cancelled.
    for (const status of RUN_STATUSES) expect(canFollow(status, 'idle')).toBe(status !== 'cancelling');
    expect(canFollow('cancelling', 'running')).toBe(false);
    expect(canFollow('finished', 'paused')).toBe(false);
  });
});

describe('roles', () => {
  const photos = (count: number): { name: string; split: null }[] =>
    Array.from({ length: count }, (_, i) => ({ name: `${String(i + 1).padStart(2, '0')}.jpg`, split: null }));
  const heldOut = (count: number): string[] =>
    [...defaultRoles(photos(count))].flatMap(([{ name }, role]) => (role === 'held-out' ? [name] : []));

  it('hold out every eighth photo, none of a few', () => {
    expect(heldOut(7)).toEqual([]);
    expect(heldOut(8)).toEqual(['01.jpg']);
    expect(heldOut(17)).toEqual(['01.jpg', '09.jpg', '17.jpg']);
  });

  it("follow the capture's own split, unless it leaves nothing to train on", () => {
    const split = [
      { name: 'a', split: 'held-out' as const },
      { name: 'b', split: 'train' as const },
      { name: 'c', split: null },
    ];
    expect([...defaultRoles(split).values()]).toEqual(['held-out', 'train', 'train']);
    expect([...defaultRoles(split.map((photo) => ({ ...photo, split: 'held-out' as const }))).values()]).toEqual([
      'train',
      'train',
      'train',
    ]);
  });

  it('that a person has chosen outlive the next drop', () => {
    const made = (
      name: string,
      role: 'train' | 'held-out' | 'left-out',
    ): { name: string; role: typeof role; pose: object } => ({ name, role, pose: {} });
    const plan = { photos: [{ split: null }], posesOfKnown: [] };
    const chosen = [made('01', 'train'), made('02', 'held-out'), ...photos(7).map(({ name }) => made(name, 'train'))];
    expect(rolesAfterImport(chosen, [...chosen, made('99', 'train')], plan).map(({ role }) => role)).toEqual([
      ...chosen.map(({ role }) => role),
      'train',
    ]);
    const untouched = photos(7).map(({ name }) => made(name, 'train'));
    const after = rolesAfterImport(untouched, [...untouched, made('99', 'train')], plan);
    expect(after.map(({ role }) => role)).toEqual(['held-out', ...Array.from({ length: 7 }, () => 'train')]);
  });
});

describe('the state', () => {
  it('tells once of what changes together, and nothing of what does not', async () => {
    const store = new StateStore({ photos: [], notices: [], run: 1 } as unknown as AppState);
    const events: HostEvent[] = [];
    store.subscribe((event) => events.push(event));
    store.set('photos', store.current.photos);
    store.set('notices', [{ id: 'a' }] as never);
    store.set('notices', [{ id: 'b' }] as never);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toEqual([{ type: 'state', slices: { notices: [{ id: 'b' }] } }]);
    store.addHistory({ iteration: 1, loss: 1, psnr: null });
    store.resetHistory();
    store.flush();
    expect(events.at(-1)).toEqual({ type: 'history', reset: true, points: [] });
  });
});

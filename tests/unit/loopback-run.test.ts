/** The real thing, small: photos are uploaded, a real process reconstructs them, is killed, goes on, and the result is downloaded. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { AppState, CommandName, CommandRequest, CommandResponse, Run } from '../../electron/ipc/contract.js';
import { replyEnvelopeSchema } from '../../electron/ipc/contract.js';
import { forkJob } from '../../electron/loopback/fork-job.js';
import type { LoopbackHost } from '../../electron/loopback/host.js';
import { startLoopbackHost } from '../../electron/loopback/host.js';
import type { JobProcess } from '../../electron/service/app-service.js';
import { readSplatPly } from '../../engine/formats/read-splat-ply.js';
import { decodeSplats } from '../../engine/scene/encode-splats.js';

const SAMPLE = new URL('../../assets/sample/', import.meta.url).pathname;
/** Pixels of the longer side and iterations: as little as gives a scene at all. */
const SETTINGS = { preset: 'draft', longSidePx: 96, iterations: 400, depthModel: 'none', threads: 2 } as const;

let folder: string;
let host: LoopbackHost;
let cookie: string;
let socket: WebSocket;
let nextId = 0;
const runJobs: JobProcess[] = [];
const waiting = new Map<number, (reply: unknown) => void>();
const seen: Run[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-run-'));
  const rendererFolder = join(folder, 'renderer');
  host = await startLoopbackHost({
    dataFolder: join(folder, 'data é 日本'),
    rendererFolder,
    spawnJob: (name) => {
      const job = forkJob(name);
      if (name === 'run') runJobs.push(job);
      return job;
    },
  });
  const welcome = await fetch(host.url, { redirect: 'manual' });
  cookie = (welcome.headers.get('set-cookie') ?? '').split(';')[0] as string;
  socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket`, { headers: { cookie, origin: host.origin } });
  socket.on('message', (data) => {
    // Everything that the host says keeps to the contract.
    const reply = replyEnvelopeSchema.parse(JSON.parse((data as Buffer).toString('utf8')));
    if (reply.type !== 'event') waiting.get(reply.id)?.(reply);
    else if (reply.event.type === 'state' && reply.event.slices.run !== undefined) seen.push(reply.event.slices.run);
  });
  await new Promise((resolve) => socket.once('open', resolve));
});

afterAll(async () => {
  socket.terminate();
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

async function send<N extends CommandName>(command: N, request: CommandRequest<N>): Promise<CommandResponse<N>> {
  const id = nextId++;
  const reply = await new Promise<{ type: string; response: CommandResponse<N> }>((resolve) => {
    waiting.set(id, (received) => resolve(received as { type: string; response: CommandResponse<N> }));
    socket.send(JSON.stringify({ id, command, request }));
  });
  if (reply.type !== 'answer') throw new Error(JSON.stringify(reply));
  return reply.response;
}

async function upload(path: string, bytes: Uint8Array): Promise<void> {
  const body = new Uint8Array(bytes);
  const address = `${host.origin}/upload/upload-of-test/${path.split('/').map(encodeURIComponent).join('/')}`;
  const answer = await fetch(address, { method: 'POST', body, headers: { cookie, origin: host.origin } });
  expect(answer.status).toBe(201);
}

const fetchMedia = async (path: string): Promise<Uint8Array> => {
  const answer = await fetch(host.origin + path, { headers: { cookie } });
  expect(answer.status).toBe(200);
  return new Uint8Array(await answer.arrayBuffer());
};

async function until(holds: (state: AppState) => boolean): Promise<AppState> {
  for (;;) {
    const state = await send('getState', {});
    if (holds(state)) return state;
    if (['failed', 'crashed'].includes(state.run.status)) throw new Error(JSON.stringify(state.run.error));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a run of the sample in a real process', () => {
  it('takes photos in over HTTP, with thumbnails; a broken one is named', async () => {
    await upload('küche 日本/transforms.json', await readFile(join(SAMPLE, 'transforms.json')));
    for (const name of await readdir(join(SAMPLE, 'images')))
      await upload(`küche 日本/images/${name}`, await readFile(join(SAMPLE, 'images', name)));
    const whole = await readFile(join(SAMPLE, 'images', '01.jpg'));
    await upload('küche 日本/images/broken.jpg', whole.subarray(0, whole.length >> 1));
    await send('importUpload', { uploadId: 'upload-of-test' });
    const { photos, project } = await until(({ photos: all }) => all.every(({ status }) => status !== 'reading'));
    expect(project.name).toBe('küche 日本');
    const states = Object.fromEntries(photos.map(({ name, status }) => [name, status]));
    expect(states).toMatchObject({ '01.jpg': 'ready', '08.jpg': 'ready', 'broken.jpg': 'failed' });
    expect(photos.find(({ name }) => name === 'broken.jpg')?.problem?.message).toMatch(/cut off|decoded/);
    const thumbnail = await fetchMedia(photos[0]?.thumbnailUrl ?? '');
    expect([...thumbnail.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    const picture = await fetchMedia(photos[0]?.pictureUrl ?? '');
    expect([...picture.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  });

  it('shows points, then splats; stands still when paused, with a checkpoint', async () => {
    await send('changeSettings', SETTINGS);
    await until(({ estimate }) => estimate !== null);
    await send('startRun', { from: 'fresh' });
    const { scene } = await until(({ scene: shown, run }) => (shown?.splatsUrl ?? null) !== null && run.iteration > 0);
    const points = await fetchMedia(scene?.pointsUrl ?? '');
    const count = new DataView(points.buffer).getUint32(0, true);
    expect(count).toBeGreaterThan(100);
    expect(points.length).toBe(4 + count * 15);
    expect(decodeSplats(await fetchMedia(scene?.splatsUrl ?? '')).count).toBeGreaterThan(1000);
    await send('pauseRun', {});
    const { run } = await until(({ run: now }) => now.status === 'paused' && now.checkpoint !== null);
    expect(run.checkpoint?.iterations).toBe(SETTINGS.iterations);
    expect(run.iteration).toBeLessThan(SETTINGS.iterations);
  });

  it('that is killed has crashed, says so, and goes on from the checkpoint to its end', async () => {
    runJobs[0]?.kill();
    let crashed: AppState;
    do crashed = await send('getState', {});
    while (crashed.run.status !== 'crashed');
    expect(crashed.run.error?.isOutOfMemory).toBe(true);
    const { iteration } = crashed.run.checkpoint as NonNullable<Run['checkpoint']>;
    seen.length = 0;
    await send('startRun', { from: 'checkpoint' });
    const { run, scene } = await until(({ run: now }) => now.status === 'finished');
    expect(seen.filter((state) => state.loss !== null).every((state) => state.iteration > iteration)).toBe(true);
    expect(run.iteration).toBe(SETTINGS.iterations);
    // Three views that training never saw; a picture of one grey would have about 12 dB.
    expect(run.finalScores?.views).toBe(3);
    expect(run.finalScores?.psnr).toBeGreaterThan(18);
    expect((await fetchMedia(scene?.seenUrl ?? '')).length).toBe(scene?.count);
  });

  it('is exported, downloaded, and reads back as what is shown', async () => {
    const options = { format: 'ply', upAxis: 'unchanged', shDegree: 3, applyEdits: true } as const;
    const { bytes: estimated } = await send('estimateExport', options);
    const { exportId } = await send('startExport', options);
    const { exports: all, scene } = await until(({ exports: now }) =>
      now.some(({ id, status }) => id === exportId && status !== 'running'),
    );
    const made = all.find(({ id }) => id === exportId);
    expect(made).toMatchObject({ status: 'finished', error: null, fileName: 'küche 日本.ply' });
    const file = await fetchMedia(made?.url ?? '');
    expect(file.length).toBe(made?.bytes);
    expect(Math.abs(file.length / estimated - 1)).toBeLessThan(0.25);
    const shown = decodeSplats(await fetchMedia(scene?.splatsUrl ?? ''));
    const { splats } = readSplatPly(file, 'download.ply');
    expect(splats.count).toBe(shown.count);
    expect(splats.means).toEqual(shown.means);
  });

  it('is in the project when that is opened again, and its own file can be opened', async () => {
    const before = await send('getState', {});
    await send('saveProjectAs', { name: 'my kitchen' });
    await send('newProject', {});
    expect(await send('getState', {})).toMatchObject({ photos: [], scene: null });
    const { recents } = await send('getState', {});
    const recent = recents.find(({ name }) => name === 'my kitchen');
    await send('openRecent', { recentId: recent?.id ?? 'none' });
    const { scene, photos, project, run } = await until(
      ({ photos: all }) => all.length > 0 && all.every(({ status }) => status !== 'reading'),
    );
    expect(scene).toMatchObject({ origin: 'project', count: before.scene?.count });
    expect(project.missingPhotos).toEqual([]);
    expect(photos.filter(({ status }) => status === 'ready')).toHaveLength(8);
    expect(run).toMatchObject({ status: 'idle', checkpoint: { iterations: SETTINGS.iterations } });
    const copy = join(folder, 'copy.ply');
    await writeFile(copy, await readFile(join(project.folder ?? '', 'scene.ply')));
    await host.service.importPicked([copy]);
    expect((await send('getState', {})).scene).toMatchObject({
      origin: 'file',
      name: 'copy.ply',
      count: before.scene?.count,
    });
  });
});

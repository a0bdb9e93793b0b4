/** Large buffers between a job process and its host: through files, each read once, none named from outside. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSpiller } from '../../electron/jobs/spill-buffers.js';
import { forkJob } from '../../electron/loopback/fork-job.js';
import { takeSpilledBuffers } from '../../electron/loopback/take-spilled-buffers.js';
import type { JobExit } from '../../electron/service/app-service.js';

const LARGE_BYTES = 200_000;

describe('buffers of job messages', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vantage-buffers-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('arrive as they left, and leave no file behind', () => {
    const splats = Uint8Array.from({ length: LARGE_BYTES }, (_, i) => (i * 7) % 251).buffer;
    const message = { type: 'event', taskId: 't', event: { type: 'snapshot', splats, count: 3 } };
    const sent = createSpiller(folder)(message) as typeof message;
    // What goes through the channel is small.
    expect(sent.event.splats).not.toBeInstanceOf(ArrayBuffer);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(takeSpilledBuffers(folder, structuredClone(sent))).toEqual(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that are small, and messages without any, pass as they are', () => {
    const message = { type: 'done', taskId: 't', result: { seen: new ArrayBuffer(16), scores: null } };
    expect(createSpiller(folder)(message)).toEqual(message);
    expect(readdirSync(folder)).toEqual([]);
    expect(takeSpilledBuffers(folder, { type: 'heartbeat' })).toEqual({ type: 'heartbeat' });
    expect(takeSpilledBuffers(folder, null)).toBe(null);
  });

  it('that are gone end the process that named them, in words, and not its host', async () => {
    const entry = join(folder, 'job.mjs');
    writeFileSync(
      entry,
      `process.send({ type: 'event', event: { splats: { spilledFile: '9.bin' } } }); setInterval(() => {}, 1000);`,
    );
    const job = forkJob('files', entry);
    const heard: unknown[] = [];
    job.onMessage((message) => heard.push(message));
    const exit = await new Promise<JobExit>((resolve) => job.onExit(resolve));
    expect(exit).toMatchObject({ signal: 'SIGKILL', lastWords: expect.stringContaining('9.bin') as string });
    expect(heard).toEqual([]);
  });

  it('are never taken from outside of the folder', () => {
    const outside = join(folder, 'secret.txt');
    writeFileSync(outside, 'secret');
    const hostile = { type: 'event', event: { splats: { spilledFile: '../secret.txt' }, points: { spilledFile: 7 } } };
    expect(takeSpilledBuffers(join(folder, 'inner'), hostile)).toEqual(hostile);
    expect(existsSync(outside)).toBe(true);
  });
});

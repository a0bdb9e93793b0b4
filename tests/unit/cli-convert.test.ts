/** `vantage convert` as a user meets it. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSplatPly } from '../../engine/formats/read-splat-ply.js';
import { writeSplatPly } from '../../engine/formats/write-splat-ply.js';
import { createSplats } from '../../engine/scene/splats.js';
import { createAskewCamera, createRandomSplats, DEFAULT_RECIPE } from '../fixtures/random-splats.js';

const VANTAGE = fileURLToPath(new URL('../../cli/vantage.mjs', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage convert 日本-'));
  const small = createSplats(2, 1);
  small.means.set([1, 2, 3, -4, 5, 6]);
  small.shCoeffs.fill(0.1);
  await writeFile(join(folder, 'シーン.ply'), writeSplatPly(small, { generator: 'Test' }).bytes);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `interruptAt`: Ctrl-C once that text is on stdout. */
function vantage(args: readonly string[], interruptAt?: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [VANTAGE, 'convert', ...args], { cwd: folder });
    let [stdout, stderr] = ['', ''];
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const wasThere = interruptAt !== undefined && stdout.includes(interruptAt);
      stdout += text;
      if (interruptAt !== undefined && !wasThere && stdout.includes(interruptAt)) child.kill('SIGINT');
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

describe('vantage convert', () => {
  it('there and back: SPZ keeps positions to 1/4096, and the axis asked for is up', async () => {
    const there = await vantage(['シーン.ply', 'a.spz', '--json']);
    expect(there.exitCode).toBe(0);
    const last = there.stdout.trim().split('\n').at(-1) as string;
    expect(JSON.parse(last)).toMatchObject({ type: 'result', inputFormat: 'ply', format: 'spz', count: 2 });
    const back = await vantage(['a.spz', 'b.ply', '--up', 'z', '--sh-degree', '0', '--compact']);
    expect([back.exitCode, back.stdout]).toEqual([0, expect.stringMatching(/b\.ply: 2 splats/) as string]);
    const { splats, storedShDegree, comments } = readSplatPly(
      new Uint8Array(await readFile(join(folder, 'b.ply'))),
      'b',
    );
    expect([storedShDegree, splats.count]).toEqual([0, 2]);
    expect(comments).toContain('Vertical axis: z');
    // y down becomes −z, z forward becomes y.
    [1, 3, -2, -4, 6, -5].forEach((value, i) => expect(splats.means[i]).toBeCloseTo(value, 3));
  });

  it('overwrites only when told to', async () => {
    const kept = join(folder, 'kept.splat');
    await writeFile(kept, 'mine');
    const refused = await vantage(['シーン.ply', 'kept.splat']);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('-w') as string]);
    expect(await readFile(kept, 'utf8')).toBe('mine');
    expect((await vantage(['シーン.ply', 'kept.splat', '-w'])).exitCode).toBe(0);
    expect((await readFile(kept)).length).toBe(64);
  });

  it.each([
    [['シーン.ply', 'a.obj'], 2, /ends in \.ply/],
    [['シーン.ply', 'x.ply', '--up', 'x'], 2, /unchanged, y, z/],
    [['シーン.ply', 'x.ply', '--sh-degree', '4'], 2, /0, 1, 2 or 3/],
    [['シーン.ply', 'x.ply', '--scene-up', '0,0,0'], 2, /three numbers/],
    [['absent.sog', 'x.ply'], 3, /no such file/],
  ])('%j: exit code %i', async (args, exitCode, complaint) => {
    const finished = await vantage(args);
    expect([finished.exitCode, finished.stdout]).toEqual([exitCode, '']);
    expect(finished.stderr).toMatch(complaint);
  });

  it('Ctrl-C in the middle of the writing leaves nothing behind', async () => {
    const camera = createAskewCamera(64, 48);
    const large = createRandomSplats({ ...DEFAULT_RECIPE, count: 60_000, shDegree: 3, camera });
    await writeFile(join(folder, 'large.ply'), writeSplatPly(large, { generator: 'Test' }).bytes);
    const before = await readdir(folder);
    const stopped = await vantage(['large.ply', 'large.sog', '--json'], 'Writing');
    expect(stopped.exitCode).toBe(4);
    expect(stopped.stderr).toContain('nothing was written');
    expect(await readdir(folder)).toEqual(before);
  });
});

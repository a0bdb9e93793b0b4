/** Every splat format, read through the process that does so: real files, files worked by hand, and misbehaving readers. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImportError } from '../../engine/scene/errors.js';
import type { Splats } from '../../engine/scene/splats.js';
import { SH_C0, selectSplats } from '../../engine/scene/splats.js';
import { openSplats } from '../../host/splat-formats/open-splats.js';
import { hasSplatExtension, recogniseFormat } from '../../host/splat-formats/registry.js';
import { runSplatWorker, SplatWorkerError } from '../../host/splat-formats/run-splat-worker.js';
import type { SplatDifferences } from '../fixtures/compare-splats.js';
import { compareSplats, matchByMean } from '../fixtures/compare-splats.js';

const DATA = fileURLToPath(new URL('../../../shared/data/splats', import.meta.url));
const hasData = existsSync(DATA);
if (!hasData) console.log(`SKIPPED: reading other tools' splat files: ${DATA} is not there`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage formats é 日本-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = async (name: string): Promise<Splats> => (await openSplats(join(DATA, name))).splats;

async function refuse(path: string): Promise<ImportError> {
  const error: unknown = await openSplats(path).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ImportError);
  return error as ImportError;
}

describe.skipIf(!hasData)('files of other tools', () => {
  it.each([
    ['biker.compressed.ply', 'compressed-ply', 152_746, 0],
    ['biker.sog', 'sog', 152_746, 0],
    ['biker.spz', 'spz', 152_746, 0],
    ['gaussian_splatting_airplane.splat', 'splat', 26_108, 0],
    ['minimal-raw.spz', 'spz', 4, 0],
    ['minimal-v4.spz', 'spz', 4, 0],
    ['test.ply', 'compressed-ply', 64, 3],
  ])('%s: %s with %i splats, SH degree %i', async (name, format, count, shDegree) => {
    const opened = await openSplats(join(DATA, name));
    expect([opened.format, opened.splats.count, opened.splats.shDegree]).toEqual([format, count, shDegree]);
    expect(opened.droppedCount).toBe(0);
  });

  it('the bytes of minimal-v2.spz and minimal-v3.spz, decoded by hand', async () => {
    // 24-bit fixed point, (−1, 0, −1) and so on in right-up-back, thus y and z change sign; 8 fractional bits then, 12 now.
    const v2 = await open('minimal-v2.spz');
    expect([...v2.means.subarray(0, 3)].map((v) => v + 0)).toEqual([-1, 0, 1]);
    // 0x7b = 123 → 123 / 16 − 10.
    expect([...v2.logScales.subarray(0, 3)]).toEqual([-2.3125, -2.3125, -2.3125]);
    // 0x55 = 85 → (85 / 255 − 0.5) / 0.15.
    expect(v2.shCoeffs[0]).toBeCloseTo((85 / 255 - 0.5) / 0.15, 5);
    // 0xe6 = 230 → logit of 230 / 255.
    expect(v2.rawOpacities[0]).toBeCloseTo(Math.log(230 / 25), 4);
    const v3 = await open('minimal-v3.spz');
    expect(v3.means[0]).toBe(-1);
    expect(v3.shCoeffs[0]).toBeCloseTo((0x69 / 255 - 0.5) / 0.15, 5);
  });

  it('minimal.splat and minimal.ksplat: the same four splats', async () => {
    const [splat, ksplat] = [await open('minimal.splat'), await open('minimal.ksplat')];
    const bytes = await readFile(join(DATA, 'minimal.splat'));
    expect(splat.means[0]).toBe(bytes.readFloatLE(0));
    expect(splat.logScales[0]).toBeCloseTo(Math.log(bytes.readFloatLE(12)), 6);
    expect(splat.shCoeffs[0]).toBeCloseTo(((bytes[24] as number) / 255 - 0.5) / SH_C0, 5);
    const { mean, logScale, opacity, color } = compareSplats(splat, ksplat);
    expect(Math.max(mean, logScale, opacity, color)).toBeLessThan(1e-3);
  });

  it.each([
    // Half a step of 1/4096, of 1/16, of 1/255, of 1/(255 · 0.15); harmonics in 5 and 4 bits.
    [
      'train-1000.spz',
      { mean: 1.3e-4, logScale: 0.0313, opacity: 0.00197, color: 0.0037, angle: 0.003, harmonics: 0.025 },
    ],
    // Steps of a chunk's extent, 1/2047 or 1/1023 of it.
    [
      'train-1000.compressed.ply',
      { mean: 6e-3, logScale: 3e-3, opacity: 0.00197, color: 3e-3, angle: 4e-3, harmonics: 0.01 },
    ],
  ])('%s is train-1000.ply, to within its steps', async (name, limits: SplatDifferences) => {
    const original = await open('train-1000.ply');
    const differences = compareSplats(original, matchByMean(original, await open(name)));
    for (const [field, limit] of Object.entries(limits) as [keyof SplatDifferences, number][])
      expect(differences[field], field).toBeLessThanOrEqual(limit);
  });

  it('biker as SOG, SPZ and compressed PLY is one scene', async () => {
    const [compressed, sog, spz] = await Promise.all(['biker.compressed.ply', 'biker.sog', 'biker.spz'].map(open));
    const sample = Array.from({ length: 150 }, (_, i) => i * 1000 + 37);
    const wanted = selectSplats(compressed as Splats, sample);
    for (const other of [sog as Splats, spz as Splats]) {
      const found = matchByMean(wanted, other);
      // Two splats may stand closer together than the steps of the formats: nearly all must agree in everything.
      const agreeing = sample.filter((_, i) => {
        const one = compareSplats(selectSplats(wanted, [i]), selectSplats(found, [i]));
        return one.mean < 2e-3 && one.logScale < 0.05 && one.opacity < 0.01 && one.color < 0.01 && one.angle < 0.05;
      });
      expect(agreeing.length).toBeGreaterThan(140);
    }
  });

  it('a SOG as meta.json with pictures, and as the folder of both', async () => {
    const unpacked = join(folder, 'sog unpacked');
    await mkdir(unpacked);
    const files = unzipSync(new Uint8Array(await readFile(join(DATA, 'biker.sog'))));
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(unpacked, name), bytes);
    expect((await openSplats(join(unpacked, 'meta.json'))).splats.count).toBe(152_746);
    expect((await openSplats(unpacked)).format).toBe('sog');
    // A description that points elsewhere is not followed.
    const meta = JSON.parse(new TextDecoder().decode(files['meta.json'])) as { means: { files: string[] } };
    meta.means.files[0] = '../../secret.webp';
    await writeFile(join(unpacked, 'meta.json'), JSON.stringify(meta));
    expect((await refuse(join(unpacked, 'meta.json'))).problem).toMatch(/outside of its own folder/);
  });

  it('a wrong ending does not matter where the bytes say what it is', async () => {
    await copyFile(join(DATA, 'minimal-v4.spz'), join(folder, 'renamed.ply'));
    expect((await openSplats(join(folder, 'renamed.ply'))).format).toBe('spz');
  });
});

describe('files that are none', () => {
  it.each([
    ['absent.spz', null, 'not-found', /no such file/],
    ['empty.spz', '', 'malformed', /empty/],
    ['text.splat', 'no multiple of 32', 'malformed', /32 bytes/],
    ['text.ksplat', 'short', 'malformed', /shorter than the header/],
    ['text.sog', 'PK\u0003\u0004 and no more', 'malformed', /ZIP archive/],
    ['zip.spz', '\u001f\u008bnot gzip at all', 'malformed', /compressed data is damaged/],
    ['scene.lcc', 'x', 'unsupported', /no splat file/],
    ['model.glb', 'glTF but no chunk', 'malformed', /glTF/],
  ])('%s', async (name, content, code, problem) => {
    const path = join(folder, name);
    if (content !== null) await writeFile(path, content, 'latin1');
    const error = await refuse(path);
    expect([error.code, error.file]).toEqual([code, path]);
    expect(error.problem).toMatch(problem);
    expect(error.hint).not.toBe('');
  });

  it('say what helps for formats that exist and are not read', async () => {
    await writeFile(join(folder, 'a.gltf'), '{}');
    expect((await refuse(join(folder, 'a.gltf'))).hint).toMatch(/single \.glb/);
    expect((await refuse(folder)).problem).toMatch(/folder/);
  });

  it('a claim of billions of splats is refused before memory is taken', async () => {
    const header = Buffer.alloc(16);
    header.write('NGSP', 'latin1');
    header.writeUInt32LE(4, 4);
    header.writeUInt32LE(4_000_000_000, 8);
    await writeFile(join(folder, 'huge.spz'), header);
    expect((await refuse(join(folder, 'huge.spz'))).code).toBe('too-large');
    const sog = 'format binary_little_endian 1.0\nelement chunk 4\nproperty float min_x\nelement vertex 1000';
    const ply = `ply\n${sog}\nproperty uint packed_position\nend_header\n`;
    await writeFile(join(folder, 'short.ply'), ply);
    expect((await refuse(join(folder, 'short.ply'))).code).toBe('truncated');
  });
});

describe('telling formats apart', () => {
  it('by bytes first, then by name', () => {
    const head = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
    expect(recogniseFormat('a.splat', head('ply\nproperty uint packed_position'))?.reads).toBe('compressed-ply');
    expect(recogniseFormat('a.sog', head('ply\r\n'))?.reads).toBe('ply');
    expect(recogniseFormat('A.SPLAT', head('\u0001\u0002'))?.reads).toBe('splat');
    expect(recogniseFormat('meta.json', head('{'))?.reads).toBe('sog');
    expect(recogniseFormat('xmeta.json', head('{'))).toBeNull();
    expect(recogniseFormat('a.html', head('<html'))).toBeNull();
  });

  it('by name alone for those who only have that', () => {
    expect(['a.ply', 'b.KSPLAT', 'c/meta.json', 'd.glb'].every(hasSplatExtension)).toBe(true);
    expect(['a.jpg', 'transforms.json', 'b.html'].some(hasSplatExtension)).toBe(false);
  });
});

describe('the process of other people’s code', () => {
  const run = (how: 'hang' | 'crash' | 'throw' | 'fill-memory', limitMs: number, signal?: AbortSignal) =>
    runSplatWorker({ kind: 'misbehave', how }, { limitMs, signal }).catch((error: unknown) => error);

  it.each([
    ['crash', 60_000, 'crashed'],
    ['throw', 60_000, 'failed'],
    ['fill-memory', 60_000, 'out-of-memory'],
    ['hang', 1000, 'timed-out'],
  ] as const)('%s is an error with a name', async (how, limitMs, kind) => {
    const error = await run(how, limitMs);
    expect(error).toBeInstanceOf(SplatWorkerError);
    expect((error as SplatWorkerError).kind).toBe(kind);
  });

  it('is stopped in the middle of whatever it does, with the reason given', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 500);
    expect(await run('hang', 600_000, controller.signal)).toBe(reason);
    expect(await run('hang', 600_000, AbortSignal.abort(reason))).toBe(reason);
  });

  it('works as a thread too, where no process can be started', async () => {
    const job = { kind: 'misbehave', how: 'throw' } as const;
    const failed: unknown = await runSplatWorker(job, { limitMs: 60_000, host: 'thread' }).catch((e: unknown) => e);
    expect((failed as SplatWorkerError).message).toBe('as asked');
    const hung: unknown = await runSplatWorker({ ...job, how: 'hang' }, { limitMs: 1500, host: 'thread' }).catch(
      (e: unknown) => e,
    );
    expect((hung as SplatWorkerError).kind).toBe('timed-out');
  });
});

/** Every written format: what was written reads back as the same scene, in the frame that others expect. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { Splats } from '../../engine/scene/splats.js';
import { createSplats } from '../../engine/scene/splats.js';
import { limitShDegree } from '../../engine/scene/transform-splats.js';
import { writeSog } from '../../engine/formats/write-sog.js';
import { writeSplat } from '../../engine/formats/write-splat.js';
import type { ExportChoices, WrittenFormat } from '../../host/splat-formats/export-splats.js';
import { estimateExportBytes, ExportError, exportSplats } from '../../host/splat-formats/export-splats.js';
import { openSplats } from '../../host/splat-formats/open-splats.js';
import type { SplatDifferences } from '../fixtures/compare-splats.js';
import { compareSplats, matchByMean } from '../fixtures/compare-splats.js';
import { createAskewCamera, createRandomSplats, DEFAULT_RECIPE } from '../fixtures/random-splats.js';

const DATA = fileURLToPath(new URL('../../../shared/data/splats', import.meta.url));
const hasData = existsSync(DATA);
if (!hasData) console.log(`SKIPPED: exporting real scenes: ${DATA} is not there`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage export é 日本-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const EXTENSIONS: Record<WrittenFormat, string> = {
  ply: '.ply',
  'compressed-ply': '.compressed.ply',
  spz: '.spz',
  splat: '.splat',
  sog: '.sog',
  glb: '.glb',
  html: '.html',
};

const choose = (format: WrittenFormat, more: Partial<ExportChoices> = {}): ExportChoices => ({
  format,
  upAxis: 'unchanged',
  up: [0, -1, 0],
  shDegree: 3,
  hidden: null,
  ...more,
});

async function exportTo(name: string, splats: Splats, choices: ExportChoices): Promise<string> {
  const outputFile = join(folder, `${name}${EXTENSIONS[choices.format]}`);
  const { bytes } = await exportSplats(splats, choices, { outputFile });
  expect(bytes).toBe((await readFile(outputFile)).length);
  return outputFile;
}

const scene = createRandomSplats({
  ...DEFAULT_RECIPE,
  count: 300,
  shDegree: 3,
  seed: 21,
  camera: createAskewCamera(64, 48),
});

/** Three splats on the axes, far enough apart to be told in any file. */
function axesScene(): Splats {
  const splats = createSplats(3, 0);
  splats.means.set([5, 0, 0, 0, 6, 0, 0, 0, 7]);
  splats.logScales.fill(-2);
  splats.rawOpacities.fill(2);
  return splats;
}

describe('round trips', () => {
  it.each<[WrittenFormat, SplatDifferences]>([
    ['ply', { mean: 0, logScale: 0, opacity: 0, color: 0, angle: 1e-3, harmonics: 0 }],
    ['glb', { mean: 0, logScale: 1e-6, opacity: 1e-6, color: 1e-6, angle: 1e-3, harmonics: 1e-7 }],
    // Half a step of 1/4096, 1/16, 1/255 and 1/(255 · 0.15); clipped to 1.05 of the colours.
    ['spz', { mean: 1.3e-4, logScale: 0.0313, opacity: 0.002, color: 0.0037, angle: 0.004, harmonics: 0.035 }],
    ['compressed-ply', { mean: 0.01, logScale: 0.003, opacity: 0.002, color: 0.003, angle: 0.004, harmonics: 0.012 }],
    ['sog', { mean: 1e-3, logScale: 0.05, opacity: 0.002, color: 0.01, angle: 0.012, harmonics: 0.05 }],
    ['splat', { mean: 0, logScale: 1e-6, opacity: 0.002, color: 0.002, angle: 0.03, harmonics: Infinity }],
  ])('%s', async (format, limits) => {
    const file = await exportTo('round', scene, choose(format));
    const { splats, droppedCount } = await openSplats(file);
    expect([splats.count, droppedCount]).toEqual([300, 0]);
    const differences = compareSplats(scene, matchByMean(scene, splats));
    for (const [field, limit] of Object.entries(limits) as [keyof SplatDifferences, number][])
      expect(differences[field], field).toBeLessThanOrEqual(limit);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('leaves out what is hidden, unusable records and bands that are not wanted', async () => {
    const damaged = { ...scene, means: scene.means.slice() };
    damaged.means[10 * 3] = NaN;
    const hidden = new Uint8Array(300);
    hidden.fill(1, 0, 5);
    const outputFile = join(folder, 'part.ply');
    const choices = choose('ply', { hidden, shDegree: 1, compact: true });
    const result = await exportSplats(damaged, choices, { outputFile });
    expect([result.count, result.droppedCount]).toEqual([294, 1]);
    const { splats } = await openSplats(outputFile);
    expect([splats.count, splats.shDegree]).toEqual([294, 1]);
    expect([...splats.means.subarray(0, 3)]).toEqual([...scene.means.subarray(15, 18)]);
  });
});

describe('frames', () => {
  /** Positions as they stand in the file, in its order. */
  async function filePositions(format: 'ply' | 'spz' | 'glb' | 'splat', more: Partial<ExportChoices>): Promise<Vec3[]> {
    const bytes = await readFile(await exportTo('axes', axesScene(), choose(format, more)));
    if (format === 'spz') {
      const unpacked = gunzipSync(bytes);
      expect([unpacked.toString('latin1', 0, 4), unpacked.readUInt32LE(4)]).toEqual(['NGSP', 3]);
      const at = (i: number): number => unpacked.readIntLE(16 + i * 3, 3) / 2 ** (unpacked[13] as number);
      return [0, 1, 2].map((i) => [at(i * 3), at(i * 3 + 1), at(i * 3 + 2)]);
    }
    const start = {
      ply: bytes.indexOf('end_header\n') + 11,
      splat: 0,
      glb: 20 + bytes.readUInt32LE(12) + 8,
    }[format];
    const stride = { ply: 248, splat: 32, glb: 12 }[format];
    return [0, 1, 2].map((i) => [0, 1, 2].map((k) => bytes.readFloatLE(start + i * stride + k * 4)) as Vec3);
  }
  const rounded = (positions: Vec3[]): Vec3[] =>
    positions.map((position) => position.map((value) => Math.round(value * 1000) / 1000 + 0) as Vec3);

  it('unchanged: PLY and .splat as they are; SPZ right-up-back; glTF left-up-forward', async () => {
    const asTheyAre = [
      [5, 0, 0],
      [0, 6, 0],
      [0, 0, 7],
    ];
    expect(rounded(await filePositions('ply', {}))).toEqual(asTheyAre);
    expect(rounded(await filePositions('splat', {}))).toEqual(asTheyAre);
    expect(rounded(await filePositions('spz', {}))).toEqual([
      [5, 0, 0],
      [0, -6, 0],
      [0, 0, -7],
    ]);
    expect(rounded(await filePositions('glb', {}))).toEqual([
      [-5, 0, 0],
      [0, -6, 0],
      [0, 0, 7],
    ]);
  });

  it.each(['ply', 'spz', 'glb'] as const)('%s: the axis asked for is up in the file’s own numbers', async (format) => {
    // What points down (+y) in the scene points to −y, or −z; x stays.
    expect(rounded(await filePositions(format, { upAxis: 'y-up' }))).toEqual([
      [5, 0, 0],
      [0, -6, 0],
      [0, 0, -7],
    ]);
    expect(rounded(await filePositions(format, { upAxis: 'z-up' }))).toEqual([
      [5, 0, 0],
      [0, 0, -6],
      [0, 7, 0],
    ]);
  });
});

describe('what goes wrong', () => {
  it('nothing to export is said, and leaves no file', async () => {
    const outputFile = join(folder, 'nothing.sog');
    const choices = choose('sog', { hidden: new Uint8Array(300).fill(1) });
    await expect(exportSplats(scene, choices, { outputFile })).rejects.toBeInstanceOf(ExportError);
    expect(existsSync(outputFile)).toBe(false);
  });

  it('stopping in the middle throws the reason, keeps an older file and leaves nothing else', async () => {
    const inner = await mkdtemp(join(folder, 'stop-'));
    const outputFile = join(inner, 'old.spz');
    await exportSplats(axesScene(), choose('spz'), { outputFile });
    const before = await readFile(outputFile);
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 200);
    const { signal } = controller;
    await expect(exportSplats(scene, choose('sog'), { outputFile, signal })).rejects.toBe(reason);
    expect(await readdir(inner)).toEqual(['old.spz']);
    expect(await readFile(outputFile)).toEqual(before);
  });
});

describe('the writers by themselves', () => {
  it('.splat: bytes worked by hand, the largest first', () => {
    const splats = createSplats(2, 0);
    splats.means.set([1, 2, 3, 4, 5, 6]);
    splats.logScales.set([-3, -3, -3, 0, Math.log(2), 0]);
    splats.quats.set([1, 0, 0, 0, 0, 2, 0, 0]);
    // Colours 0.5, 1.0 (clipped from 1.2) and 0; opacity ½.
    splats.shCoeffs.set([0, 0.7 / 0.28209479, -0.9 / 0.28209479], 3);
    const { bytes } = writeSplat(splats);
    const view = new DataView(bytes.buffer);
    expect([view.getFloat32(0, true), view.getFloat32(4, true), view.getFloat32(32, true)]).toEqual([4, 5, 1]);
    expect(view.getFloat32(16, true)).toBeCloseTo(2, 6);
    expect([...bytes.subarray(24, 32)]).toEqual([128, 255, 0, 128, 128, 255, 128, 128]);
  });

  it('SOG: a flat scene of equal splats divides by nothing', () => {
    const sog = writeSog(createSplats(5, 2), { generator: 'Test' });
    const meta = JSON.parse(sog.meta) as { count: number; means: { mins: number[]; maxs: number[] } };
    expect([meta.count, meta.means.mins, meta.means.maxs]).toEqual([5, [0, 0, 0], [0, 0, 0]]);
    for (const { rgba, width, height } of sog.textures) expect(rgba.length).toBe(width * height * 4);
  });
});

describe.skipIf(!hasData)('estimates of sizes', () => {
  it('are within a quarter for real scenes, every degree of harmonics', async () => {
    const train = (await openSplats(join(DATA, 'train-1000.ply'))).splats;
    const biker = (await openSplats(join(DATA, 'biker.compressed.ply'))).splats;
    const cases: [Splats, WrittenFormat][] = [
      ...(['ply', 'compressed-ply', 'spz', 'splat', 'sog', 'glb', 'html'] as const).map(
        (format): [Splats, WrittenFormat] => [train, format],
      ),
      ...(['spz', 'sog'] as const).map((format): [Splats, WrittenFormat] => [limitShDegree(train, 1), format]),
      ...(['compressed-ply', 'spz', 'sog'] as const).map((format): [Splats, WrittenFormat] => [biker, format]),
    ];
    for (const [splats, format] of cases) {
      const outputFile = join(folder, `size${EXTENSIONS[format]}`);
      const { bytes } = await exportSplats(splats, choose(format), { outputFile });
      const ratio = estimateExportBytes(splats.count, splats.shDegree, format) / bytes;
      expect(ratio, `${format}, ${splats.count} splats, degree ${splats.shDegree}: ${bytes}`).toBeGreaterThan(0.75);
      expect(ratio, `${format}, ${splats.count} splats, degree ${splats.shDegree}: ${bytes}`).toBeLessThan(1.25);
    }
  });
});

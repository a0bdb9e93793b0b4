/** Models that the user has as files, and the command that lists and takes them. */
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSources } from '../../host/poses/open-sources.js';
import { installModelFile, missingFiles } from '../../native-models/install-model.js';
import { ALL_MODELS, FEATURE_MODELS, filesOf } from '../../native-models/manifest.js';
import { readVerifiedModel } from '../../native-models/verified-model.js';

const VANTAGE = fileURLToPath(new URL('../../cli/vantage.mjs', import.meta.url));
const shared = fileURLToPath(new URL('../../../shared/models/', import.meta.url));
const isThere = FEATURE_MODELS.every(({ fileName }) => existsSync(join(shared, fileName)));
if (!isThere) console.log('SKIPPED: opening installed features (shared/models is absent)');

let folder = '';
const before = process.env['VANTAGE_MODELS'];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-install-'));
  process.env['VANTAGE_MODELS'] = join(folder, 'models');
});
afterEach(async () => {
  if (before === undefined) delete process.env['VANTAGE_MODELS'];
  else process.env['VANTAGE_MODELS'] = before;
  await rm(folder, { recursive: true, force: true });
});

function vantage(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [VANTAGE, ...args], { env: process.env }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('the manifest', () => {
  it('pins every model by content, under a name and a file of its own', () => {
    const files = ALL_MODELS.flatMap(filesOf);
    for (const { fileName, sha256, bytes, url } of files) {
      expect(sha256, fileName).toMatch(/^[0-9a-f]{64}$/);
      expect(bytes, fileName).toBeGreaterThan(1e5);
      if (url !== null) expect(url, fileName).toMatch(/^https:\/\//);
    }
    for (const { name, licence } of ALL_MODELS) expect(licence, name).not.toBe('');
    expect(new Set(ALL_MODELS.map(({ name }) => name)).size).toBe(ALL_MODELS.length);
    expect(new Set(files.map(({ fileName }) => fileName)).size).toBe(files.length);
    expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(files.length);
  });
});

describe('taking a file into the model folder', () => {
  const content = Buffer.from('what the network weighs');
  const model = {
    ...FEATURE_MODELS[0]!,
    name: 'test',
    fileName: 'test.onnx',
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  };

  it('recognises it by its content, whatever it is called', async () => {
    const file = join(folder, 'download (1).bin');
    await writeFile(file, content);
    const target = join(folder, 'new', 'deep');
    const installed = await installModelFile(file, { folder: target, models: [model] });
    expect(installed).toEqual({ model, path: join(target, 'test.onnx') });
    expect(await readdir(target)).toEqual(['test.onnx']);
    expect(Buffer.from((await readVerifiedModel(installed.path, model))!).equals(content)).toBe(true);
    expect((await readFile(file)).equals(content)).toBe(true);
  });

  it('takes the files of a model one by one, and says which are still to come', async () => {
    const weights = Buffer.from('what it weighs beside that');
    const digest = createHash('sha256').update(weights).digest('hex');
    const companion = { fileName: 'test.onnx_data', location: 'w', url: null, bytes: weights.length, sha256: digest };
    const both = { ...model, companions: [companion] };
    const target = join(folder, 'models');
    expect(missingFiles(both, target)).toEqual(['test.onnx', 'test.onnx_data']);
    await writeFile(join(folder, 'a'), weights);
    const installed = await installModelFile(join(folder, 'a'), { folder: target, models: [both] });
    expect(installed).toEqual({ model: both, path: join(target, 'test.onnx_data') });
    expect(missingFiles(both, target)).toEqual(['test.onnx']);
    await writeFile(join(folder, 'b'), content);
    await installModelFile(join(folder, 'b'), { folder: target, models: [both] });
    expect(missingFiles(both, target)).toEqual([]);
  });

  it('refuses what it does not know, and writes nothing', async () => {
    const file = join(folder, 'test.onnx');
    await writeFile(file, Buffer.concat([content, Buffer.of(0)]));
    const target = join(folder, 'models');
    const install = (path: string) => installModelFile(path, { folder: target, models: [model] });
    await expect(install(file)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(install(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(install(folder)).rejects.toMatchObject({ code: 'unreadable' });
    expect(existsSync(target)).toBe(false);
  });
});

describe('vantage models', () => {
  it('lists all, says what is wrong with a name, and takes no stranger', async () => {
    const { stdout } = await vantage('models', '--json');
    const result = JSON.parse(stdout) as { folder: string; models: { name: string; isInstalled: boolean }[] };
    expect(result.folder).toBe(join(folder, 'models'));
    expect(result.models.map(({ name }) => name)).toEqual(ALL_MODELS.map(({ name }) => name));
    expect(result.models.some(({ isInstalled }) => isInstalled)).toBe(false);
    const unknown = await vantage('models', 'download', 'xfeet');
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('xfeat-640') as string });
    await writeFile(join(folder, 'xfeat.onnx'), 'no network');
    const stranger = await vantage('models', 'add', join(folder, 'xfeat.onnx'));
    expect(stranger).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('no model that is known') as string,
    });
  }, 30_000);

  it.skipIf(!isThere)(
    'adds what "auto" then uses',
    async () => {
      const files = FEATURE_MODELS.map(({ fileName }) => join(shared, fileName));
      expect((await vantage('models', 'add', ...files)).exitCode).toBe(0);
      const opened = await openSources({ maxKeypoints: 100, pairCount: 1, threads: 1 });
      expect(opened.sources.map(({ detector }) => detector.name)).toEqual(['akaze', 'xfeat']);
      await opened.dispose();
    },
    30_000,
  );
});

describe('features without their networks', () => {
  it('are AKAZE alone, unless they were asked for by name', async () => {
    const opened = await openSources({ maxKeypoints: 100, pairCount: 1, threads: 1 });
    expect(opened.sources.map(({ detector }) => detector.name)).toEqual(['akaze']);
    expect(opened.warnings).toEqual([]);
    await opened.dispose();
    for (const features of ['xfeat', 'both'] as const)
      await expect(openSources({ maxKeypoints: 100, pairCount: 1, threads: 1, features })).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('xfeat-640') as string,
      });
  });
});

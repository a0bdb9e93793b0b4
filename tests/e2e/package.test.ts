/** Packages the application for real, around a stand-in for Electron's zip, and looks into what comes out. */
import { fork, spawn } from 'node:child_process';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractAll, listPackage, statFile } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PhotoSource, Task } from '../../electron/ipc/job-contract.js';
import { encodeSplats } from '../../engine/scene/encode-splats.js';
import type { PairAnswer, PairTask } from '../../host/poses/serve-pairs.js';
import { createPlainCamera, createRandomSplats, DEFAULT_RECIPE } from '../fixtures/random-splats.js';
import { REPOSITORY_ROOT } from '../architecture/repository.js';
import { RUNTIME_PACKAGES } from '../../scripts/bundle/runtime-packages.js';
import { readElectronVersion, writeStandInElectron } from '../fixtures/stand-in-electron.js';
import { drawRingPair, isMotionWithin } from '../fixtures/synthetic-cameras.js';

const folder = mkdtempSync(join(tmpdir(), 'vantage-package-'));
const application = join(folder, 'out', `Vantage-${process.platform}-${process.arch}`);
const resources = join(application, 'resources');
const archive = join(resources, 'app.asar');
const extracted = join(folder, 'extracted');
let names: readonly string[] = [];

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runNode(args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const heard = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => (heard[name] += text));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...heard }));
  });
}

beforeAll(async () => {
  const zips = join(folder, 'zips');
  await writeStandInElectron(zips, await readElectronVersion(REPOSITORY_ROOT));
  // Not synchronously: the test runner must hear from its worker while this takes a minute.
  const run = await runNode(['scripts/run-ts.mjs', 'scripts/package/package.ts', join(folder, 'out')], {
    cwd: REPOSITORY_ROOT,
    env: { ...process.env, VANTAGE_ELECTRON_ZIPS: zips },
  });
  expect(run.stderr).not.toContain('Packaging failed');
  expect(run.status, run.stdout + run.stderr).toBe(0);
  expect(run.stdout).toContain('Not signed');
  names = listPackage(archive, { isPack: false }).map((name) => name.replaceAll('\\', '/'));
  extractAll(archive, extracted);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('packaged application', () => {
  it('holds the bundles and the window, and no sources, tests or tools', () => {
    for (const needed of [
      '/package.json',
      '/.vite/build/main.js',
      '/.vite/build/preload.cjs',
      '/.vite/build/job-main.js',
      '/.vite/build/splat-worker.js',
      '/.vite/build/pair-worker.js',
      '/out/renderer/index.html',
      '/out/files/engine/wasm/vantage.wasm',
      '/out/files/host/wasm-worker.mjs',
      '/assets/icons/icon.png',
      '/LICENSE',
      '/THIRD-PARTY-NOTICES.md',
    ])
      expect(names, needed).toContain(needed);
    const ours = names.filter((name) => !name.startsWith('/node_modules/'));
    const unwanted =
      /^\/(engine|electron|renderer|tests|scripts|cli|docs|host|native-models|shared|release)(\/|$)|\.tsx?$|lock\.json$/;
    expect(ours.filter((name) => unwanted.test(name))).toEqual([]);
    for (const tool of [
      'typescript',
      'vite',
      'vitest',
      'electron',
      'eslint',
      'tsx',
      'react',
      'three',
      'playwright-core',
    ])
      expect(names).not.toContain(`/node_modules/${tool}`);
  });

  it('has a package.json without the ways of the workshop', async () => {
    const file = JSON.parse(await readFile(join(extracted, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(Object.keys(file).sort()).toEqual(['description', 'license', 'main', 'name', 'type', 'version']);
  });

  it('keeps native code, WASM and what threads start from outside the archive', () => {
    const mustBeFiles = names.filter(
      (name) =>
        /\.(node|wasm|dll|dylib|so(\.[\d.]+)?)$/.test(name) ||
        name.startsWith('/out/files/') ||
        /^\/\.vite\/build\/(splat|pair)-worker/.test(name) ||
        name.startsWith('/node_modules/@techstark/opencv-js/') ||
        /worker\.mjs$/.test(name),
    );
    expect(mustBeFiles.some((name) => name.endsWith('.node'))).toBe(true);
    expect(mustBeFiles).toContain('/node_modules/@techstark/opencv-js/dist/opencv.js');
    const packed = mustBeFiles.filter((name) => {
      const entry = statFile(archive, name.slice(1)) as { unpacked?: boolean; files?: unknown };
      return entry.files === undefined && entry.unpacked !== true;
    });
    expect(packed).toEqual([]);
  });

  it('brings native code of this system only', () => {
    const foreign = { linux: /darwin|win32/, darwin: /linux|win32/, win32: /darwin|linux/ }[
      process.platform as 'linux'
    ];
    expect(names.filter((name) => /\.(node|dll|dylib|so[\d.]*)$/.test(name) && foreign.test(name))).toEqual([]);
  });

  it('resolves every module that its processes load from inside', async () => {
    const build = join(extracted, '.vite', 'build');
    const require = createRequire(join(build, 'job-main.js'));
    const builtIn = new Set((await import('node:module')).builtinModules);
    const missing: string[] = [];
    const packages = new Set<string>();
    for (const bundle of await readdir(build)) {
      const code = await readFile(join(build, bundle), 'utf8');
      const found = code.matchAll(/(?:^import\s[^'"]*?|^\}? ?from\s*|\bimport\(|\brequire\()['"]([^'"\n]+)['"]/gm);
      for (const [, name = ''] of found) {
        const isOptional = name === '@tensorflow/tfjs-node-gpu' || name === 'electron';
        if (name.startsWith('.') || name.startsWith('node:') || builtIn.has(name) || isOptional) continue;
        packages.add(name);
        const path = require.resolve(name);
        if (!path.startsWith(extracted)) missing.push(`${bundle}: ${name}`);
      }
    }
    expect(missing).toEqual([]);
    expect([...packages].sort()).toEqual([...RUNTIME_PACKAGES].sort());
    // And they load: what they need in turn is there too.
    const load = `for (const name of ${JSON.stringify(RUNTIME_PACKAGES)}) await import(name); console.log('loaded');`;
    const run = await runNode(['--input-type=module', '--eval', load], { cwd: build, env: process.env });
    expect(run.stderr + run.stdout).toContain('loaded');
  });

  /** What the packaged job process answers to a task. */
  async function settle(task: Task): Promise<unknown> {
    const job = fork(join(extracted, '.vite', 'build', 'job-main.js'), ['files'], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const settled = await new Promise<unknown>((resolve, reject) => {
      job.on('exit', (code) => reject(new Error(`ended with ${code ?? 'a signal'}`)));
      job.on('message', (message: { type: string }) => {
        if (message.type === 'ready') job.send({ type: 'start', taskId: 'look', task });
        if (message.type === 'done' || message.type === 'failed') resolve(message);
      });
    });
    job.removeAllListeners('exit');
    job.kill();
    return settled;
  }
  const photo = (name: string): PhotoSource => {
    const file = join(REPOSITORY_ROOT, 'assets', 'sample', 'images', name);
    return { photoId: name.slice(0, 2), path: name, file, maskFile: null, pose: null };
  };

  it('has a job process that starts and works', async () => {
    const thumbnailFolder = join(folder, 'thumbnails');
    const settled = await settle({ kind: 'inspect-photos', photos: [photo('01.jpg')], thumbnailFolder });
    expect(settled).toMatchObject({ type: 'done' });
    expect((await stat(join(thumbnailFolder, '01.jpg'))).size).toBeGreaterThan(500);
  });

  it('finds cameras there, in threads that load OpenCV', async () => {
    const photos = ['01.jpg', '02.jpg', '03.jpg'].map(photo);
    const settled = await settle({
      kind: 'find-cameras',
      photos,
      cameras: 'sought',
      sensors: [],
      calibrations: [],
      seed: 1,
      threads: null,
      cameraFinder: 'auto',
      depthModel: 'auto',
      logFile: join(folder, 'cameras.log'),
    });
    expect(settled).toMatchObject({
      type: 'done',
      result: { photos: photos.map(() => ({ outcome: { isPlaced: true } })) },
    });
  });

  it('checks pairs of photos in the threads that fifteen photos start', async () => {
    const worker = new Worker(join(extracted, '.vite', 'build', 'pair-worker.js'), { execArgv: [] });
    const { camera2FromCamera1: truth, ...pair } = drawRingPair(1, 100);
    worker.postMessage({ id: 7, pair, options: { seed: 1 } } satisfies PairTask);
    const answer = await new Promise<PairAnswer>((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', reject);
    });
    await worker.terminate();
    expect(answer).toMatchObject({ id: 7, verified: { relation: 'general' } });
    expect(isMotionWithin(answer.verified.camera2FromCamera1, truth, 1e-5)).toBe(true);
  });

  it('writes splats in the thread that Electron would start', async () => {
    const splats = createRandomSplats({ ...DEFAULT_RECIPE, camera: createPlainCamera(64, 48), count: 50 });
    const splatsFile = join(folder, 'splats.bin');
    const outputFile = join(folder, 'scene.spz');
    await writeFile(splatsFile, encodeSplats(splats));
    const view = { position: [0, 0, -3], target: [0, 0, 0], fovDegrees: 50 };
    const worker = new Worker(join(extracted, '.vite', 'build', 'splat-worker.js'), {
      workerData: { kind: 'write', splatsFile, format: 'spz', outputFile, generator: 'test', title: 'test', view },
      execArgv: [],
      stderr: true,
    });
    const answer = await new Promise<unknown>((resolve, reject) => {
      worker.on('message', (message: { type: string }) => {
        if (message.type !== 'progress') resolve(message);
      });
      worker.on('error', reject);
    });
    await worker.terminate();
    expect(answer).toEqual({ type: 'done' });
    // The format's header: magic number, version, number of splats.
    const header = gunzipSync(await readFile(outputFile));
    expect([header.toString('latin1', 0, 4), header.readUInt32LE(4), header.readUInt32LE(8)]).toEqual(['NGSP', 3, 50]);
  });

  it('has its fuses burnt', async () => {
    const wire = await getCurrentFuseWire(join(application, 'vantage'));
    const [off, on] = ['0'.charCodeAt(0), '1'.charCodeAt(0)];
    expect(wire).toMatchObject({
      [FuseV1Options.RunAsNode]: off,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: off,
      [FuseV1Options.EnableNodeCliInspectArguments]: off,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: off,
      [FuseV1Options.EnableCookieEncryption]: on,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: on,
      [FuseV1Options.OnlyLoadAppFromAsar]: on,
    });
    expect(await readdir(resources)).not.toContain('default_app.asar');
  });

  it('carries the licences, of packages too', async () => {
    expect((await readdir(resources)).sort()).toEqual([
      'LICENSE',
      'THIRD-PARTY-NOTICES.md',
      'app.asar',
      'app.asar.unpacked',
    ]);
    expect(await readdir(application)).toContain('LICENSES.chromium.html');
    for (const name of ['sharp', 'onnxruntime-node', '@playcanvas/splat-transform'])
      expect(
        names.some((path) => new RegExp(`^/node_modules/${name}/(LICENSE|License)`, 'i').test(path)),
        name,
      ).toBe(name !== 'onnxruntime-node');
  });
});

/** Cameras by COLMAP, as a user asks for them: the command line, with the real program where it is installed and a stand-in for what goes wrong. */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { compareCameras } from '../../engine/poses/compare-cameras.js';
import { CaptureFolder } from '../../host/capture-folder.js';
import { findColmap } from '../../host/poses/run-colmap.js';
import { isProcessAlive } from '../../host/process-alive.js';
import { makeStandIn } from '../fixtures/colmap-stand-in.js';
import { SAMPLE } from './app/run-vantage.js';

const VANTAGE = fileURLToPath(new URL('../../cli/vantage.mjs', import.meta.url));
const FOX = fileURLToPath(new URL('../../../shared/data/fox', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'vantage colmap 日本-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param path the PATH. @param interruptAt Ctrl-C as soon as this file exists. */
function vantage(args: readonly string[], path: string, interruptAt?: string): Promise<Finished> {
  const temporary = join(root, 'temporary');
  mkdirSync(temporary, { recursive: true });
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: path, TMPDIR: temporary };
    const child = spawn(process.execPath, [VANTAGE, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const heard = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => (heard[name] += text));
    const watch = setInterval(() => {
      if (interruptAt === undefined || !existsSync(interruptAt)) return;
      clearInterval(watch);
      child.kill('SIGINT');
    }, 50);
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(watch);
      resolve({ code, ...heard });
    });
  });
}

const ownPath = process.env['PATH'] ?? '';
const isPosix = process.platform !== 'win32';
if (!isPosix) console.log('SKIPPED: COLMAP that fails: the stand-in needs a POSIX shell');

describe.skipIf(!isPosix)('COLMAP that does not do its work', () => {
  const photos = join(SAMPLE, 'images');

  it('is missing: what to do, and no folder is made', async () => {
    const output = join(root, 'missing');
    for (const args of [
      ['poses', photos, '-o', output],
      ['reconstruct', photos, '-o', join(output, 'scene.ply')],
    ]) {
      const { code, stderr } = await vantage([...args, '--cameras-with', 'colmap'], join(root, 'nowhere'));
      expect(code).toBe(3);
      expect(stderr).toMatch(/colmap: There is no such program on the PATH\.\n.*Install COLMAP .* or leave it/);
    }
    expect(existsSync(output)).toBe(false);
  });

  it('places nothing: the same end as ours, with each photo named', async () => {
    const { folder } = makeStandIn(join(root, 'bin nothing'), '');
    for (const [args, log] of [
      [['poses', photos, '-o', join(root, 'nothing')], 'colmap.log'],
      [['reconstruct', photos, '-o', join(root, 'nothing', 'scene.ply')], 'scene.colmap.log'],
    ] as const) {
      const path = `${folder}${delimiter}${ownPath}`;
      const { code, stderr } = await vantage([...args, '--cameras-with', 'colmap'], path);
      expect(code).toBe(3);
      expect(stderr).toContain('Where the photos were taken from could not be found.');
      expect(stderr).toContain('01.jpg: left out: COLMAP could not place it');
      expect(readdirSync(join(root, 'nothing'))).toEqual([log]);
      rmSync(join(root, 'nothing', log));
    }
  });

  it('is stopped by Ctrl-C: it ends too, and nothing is left', async () => {
    const pid = join(root, 'pid');
    const { folder } = makeStandIn(join(root, 'bin hanging'), `trap '' INT TERM\necho $$ > '${pid}'\nsleep 1000`);
    const output = join(root, 'stopped');
    const args = ['poses', photos, '-o', output, '--cameras-with', 'colmap'];
    const { code, stderr } = await vantage(args, `${folder}${delimiter}${ownPath}`, pid);
    expect(code).toBe(4);
    expect(stderr).toContain('Stopped before the cameras were found.');
    expect(isProcessAlive(Number(readFileSync(pid, 'utf8')))).toBe(false);
    expect(readdirSync(output)).toEqual([]);
    expect(readdirSync(join(root, 'temporary')).filter((name) => name.startsWith('vantage-colmap-'))).toEqual([]);
  });
});

const isReal = findColmap() !== null && existsSync(FOX);
if (!isReal) console.log(`SKIPPED: cameras by the real COLMAP: it is not on the PATH, or ${FOX} is not there`);

describe.skipIf(!isReal)('the real COLMAP', () => {
  const NAMES = ['0001.jpg', '0003.jpg', '0006.jpg', '0008.jpg', '0012.jpg', '0014.jpg'];
  const photos = join(root, 'fo tos é 日本');
  const output = join(root, 'found 日本');

  beforeAll(async () => {
    mkdirSync(photos);
    for (const [i, name] of NAMES.entries()) {
      // 1375.5 pixels of a diagonal of 2202.9 are 27 mm of film's 43.27.
      const small = sharp(join(FOX, 'images', name))
        .resize(400)
        .withExif({ IFD2: { FocalLengthIn35mmFilm: '27' } });
      const upright = await small.jpeg({ quality: 95 }).toBuffer();
      // One lies on its side and says so.
      const turned = sharp(upright).rotate(270).keepExif().withMetadata({ orientation: 6 }).jpeg({ quality: 95 });
      const file = join(photos, `ü ${name}`);
      await (i === 2 ? turned : sharp(upright).keepExif()).toFile(file);
    }
    copyFileSync(join(SAMPLE, 'images', '01.jpg'), join(photos, 'stranger.jpg'));
  });

  async function camerasIn(folder: string, imagesFolder: string | null): Promise<Map<string, RigidTransform>> {
    const { views } = await importCapture(await CaptureFolder.open(folder, imagesFolder), null, {
      imagesFolder: imagesFolder === null ? null : '<images>',
    });
    return new Map(views.map(({ name, camera }) => [name.replace(/^.*(\d{4}\.jpg)$/, '$1'), camera.cameraFromWorld]));
  }

  it('finds the fox’s cameras, in the same files as ours, and leaves out a photo of another place', async () => {
    const args = ['poses', photos, '-o', output, '--cameras-with', 'colmap', '--json'];
    const { code, stdout, stderr } = await vantage(args, ownPath);
    expect(code, stderr).toBe(0);
    expect(readdirSync(output).sort()).toEqual(['colmap.log', 'poses-report.json', 'sparse', 'transforms.json']);
    expect(stderr).toContain(`What COLMAP said is in ${join(output, 'colmap.log')}`);
    expect(readFileSync(join(output, 'colmap.log'), 'utf8')).toContain('feature_extractor');
    const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    const report = JSON.parse(readFileSync(join(output, 'poses-report.json'), 'utf8')) as {
      finder: { name: string; version: string };
      placed: number;
      medianErrorPx: number;
      lenses: { intrinsics: { fx: number; width: number } }[];
      photos: { name: string; isPlaced: boolean }[];
    };
    expect(result).toMatchObject({ type: 'result', ...report });
    expect(report.finder.name).toBe('colmap');
    expect(report.finder.version).toMatch(/^\d+\.\d+/);
    expect(report.placed).toBe(6);
    expect(report.photos.filter(({ isPlaced }) => !isPlaced).map(({ name }) => name)).toEqual(['stranger.jpg']);
    expect(report.medianErrorPx).toBeLessThan(1);
    // The capture's own calibration: 1375.5 pixels at 1080.
    const fox = report.lenses[0]!.intrinsics;
    expect(fox.width).toBe(400);
    expect(Math.abs(fox.fx / ((400 * 1375.5) / 1080) - 1)).toBeLessThan(0.05);
    const [found, reference] = [await camerasIn(output, photos), await camerasIn(FOX, null)];
    const { comparedCount, medianPairRotationRad, medianCentrePercent } = compareCameras(
      NAMES.map((name) => found.get(name) ?? null),
      NAMES.map((name) => reference.get(name) ?? null),
    );
    expect(comparedCount).toBe(6);
    expect((medianPairRotationRad * 180) / Math.PI).toBeLessThan(1);
    expect(medianCentrePercent).toBeLessThan(3);
    // Upright: held cameras' y axes, down, run against the world's z.
    for (const { rotation } of found.values()) expect(rotation[5]).toBeLessThan(-0.5);
    expect(readdirSync(join(root, 'temporary')).filter((name) => name.startsWith('vantage-colmap-'))).toEqual([]);
  });
});

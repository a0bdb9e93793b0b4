/** Photos without cameras: what the command line finds, against the cameras that the sample was drawn with. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { compareCameras } from '../../engine/poses/compare-cameras.js';
import { CaptureFolder } from '../../host/capture-folder.js';
import { finishVantage, SAMPLE } from './app/run-vantage.js';

const RUN_MS = 240_000;

async function camerasIn(folder: string, poseFile: string): Promise<Map<string, RigidTransform>> {
  const { views } = await importCapture(await CaptureFolder.open(folder), poseFile);
  return new Map(views.map(({ name, camera }) => [name, camera.cameraFromWorld]));
}

describe('photos alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vantage-photos-'));
  const photos = join(folder, 'fotos é 日本');

  beforeAll(() => {
    mkdirSync(photos);
    cpSync(join(SAMPLE, 'images'), photos, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it(
    'get the cameras that they were taken with, in both files',
    async () => {
      const { code, stdout } = await finishVantage('poses', photos, '-o', photos, '--json');
      expect(code).toBe(0);
      const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
      expect(result).toMatchObject({ type: 'result', placed: 8 });
      const truth = await camerasIn(SAMPLE, 'transforms.json');
      const names = [...truth.keys()];
      for (const poseFile of ['transforms.json', 'sparse/0/images.bin']) {
        const found = await camerasIn(photos, poseFile);
        const comparison = compareCameras(
          names.map((name) => found.get(name) ?? null),
          names.map((name) => truth.get(name) ?? null),
        );
        expect(comparison.comparedCount).toBe(8);
        expect((comparison.medianRotationRad * 180) / Math.PI).toBeLessThan(0.5);
        expect(comparison.medianCentrePercent).toBeLessThan(2);
      }
      const report: unknown = JSON.parse(readFileSync(join(photos, 'poses-report.json'), 'utf8'));
      expect(report).toMatchObject({ placed: 8, finder: { name: 'vantage' } });
    },
    RUN_MS,
  );

  it(
    'become a scene, with what was found about them in the report',
    async () => {
      const bare = join(folder, 'bare');
      cpSync(join(SAMPLE, 'images'), bare, { recursive: true });
      const [scene, report] = [join(folder, 'scene.ply'), join(folder, 'scene.json')];
      const size = ['--width', '240', '--iterations', '0', '--hold-out', '05.jpg'];
      const { code } = await finishVantage('reconstruct', bare, '-o', scene, '--report', report, ...size);
      expect(code).toBe(0);
      expect(existsSync(scene)).toBe(true);
      const { cameras, heldOut } = JSON.parse(readFileSync(report, 'utf8')) as {
        cameras: { placed: number };
        heldOut: { mean: { psnr: number } };
      };
      expect(cameras.placed).toBe(8);
      // Cameras that were a degree off would cost several decibels.
      expect(heldOut.mean.psnr).toBeGreaterThan(22);

      // The cameras are beside the scene, and draw it.
      const [found, pictures] = [join(folder, 'scene.cameras'), join(folder, 'pictures')];
      const view = ['--views', '05.jpg', '--width', '240', '-o', pictures];
      expect((await finishVantage('render', scene, '--capture', found, '--images', bare, ...view)).code).toBe(0);
      expect(existsSync(join(pictures, '05.png'))).toBe(true);
      expect(existsSync(join(found, 'sparse', '0', 'points3D.bin'))).toBe(true);
    },
    RUN_MS,
  );

  it(
    'that share nothing are told apart, with what to do, and nothing is written',
    async () => {
      const strangers = join(folder, 'strangers');
      mkdirSync(strangers);
      cpSync(join(SAMPLE, 'images', '01.jpg'), join(strangers, '01.jpg'));
      const noise = await sharp({
        create: {
          width: 480,
          height: 320,
          channels: 3,
          background: '#777',
          noise: { type: 'gaussian', mean: 128, sigma: 60 },
        },
      })
        .blur(2)
        .jpeg()
        .toBuffer();
      writeFileSync(join(strangers, 'noise.jpg'), noise);
      const scene = join(folder, 'none.ply');
      const poses = join(folder, 'none');
      for (const args of [
        ['reconstruct', strangers, '-o', scene],
        ['poses', strangers, '-o', poses],
      ]) {
        const { code, stderr } = await finishVantage(...args);
        expect(code).toBe(3);
        expect(stderr).toContain('Where the photos were taken from could not be found.');
        expect(stderr).toContain('01.jpg: left out: no other photo shows the same things');
        expect(stderr).toContain('Add photos between it and the others');
      }
      expect(existsSync(scene)).toBe(false);
      expect(readdirSync(poses)).toEqual([]);
    },
    RUN_MS,
  );
});

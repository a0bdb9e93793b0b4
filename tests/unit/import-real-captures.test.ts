import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { classifyDrop } from '../../electron/service/import/classify-drop.js';

const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Real captures are not part of the project; where they are absent the tests say so. */
function itReal(name: string, body: (folder: string) => Promise<void>): void {
  const folder = join(DATA, name);
  const isThere = existsSync(folder);
  if (!isThere) console.log(`SKIPPED: dropping the real capture ${name}: ${folder} is not there`);
  it.skipIf(!isThere)(`drop of ${name}`, () => body(folder));
}

async function summary(folder: string) {
  const { photos, capture, problems } = await classifyDrop([folder]);
  const kinds = problems.map(({ kind }) => kind).sort();
  return {
    photos: photos.length,
    posed: photos.filter(({ pose }) => pose !== null).length,
    format: capture?.format,
    kinds,
  };
}

describe('real captures', () => {
  itReal('castle', async (folder) => {
    expect(await summary(folder)).toEqual({ photos: 11, posed: 0, format: undefined, kinds: ['ignored'] });
    const { photos } = await classifyDrop([folder]);
    expect([photos[0]?.width, photos[0]?.height]).toEqual([2832, 2128]);
  });

  itReal('fox', async (folder) => {
    expect(await summary(folder)).toMatchObject({ photos: 50, posed: 50, format: 'transforms-json' });
    const { problems } = await classifyDrop([folder]);
    expect(problems.find(({ kind }) => kind === 'poses')?.message).toContain('And 14 more');
    // The pose file alone means the photos that it names; loose photos with it are matched by name.
    expect((await classifyDrop([join(folder, 'transforms.json')])).photos).toHaveLength(50);
    const few = ['0001', '0002', '0009']
      .map((name) => join(folder, 'images', `${name}.jpg`))
      .filter((file) => existsSync(file));
    const matched = await classifyDrop([...few, join(folder, 'transforms.json')]);
    expect(matched.photos.map(({ pose }) => pose !== null)).toEqual(few.map(() => true));
  });

  itReal('colmap-sample', async (folder) => {
    expect(await summary(folder)).toMatchObject({ photos: 23, posed: 23, format: 'colmap-binary' });
    expect(
      (await classifyDrop([join(folder, 'sparse'), join(folder, 'images')])).photos.every(({ pose }) => pose !== null),
    ).toBe(true);
  });

  itReal('temple', async (folder) => {
    expect(await summary(folder)).toMatchObject({ photos: 16, posed: 16, format: 'middlebury' });
    const { photos } = await classifyDrop([folder]);
    // The pose file states no size: the photo does.
    expect([photos[0]?.shownCamera?.width, photos[0]?.shownCamera?.height, photos[0]?.shownCamera?.cx]).toEqual([
      640, 480, 302.32,
    ]);
  });

  itReal('fern', async (folder) => {
    expect(await summary(folder)).toEqual({ photos: 20, posed: 20, format: 'llff', kinds: [] });
  });

  itReal('splats', async (folder) => {
    const { scenes, photos } = await classifyDrop([folder]);
    expect([scenes.length, photos.length]).toEqual([14, 0]);
  });

  itReal('clouds', async (folder) => {
    const plan = await classifyDrop([folder]);
    expect([plan.photos.length, plan.scenes.length]).toEqual([0, 0]);
    expect(plan.clouds.length).toBeGreaterThan(20);
    expect(plan.problems).toEqual([]);
  });

  itReal('kitti', async (folder) => {
    const { photos, clouds, calibrations } = await classifyDrop([folder]);
    expect([photos.length, clouds.map(({ name }) => name), calibrations.length]).toEqual([1, ['000008.bin'], 1]);
  });

  itReal('nuscenes', async (folder) => {
    const { photos, clouds, calibrations } = await classifyDrop([folder]);
    expect([photos.length, clouds.length, calibrations.length]).toEqual([6, 1, 1]);
  });

  itReal('vod', async (folder) => {
    const { clouds, calibrations } = await classifyDrop([folder]);
    expect(clouds.map(({ kind }) => kind).sort()).toEqual(['lidar', 'lidar', 'radar', 'radar']);
    expect(calibrations.map(({ kind }) => kind).sort()).toEqual(['lidar', 'lidar', 'radar', 'radar']);
  });
});

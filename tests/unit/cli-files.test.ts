import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../host/run/user-errors.js';
import { openSplatFile } from '../../host/run/input-file.js';
import { prepareOutputFile, prepareOutputFolder } from '../../cli/output.js';
import { pictureNames } from '../../cli/write-pictures.js';
import { ImportError } from '../../engine/scene/errors.js';
import { writeFileAtomic } from '../../host/atomic-write.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage files 日本-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('atomic writes', () => {
  it('make parent folders, replace what was there, and leave no temporary file', async () => {
    const path = join(folder, 'deep er', 'シーン.json');
    await writeFileAtomic(path, 'one');
    await writeFileAtomic(path, new TextEncoder().encode('two'));
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readdir(join(folder, 'deep er'))).toEqual(['シーン.json']);
  });

  it('clean up when the file cannot take its place', async () => {
    const parent = join(folder, 'blocked');
    await mkdir(join(parent, 'a.ply', 'full'), { recursive: true });
    await expect(writeFileAtomic(join(parent, 'a.ply'), 'x')).rejects.toThrow();
    expect(await readdir(parent)).toEqual(['a.ply']);
  });
});

describe('outputs are checked before the work', () => {
  it('a folder in the place of a file, a file in the place of a folder', async () => {
    await writeFile(join(folder, 'plain'), 'x');
    await mkdir(join(folder, 'is-folder.ply'), { recursive: true });
    await expect(prepareOutputFile(join(folder, 'is-folder.ply'))).rejects.toThrow(UsageError);
    await expect(prepareOutputFolder(join(folder, 'plain'))).rejects.toThrow(UsageError);
    await expect(prepareOutputFile(join(folder, 'plain', 'a.ply'))).rejects.toThrow(UsageError);
    await prepareOutputFile(join(folder, 'new', 'folders', 'a.ply'));
    expect(await readdir(join(folder, 'new'))).toEqual(['folders']);
  });
});

describe('inputs', () => {
  it.each([
    ['absent.ply', 'not-found'],
    ['.', 'unreadable'],
    ['scene.spz', 'not-found'],
  ])('%s is an ImportError %s', async (name, code) => {
    const error = await openSplatFile(join(folder, name)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ImportError);
    expect((error as ImportError).code).toBe(code);
  });
});

describe('names of pictures', () => {
  it('drop folders and extensions and never collide', () => {
    expect(pictureNames(['a.jpg', 'images\\b.tar.png', 'sub/A.png', '写真 1.webp', '.jpg'])).toEqual([
      'a',
      'b.tar',
      'A-2',
      '写真 1',
      '.jpg',
    ]);
  });
});

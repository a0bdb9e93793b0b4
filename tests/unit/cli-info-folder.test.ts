/** `vantage info` of folders without cameras. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeContents, listContents } from '../../cli/describe-folder.js';

let folder = '';
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'vantage ordner 日本-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, content: string): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), content);
}

const CLOUD =
  'ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n1 2 3\n';

describe('vantage info of a folder without cameras', () => {
  it('names photos, not their masks, and clouds, not splats and not other texts', async () => {
    await put('b.jpg', '');
    await put('a.png', '');
    await put('masks/a.png', '');
    await put('scan.PLY', CLOUD);
    await put('scene.ply', CLOUD.replace('float z', 'float z\nproperty float f_dc_0').replace('1 2 3', '1 2 3 4'));
    await put('calib.txt', 'P2: 1 2 3');
    const contents = await listContents(folder);
    expect(contents).toEqual({ photos: ['a.png', 'b.jpg'], clouds: ['scan.PLY'] });
    const lines = describeContents('my photos', contents);
    expect(lines[0]).toBe('my photos: 2 photos without cameras, 1 point cloud');
    expect(lines.join('\n')).toMatch(/vantage reconstruct.*\n.*vantage info/);
  });

  it('is brief about many, and says nothing of cameras for one photo', () => {
    const many = Array.from({ length: 25 }, (_, i) => `${i}.jpg`);
    const lines = describeContents('x', { photos: many, clouds: [] });
    expect(lines).toHaveLength(1 + 20 + 1 + 1);
    expect(lines[21]).toBe('  and 5 more');
    expect(describeContents('x', { photos: ['a.jpg'], clouds: [] })).toEqual(['x: 1 photo without cameras', '  a.jpg']);
  });
});

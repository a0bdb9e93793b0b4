/** What a user may name for `reconstruct`: a capture, photos alone, or neither. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { CaptureFolder } from '../../host/capture-folder.js';
import { openInput } from '../../host/poses/unposed-capture.js';

const SAMPLE = fileURLToPath(new URL('../../assets/sample', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'vantage-input-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

describe('opening what the user named', () => {
  it('finds a capture by its pose file, and looks into the folder once', async () => {
    const list = vi.spyOn(CaptureFolder.prototype, 'list');
    const input = await openInput(SAMPLE);
    expect(input.kind === 'capture' && input.capture.views.length).toBe(8);
    expect(list).toHaveBeenCalledTimes(1);
  });

  it('takes a folder without one for photos, and looks into it once', async () => {
    const list = vi.spyOn(CaptureFolder.prototype, 'list');
    const input = await openInput(join(SAMPLE, 'images'));
    expect(input.kind === 'photos' && input.photos.imagePaths).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `0${number}.jpg`),
    );
    expect(list).toHaveBeenCalledTimes(1);
  });

  it('takes photos that lie elsewhere, where the capture has no cameras', async () => {
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere);
    const input = await openInput(elsewhere, { images: join(SAMPLE, 'images') });
    expect(input.kind === 'photos' && input.photos.imagePaths).toHaveLength(8);
  });

  it('says of one photo what a capture needs', async () => {
    const single = join(root, 'single');
    mkdirSync(single);
    cpSync(join(SAMPLE, 'images', '01.jpg'), join(single, '01.jpg'));
    await expect(openInput(single)).rejects.toMatchObject({ name: 'ImportError', code: 'not-found' });
    await expect(openInput(join(root, 'nowhere'))).rejects.toMatchObject({ name: 'ImportError', code: 'not-found' });
  });
});

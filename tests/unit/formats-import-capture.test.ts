import { describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import { encodeColmapCamerasBinary } from '../fixtures/captures/encode-formats.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { KNOWN_CAPTURES, transformsJson } from '../fixtures/captures/known-cameras.js';
import { memoryCapture } from '../fixtures/captures/memory-capture.js';

type Files = Record<string, Uint8Array | string>;
const known = (format: string): Files => (KNOWN_CAPTURES[format] as () => Files)();
const imported = (files: Files, poseFile: string | null = null) => importCapture(memoryCapture(files), poseFile);

describe('finding the format', () => {
  it('takes poses_bounds.npy where sparse/0 is there without images.bin', async () => {
    const files = {
      ...known('llff'),
      'sparse/0/cameras.bin': encodeColmapCamerasBinary([]),
      'sparse/0/points3D.bin': '',
    };
    expect((await imported(files)).format).toBe('llff');
  });

  it('takes the pose file that the user names', async () => {
    const files = { ...known('llff'), ...known('colmap-binary'), ...known('transforms-json') };
    expect((await imported(files)).format).toBe('transforms-json');
    expect((await imported(files, 'poses_bounds.npy')).format).toBe('llff');
    expect((await imported(files, 'sparse/0/images.bin')).format).toBe('colmap-binary');
    await expectImportError('unsupported', () => imported(files, 'poses.xml'));
    await expectImportError('not-found', () => imported(files, 'missing.json'));
  });

  it('falls back to another pose file where the first cannot be used, and says so', async () => {
    const files = { ...known('colmap-binary'), 'transforms.json': '{"frames": [' };
    const { format, warnings } = await imported(files);
    expect(format).toBe('colmap-binary');
    expect(warnings.join()).toContain('transforms.json');
    await expectImportError('truncated', () => imported(files, 'transforms.json'));
    await expectImportError('truncated', () => imported({ 'transforms.json': '{"frames": [' }));
  });

  it('never prefers another file to an attempt to leave the capture', async () => {
    const text = JSON.stringify(transformsJson()).replace('./images/a.png', '../a.png');
    await expectImportError('outside-capture', () => imported({ ...known('colmap-binary'), 'transforms.json': text }));
  });
});

describe('masks', () => {
  it('belong to the photo by base name or by full name', async () => {
    const files = { ...known('transforms-json'), 'masks/a.png': '', 'masks/b.png.png': '', 'masks/d.png': '' };
    const { views } = await imported(files);
    expect(views.map(({ maskPath }) => maskPath)).toEqual(['masks/a.png', 'masks/b.png.png', null]);
  });

  it('stand in the same subfolder as their photos, or at the top', async () => {
    const text = JSON.stringify(transformsJson())
      .replace('images/a.png', 'images/left/a.png')
      .replace('images/b.png', 'images/right/b.png');
    const photos = { 'images/left/a.png': '', 'images/right/b.png': '', 'images/c.png': '' };
    const masks = { 'masks/left/a.png': '', 'masks/b.png': '' };
    const { views } = await imported({ 'transforms.json': text, ...photos, ...masks });
    expect(views.map(({ maskPath }) => maskPath)).toEqual(['masks/left/a.png', 'masks/b.png', null]);
  });

  it('are found beside the photos of a COLMAP model', async () => {
    const { views } = await imported({ ...known('colmap-binary'), 'masks/c.png': '' });
    expect(views.map(({ maskPath }) => maskPath)).toEqual([null, null, 'masks/c.png']);
  });

  it('may be named by a frame; a missing one is told', async () => {
    const json = transformsJson();
    const frames = (json['frames'] as object[]).map((frame, i) => ({
      ...frame,
      mask_path: ['m/x.png', 'm/none.png', undefined][i],
    }));
    const { views, warnings } = await imported({
      ...known('transforms-json'),
      ...{ 'transforms.json': JSON.stringify({ ...json, frames }), 'm/x.png': '', 'masks/b.png': '' },
    });
    expect(views.map(({ maskPath }) => maskPath)).toEqual(['m/x.png', 'masks/b.png', null]);
    expect(warnings.join()).toContain('m/none.png');
  });
});

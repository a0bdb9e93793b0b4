import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import { CaptureFolder, openCapture } from '../../host/capture-folder.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { KNOWN_CAPTURES } from '../fixtures/captures/known-cameras.js';

let above: string;
let root: string;

function put(path: string, content: Uint8Array | string = ''): void {
  mkdirSync(join(above, path, '..'), { recursive: true });
  writeFileSync(join(above, path), content);
}

function putKnown(format: string, folder: string): void {
  const files = (KNOWN_CAPTURES[format] as () => Record<string, Uint8Array | string>)();
  for (const [path, content] of Object.entries(files)) put(`${folder}/${path}`, content);
}

beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'vantage-capture-'));
  root = join(above, '捕獲 folder 1');
  mkdirSync(root);
});
afterEach(() => rmSync(above, { recursive: true }));

const NAME = '捕獲 folder 1';

describe('a capture in a real folder', () => {
  it('lists and reads files with spaces, 日本語 and subfolders', async () => {
    put(`${NAME}/images/写真 1.jpg`, 'one');
    put(`${NAME}/transforms.json`, '{}');
    put(`${NAME}/.cache/hidden.jpg`);
    const files = await CaptureFolder.open(root);
    expect([...(await files.list())].sort()).toEqual(['images/写真 1.jpg', 'transforms.json']);
    expect(new TextDecoder().decode(await files.read('images/写真 1.jpg'))).toBe('one');
    expect(await files.has('images/写真 1.jpg')).toBe(true);
    expect(await files.has('images/写真 2.jpg')).toBe(false);
    expect(await files.has('images')).toBe(false);
    expect(await files.has('transforms.json/x')).toBe(false);
    await expectImportError('not-found', () => files.read('images/写真 2.jpg'));
    await expectImportError('unreadable', () => files.read('images'));
  });

  it('refuses absolute paths, .. and links that lead out; links within are followed', async () => {
    put('secret.txt', 'secret');
    put('elsewhere/a.jpg', 'a');
    put(`${NAME}/images/a.jpg`, 'inside');
    symlinkSync(join(above, 'secret.txt'), join(root, 'link.txt'));
    symlinkSync(join(above, 'elsewhere'), join(root, 'photos'));
    symlinkSync('images/a.jpg', join(root, 'alias.jpg'));
    symlinkSync('images', join(root, 'again'));
    symlinkSync('nowhere', join(root, 'dangling'));
    symlinkSync('.', join(root, 'images', 'circle'));
    const files = await CaptureFolder.open(root);
    const list = await files.list();
    expect(list).toContain('alias.jpg');
    expect(list.filter((path) => path.endsWith('/a.jpg'))).toHaveLength(1);
    expect(list.some((path) => path.startsWith('photos') || path === 'link.txt' || path === 'dangling')).toBe(false);
    expect(new TextDecoder().decode(await files.read('alias.jpg'))).toBe('inside');
    expect(new TextDecoder().decode(await files.read('again/a.jpg'))).toBe('inside');
    const paths = [
      'link.txt',
      'photos/a.jpg',
      '../secret.txt',
      'images/../../secret.txt',
      join(above, 'secret.txt'),
      'C:\\x',
    ];
    for (const path of paths) {
      await expectImportError('outside-capture', () => files.read(path));
      await expectImportError('outside-capture', () => files.has(path));
    }
    await expectImportError('malformed', () => files.read('a\0b'));
    expect(await files.has('dangling')).toBe(false);
  });

  it('says that photos lie behind a link out of the capture, instead of that they are missing', async () => {
    putKnown('transforms-json', 'real');
    putKnown('transforms-json', NAME);
    rmSync(join(root, 'images'), { recursive: true });
    symlinkSync(join(above, 'real', 'images'), join(root, 'images'));
    const { files } = await openCapture(root);
    await expectImportError('outside-capture', () => importCapture(files));
  });

  it('refuses files beyond its size limit before reading them, and does not wait on a pipe', async () => {
    put(`${NAME}/huge.bin`);
    truncateSync(join(root, 'huge.bin'), 2 ** 30 + 1);
    const files = await CaptureFolder.open(root);
    await expectImportError('too-large', () => files.read('huge.bin'));
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(root, 'pipe.bin')]);
    await expectImportError('unreadable', () => files.read('pipe.bin'));
    expect(await files.list()).not.toContain('pipe.bin');
  });
});

describe('what a user may call a capture', () => {
  it.each([
    ['the folder', '', null],
    ['its pose file', 'transforms.json', 'transforms.json'],
  ])('%s', async (_, path, poseFile) => {
    putKnown('transforms-json', NAME);
    const opened = await openCapture(join(root, path));
    expect(opened.poseFile).toBe(poseFile);
    expect((await importCapture(opened.files, opened.poseFile)).views).toHaveLength(3);
  });

  it.each(['', 'sparse/0', 'sparse/0/images.bin', 'sparse/0/cameras.bin'])('a COLMAP capture by "%s"', async (path) => {
    putKnown('colmap-binary', NAME);
    const opened = await openCapture(join(root, path));
    const { views, format } = await importCapture(opened.files, opened.poseFile);
    expect([format, views[0]?.imagePath]).toEqual(['colmap-binary', 'images/a.png']);
  });

  it('a folder whose name only ends like a model folder', async () => {
    putKnown('transforms-json', 'mysparse');
    const opened = await openCapture(join(above, 'mysparse'));
    expect((await importCapture(opened.files, opened.poseFile)).views).toHaveLength(3);
  });

  it.each(['captured photos', `${NAME}/pictures`])('with its images in %s', async (images) => {
    putKnown('colmap-binary', NAME);
    rmSync(join(root, 'images'), { recursive: true });
    for (const name of ['a.png', 'b.png', 'c.png']) put(`${images}/${name}`, name);
    const opened = await openCapture(root, { imagesFolder: join(above, images) });
    const { views } = await importCapture(opened.files, opened.poseFile, { imagesFolder: opened.imagesFolder });
    expect(views.map(({ name }) => name)).toEqual(['a.png', 'b.png', 'c.png']);
    expect(new TextDecoder().decode(await opened.files.read(views[1]?.imagePath ?? ''))).toBe('b.png');
    await expectImportError('outside-capture', () => opened.files.read('<images>/../../x'));
  });

  it('nothing that is not there', async () => {
    await expectImportError('not-found', () => openCapture(join(root, 'nothing')));
    await expectImportError('not-found', () => openCapture(root, { imagesFolder: join(root, 'nothing') }));
    const { files } = await openCapture(root);
    const error = await expectImportError('not-found', () => importCapture(files));
    expect(error.hint).toContain('transforms.json');
    expect(error.hint).toContain('poses_bounds.npy');
  });
});

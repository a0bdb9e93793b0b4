import { describe, expect, it } from 'vitest';
import { readEntries } from '../../renderer/app/dropped-files.js';
import { cleanRelativePath, planUploads } from '../../renderer/app/upload-plan.js';
import { checkProjectName } from '../../renderer/panels/project/project-name.js';
import { matchPreviews } from '../../renderer/panels/photos/match-previews.js';
import { photoMarks } from '../../renderer/panels/photos/photo-state.js';
import { mockPhoto } from '../fixtures/mock-host.js';

const dropped = (relativePath: string) => ({
  file: new File(['x'], relativePath.slice(relativePath.lastIndexOf('/') + 1)),
  relativePath,
});
const addresses = (...paths: string[]): string[] =>
  planUploads(paths.map(dropped)).map(({ encodedPath }) => encodedPath);

describe('planUploads', () => {
  it('keeps folders and encodes spaces, accents, CJK and signs of addresses', () => {
    expect(addresses('été 2024/日本/a#1?.jpg')).toEqual(['%C3%A9t%C3%A9%202024/%E6%97%A5%E6%9C%AC/a%231%3F.jpg']);
  });

  it('leaves out litter of operating systems', () => {
    expect(addresses('.DS_Store', 'x/Thumbs.db', '__MACOSX/x/a.jpg', 'x/._a.jpg', 'x/a.jpg')).toEqual(['x/a.jpg']);
  });

  it('never points outside of what was dropped', () => {
    expect(cleanRelativePath('../../etc/./passwd')).toBe('etc/passwd');
    expect(cleanRelativePath('a\\..\\..\\b.jpg')).toBe('a/b.jpg');
    expect(addresses('../..')).toEqual([]);
  });

  it('numbers two files of one name instead of losing one', () => {
    expect(addresses('a.jpg', 'a.jpg', 'a.jpg', 'x.y/b', 'x.y/b')).toEqual([
      'a.jpg',
      'a%20(2).jpg',
      'a%20(3).jpg',
      'x.y/b',
      'x.y/b%20(2)',
    ]);
  });
});

interface FakeFolder {
  readonly [name: string]: FakeFolder | 'file' | 'broken';
}

/** The browser's entries, with a reader that hands out two at a time and then nothing, as the specification says. */
function fakeEntry(name: string, what: FakeFolder | 'file' | 'broken'): FileSystemEntry {
  if (typeof what === 'string') {
    const file = (resolve: (file: File) => void, reject: (error: Error) => void): void =>
      what === 'file' ? resolve(new File(['x'], name)) : reject(new Error('gone'));
    return { name, isFile: true, isDirectory: false, file } as unknown as FileSystemEntry;
  }
  const createReader = () => {
    const left = Object.entries(what).map(([child, inner]) => fakeEntry(child, inner));
    return { readEntries: (resolve: (entries: FileSystemEntry[]) => void) => resolve(left.splice(0, 2)) };
  };
  return { name, isFile: false, isDirectory: true, createReader } as unknown as FileSystemEntry;
}

describe('readEntries', () => {
  it('walks folders to their bottom and past what cannot be read', async () => {
    const folder = {
      images: { 'a.jpg': 'file', 'b.jpg': 'broken', 'c.jpg': 'file', 'd.jpg': 'file' },
      'poses.json': 'file',
    } as const;
    const files = await readEntries([fakeEntry('garden', folder), fakeEntry('z.jpg', 'file')]);
    expect(files.map(({ relativePath }) => relativePath)).toEqual([
      'garden/images/a.jpg',
      'garden/images/c.jpg',
      'garden/images/d.jpg',
      'garden/poses.json',
      'z.jpg',
    ]);
  });
});

describe('matchPreviews', () => {
  it('gives each photo its dropped picture, by path first, by name otherwise', () => {
    const photos = [mockPhoto(0, { shownPath: 'b/01.jpg' }), mockPhoto(1, { shownPath: '/elsewhere/02.jpg' })];
    const previews = [
      { relativePath: 'a/01.jpg', url: 'blob:a1' },
      { relativePath: 'b/01.jpg', url: 'blob:b1' },
      { relativePath: 'a/02.jpg', url: 'blob:a2' },
    ];
    const { byPhoto, waiting } = matchPreviews(photos, previews);
    expect(Object.fromEntries(byPhoto)).toEqual({ 'photo-0': 'blob:b1', 'photo-1': 'blob:a2' });
    expect(waiting.map(({ url }) => url)).toEqual(['blob:a1']);
  });
});

describe('photoMarks', () => {
  const words = (photo: Parameters<typeof photoMarks>[0]): string[] => photoMarks(photo).map(({ word }) => word);

  it('says what is known of a photo, and of a failed one only that', () => {
    expect(words(mockPhoto(0, { role: 'held-out', isMasked: true }))).toEqual([
      'statePosed',
      'stateHeldOut',
      'stateMasked',
    ]);
    expect(words(mockPhoto(0, { camera: null }))).toEqual(['stateNoCamera', 'stateTrain']);
    expect(words(mockPhoto(0, { status: 'failed', role: 'held-out' }))).toEqual(['stateFailed']);
  });
});

describe('checkProjectName', () => {
  it('takes what file systems take', () => {
    expect(checkProjectName('Garten Zürich 日本')).toBeNull();
    expect(checkProjectName('  ')).toBe('nameMissing');
    for (const bad of ['a/b', 'a\\b', 'a:b', '..', 'a\u0000b', 'x'.repeat(121)])
      expect(checkProjectName(bad)).toBe('nameBad');
  });
});

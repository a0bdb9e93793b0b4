import fc from 'fast-check';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classifyDrop } from '../../electron/service/import/classify-drop.js';
import { mergeImport } from '../../electron/service/import/merge-import.js';
import { storedSettingsSchema } from '../../electron/service/projects/project-file.js';
import type { ProjectStore } from '../../electron/service/projects/project.js';
import { ProjectError } from '../../electron/service/projects/project.js';
import { openProjectStore } from '../../electron/service/projects/project-store.js';
import { candidatesOf } from '../../electron/service/projects/project-references.js';
import { SETTINGS } from '../fixtures/projects/project-process.js';

let root: string;
let folder: string;
let store: ProjectStore;
let good: string;

const file = (): string => join(folder, 'project.json');
const parsed = (): Record<string, never> => JSON.parse(good) as Record<string, never>;

/** Changes one value of the good project file. */
async function writeWith(path: readonly (string | number)[], value: unknown): Promise<void> {
  const project = parsed() as unknown as Record<string | number, unknown>;
  let place = project;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
  place[path.at(-1) as string] = value;
  await writeFile(file(), JSON.stringify(project));
}

async function errorOf(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    () => null,
    (error: unknown) => error,
  );
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vantage-damage-'));
  store = await openProjectStore({ dataFolder: join(root, 'data'), appVersion: 'test', defaultSettings: SETTINGS });
  const picture = sharp({ create: { width: 24, height: 16, channels: 3, background: 'teal' } });
  await picture.jpeg().toFile(join(root, 'photo.jpg'));
  const project = await store.createTemporary('Good');
  const { photos } = mergeImport(project.content, await classifyDrop([join(root, 'photo.jpg')]));
  project.change({ photos });
  folder = join(root, 'good.vantage');
  await project.saveAs(folder);
  await project.close();
  good = await readFile(file(), 'utf8');
  await rm(join(folder, 'project.json.bak'), { force: true });
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('a damaged project file', () => {
  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['zeros', (text: string) => '\0'.repeat(text.length)],
    ['another kind of JSON', () => '[1, 2]'],
  ])('(%s) is an error in words, and with a backup no error at all', async (_what, damage) => {
    await writeFile(file(), damage(good));
    const error = await errorOf(store.open(folder));
    expect(error).toBeInstanceOf(ProjectError);
    expect(error).toMatchObject({ code: 'damaged' });
    // What was there stays for someone who can mend it, and the lock is given back.
    expect(await readFile(file(), 'utf8')).toBe(damage(good));
    expect(await readdir(folder)).not.toContain('lock.json');

    await writeFile(join(folder, 'project.json.bak'), good);
    const project = await store.open(folder);
    expect(project.content.photos).toHaveLength(1);
    expect(project.openingNotices[0]?.message).toContain('damaged');
    await project.close();
    const again = await store.open(folder);
    expect(again.openingNotices).toEqual([]);
    await again.close();
    // The damaged file must not have become the backup.
    expect(JSON.parse(await readFile(join(folder, 'project.json.bak'), 'utf8'))).toMatchObject({
      format: 'vantage-project',
    });
  });

  it('has the state of the save before beside it', async () => {
    const project = await store.open(folder);
    for (const seed of [10, 11]) {
      project.change({ settings: { ...SETTINGS, seed } });
      await project.save();
    }
    await project.close();
    await writeFile(file(), 'x');
    const again = await store.open(folder);
    expect(again.content.settings.seed).toBe(10);
    await again.close();
  });

  it('that is no project at all is told apart', async () => {
    await rm(file());
    expect(await errorOf(store.open(folder))).toMatchObject({ code: 'not-a-project' });
    expect(await errorOf(store.open(join(root, 'nowhere')))).toMatchObject({ code: 'not-a-project' });
    expect(await errorOf(store.open(join(root, 'photo.jpg')))).toMatchObject({ code: 'not-a-project' });
  });
});

describe('a project of another version', () => {
  it('newer: shown, and not a byte of it changed', async () => {
    const project = parsed() as unknown as { content: { photos: object[] } };
    const newer = {
      ...project,
      formatVersion: 2,
      appVersion: '9.9',
      content: { ...project.content, settings: { style: 1 }, more: {} },
    };
    await writeFile(file(), JSON.stringify(newer));
    const before = await readdir(folder);
    const shown = await store.open(folder);
    expect([shown.isReadOnly, shown.content.name, shown.content.photos.length]).toEqual([true, 'good', 1]);
    expect(shown.readOnlyReason).toContain('newer Vantage (9.9)');
    shown.change({ name: 'x' });
    shown.changeDocument('view', '{}');
    await shown.save();
    await shown.close();
    expect(await readFile(file(), 'utf8')).toBe(JSON.stringify(newer));
    expect(await readdir(folder)).toEqual(before);
    // Under another name it can be kept, as far as it is understood.
    const again = await store.open(folder);
    await again.saveAs(join(root, 'mine'));
    expect(again.isReadOnly).toBe(false);
    await again.close();
  });

  it('older: brought up to date when saved, the old file kept', async () => {
    // Settings that came later are as they were before; the others are the user's.
    const { refineCameras, exposure, cameraFinder, ...before } = { ...SETTINGS, seed: 42 };
    expect(storedSettingsSchema.parse(before)).toEqual({ ...before, refineCameras, exposure, cameraFinder });

    // Version 1 is the first that there is; a made-up version 0 called the settings options.
    const { content, ...rest } = parsed() as unknown as { content: { settings: object } };
    const { settings, ...others } = content;
    const old = JSON.stringify({ ...rest, formatVersion: 0, content: { ...others, options: settings } });
    await writeFile(file(), old);
    expect(await errorOf(store.open(folder))).toMatchObject({ code: 'damaged' });

    const migrating = await openProjectStore({
      dataFolder: join(root, 'data'),
      appVersion: 'test',
      defaultSettings: SETTINGS,
      migrations: {
        0: (project) => {
          const { options, ...kept } = project['content'] as { options: object };
          return { ...project, content: { ...kept, settings: options } };
        },
      },
    });
    const project = await migrating.open(folder);
    expect([project.isReadOnly, project.content.settings]).toEqual([false, SETTINGS]);
    expect(project.openingNotices[0]?.message).toContain('older Vantage');
    await project.close();
    expect(await readFile(join(folder, 'project.v0.json'), 'utf8')).toBe(old);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ formatVersion: 1 });
    // From now on this version's own reader reads it.
    await (await store.open(folder)).close();
  });
});

describe('a hostile project file', () => {
  const photo = ['content', 'photos', 0] as const;

  it.each([
    [[...photo, 'file', 'relativePath'], '/etc/passwd'],
    [[...photo, 'file', 'relativePath'], 'C:\\Windows\\win.ini'],
    [[...photo, 'file', 'relativePath'], '\\\\server\\share\\x.jpg'],
    [[...photo, 'file', 'relativePath'], 'a\0b'],
    [[...photo, 'capturePath'], '../../escape.jpg'],
    [[...photo, 'capturePath'], '/absolute.jpg'],
    [[...photo, 'id'], '../thumbnail'],
    [[...photo, 'width'], 1e12],
    [[...photo, 'fingerprint', 'bytes'], -1],
    [['content', 'photos'], { length: 1e9 }],
    [['content', 'settings', 'iterations'], 1e9],
    [['content', 'name'], 'x'.repeat(1e6)],
    [['savedAtMs'], 1e300],
  ])('%j = %j is refused', async (path, value) => {
    await writeWith(path, value);
    expect(await errorOf(store.open(folder))).toBeInstanceOf(ProjectError);
  });

  it('cannot change what all objects have', async () => {
    await writeFile(
      file(),
      good.replace(
        '"content"',
        '"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "content"',
      ),
    );
    const project = await store.open(folder);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((project.content as { polluted?: number }).polluted).toBeUndefined();
    await project.close();
  });

  it('cannot have a file taken for a photo whose content is not the photo’s', async () => {
    await writeFile(join(root, 'secret.txt'), 'secret');
    await writeWith([...photo, 'file'], { relativePath: '../secret.txt', absolutePath: join(root, 'secret.txt') });
    const project = await store.open(folder);
    expect(await project.findMissingPhotos()).toMatchObject([{ reason: 'changed' }]);
    await project.close();
    await writeWith([...photo, 'mask'], {
      path: 'masks/a.png',
      file: { relativePath: '../secret.txt', absolutePath: '/x' },
    });
    const masked = await store.open(folder);
    expect(masked.content.photos[0]?.mask).toBe(null);
    await masked.close();
  });

  it('cannot have another computer asked for a file', () => {
    const local = join(root, 'x.vantage');
    expect(candidatesOf({ relativePath: null, absolutePath: '//server/share/photo.jpg' }, local)).toEqual([]);
    expect(candidatesOf({ relativePath: null, absolutePath: '\\\\server\\share\\photo.jpg' }, local)).toEqual([]);
    expect(candidatesOf({ relativePath: '../photo.jpg', absolutePath: '/a/photo.jpg' }, local)).toEqual([
      join(root, 'photo.jpg'),
      '/a/photo.jpg',
    ]);
  });

  it('of any shape opens or is an error in words, and never hangs on to the lock', async () => {
    const leaf = fc.oneof(fc.jsonValue(), fc.constant('__proto__'), fc.double(), fc.string({ unit: 'grapheme' }));
    const paths = fc.constantFrom(
      ['format'],
      ['formatVersion'],
      ['id'],
      ['content'],
      ['content', 'name'],
      ['content', 'settings'],
      ['content', 'settings', 'seed'],
      ['content', 'photos'],
      ['content', 'photos', 0],
      [...photo, 'file'],
      [...photo, 'file', 'absolutePath'],
      [...photo, 'fingerprint'],
      [...photo, 'pose'],
      ['content', 'capture'],
      ['content', 'scene'],
    );
    await fc.assert(
      fc.asyncProperty(paths, leaf, async (path, value) => {
        await writeWith(path, value);
        const result = await store.open(folder).then(
          async (project) => {
            await project.close();
            return 'opened';
          },
          (error: unknown) => error,
        );
        if (result !== 'opened') expect(result).toBeInstanceOf(ProjectError);
        expect(await readdir(folder)).not.toContain('lock.json');
        await rm(join(folder, 'project.json.bak'), { force: true });
      }),
      { numRuns: 150 },
    );
  });

  it('of any bytes is an error in words', async () => {
    const bytes = Buffer.from(good);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), async (at, noise) => {
        const damaged = Buffer.from(bytes);
        damaged.set(noise.subarray(0, bytes.length - at), at);
        await writeFile(file(), damaged);
        const result = await store.open(folder).then(
          async (project) => project.close().then(() => 'opened'),
          (error: unknown) => error,
        );
        if (result !== 'opened') expect(result).toBeInstanceOf(ProjectError);
        await rm(join(folder, 'project.json.bak'), { force: true });
      }),
      { numRuns: 150 },
    );
  });

  it('that was copied while a window had it open can be opened', async () => {
    const project = await store.open(folder);
    const copy = join(root, 'copy.vantage');
    await cp(folder, copy, { recursive: true });
    await project.close();
    const copied = await store.open(copy);
    expect([copied.isReadOnly, copied.content.photos.length]).toEqual([false, 1]);
    await copied.close();
  });
});

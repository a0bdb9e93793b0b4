import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../host/atomic-write.js';
import { recentSchema, projectSchema } from '../../electron/ipc/contract.js';
import { classifyDrop } from '../../electron/service/import/classify-drop.js';
import { mergeImport } from '../../electron/service/import/merge-import.js';
import {
  LATEST_CHECKPOINT,
  clearCheckpoints,
  listCheckpoints,
  recordCheckpoint,
  restoreCheckpoint,
} from '../../electron/service/projects/checkpoint-folder.js';
import type { OpenProject, ProjectEvent, ProjectStore } from '../../electron/service/projects/project.js';
import { projectSlice } from '../../electron/service/projects/project-slice.js';
import type { ProjectStoreOptions } from '../../electron/service/projects/project-store.js';
import { openProjectStore } from '../../electron/service/projects/project-store.js';
import { SETTINGS } from '../fixtures/projects/project-process.js';

/** Spaces, an accent as one and as two characters, Japanese, and as long as file systems allow. */
const NAMES = ['plain.jpg', 'with spaces (1).jpg', 'caf\u00e9.jpg', '日本 城.png', `${'long'.repeat(58)}.jpg`];
const SCENE = { name: 'a', origin: 'run', count: 3, iteration: 100, hasSeen: true, scores: null } as const;

let root: string;
let store: ProjectStore;

function open(options: Partial<ProjectStoreOptions> = {}): Promise<ProjectStore> {
  return openProjectStore({
    dataFolder: join(root, 'data'),
    appVersion: '1.2.3',
    defaultSettings: SETTINGS,
    times: { delayMs: 1, retryMs: [1] },
    ...options,
  });
}

/** Photos that differ in every pixel. */
async function takePhotos(folder: string, names: readonly string[] = NAMES): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [index, name] of names.entries()) {
    const background = { r: 20 * index, g: 255 - 30 * index, b: 7 };
    const picture = sharp({ create: { width: 24, height: 16, channels: 3, background } });
    await writeFile(join(folder, name), await (name.endsWith('.png') ? picture.png() : picture.jpeg()).toBuffer());
  }
}

async function importInto(project: OpenProject, ...paths: string[]): Promise<void> {
  const { photos, capture } = mergeImport(project.content, await classifyDrop(paths));
  project.change({ photos, capture });
}

const names = (project: OpenProject): string[] => project.content.photos.map(({ name }) => name).sort();

async function untilEvent(project: OpenProject, type: ProjectEvent['type']): Promise<ProjectEvent> {
  return new Promise((resolve) => {
    const stop = project.listen((event) => {
      if (event.type !== type) return;
      stop();
      resolve(event);
    });
  });
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vantage projects é 日本 '));
  store = await open();
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('a project', () => {
  it('saves itself after a change, and comes back as it was', async () => {
    await takePhotos(join(root, 'photos'));
    const project = await store.createTemporary('Castle');
    expect(project).toMatchObject({ isTemporary: true, isReadOnly: false, openingNotices: [] });
    const saved = untilEvent(project, 'saved');
    await importInto(project, join(root, 'photos'));
    project.change({ settings: { ...SETTINGS, preset: 'high', seed: 7 } });
    project.changeDocument('camera-path', '{"keyframes":[]}');
    await saved;
    await project.close();

    const again = await store.open(project.paths.folder);
    expect(names(again)).toEqual([...NAMES].sort());
    expect(again.content).toEqual(project.content);
    expect(again.documents).toEqual({ 'camera-path': '{"keyframes":[]}', edits: null, view: null });
    expect(await again.findMissingPhotos()).toEqual([]);
    expect(projectSchema.parse(projectSlice(again, { missingPhotos: [], missingSensorFiles: [] }))).toMatchObject({
      name: 'Castle',
      folder: null,
    });
    again.changeDocument('camera-path', null);
    await again.close();
    expect((await store.open(project.paths.folder)).documents['camera-path']).toBe(null);
  });

  it('that is empty leaves nothing behind when it is closed', async () => {
    const project = await store.createTemporary('Nothing');
    await project.close();
    expect(await readdir(join(root, 'data', 'projects'))).toEqual([]);
    expect(await store.recents()).toEqual([]);
  });

  it('saved under a name takes scene, checkpoints, documents and uploads along, and points at the photos outside', async () => {
    await takePhotos(join(root, 'holiday', 'photos'));
    await takePhotos(join(root, 'data', 'uploads', 'x'), ['uploaded é.jpg', 'other.jpg']);
    const project = await store.createTemporary('Untitled');
    await importInto(project, join(root, 'holiday', 'photos'));
    // Colours are the same as in the other folder, and so are two of the photos: give them another content.
    await sharp({ create: { width: 30, height: 20, channels: 3, background: '#123456' } })
      .jpeg()
      .toFile(join(root, 'data', 'uploads', 'x', 'uploaded é.jpg'));
    await rm(join(root, 'data', 'uploads', 'x', 'other.jpg'));
    await importInto(project, join(root, 'data', 'uploads', 'x'));
    await writeFile(project.paths.sceneFile, 'ply…');
    await writeFile(project.paths.seenFile, new Uint8Array([1, 2, 3]));
    await writeFile(join(project.paths.checkpoints, LATEST_CHECKPOINT), 'state');
    await recordCheckpoint(project.paths.checkpoints, { iteration: 100, iterations: 200, savedAtMs: 5 });
    project.change({ scene: SCENE });
    project.changeDocument('edits', '[1]');
    const temporary = project.paths.folder;

    const target = join(root, 'holiday', 'My castle 日本');
    await project.saveAs(target);
    expect(project).toMatchObject({ isTemporary: false, content: { name: 'My castle 日本' } });
    expect(project.paths.folder).toBe(`${target}.vantage`);
    await expect(stat(temporary)).rejects.toThrow('ENOENT');
    expect(await readdir(join(root, 'holiday'))).toEqual(['My castle 日本.vantage', 'photos']);
    expect(await readFile(project.paths.sceneFile, 'utf8')).toBe('ply…');
    expect((await project.listCheckpoints())[0]).toMatchObject({ iteration: 100, iterations: 200 });
    await rm(join(root, 'data', 'uploads'), { recursive: true });
    expect(await project.findMissingPhotos()).toEqual([]);
    project.change({ settings: { ...SETTINGS, seed: 3 } });
    await project.close();

    // Moved together with its photos, it finds them by their relative paths.
    await rename(join(root, 'holiday'), join(root, 'elsewhere'));
    expect(await store.recents()).toMatchObject([{ exists: false }]);
    const moved = await store.open(join(root, 'elsewhere', 'My castle 日本.vantage'));
    expect(await moved.findMissingPhotos()).toEqual([]);
    expect([moved.content.settings.seed, moved.documents.edits, moved.content.scene]).toEqual([3, '[1]', SCENE]);
    expect(moved.content.photos.every(({ absolutePath }) => absolutePath.startsWith(join(root, 'elsewhere')))).toBe(
      true,
    );
    for (const recent of await store.recents()) recentSchema.parse(recent);
    await moved.close();
  });

  it('keeps what is changed while a copy is made', async () => {
    await takePhotos(join(root, 'photos'));
    const project = await store.createTemporary('One');
    await importInto(project, join(root, 'photos'));
    const saving = project.saveAs(join(root, 'two.vantage'));
    setImmediate(() => {
      project.change({ settings: { ...SETTINGS, seed: 99 } });
      project.changeDocument('view', '{"late":true}');
    });
    await saving;
    await project.close();
    const again = await store.open(join(root, 'two.vantage'));
    expect([again.content.settings.seed, again.documents.view, names(again).length]).toEqual([99, '{"late":true}', 5]);
    await again.close();
  });

  it('does not overwrite anything but a project, and that only when told to', async () => {
    const project = await store.createTemporary('One');
    project.change({ scene: SCENE });
    await mkdir(join(root, 'taken.vantage'));
    await writeFile(join(root, 'taken.vantage', 'letter.txt'), 'dear');
    await expect(project.saveAs(join(root, 'taken'), { replace: true })).rejects.toMatchObject({ code: 'exists' });
    await mkdir(join(root, 'empty.vantage'));
    await project.saveAs(join(root, 'empty'));
    const other = await store.createTemporary('Two');
    await expect(other.saveAs(join(root, 'empty'))).rejects.toMatchObject({ code: 'exists' });
    // Open in this very window, too, it is not replaced.
    await expect(other.saveAs(join(root, 'empty'), { replace: true })).rejects.toMatchObject({ code: 'exists' });
    await project.close();
    await other.saveAs(join(root, 'empty'), { replace: true });
    expect((await readdir(root)).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await readFile(join(root, 'taken.vantage', 'letter.txt'), 'utf8')).toBe('dear');
    await other.close();
    expect((await store.open(join(root, 'empty.vantage'))).content.scene).toBe(null);
  });

  it('takes uploads into its own folder, names kept, long ones and equal ones too', async () => {
    const upload = join(root, 'data', 'sessions', 'u');
    await takePhotos(join(upload, 'a'));
    await mkdir(join(upload, 'b'), { recursive: true });
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toFile(join(upload, 'b', 'PLAIN.jpg'));
    const project = await store.createTemporary('Uploaded');
    await importInto(project, upload);
    await project.adopt(upload);
    await rm(upload, { recursive: true });
    expect(await project.findMissingPhotos()).toEqual([]);
    expect(
      project.content.photos.every(({ absolutePath }) => dirname(absolutePath).startsWith(project.paths.photos)),
    ).toBe(true);
    expect(project.content.photos).toHaveLength(NAMES.length + 1);
    await project.close();
    expect(await (await store.open(project.paths.folder)).findMissingPhotos()).toEqual([]);
  });
});

describe('saving that fails', () => {
  it('is told, tried again, and loses nothing', async () => {
    let isFull = true;
    const failing = await open({
      writeFile: async (path, content) => {
        if (isFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        await writeFileAtomic(path, content);
      },
    });
    const project = await failing.createTemporary('Full');
    const failed = untilEvent(project, 'save-failed');
    project.change({ name: 'Second name', scene: SCENE });
    project.changeDocument('view', '{}');
    expect(await failed).toMatchObject({ notice: { message: expect.stringContaining('disk is full') as string } });
    await expect(project.save()).rejects.toMatchObject({ code: 'cannot-write' });
    const saved = untilEvent(project, 'saved');
    isFull = false;
    await saved;
    await project.close();
    const again = await failing.open(project.paths.folder);
    expect([again.content.name, again.documents.view]).toEqual(['Second name', '{}']);
    await again.close();
  });

  it('until the end leaves the project among the recoveries', async () => {
    const failing = await open({ writeFile: () => Promise.reject(Object.assign(new Error('gone'), { code: 'EIO' })) });
    const first = await store.createTemporary('Kept');
    first.change({ scene: SCENE });
    await first.saveAs(join(root, 'kept.vantage'));
    await first.close();
    const project = await failing.open(join(root, 'kept.vantage'));
    project.change({ settings: { ...SETTINGS, seed: 1234 } });
    await project.close();
    const [recovery] = await store.recoveries();
    const recovered = await store.recover(recovery?.id ?? '');
    expect([recovered.content.settings.seed, recovered.isTemporary]).toEqual([1234, true]);
    await recovered.close();
  });

  it('does not bring back the stump of a project whose folder was moved away', async () => {
    const project = await store.createTemporary('Moved');
    project.change({ scene: SCENE });
    await project.saveAs(join(root, 'a.vantage'));
    await rename(join(root, 'a.vantage'), join(root, 'b.vantage'));
    project.change({ name: 'Changed' });
    await expect(project.save()).rejects.toThrow('its folder is gone');
    expect(await readdir(root)).not.toContain('a.vantage');
    await project.close();
  });
});

describe('photos that were moved', () => {
  it('are named, and found again by name or by content, never by name alone', async () => {
    await takePhotos(join(root, 'photos'));
    const project = await store.createTemporary('Moved');
    await importInto(project, join(root, 'photos'));
    const moved = join(root, 'archive', '2024');
    await mkdir(moved, { recursive: true });
    const at = (name: string): string => join(root, 'photos', name);
    await rename(at('plain.jpg'), join(moved, 'plain.jpg'));
    // An accent of two characters, as macOS's older file system writes it.
    await rename(at('caf\u00e9.jpg'), join(moved, 'cafe\u0301.jpg'));
    await rename(at('日本 城.png'), join(moved, 'renamed.png'));
    await rm(at('with spaces (1).jpg'));
    await writeFile(join(moved, 'with spaces (1).jpg'), 'something else');

    expect((await project.findMissingPhotos()).map(({ reason }) => reason)).toEqual(Array(4).fill('missing'));
    const result = await project.relink(join(root, 'archive'));
    expect(result.found).toBe(3);
    expect(result.stillMissing.map(({ shownPath }) => shownPath)).toEqual(['photos/with spaces (1).jpg']);
    expect(result.rejected.map(({ candidate }) => candidate)).toEqual(['2024/with spaces (1).jpg']);
    expect(await project.findMissingPhotos()).toHaveLength(1);
    await project.close();
    expect(await (await store.open(project.paths.folder)).findMissingPhotos()).toHaveLength(1);
  });

  it('that hold something else now are told apart from those that are gone', async () => {
    await takePhotos(join(root, 'photos'));
    const project = await store.createTemporary('Changed');
    await importInto(project, join(root, 'photos'));
    const { size } = await stat(join(root, 'photos', 'plain.jpg'));
    await writeFile(join(root, 'photos', 'plain.jpg'), new Uint8Array(size));
    expect(await project.findMissingPhotos()).toMatchObject([{ shownPath: 'photos/plain.jpg', reason: 'changed' }]);
    await project.close();
  });
});

describe('the application’s own folder', () => {
  it('remembers twenty projects, the last one first, and forgets when asked', async () => {
    for (let number = 0; number < 22; number++) {
      const project = await store.createTemporary(`P${number}`);
      project.change({ scene: SCENE });
      await project.saveAs(join(root, `p${number}.vantage`));
      await project.close();
    }
    await rm(join(root, 'p20.vantage'), { recursive: true });
    const recents = await (await open()).recents();
    expect(recents.map(({ name }) => name).slice(0, 2)).toEqual(['p21', 'p20']);
    expect([recents.length, recents[0]?.exists, recents[1]?.exists]).toEqual([20, true, false]);
    expect(await store.folderOfRecent(recents[0]?.id ?? '')).toBe(join(root, 'p21.vantage'));
    await store.forgetRecent(recents[0]?.id ?? '');
    expect((await store.recents()).map(({ name }) => name)).not.toContain('p21');
    await writeFile(join(root, 'data', 'recents.json'), '{"recents":[{"fol');
    expect(await store.recents()).toEqual([]);
  });

  it('is cleared of projects that were closed a month ago, and of nothing else', async () => {
    const closed = async (name: string, days: number): Promise<string> => {
      const project = await store.createTemporary(name);
      project.change({ scene: SCENE });
      await project.close();
      const closedAtMs = Date.now() - days * 86_400_000;
      await writeFile(join(project.paths.folder, 'closed.json'), JSON.stringify({ closedAtMs }));
      return project.paths.folder;
    };
    const [old, young] = [await closed('old', 31), await closed('young', 29)];
    const live = await store.createTemporary('open');
    const crashed = await closed('crashed', 31);
    await rm(join(crashed, 'closed.json'));
    for (const folder of [live.paths.folder, crashed]) await utimes(folder, 1000, 1000);
    expect(await store.collectGarbage()).toBe(1);
    await expect(stat(old)).rejects.toThrow('ENOENT');
    for (const folder of [young, live.paths.folder, crashed]) expect((await stat(folder)).isDirectory()).toBe(true);
    const [recovery] = await store.recoveries();
    expect(recovery?.name).toBe('crashed');
    await store.discardRecovery(recovery?.id ?? '');
    await expect(stat(crashed)).rejects.toThrow('ENOENT');
    await live.close();
  });
});

describe('checkpoints', () => {
  it('are the last two that are whole', async () => {
    const folder = join(root, 'checkpoints');
    await mkdir(folder);
    for (const iteration of [10, 20, 30]) {
      // The run's process replaces the file, it does not write into it.
      await writeFileAtomic(join(folder, LATEST_CHECKPOINT), `state ${iteration}`);
      await recordCheckpoint(folder, { iteration, iterations: 100, savedAtMs: iteration });
    }
    const entries = await listCheckpoints(folder);
    expect(entries.map(({ iteration }) => iteration)).toEqual([30, 20]);
    expect(await readFile(entries[1]?.file ?? '', 'utf8')).toBe('state 20');
    expect((await readdir(folder)).length).toBe(5);

    // The newest is cut off: the one before it counts.
    const cut = entries[0]?.file ?? '';
    await rm(cut);
    await writeFile(cut, 'sta');
    await writeFile(join(folder, '000040-abcdef.checkpoint'), 'without a sidecar');
    expect((await restoreCheckpoint(folder))?.iteration).toBe(20);
    expect(await readFile(join(folder, LATEST_CHECKPOINT), 'utf8')).toBe('state 20');
    await clearCheckpoints(folder);
    expect(await listCheckpoints(folder)).toEqual([]);
    expect(await restoreCheckpoint(folder)).toBe(null);
  });
});

describe('a project’s folder', () => {
  it('with links that lead elsewhere is refused', async () => {
    const project = await store.createTemporary('Linked');
    project.change({ scene: SCENE });
    await project.close();
    const copy = join(root, 'copy.vantage');
    await cp(project.paths.folder, copy, { recursive: true });
    await rm(join(copy, 'checkpoints'), { recursive: true });
    await mkdir(join(root, 'victim'));
    await symlink(join(root, 'victim'), join(copy, 'checkpoints'));
    await expect(store.open(copy)).rejects.toMatchObject({ code: 'refused' });
  });

  it('has a fingerprint of each photo that other programs can check', async () => {
    await takePhotos(join(root, 'photos'), ['plain.jpg']);
    const project = await store.createTemporary('Hash');
    await importInto(project, join(root, 'photos'));
    const content = await readFile(join(root, 'photos', 'plain.jpg'));
    expect(project.content.photos[0]?.fingerprint).toEqual({
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      covers: 'whole',
    });
    await project.close();
  });
});

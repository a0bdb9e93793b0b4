/** Projects through the commands of the window: what arrives as an upload, what is opened twice, what is told of those that are kept. */
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppState } from '../../electron/ipc/contract.js';
import type { LocalAppService } from '../../electron/service/app-service.js';
import { createAppService } from '../../electron/service/create-app-service.js';
import { fakeSpawner } from '../fixtures/fake-job.js';

const SAMPLE = new URL('../../assets/sample', import.meta.url).pathname;
const NAMES = ['01.jpg', '02.jpg', '03.jpg'];

let root: string;
let dataFolder: string;
let service: LocalAppService;

function createService(): Promise<LocalAppService> {
  return createAppService({
    hostKind: 'loopback',
    spawnJob: fakeSpawner(() => undefined).spawnJob,
    dataFolder,
    pickers: null,
    openExternal: () => Promise.resolve(),
  });
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vantage-projects-'));
  dataFolder = join(root, 'data');
  service = await createService();
});

afterEach(async () => {
  await service.dispose();
  await rm(root, { recursive: true, force: true });
});

const state = (): Promise<AppState> => service.handle('getState', {});

/** Photos with cameras in a folder of the user's own, in a project of this name; its folder. */
async function saveProject(name: string): Promise<string> {
  const photos = join(root, 'photos');
  await mkdir(photos);
  for (const photo of NAMES) await cp(join(SAMPLE, 'images', photo), join(photos, 'images', photo));
  await cp(join(SAMPLE, 'transforms.json'), join(photos, 'transforms.json'));
  await service.importPicked([photos]);
  await service.handle('saveProjectAs', { name });
  return (await state()).project.folder ?? '';
}

async function reopen(name: string): Promise<void> {
  await service.handle('newProject', {});
  const recent = (await state()).recents.find((entry) => entry.name === name);
  await service.handle('openRecent', { recentId: recent?.id ?? '' });
}

async function upload(folder: string): Promise<string> {
  const uploadId = `upload-${Math.random().toString(16).slice(2)}`;
  await cp(folder, join(await service.openUpload(uploadId), basename(folder)), { recursive: true });
  return uploadId;
}

async function placesOf(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, 'project.json'), 'utf8');
  const { content } = JSON.parse(text) as { content: { photos: { file: { absolutePath: string } }[] } };
  return content.photos.map(({ file }) => file.absolutePath);
}

describe('photos that were moved', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await saveProject('Moved');
    const [first] = (await state()).photos;
    await service.handle('setPhotoRole', { photoIds: [first?.id ?? ''], role: 'left-out' });
    await rename(join(root, 'photos'), join(root, 'elsewhere'));
    await reopen('Moved');
    expect((await state()).project.missingPhotos).toHaveLength(3);
  });

  // The upload's folder is deleted: a project that pointed there had lost its photos by the next start.
  it.each(['relinkPhotos', 'importUpload'] as const)('and came by %s belong to the project', async (command) => {
    await service.handle(command, { uploadId: await upload(join(root, 'elsewhere')) });
    const { project, photos, notices } = await state();
    expect(project.missingPhotos).toEqual([]);
    expect(photos.map(({ role }) => role)).toContain('left-out');
    expect(notices).toEqual([]);
    await service.dispose();
    for (const place of await placesOf(folder)) expect((await stat(place)).isFile()).toBe(true);
    service = await createService();
  });

  it('are found where the user drops them, beside others that are new', async () => {
    await cp(join(SAMPLE, 'images', '08.jpg'), join(root, 'elsewhere', 'images', '08.jpg'));
    await service.importPicked([join(root, 'elsewhere')]);
    const { project, photos, notices } = await state();
    expect([project.missingPhotos, photos.length]).toEqual([[], 4]);
    expect(notices.filter(({ message }) => message.includes('is the same as'))).toEqual([]);
    await service.dispose();
    expect((await placesOf(folder)).every((place) => place.startsWith(join(root, 'elsewhere')))).toBe(true);
    service = await createService();
  });
});

describe('a project that is opened', () => {
  it('while it is open stays open, and stays ours', async () => {
    const folder = await saveProject('Twice');
    await service.importPicked([folder]);
    expect((await state()).project).toMatchObject({ name: 'Twice', isReadOnly: false });
  });

  it('leaves what was said about the one before behind', async () => {
    await writeFile(join(root, 'notes.docx'), 'no photo');
    await service.importPicked([join(root, 'notes.docx')]);
    expect((await state()).notices).toHaveLength(1);
    await service.handle('newProject', {});
    expect((await state()).notices).toEqual([]);
  });

  it('as an upload is a copy, which is said; one that is known opens where it lies', async () => {
    const folder = await saveProject('Given');
    await service.handle('newProject', {});
    await service.handle('importUpload', { uploadId: await upload(folder) });
    expect(await state()).toMatchObject({ project: { folder }, notices: [] });
    await service.handle('newProject', {});
    const uploadId = await upload(folder);
    const uploaded = join(await service.openUpload(uploadId), basename(folder));
    // Another state of it than the one that is here; and a lock of whoever gave it away.
    await writeFile(join(uploaded, 'project.json'), `${await readFile(join(folder, 'project.json'), 'utf8')}\n`);
    const lock = { id: 'x', pid: 1, host: 'another', startedAtMs: Date.now(), isGuarded: true };
    await writeFile(join(uploaded, 'lock.json'), JSON.stringify(lock));
    await service.handle('importUpload', { uploadId });
    const { project, notices } = await state();
    expect(project).toMatchObject({ isReadOnly: false, folder: join(dataFolder, 'saved', 'Given 2.vantage') });
    expect(notices.map(({ message }) => message)).toEqual([expect.stringContaining('working on the copy in')]);
  });

  it('as an upload and cannot be read leaves nothing behind', async () => {
    await mkdir(join(root, 'Broken.vantage'));
    await writeFile(join(root, 'Broken.vantage', 'project.json'), '{"format":');
    const uploadId = await upload(join(root, 'Broken.vantage'));
    await expect(service.handle('importUpload', { uploadId })).rejects.toThrow(/damaged/);
    expect(await readdir(join(dataFolder, 'saved'))).toEqual([]);
  });
});

it('an upload that was cancelled is deleted', async () => {
  const uploadId = await upload(join(SAMPLE, 'images'));
  await service.handle('discardUpload', { uploadId });
  await expect(service.handle('importUpload', { uploadId })).rejects.toThrow(/have not arrived/);
  const sessions = await readdir(join(dataFolder, 'sessions'), { recursive: true });
  expect(sessions.filter((path) => path.endsWith('.jpg'))).toEqual([]);
});

it('tells of projects where they lie, and of those that were never saved that they were not', async () => {
  const folder = await saveProject('Saved');
  await service.handle('openSample', {});
  await service.handle('newProject', {});
  const { recents, session } = await state();
  expect(recents.map(({ folder: place }) => place)).toEqual([null, folder]);
  expect(session.projectsFolder).toBe(join(dataFolder, 'saved'));
});

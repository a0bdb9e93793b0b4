/**
 * Projects as a person meets them: saved, closed and opened again; brought along by a drop; with photos that were moved; open elsewhere;
 * of a newer version; left behind by a crash; with a host that is gone. Every host is a process of its own, as a user starts it.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import type { AppWindow, LoopbackHost } from './open-window.js';
import { dropFiles, openWindow, startHost, watchPage } from './open-window.js';
import {
  childrenOf,
  choosePhotoAction,
  closeProject,
  dialog,
  isRunning,
  keptProjects,
  makePhotoFolder,
  photographStep,
  readProjectFile,
  recent,
  rowOfSplats,
  saveProjectAs,
  uploadedFiles,
  waitForPhotos,
} from './project-steps.js';
import { SAMPLE } from './run-vantage.js';
import { choosePreset, drawnSplats, PATIENCE_MS, setAdvanced, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: projects in the window: there is no Chromium');

const patient = { timeout: PATIENCE_MS };
const SPLATS = 40;
const NAME = 'Küche 日本';

describe.skipIf(!hasChromium)('projects', () => {
  const root = mkdtempSync(join(tmpdir(), 'vantage projects é 日本-'));
  const photos = join(root, 'My photos');
  /** Of the first test; every other one works on a copy. */
  const saved = join(root, 'first', 'saved', `${NAME}.vantage`);
  const hosts: LoopbackHost[] = [];
  const windows: AppWindow[] = [];

  async function start(paths: readonly string[], dataFolder: string): Promise<LoopbackHost> {
    const host = await startHost(paths, join(root, dataFolder));
    hosts.push(host);
    return host;
  }
  async function open(host: LoopbackHost): Promise<AppWindow> {
    const app = await openWindow({ host });
    windows.push(app);
    return app;
  }
  /** As by a loss of power. */
  async function kill(host: LoopbackHost): Promise<void> {
    const ended = new Promise((resolve) => host.process.once('exit', resolve));
    host.process.kill('SIGKILL');
    await ended;
  }
  /** A project of the first test, as somebody would have been given it. */
  function copySaved(folder: string): string {
    mkdirSync(join(root, folder), { recursive: true });
    const copy = join(root, folder, 'Brought along.vantage');
    cpSync(saved, copy, { recursive: true });
    return copy;
  }

  beforeAll(() => makePhotoFolder(photos, ['01.jpg', '02.jpg', '03.jpg', '04.jpg']));
  afterEach(async () => {
    for (const app of windows.splice(0)) await app.close();
    for (const host of hosts.splice(0)) await host.stop();
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const keysOf = async (page: Page): Promise<number> => page.getByRole('button', { name: /^Key \d/ }).count();
  /** Of the first test's scene, once its edits hold. */
  let visible = SPLATS;
  const waitForEditedScene = async (page: Page): Promise<void> => {
    await expect.poll(() => drawnSplats(page), patient).toBe(visible);
  };
  const countsOf = (page: Page): Promise<string[]> => page.locator('.tidy-counts dd').allInnerTexts();

  it('are saved, keep every change by themselves, and open again with all that was in them', async () => {
    const host = await start([photos], 'first');
    const { page } = await open(host);
    await waitForPhotos(page, 4);
    writeFileSync(join(root, 'row.ply'), rowOfSplats(SPLATS));
    await dropFiles(page, [join(root, 'row.ply')]);
    await waitForSplats(page, SPLATS);
    await choosePreset(page, 'Draft');
    await choosePhotoAction(page, '04.jpg', 'Leave out');

    await page.getByRole('tab', { name: 'Camera path' }).click();
    await page.getByRole('button', { name: /^Key 1/ }).waitFor(patient);
    const keys = await keysOf(page);
    await page.getByRole('button', { name: /^Add a key from this view/ }).click();
    await expect.poll(() => keysOf(page), patient).toBe(keys + 1);
    await page.getByRole('tab', { name: 'Tidy up' }).click();
    await page.getByText('Keep only what is inside a box').click(patient);
    const edge = page.getByRole('textbox', { name: 'X to' });
    await edge.fill('0', patient);
    await edge.press('Tab');
    await expect.poll(async () => Number((await countsOf(page))[1]), patient).toBeGreaterThan(0);
    const counts = await countsOf(page);
    const [, hidden] = counts;
    visible = SPLATS - Number(hidden);
    await photographStep(page, 'before-saving');

    await saveProjectAs(page, NAME);
    expect(keptProjects(host.dataFolder)).toEqual([]);
    // A name that is taken is refused where another one can be given.
    await page.keyboard.press('Control+s');
    const again = dialog(page, 'Save the project under another name');
    await again.getByText(`in ${saved}`).waitFor(patient);
    await again.getByLabel('Name').fill(NAME);
    await page.keyboard.press('Enter');
    await again.getByRole('alert').getByText('The project is there already.').waitFor(patient);
    await photographStep(page, 'name-taken');
    await page.keyboard.press('Escape');
    await again.waitFor({ state: 'detached', ...patient });

    await page.getByRole('tab', { name: 'Run', exact: true }).click();
    await setAdvanced(page, { Iterations: 77 });
    await expect.poll(() => readProjectFile(saved).content.settings.iterations, patient).toBe(77);
    await expect
      .poll(() => readdirSync(join(saved, 'documents')).sort(), patient)
      .toEqual(['camera-path.json', 'edits.json']);
    await host.stop();

    const { page: later } = await open(await start([], 'first'));
    await photographStep(later, 'recent-projects');
    await recent(later, NAME).click(patient);
    await waitForPhotos(later, 4);
    await waitForEditedScene(later);
    await later.getByRole('row', { name: /^04\.jpg.*Left out/ }).waitFor(patient);
    await later.getByRole('radio', { name: /^Draft/, checked: true }).waitFor(patient);
    await setAdvanced(later, {});
    expect(await later.getByLabel('Iterations', { exact: true }).inputValue()).toBe('77');
    await later.getByRole('tab', { name: 'Camera path' }).click();
    await expect.poll(() => keysOf(later), patient).toBe(keys + 1);
    await later.getByRole('tab', { name: 'Tidy up' }).click();
    await expect.poll(() => countsOf(later), patient).toEqual(counts);
    await photographStep(later, 'opened-again');
    await closeProject(later);
  });

  it('that are dropped open as copies, and say so; one that is known already opens where it lies', async () => {
    const copy = copySaved('given');
    const file = readProjectFile(copy);
    writeFileSync(join(copy, 'project.json'), JSON.stringify({ ...file, savedAtMs: file.savedAtMs + 1 }));
    const host = await start([], 'receiver');
    const { page } = await open(host);
    await dropFiles(page, [copy]);
    await waitForPhotos(page, 4);
    await page.getByRole('tab', { name: /^Problems/ }).click();
    const own = join(host.dataFolder, 'saved', basename(copy));
    await page.getByText(`you are working on the copy in ${own}`).waitFor(patient);
    await photographStep(page, 'dropped-copy');
    await closeProject(page);
    await dropFiles(page, [own]);
    await waitForPhotos(page, 4);
    expect(await page.getByText('you are working on the copy').count()).toBe(0);
    expect(readdirSync(join(host.dataFolder, 'saved'))).toEqual([basename(copy)]);
    await closeProject(page);
    expect(await recent(page, NAME).count()).toBe(1);
  });

  it('of a newer version can be looked at and copied, and stay as they are', async () => {
    const copy = copySaved('newer');
    const text = JSON.stringify({ ...readProjectFile(copy), formatVersion: 99, appVersion: '7.1.0' });
    writeFileSync(join(copy, 'project.json'), text);
    const { page } = await open(await start([copy], 'older-app'));
    await waitForPhotos(page, 4);
    await page
      .getByText(/This project was saved by a newer Vantage \(7\.1\.0\)/)
      .first()
      .waitFor(patient);
    await page.getByText('Read only', { exact: true }).waitFor(patient);
    await waitForEditedScene(page);
    expect(await page.getByRole('radio', { name: /^High/ }).isDisabled()).toBe(true);
    await photographStep(page, 'newer-version');
    await page.getByRole('button', { name: 'Save a copy…' }).click();
    await dialog(page, 'Save the project under another name').getByLabel('Name').fill('My copy', patient);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'My copy' }).waitFor(patient);
    await choosePreset(page, 'High');
    expect(readProjectFile(copy)).toEqual(JSON.parse(text));
    expect(existsSync(join(copy, 'lock.json'))).toBe(false);
  });

  it('whose photos were moved find them again, by a folder that is chosen and by one that is dropped', async () => {
    const own = join(root, 'moved', 'photos');
    makePhotoFolder(own, ['01.jpg', '02.jpg', '03.jpg', '04.jpg']);
    const host = await start([own], 'moving');
    const { page } = await open(host);
    await waitForPhotos(page, 4);
    await choosePhotoAction(page, '04.jpg', 'Leave out');
    await saveProjectAs(page, 'Moved');
    await closeProject(page);
    const [now, later] = [join(root, 'moved', 'archive'), join(root, 'moved', 'stick')];
    renameSync(own, now);
    mkdirSync(later);
    renameSync(join(now, 'images', '01.jpg'), join(now, 'images', 'front door.jpg'));
    renameSync(join(now, 'images', '02.jpg'), join(later, '02.jpg'));

    await recent(page, 'Moved').click();
    await page.getByText('4 photos are not where the project says.').waitFor(patient);
    await photographStep(page, 'photos-missing');
    await page.getByRole('button', { name: 'Find them…' }).click();
    const finding = dialog(page, 'Find missing files');
    await finding.getByText('images/02.jpg').waitFor(patient);
    const choose = async (button: string, folder: string): Promise<void> => {
      const chooser = page.waitForEvent('filechooser');
      await finding.getByRole('button', { name: button }).click(patient);
      await (await chooser).setFiles(folder);
    };
    makePhotoFolder(join(root, 'others'), ['07.jpg']);
    await choose('Choose a folder…', join(root, 'others'));
    await finding.getByText('None of them is in that folder.').waitFor(patient);
    await choose('Choose another folder…', now);
    await finding.getByText('3 files were found.').waitFor(patient);
    await finding.getByRole('heading', { name: '1 file is still missing' }).waitFor(patient);
    expect(await finding.getByRole('listitem').allInnerTexts()).toEqual(['photos/images/02.jpg']);
    await photographStep(page, 'photos-found');
    await page.keyboard.press('Escape');
    await finding.waitFor({ state: 'detached', ...patient });
    await page.getByText('1 photo is not where the project says.').waitFor(patient);
    await dropFiles(page, [later]);
    await page.getByText(/not where the project says/).waitFor({ state: 'detached', ...patient });
    // Whoever shows where the photos are has not taken back what he chose for them.
    await page.getByRole('row', { name: /^04\.jpg.*Left out/ }).waitFor(patient);
    await waitForPhotos(page, 4);
    await host.stop();

    // What a browser hands over is gone with its host: the project must not depend on it.
    const stored = readProjectFile(join(host.dataFolder, 'saved', 'Moved.vantage')).content.photos;
    expect(stored.filter(({ file }) => !existsSync(file.absolutePath))).toEqual([]);
  });

  it('that are open elsewhere say where, and can only be looked at', async () => {
    const copy = copySaved('shared');
    const { page: first } = await open(await start([copy], 'one'));
    await waitForPhotos(first, 4);
    const { page: second } = await open(await start([copy], 'two'));
    await waitForPhotos(second, 4);
    await second
      .getByText(/It is open in another window on this computer \(process \d+, since .+\)/)
      .first()
      .waitFor(patient);
    expect(await second.getByRole('radio', { name: /^High/ }).isDisabled()).toBe(true);
    await photographStep(second, 'open-elsewhere');
    await choosePreset(first, 'High');
    await expect.poll(() => readProjectFile(copy).content.settings.preset, patient).toBe('high');
    // Closed there, it opens here as any other.
    await closeProject(first);
    await closeProject(second);
    await recent(second, NAME).click();
    await second.getByRole('radio', { name: /^High/, checked: true }).waitFor(patient);
    expect(await second.getByRole('radio', { name: /^Draft/ }).isDisabled()).toBe(false);
  });

  it('are offered again after a crash, go on where they were, and are gone only when that was confirmed', async () => {
    const first = await start([photos], 'crashing');
    const { page } = await open(first);
    await waitForPhotos(page, 4);
    await choosePreset(page, 'High');
    await choosePhotoAction(page, '03.jpg', 'Leave out');
    const [kept] = keptProjects(first.dataFolder);
    const folder = join(first.dataFolder, 'projects', kept ?? '');
    await expect
      .poll(() => readProjectFile(folder).content.photos.map(({ role }) => role), patient)
      .toContain('left-out');
    const jobs = childrenOf(first.process.pid ?? 0);
    expect(jobs.length).toBeGreaterThan(0);
    // In the middle of it: what was chosen last may be lost, and nothing else.
    await choosePhotoAction(page, '02.jpg', 'Leave out');
    await kill(first);
    await expect.poll(() => jobs.filter(isRunning), patient).toEqual([]);

    const second = await start([], 'crashing');
    const { page: after } = await open(second);
    await after.getByRole('heading', { name: 'Work that was not closed properly' }).waitFor(patient);
    await photographStep(after, 'recovery');
    await after.getByRole('button', { name: 'Recover My photos' }).click();
    await waitForPhotos(after, 4);
    await after.getByRole('row', { name: /^03\.jpg.*Left out/ }).waitFor(patient);
    await after.getByRole('radio', { name: /^High/, checked: true }).waitFor(patient);
    await kill(second);

    const { page: last } = await open(await start([], 'crashing'));
    await last.getByRole('button', { name: 'Discard My photos' }).click(patient);
    const discarding = dialog(last, 'Discard “My photos” for good?');
    await discarding.getByText('This cannot be undone.').waitFor(patient);
    await photographStep(last, 'discard');
    await discarding.getByRole('button', { name: 'Cancel' }).click();
    await discarding.waitFor({ state: 'detached', ...patient });
    expect(existsSync(join(folder, 'project.json'))).toBe(true);
    await last.getByRole('button', { name: 'Discard My photos' }).click();
    await discarding.getByRole('button', { name: 'Discard for good' }).click();
    await last
      .getByRole('heading', { name: 'Work that was not closed properly' })
      .waitFor({ state: 'detached', ...patient });
    expect(existsSync(folder)).toBe(false);
  });

  it('that were saved and crashed stay where they are when they are not recovered', async () => {
    const copy = copySaved('crashed');
    const first = await start([copy], 'crashing-saved');
    const { page } = await open(first);
    await waitForPhotos(page, 4);
    await kill(first);
    const { page: after } = await open(await start([], 'crashing-saved'));
    await after.getByText(`Saved in ${copy}`).waitFor(patient);
    await photographStep(after, 'recovery-saved');
    await after.getByRole('button', { name: `Leave ${NAME} as it is` }).click();
    await after
      .getByRole('heading', { name: 'Work that was not closed properly' })
      .waitFor({ state: 'detached', ...patient });
    await recent(after, NAME).click();
    await waitForPhotos(after, 4);
    await waitForEditedScene(after);
  });

  it('are left as they were by files whose upload was cancelled', async () => {
    const { page, host } = await open(await start([photos], 'cancelling'));
    await waitForPhotos(page, 4);
    const folder = join(root, 'many');
    makePhotoFolder(folder, ['05.jpg', '06.jpg']);
    for (let i = 0; i < 4; i++) writeFileSync(join(folder, `film ${i}.tif`), new Uint8Array(16 * 2 ** 20));
    const network = await page.context().newCDPSession(page);
    // At this rate the whole takes ten minutes: what ends sooner was cancelled.
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 100 * 1024,
    });
    await dropFiles(page, [folder]);
    const cancel = page.getByRole('button', { name: 'Stop taking in files' });
    await cancel.waitFor(patient);
    await expect.poll(() => uploadedFiles(host.dataFolder).length, patient).toBeGreaterThan(0);
    await photographStep(page, 'uploading');
    await cancel.click();
    await cancel.waitFor({ state: 'detached', timeout: 20_000 });
    await expect.poll(() => uploadedFiles(host.dataFolder), patient).toEqual([]);
    // Neither photos nor tiles that wait for them.
    await expect.poll(() => page.getByRole('row').count(), patient).toBe(4);
    expect(await page.locator('.filmstrip img').count()).toBe(4);
    await waitForPhotos(page, 4);
    await photographStep(page, 'upload-cancelled');
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });
    await dropFiles(page, [join(SAMPLE, 'images', '05.jpg')]);
    await waitForPhotos(page, 5);
    // One that is there already leaves no tile that waits for ever.
    await dropFiles(page, [join(SAMPLE, 'images', '05.jpg')]);
    await page.getByRole('tab', { name: /^Problems/ }).click();
    await page.getByText(/This photo is the same as/).waitFor(patient);
    await expect.poll(() => page.getByRole('row').count(), patient).toBe(5);
  });

  it('stay in sight when their host is gone, with words that say what to do', async () => {
    const first = await start([photos], 'vanishing');
    const app = await open(first);
    const { page } = app;
    await waitForPhotos(page, 4);
    await page.getByRole('tab', { name: 'Camera path' }).click();
    await kill(first);
    await page.getByRole('alertdialog', { name: 'The connection to the engine broke' }).waitFor(patient);
    await photographStep(page, 'host-gone');
    await page.getByRole('button', { name: 'Try again now' }).click();
    expect(await page.getByRole('button', { name: /^Key \d/ }).count()).toBeGreaterThan(0);
    await page.getByRole('heading', { name: 'My photos' }).waitFor(patient);

    const second = await start(['--port', new URL(first.origin).port], 'vanishing');
    await page.getByRole('alertdialog', { name: 'Vantage was started anew' }).waitFor(patient);
    await photographStep(page, 'host-anew');
    // The address that it printed lets this browser in, and with it the window that was there before.
    const other = await app.context.newPage();
    watchPage(other);
    await other.goto(second.address);
    await other.getByRole('button', { name: 'Recover My photos' }).click(patient);
    await waitForPhotos(other, 4);
    await page.bringToFront();
    await page.getByRole('alertdialog').waitFor({ state: 'detached', ...patient });
    await page.getByRole('tab', { name: 'Photos' }).click();
    await waitForPhotos(page, 4);
    await photographStep(page, 'host-back');
  });
});

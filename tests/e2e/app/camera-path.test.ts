/** The camera path as a user makes it: through the photos, its keys moved and timed, played, looked around from, saved and read back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import type { Point, Pose } from './look-scene.js';
import { cameraOf, columnOf, distance, lookSceneFile } from './look-scene.js';
import type { PathFile } from './look-steps.js';
import { canvasBox, canvasOf, choosePathFile, dragMouse, openPathTab, savePath, settle } from './look-steps.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { SAMPLE } from './run-vantage.js';
import { PATIENCE_MS, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: the camera path in the window: there is no Chromium');

const TRAINED = ['01.jpg', '03.jpg', '04.jpg', '06.jpg', '08.jpg'];

describe.skipIf(!hasChromium)('the camera path', () => {
  let app: AppWindow;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), 'vantage path-'));
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const keys = (): Locator => page.getByRole('group', { name: 'Keys of the path' }).getByRole('button');
  const readTime = async (): Promise<[number, number]> => {
    const text = await page.locator('.path-time').innerText();
    const [time = Number.NaN, duration = Number.NaN] = text.match(/[\d.]+/g)?.map(Number) ?? [];
    return [time, duration];
  };
  const pressOnCanvas = async (key: string): Promise<void> => canvasOf(page).press(key);
  const undo = (): Promise<void> => pressOnCanvas('Control+z');
  /** The view, by way of a key that is added at the playhead, read and taken away again. */
  const view = async (): Promise<Pose> => {
    await settle(page);
    const before = new Set((await savePath(page)).keyframes.map(({ id }) => id));
    await pressOnCanvas('Enter');
    const { keyframes } = await savePath(page);
    await undo();
    const added = keyframes.find(({ id }) => !before.has(id));
    if (added === undefined) throw new Error('the playhead stands on a key');
    return added;
  };
  const expectAtPhoto = (pose: Pose, name: string): void => {
    const camera = cameraOf(name);
    expect(distance(pose.position, camera.place)).toBeLessThan(1e-3);
    expect(distance(columnOf(pose, 2), camera.ahead)).toBeLessThan(1e-3);
  };
  const times = ({ keyframes }: PathFile): number[] => keyframes.map(({ timeMs }) => timeMs);

  beforeAll(async () => {
    const scene = join(folder, 'scene.ply');
    writeFileSync(scene, lookSceneFile());
    app = await openWindow();
    page = app.page;
    await dropFiles(page, [join(SAMPLE, 'images'), join(SAMPLE, 'transforms.json'), scene]);
    await page.getByText('8 photos · 8 with a camera · 3 held out').waitFor({ timeout: PATIENCE_MS });
    await waitForSplats(page, 3000);
    await openPathTab(page);
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('begins as a smooth way through the photos that are trained on', async () => {
    await expect.poll(async () => keys().count(), { timeout: PATIENCE_MS }).toBe(TRAINED.length);
    const labels = await keys().evaluateAll((all) => all.map((key) => key.getAttribute('aria-label') ?? ''));
    expect(labels.map((label) => label.split(', ').at(-1))).toEqual(TRAINED);
    await expect.poll(async () => keys().locator('img').count(), { timeout: PATIENCE_MS }).toBe(TRAINED.length);
    const path = await savePath(page);
    path.keyframes.forEach((key, i) => expectAtPhoto(key, TRAINED[i] as string));
    expect(path.isConstantSpeed).toBe(true);
  });

  it('plays and halts by Space, steps by arrows, and the camera goes along', async () => {
    await pressOnCanvas('Space');
    await button('Pause').waitFor();
    await expect.poll(async () => (await readTime())[0], { timeout: PATIENCE_MS }).toBeGreaterThan(0.3);
    await pressOnCanvas('Space');
    await button('Play').waitFor();
    const [halted] = await readTime();
    await page.waitForTimeout(500);
    expect((await readTime())[0]).toBe(halted);
    const start = await view();
    expect(distance(start.position, cameraOf('01.jpg').place)).toBeGreaterThan(0.01);
    await pressOnCanvas('ArrowRight');
    expect((await readTime())[0]).toBeCloseTo(halted + 1 / 30, 1);
    await pressOnCanvas('Shift+ArrowRight');
    const further = await view();
    expect(distance(further.position, start.position)).toBeGreaterThan(0.01);
    await pressOnCanvas('Shift+ArrowLeft');
    await pressOnCanvas('ArrowLeft');
    expect(distance((await view()).position, start.position)).toBeLessThan(1e-2);
    await pressOnCanvas('End');
    const [end, duration] = await readTime();
    expect(end).toBe(duration);
    await pressOnCanvas('Home');
    expect((await readTime())[0]).toBe(0);
  });

  it('lets one look aside while on it, and ahead again', async () => {
    await pressOnCanvas('Home');
    for (let i = 0; i < 3; i++) await pressOnCanvas('ArrowRight');
    const ahead = await view();
    const { x, y, width, height } = await canvasBox(page);
    await dragMouse(page, { x: x + width / 2, y: y + height / 2 }, { x: 100, y: 0 });
    const aside = await view();
    // Reading the view adds a key, which moves the playhead by less than this; a frame of the path is ten times as far.
    expect(distance(aside.position, ahead.position)).toBeLessThan(1e-3);
    // Dragged to the right, the scene goes along: one looks to the left.
    const turned = columnOf(aside, 2);
    const toRight = columnOf(ahead, 0).reduce((sum, value, i) => sum + value * (turned[i] as number), 0);
    expect(toRight).toBeLessThan(-0.1);
    await button('Look along the path').click();
    await button('Look along the path').waitFor({ state: 'detached' });
    expect(distance(columnOf(await view(), 2), columnOf(ahead, 2))).toBeLessThan(1e-3);
  });

  it('stands in a key that is clicked; the key is moved, timed, doubled and deleted, and all of it undone', async () => {
    const original = await savePath(page);
    await keys().nth(2).click();
    await expect.poll(async () => keys().nth(2).getAttribute('aria-pressed')).toBe('true');
    // The view is the photo's: setting the key to it changes nothing but that.
    await button('Set the key to this view').click();
    expectAtPhoto((await savePath(page)).keyframes[2] as Pose, '04.jpg');
    expect(await button('Look along the path').count()).toBe(0);
    const { x, y, width, height } = await canvasBox(page);
    await pressOnCanvas('Escape');
    await dragMouse(page, { x: x + width / 2, y: y + height / 2 }, { x: 80, y: 0 });
    await button('Set the key to this view').click();
    const moved = (await savePath(page)).keyframes[2];
    expect(distance(moved?.position as Point, cameraOf('04.jpg').place)).toBeGreaterThan(0.1);
    expect(moved?.photoId).toBeNull();
    await undo();
    await undo();
    expect((await savePath(page)).keyframes).toEqual(original.keyframes);

    const marker = await keys().nth(1).locator('.path-key-diamond').boundingBox();
    const track = await page.getByRole('group', { name: 'Keys of the path' }).boundingBox();
    if (marker === null || track === null) throw new Error('the timeline is not shown');
    const from = { x: marker.x + marker.width / 2, y: marker.y + marker.height / 2 };
    const before = await keys().nth(1).getAttribute('aria-label');
    await dragMouse(page, from, { x: 40, y: 0 });
    const timed = await savePath(page);
    expect(timed.isConstantSpeed).toBe(false);
    const shiftMs = (40 / track.width) * original.durationMs;
    const startMs = 1000 * Number(/, ([\d.]+) s/.exec(before ?? '')?.[1]);
    expect(times(timed)[1]).toBeGreaterThan(startMs + shiftMs - 40);
    expect(times(timed)[1]).toBeLessThan(startMs + shiftMs + 40);
    await keys().nth(1).press('ArrowRight');
    expect(times(await savePath(page))[1]).toBeCloseTo((times(timed)[1] as number) + 1000 / 30, 3);
    await undo();
    await undo();
    expect(await savePath(page)).toEqual(original);

    await keys().nth(1).press('Control+d');
    await expect.poll(async () => keys().count()).toBe(6);
    await keys().nth(2).press('Delete');
    await keys().nth(0).press('Delete');
    await expect.poll(async () => keys().count()).toBe(4);
    for (let i = 0; i < 3; i++) await undo();
    expect(await savePath(page)).toEqual(original);
  });

  it('loops: longer by the way home, and round again', async () => {
    const [, open] = await readTime();
    await button('Loop').click();
    const [, closed] = await readTime();
    expect(closed).toBeGreaterThan(open + 1);
    await pressOnCanvas('Home');
    const first = await savePath(page);
    expect(first.isLoop).toBe(true);
    await pressOnCanvas('ArrowLeft');
    expect((await readTime())[0]).toBeCloseTo(closed - 1 / 30, 1);
    await button('Loop').click();
    expect((await readTime())[1]).toBe(open);
  });

  it('has settings: duration, frame rate, speed, the lens of a key', async () => {
    await keys().first().click();
    await button('Path settings').click();
    const settings = page.getByRole('dialog', { name: 'Path settings' });
    const duration = settings.getByRole('textbox', { name: 'Duration (seconds)' });
    await duration.fill('4');
    await duration.press('Enter');
    await expect.poll(async () => (await readTime())[1]).toBe(4);
    const lens = settings.getByRole('textbox', { name: 'Angle of view (degrees, vertical)' });
    await lens.fill('30');
    await lens.press('Enter');
    await settings.getByText('Constant speed').click();
    await page.keyboard.press('Escape');
    await settings.waitFor({ state: 'detached' });
    const path = await savePath(page);
    expect(path.durationMs).toBe(4000);
    expect(path.isConstantSpeed).toBe(false);
    expect(path.keyframes[0]?.fovYDegrees).toBeCloseTo(30, 6);
  });

  it('is saved to a file and read back from where it is dropped, also as nerfstudio writes it', async () => {
    const saved = await savePath(page);
    const ours = join(folder, 'my path é.json');
    writeFileSync(ours, JSON.stringify(saved));
    const download = page.waitForEvent('download', { timeout: PATIENCE_MS });
    await choosePathFile(page, 'Save for nerfstudio');
    const theirs = join(folder, 'camera_path.json');
    await (await download).saveAs(theirs);
    await choosePathFile(page, 'Remove all keys');
    await page.getByText(/No camera path yet/).waitFor();
    const panel = await page.getByRole('tabpanel', { name: 'Camera path' }).boundingBox();
    if (panel === null) throw new Error('the panel is not shown');
    const place = { x: panel.x + panel.width / 2, y: panel.y + panel.height / 2 };
    await dropFiles(page, [ours], place);
    await expect.poll(async () => keys().count(), { timeout: PATIENCE_MS }).toBe(TRAINED.length);
    expect(await savePath(page)).toEqual(saved);
    await dropFiles(page, [theirs], place);
    await expect.poll(async () => keys().count(), { timeout: PATIENCE_MS }).toBe(4 * 30 + 1);
    const read = await savePath(page);
    expect(read.durationMs).toBe(4000);
    expect(distance(read.keyframes[0]?.position as Point, cameraOf('01.jpg').place)).toBeLessThan(1e-3);
    // Anywhere in the window it is a path too, and can be undone like any other edit.
    await page.getByRole('tab', { name: 'Photos' }).click();
    await dropFiles(page, [ours]);
    await expect.poll(async () => keys().count(), { timeout: PATIENCE_MS }).toBe(TRAINED.length);
    await undo();
    await expect.poll(async () => keys().count()).toBe(4 * 30 + 1);
    writeFileSync(ours, '{"format": "vantage-camera-path"');
    await dropFiles(page, [ours], place);
    await page.getByText('This file is no JSON, or it was cut off.').first().waitFor({ timeout: PATIENCE_MS });
    expect(await keys().count()).toBe(4 * 30 + 1);
  });

  it('is there again when the window is opened again', async () => {
    await choosePathFile(page, 'Remove all keys');
    await pressOnCanvas('Enter');
    await page.waitForTimeout(1500);
    await page.reload();
    await openPathTab(page);
    await expect.poll(async () => keys().count(), { timeout: PATIENCE_MS }).toBe(1);
    expect(app.complaints).toEqual([]);
  });
});

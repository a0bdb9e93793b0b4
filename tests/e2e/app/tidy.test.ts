/** Tidying up as a person does it: by mouse on the picture, by the panel's controls, by keys; what is hidden stays so and is not exported. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSplatPly } from '../../../engine/formats/read-splat-ply.js';
import { findChromium } from '../../fixtures/find-chromium.js';
import { decodePicture } from './compare-pictures.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import type { Place } from './tidy-scene.js';
import { BALL_COLUMNS, COUNT, distanceToStroke, findInScene, indicesOf, placeOf, tidySceneFile } from './tidy-scene.js';
import { drawnSplats, PATIENCE_MS, photographCanvas, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: tidying up in the window: there is no Chromium');

const WALL = indicesOf('wall');
const BEHIND = indicesOf('behind');
const BALLS = indicesOf('balls');
const FLOATERS = indicesOf('floaters');
const ALL = [...WALL, ...BEHIND, ...BALLS, ...FLOATERS];
const BRUSH_PX = 24;

const ball = (column: number, row: number): number => BALLS[row * BALL_COLUMNS + column] as number;
const without = (all: readonly number[], ...gone: (readonly number[])[]): number[] =>
  all.filter((index) => !gone.some((some) => some.includes(index)));

const patient = { timeout: PATIENCE_MS };

describe.skipIf(!hasChromium)('tidying up', () => {
  let app: AppWindow;
  let page: Page;
  let canvas = { x: 0, y: 0, width: 0, height: 0 };
  const folder = mkdtempSync(join(tmpdir(), 'vantage tidy é 日本-'));
  const scene = join(folder, 'garden.ply');
  beforeAll(async () => {
    writeFileSync(scene, tidySceneFile());
    app = await openWindow({ width: 1280, height: 800 });
    ({ page } = app);
    await dropFiles(page, [scene]);
    await ready(page);
    canvas = (await page.getByRole('application', { name: 'View of the scene' }).boundingBox()) ?? canvas;
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the panel and waits until there is something to tidy up. */
  async function ready(window: Page): Promise<void> {
    await waitForSplats(window, 1);
    await window.getByRole('tab', { name: 'Tidy up' }).click();
    await window.getByRole('heading', { name: 'Floaters' }).waitFor(patient);
  }

  async function counts(window = page): Promise<{ selected: number; hidden: number; total: number }> {
    const texts = await window.locator('.tidy-counts dd').allInnerTexts();
    const [selected = NaN, hidden = NaN, total = NaN] = texts.map((text) => Number(text.replaceAll(',', '')));
    return { selected, hidden, total };
  }

  async function expectCounts(selected: number, hidden: number, window = page): Promise<void> {
    await expect.poll(() => counts(window), patient).toEqual({ selected, hidden, total: COUNT });
  }

  /** What the real picture shows at each splat's place: its own colour, the selection's, or nothing. */
  async function looks(indices: readonly number[]): Promise<string> {
    const { width, pixels } = await decodePicture(await photographCanvas(page));
    const signs = indices.map((index) => {
      const { x, y } = placeOf(index, canvas);
      const at = 3 * (Math.floor(y) * width + Math.floor(x));
      const [r = 0, g = 0, b = 0] = pixels.subarray(at, at + 3);
      if (Math.max(r, g, b) < 40) return '.';
      // The selection's colour is orange, and shines through what it covers.
      return g > 0.4 * r && r > 0.8 * g && r > 2 * b ? 'S' : r > g && r > b ? 'r' : g > b ? 'g' : 'b';
    });
    return signs.join('');
  }

  /** The thirty balls, row by row, where these are selected and those are gone. */
  async function expectBalls(selected: readonly number[], gone: readonly number[]): Promise<void> {
    const expected = BALLS.map((index) => (gone.includes(index) ? '.' : selected.includes(index) ? 'S' : 'g')).join('');
    await expect.poll(() => looks(BALLS), patient).toBe(expected);
  }

  const onScreen = ({ x, y }: Place): [number, number] => [canvas.x + x, canvas.y + y];

  async function drag(from: Place, to: Place): Promise<void> {
    await page.mouse.move(...onScreen(from));
    await page.mouse.down();
    await page.mouse.move(...onScreen({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }), { steps: 3 });
    await page.mouse.move(...onScreen(to), { steps: 3 });
    await page.mouse.up();
  }

  /** A rectangle from one splat to another, some pixels wider; answers what lies in it by the test's own projection. */
  async function dragBox(first: number, last: number, marginPx = 12): Promise<number[]> {
    const [a, b] = [placeOf(first, canvas), placeOf(last, canvas)];
    const from = { x: a.x - marginPx, y: a.y - marginPx };
    const to = { x: b.x + marginPx, y: b.y + marginPx };
    await drag(from, to);
    return findInScene(canvas, ({ x, y }) => x > from.x && x < to.x && y > from.y && y < to.y);
  }

  async function dragBrush(first: number, last: number): Promise<number[]> {
    const [from, to] = [placeOf(first, canvas), placeOf(last, canvas)];
    await drag(from, to);
    return findInScene(canvas, (place) => distanceToStroke(place, from, to) <= BRUSH_PX);
  }

  const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const tick = (label: string): Promise<void> => page.locator('label').filter({ hasText: label }).click();

  /** Waits until the panel says so. */
  const says = (words: string): Promise<void> =>
    page.getByRole('tabpanel', { name: 'Tidy up' }).getByText(words, { exact: true }).waitFor(patient);

  /** Name of what has the focus. */
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const element = document.activeElement;
      const labels = (element as HTMLInputElement | null)?.labels ?? [];
      const references = (element?.getAttribute('aria-labelledby') ?? '').split(' ');
      const own = element?.getAttribute('aria-label');
      const named = references.map((id) => {
        const part = document.getElementById(id);
        return part === element ? own : part?.textContent;
      });
      const texts = named.some((text) => text) ? named : [own ?? labels[0]?.textContent ?? element?.textContent];
      return texts.join(' ').trim();
    });

  async function tabTo(name: string | RegExp): Promise<void> {
    const passed: string[] = [];
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press('Tab');
      const here = await focused();
      if (typeof name === 'string' ? here === name : name.test(here)) return;
      passed.push(here);
    }
    throw new Error(`Tab does not reach ${String(name)}, but ${passed.join(', ')}`);
  }

  /** Exports a .ply and answers which splats of the scene it holds, in its order. */
  async function exportedSplats({ withEdits = true } = {}): Promise<number[]> {
    await page.keyboard.press('Control+e');
    const dialog = page.getByRole('dialog', { name: 'Export' });
    if (!withEdits) await dialog.getByText('Leave out what tidying up removed').click();
    const download = page.waitForEvent('download', patient);
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    const file = join(folder, 'exported.ply');
    await (await download).saveAs(file);
    const { length } = readFileSync(file);
    // What the dialog says of the size is of what is exported: "about 12 kB".
    const promised = async (): Promise<number> =>
      1000 * Number.parseFloat((await dialog.locator('.export-size').first().innerText()).replace(/[^\d.]/g, ''));
    await expect.poll(async () => Math.abs((await promised()) / length - 1), patient).toBeLessThan(0.1);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const original = readSplatPly(new Uint8Array(readFileSync(scene)), scene).splats;
    const { splats, droppedCount } = readSplatPly(new Uint8Array(readFileSync(file)), file);
    expect(droppedCount).toBe(0);
    const nameOf = (means: Float32Array, i: number): string => means.subarray(i * 3, i * 3 + 3).join();
    const places = new Map(ALL.map((i) => [nameOf(original.means, i), i]));
    return Array.from({ length: splats.count }, (_, i) => places.get(nameOf(splats.means, i)) ?? -1);
  }

  it('starts with nothing selected, nothing hidden, and the splats where the camera sees them', async () => {
    await expectCounts(0, 0);
    await expectBalls([], []);
    expect(await looks([WALL[60] as number])).toBe('r');
  });

  it('selects with a rectangle what lies in it, and deletes, undoes and redoes that', async () => {
    await press('Rectangle');
    const found = await dragBox(ball(0, 0), ball(2, 1));
    expect(found).toEqual([ball(0, 0), ball(1, 0), ball(2, 0), ball(0, 1), ball(1, 1), ball(2, 1)]);
    await expectCounts(6, 0);
    await expectBalls(found, []);
    await press('Delete selected');
    await expectCounts(0, 6);
    await expectBalls([], found);
    await press('Undo: Delete');
    await expectCounts(6, 0);
    await expectBalls(found, []);
    await press('Undo: Select');
    await expectCounts(0, 0);
    await expectBalls([], []);
    await press('Redo: Select');
    await press('Redo: Delete');
    await expectCounts(0, 6);
    await expectBalls([], found);
    expect(await exportedSplats()).toEqual(without(ALL, found));
    await press('Show hidden again');
    await expectCounts(0, 0);
  });

  it('selects with the brush along its stroke; Shift adds, Alt takes away', async () => {
    await press('Brush');
    const first = await dragBrush(ball(0, 4), ball(3, 4));
    expect(first).toHaveLength(4);
    await expectCounts(4, 0);
    await page.keyboard.down('Shift');
    const second = await dragBrush(ball(3, 4), ball(3, 2));
    await page.keyboard.up('Shift');
    expect(second).toHaveLength(3);
    await expectCounts(6, 0);
    await page.keyboard.down('Alt');
    const third = await dragBrush(ball(1, 4), ball(2, 4));
    await page.keyboard.up('Alt');
    await expectCounts(4, 0);
    await expectBalls(without([...first, ...second], third), []);
    await press('Select in the middle of the view');
    await expectCounts(1, 0);
    await expectBalls([ball(0, 2)], []);
    // Without a tool a drag turns the camera again and selects nothing; back by the button that shows everything.
    await page.keyboard.press('Escape');
    await press('None');
    await expectCounts(0, 0);
  });

  it('takes what lies behind only when it is told to', async () => {
    await press('Rectangle');
    const [first, last] = [WALL[0] as number, WALL[120] as number];
    expect(await dragBox(first, last)).toEqual([...WALL, ...BEHIND]);
    await expectCounts(146, 0);
    await tick('Also select what lies behind');
    await dragBox(first, last);
    await expectCounts(121, 0);
    await page.keyboard.press('Delete');
    await expectCounts(0, 121);
    await expect.poll(() => looks(BEHIND), patient).toBe('b'.repeat(25));
    expect(await exportedSplats()).toEqual(without(ALL, WALL));
    await tick('Also select what lies behind');
    await page.keyboard.press('Escape');
  });

  it('previews floaters, keeps them or deletes them', async () => {
    const strength = page.getByRole('slider', { name: 'Strength' });
    await strength.focus();
    for (let i = 0; i < 5; i++) await strength.press('PageUp');
    await says('4 splats would go.');
    await expectCounts(0, 121);
    // Faint as they are, what would go must be seen.
    await expect.poll(() => looks(FLOATERS), patient).toBe('SSSS');
    await press('Keep them');
    await says('Nothing is marked.');
    await expect.poll(() => looks(FLOATERS), patient).toBe('....');
    await expectCounts(0, 121);
    for (let i = 0; i < 5; i++) await strength.press('PageUp');
    await press('Delete them');
    await expectCounts(0, 125);
    await press('Undo: Delete floaters');
    await expectCounts(0, 121);
    await press('Redo: Delete floaters');
    await expectCounts(0, 125);
    expect(await exportedSplats()).toEqual([...BEHIND, ...BALLS]);
  });

  it('keeps the inside of the crop box, and counts only what is shown as selected', async () => {
    await page.keyboard.press('Control+a');
    await expectCounts(55, 125);
    await tick('Keep only what is inside a box');
    await expectCounts(55, 125);
    const from = page.getByRole('textbox', { name: 'X from' });
    await from.fill('0.5');
    await from.press('Enter');
    // The first column of balls lies at 0.3, what is behind further left.
    const left = [...BEHIND, ...[0, 1, 2, 3, 4].map((row) => ball(0, row))];
    await expectCounts(25, 155);
    await expectBalls(BALLS, left);
    const outside = without(BALLS, left);
    expect(await exportedSplats()).toEqual(outside);
    // However many moves a drag has, it is one step.
    const thumb = page.locator('.tidy-thumb').filter({ has: page.getByRole('slider', { name: /^To X/ }) });
    const { x, y, width, height } = (await thumb.boundingBox()) ?? canvas;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x - 40, y + height / 2, { steps: 8 });
    await page.mouse.up();
    await expect.poll(async () => (await counts()).hidden, patient).toBeGreaterThan(155);
    await press('Undo: Crop');
    await expectCounts(25, 155);
    await press('Undo: Crop');
    await press('Undo: Crop');
    await expectCounts(55, 125);
    await expectBalls(BALLS, []);
    await page.keyboard.press('Control+Shift+a');
    await tick('Keep only what is inside a box');
    await from.fill('0.5');
    await from.press('Enter');
    await expectCounts(0, 155);
  });

  it('is as it was after a reload, although that can no longer be undone', async () => {
    await page.reload();
    await ready(page);
    await expectCounts(0, 155);
    await expectBalls(
      [],
      [0, 1, 2, 3, 4].map((row) => ball(0, row)),
    );
    expect(await page.getByRole('button', { name: 'Undo', exact: true }).isDisabled()).toBe(true);
    expect(await page.getByRole('textbox', { name: 'X from' }).inputValue()).toBe('0.5');
    expect(await exportedSplats({ withEdits: false })).toEqual(ALL);
    await press('Show hidden again');
    await expectCounts(0, 0);
    await expectBalls([], []);
    await press('Undo: Show hidden');
    await expectCounts(0, 155);
  });

  it('is saved before a page that is left at once, and seen in a second window', async () => {
    await press('Show hidden again');
    await page.reload();
    await ready(page);
    await expectCounts(0, 0);
    const second = await app.context.newPage();
    await second.goto(`${app.host.origin}/`);
    await ready(second);
    await second.keyboard.press('b');
    await second.keyboard.press('Shift+b');
    await second.keyboard.press('Delete');
    await expectCounts(0, 1, second);
    await second.close();
    await expectCounts(0, 1);
    await expectBalls([], [ball(0, 2)]);
  });

  it('can be done without a pointer', async () => {
    await page.reload();
    await waitForSplats(page, 1);
    await page.keyboard.press('b');
    await expectCounts(0, 1);
    await page.keyboard.press('Shift+h');
    await expectCounts(0, 0);
    await page.keyboard.press('Control+a');
    await expectCounts(COUNT, 0);
    await page.keyboard.press('Control+i');
    await expectCounts(0, 0);
    await page.keyboard.press('Shift+b');
    await expectCounts(1, 0);
    await page.keyboard.press('Control+i');
    await expectCounts(COUNT - 1, 0);
    await page.keyboard.press('Delete');
    await expectCounts(0, COUNT - 1);
    await expectBalls([], without(BALLS, [ball(0, 2)]));
    expect(await drawnSplats(page)).toBe(1);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await expectCounts(1, 0);
    await page.keyboard.press('Control+Shift+z');
    await page.keyboard.press('Control+y');
    await expectCounts(0, COUNT - 1);
    await page.keyboard.press('Escape');
  });

  it('can be done by the panel’s controls without a pointer, which keep their place', async () => {
    await page.getByRole('tab', { name: 'Tidy up' }).focus();
    await tabTo('Show hidden again');
    await page.keyboard.press('Enter');
    await expectCounts(0, 0);
    // The button that was pressed has nothing left to do; Tab goes on from where it was.
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Strength');
    for (let i = 0; i < 5; i++) await page.keyboard.press('PageUp');
    await says('4 splats would go.');
    await tabTo('Delete them');
    await page.keyboard.press('Space');
    await expectCounts(0, 4);
    await tabTo(/^Keep only/);
    await page.keyboard.press('Space');
    await tabTo(/^From X/);
    for (let i = 0; i < 8; i++) await page.keyboard.press('PageUp');
    await expectCounts(0, COUNT);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await counts()).hidden, patient).toBeLessThan(COUNT);
    await page.keyboard.press('c');
    await expectCounts(0, 4);
  });

  it('leaves the window where it is, and asks and complains of nothing', async () => {
    const scrolled = await page.evaluate(() => [window.scrollY, document.documentElement.scrollHeight - innerHeight]);
    expect(scrolled).toEqual([0, 0]);
    expect(app.complaints).toEqual([]);
  });
});

/** Moving through a scene by mouse, trackpad, touch and keys: where one gets to is read, not guessed from pictures. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../fixtures/find-chromium.js';
import type { Point, Pose } from './look-scene.js';
import { columnOf, distance, lookSceneFile } from './look-scene.js';
import {
  canvasBox,
  canvasOf,
  choosePathFile,
  dragMouse,
  openPathTab,
  readPose,
  restingPose,
  settle,
} from './look-steps.js';
import type { AppWindow } from './open-window.js';
import { dropFiles, openWindow } from './open-window.js';
import { SAMPLE } from './run-vantage.js';
import { PATIENCE_MS, waitForSplats } from './window-steps.js';

const hasChromium = (await findChromium()) !== null;
if (!hasChromium) console.log('SKIPPED: looking around in a scene: there is no Chromium');

const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const ahead = (pose: Pose): Point => columnOf(pose, 2);

/** Of the turn from one view to another. */
function turnBetween(a: Pose, b: Pose): number {
  const trace = ([0, 1, 2] as const).reduce<number>((sum, j) => sum + dot(columnOf(a, j), columnOf(b, j)), 0);
  return Math.acos(Math.min(1, Math.max(-1, (trace - 1) / 2)));
}

/** The step from one view to another along the first one's axes: right, down, ahead. */
function stepBetween(a: Pose, b: Pose): Point {
  const offset = minus(b.position, a.position);
  return [dot(columnOf(a, 0), offset), dot(columnOf(a, 1), offset), dot(columnOf(a, 2), offset)];
}

/** Distance of the point ahead that both views look at; they must have turned. */
function expectOrbit(a: Pose, b: Pose): void {
  const far = distance(a.position, b.position) / distance(ahead(a), ahead(b));
  expect(far).toBeGreaterThan(0.5);
  const seenFrom = ({ position, ...pose }: Pose): Point =>
    position.map((value, i) => value + far * (ahead({ position, ...pose })[i] as number)) as unknown as Point;
  expect(distance(seenFrom(a), seenFrom(b))).toBeLessThan(1e-3 * far);
}

describe.skipIf(!hasChromium)('looking around', () => {
  let app: AppWindow;
  let page: Page;
  let touches: CDPSession;
  const folder = mkdtempSync(join(tmpdir(), 'vantage look-'));
  /** Its pivot lies straight ahead, whatever was done before. */
  const firstView = async (): Promise<Pose> => {
    await page.getByRole('button', { name: 'First view' }).click();
    return restingPose(page);
  };
  const middle = async (): Promise<{ x: number; y: number }> => {
    const { x, y, width, height } = await canvasBox(page);
    return { x: x + width / 2, y: y + height / 2 };
  };

  beforeAll(async () => {
    writeFileSync(join(folder, 'scene.ply'), lookSceneFile());
    app = await openWindow({ context: { hasTouch: true } });
    page = app.page;
    touches = await app.context.newCDPSession(page);
    await dropFiles(page, [join(SAMPLE, 'images'), join(SAMPLE, 'transforms.json'), join(folder, 'scene.ply')]);
    await page.getByText('8 photos · 8 with a camera · 3 held out').waitFor({ timeout: PATIENCE_MS });
    await waitForSplats(page, 3000);
    await openPathTab(page);
    await choosePathFile(page, 'Remove all keys');
    await settle(page);
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('mouse: left orbits, right looks, middle and Ctrl + left move sideways', async () => {
    const from = await middle();
    const start = await readPose(page);
    await dragMouse(page, from, { x: 60, y: 0 });
    const orbited = await readPose(page);
    expect(turnBetween(start, orbited)).toBeCloseTo(60 * 0.005, 3);
    expectOrbit(start, orbited);
    // Dragged to the right, the scene goes to the right: one comes from the left.
    expect(stepBetween(start, orbited)[0]).toBeLessThan(0);
    await dragMouse(page, from, { x: 0, y: 40 });
    const above = await readPose(page);
    expect(turnBetween(orbited, above)).toBeCloseTo(40 * 0.005, 3);
    expectOrbit(orbited, above);
    expect(above.position[2]).toBeGreaterThan(orbited.position[2]);

    await dragMouse(page, from, { x: 50, y: 0 }, 'right');
    const looked = await readPose(page);
    expect(looked.position).toEqual(above.position);
    expect(turnBetween(above, looked)).toBeCloseTo(50 * 0.005, 3);

    await dragMouse(page, from, { x: 50, y: -30 }, 'middle');
    const moved = await readPose(page);
    expect(turnBetween(looked, moved)).toBeLessThan(1e-5);
    const [right, down, forward] = stepBetween(looked, moved);
    expect(right).toBeLessThan(0);
    expect(down / right).toBeCloseTo(-30 / 50, 3);
    expect(Math.abs(forward)).toBeLessThan(1e-5);
    await page.keyboard.down('Control');
    await dragMouse(page, from, { x: -50, y: 30 });
    await page.keyboard.up('Control');
    expect(distance((await readPose(page)).position, looked.position)).toBeLessThan(1e-3);
  });

  it('wheel and pinch go to what lies under the pointer, two fingers on a trackpad move sideways', async () => {
    const box = await canvasBox(page);
    const at = { x: box.x + box.width * 0.7, y: box.y + box.height * 0.35 };
    await page.mouse.move(at.x, at.y);
    const start = await readPose(page);
    const expectTowards = (from: Pose, to: Pose, sign: 1 | -1): void => {
      expect(turnBetween(from, to)).toBeLessThan(1e-5);
      const [right, down, forward] = stepBetween(from, to);
      expect(Math.sign(forward)).toBe(sign);
      const focal = box.height / 2 / Math.tan((from.fovYDegrees * Math.PI) / 360);
      expect(right / forward).toBeCloseTo((box.width * 0.2) / focal, 2);
      expect(down / forward).toBeCloseTo((box.height * -0.15) / focal, 2);
    };
    await page.mouse.wheel(0, -120);
    const nearer = await readPose(page);
    expectTowards(start, nearer, 1);
    await page.mouse.wheel(0, 120);
    const back = await readPose(page);
    expectTowards(nearer, back, -1);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -7);
    await page.mouse.wheel(0, -6);
    await page.keyboard.up('Control');
    const pinched = await readPose(page);
    expectTowards(back, pinched, 1);
    await page.mouse.wheel(24, 12);
    const [right, down, forward] = stepBetween(pinched, await readPose(page));
    expect(right).toBeGreaterThan(0);
    expect(down / right).toBeCloseTo(0.5, 3);
    expect(Math.abs(forward)).toBeLessThan(1e-5);
  });

  it('touch: one finger orbits, two move and pinch, and none of it clicks', async () => {
    const { x, y } = await middle();
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [number, number][]): Promise<unknown> =>
      touches.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: points.map(([dx, dy], id) => ({ x: x + dx, y: y + dy, id })),
      });
    const start = await firstView();
    await touch('touchStart', [0, 0]);
    for (const step of [10, 20, 30, 40]) await touch('touchMove', [step, 0]);
    await page.waitForTimeout(200);
    await touch('touchEnd');
    const orbited = await readPose(page);
    expect(turnBetween(start, orbited)).toBeCloseTo(40 * 0.005, 2);
    expectOrbit(start, orbited);

    await touch('touchStart', [-40, 0], [40, 0]);
    for (const step of [10, 20, 30]) await touch('touchMove', [-40 + step, 20], [40 + step, 20]);
    await touch('touchEnd');
    const moved = await readPose(page);
    expect(turnBetween(orbited, moved)).toBeLessThan(1e-5);
    const [right, down, forward] = stepBetween(orbited, moved);
    expect(right).toBeLessThan(0);
    expect(down / right).toBeCloseTo(20 / 30, 1);
    expect(Math.abs(forward)).toBeLessThan(Math.abs(right) * 0.05);

    await touch('touchStart', [-40, 0], [40, 0]);
    for (const step of [15, 30, 45]) await touch('touchMove', [-40 - step, 0], [40 + step, 0]);
    await touch('touchEnd');
    const nearer = await readPose(page);
    const [, , towards] = stepBetween(moved, nearer);
    expect(towards).toBeGreaterThan(0.1);
    await touch('touchStart', [-40, 0], [40, 0]);
    await touch('touchEnd');
    expect((await readPose(page)).position).toEqual(nearer.position);
    expect(await page.getByRole('group', { name: 'Photo', exact: true }).count()).toBe(0);
  });

  it('keys: arrows turn, with Shift they move, plus and minus zoom, W flies as long as it is held', async () => {
    const press = async (key: string): Promise<[Pose, Pose]> => {
      const before = await readPose(page);
      await canvasOf(page).press(key);
      return [before, await readPose(page)];
    };
    await firstView();
    // Looking to the left one goes to the right about what is ahead, looking down one rises.
    for (const [key, axis, sign] of [
      ['ArrowLeft', 0, 1],
      ['ArrowDown', 1, -1],
    ] as const) {
      const [before, after] = await press(key);
      expect(turnBetween(before, after)).toBeCloseTo(0.08, 3);
      expectOrbit(before, after);
      expect(Math.sign(stepBetween(before, after)[axis])).toBe(sign);
    }
    const [before, after] = await press('Shift+ArrowRight');
    const [right, down, forward] = stepBetween(before, after);
    expect(right).toBeGreaterThan(0.05);
    expect(Math.hypot(down, forward)).toBeLessThan(1e-5);
    const [far, near] = await press('+');
    expect(stepBetween(far, near)[2]).toBeGreaterThan(0.05);
    const [still, out] = await press('-');
    expect(stepBetween(still, out)[2]).toBeLessThan(-0.05);

    // A tap is a small step; held, one flies on with every frame that is drawn.
    const [resting, stepped] = await press('w');
    const tap = stepBetween(resting, stepped);
    expect(tap[2]).toBeGreaterThan(0.02);
    let flown = stepped;
    for (let heldMs = 1000; stepBetween(resting, flown)[2] < 4 * tap[2]; heldMs *= 2) {
      expect(heldMs).toBeLessThan(PATIENCE_MS / 2);
      await page.keyboard.down('w');
      await page.waitForTimeout(heldMs);
      await page.keyboard.up('w');
      flown = await readPose(page);
    }
    const [aside, below] = stepBetween(resting, flown);
    expect(Math.hypot(aside, below)).toBeLessThan(1e-4);
    const rested = await readPose(page);
    expect(rested.position).toEqual(flown.position);
    // The photos were held upright within a few degrees, and z is up.
    expect(Math.abs(columnOf(flown, 0)[2])).toBeLessThan(0.1);
  });

  it('complained about nothing', () => {
    expect(app.complaints).toEqual([]);
  });
});

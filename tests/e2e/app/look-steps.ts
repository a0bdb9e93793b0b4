/** What a person does to look around in a scene, and how a test knows where they stand: a key of the camera path says it to the digit. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import type { Pose } from './look-scene.js';
import { PATIENCE_MS, photographCanvas } from './window-steps.js';

export interface PathFile {
  readonly format: string;
  readonly durationMs: number;
  readonly fps: number;
  readonly isLoop: boolean;
  readonly isConstantSpeed: boolean;
  readonly keyframes: readonly (Pose & {
    readonly id: string;
    readonly timeMs: number;
    readonly photoId: string | null;
  })[];
}

export function canvasOf(page: Page): Locator {
  return page.locator('canvas[aria-label="View of the scene"]');
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the canvas lies in the window. */
export async function canvasBox(page: Page): Promise<Box> {
  const box = await canvasOf(page).boundingBox();
  if (box === null) throw new Error('the canvas is not shown');
  return box;
}

export async function openPathTab(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Camera path' }).click();
}

export async function choosePathFile(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Path files' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Saves the path and reads the file. */
export async function savePath(page: Page): Promise<PathFile> {
  await canvasOf(page).focus();
  const download = page.waitForEvent('download', { timeout: PATIENCE_MS });
  await page.keyboard.press('Alt+Shift+S');
  return JSON.parse(readFileSync(await (await download).path(), 'utf8')) as PathFile;
}

/** The view as it is at this moment. The path must be empty: a key is added, read and undone. */
export async function readPose(page: Page): Promise<Pose> {
  await canvasOf(page).focus();
  await page.keyboard.press('Enter');
  const { keyframes } = await savePath(page);
  await page.keyboard.press('Control+z');
  if (keyframes.length !== 1) throw new Error(`the path had ${keyframes.length} keys`);
  return keyframes[0] as Pose;
}

/** Waits until the picture stays as it is: nothing moves any more, everything is sorted, drawn and sharp. */
export async function settle(page: Page): Promise<void> {
  await page.locator('canvas[data-settled="true"]').waitFor({ timeout: PATIENCE_MS });
}

/** The view once it has come to rest. */
export async function restingPose(page: Page): Promise<Pose> {
  await settle(page);
  return readPose(page);
}

/** The picture once it has come to rest, as a file; without the ring around what has the focus. */
export async function photograph(page: Page): Promise<Buffer> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await settle(page);
  return photographCanvas(page);
}

/** Presses a mouse button, moves, rests, and lets go: without the rest the view glides on. */
export async function dragMouse(
  page: Page,
  from: { readonly x: number; readonly y: number },
  by: { readonly x: number; readonly y: number },
  button: 'left' | 'middle' | 'right' = 'left',
): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down({ button });
  await page.mouse.move(from.x + by.x, from.y + by.y, { steps: 5 });
  await page.waitForTimeout(200);
  await page.mouse.up({ button });
}

/** What a person does with projects in the window, and what of it is looked at on the disk. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { writeSplatPly } from '../../../engine/formats/write-splat-ply.js';
import { createSplats } from '../../../engine/scene/splats.js';
import { SAMPLE } from './run-vantage.js';
import { PATIENCE_MS } from './window-steps.js';

const patient = { timeout: PATIENCE_MS };

/** Where each step is photographed, to be looked at; nowhere when it is not set. */
const PICTURES = process.env['VANTAGE_STEP_PICTURES'];

export async function photographStep(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  // Dialogs fade in.
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(PICTURES, `${name}.png`), ...patient });
}

/** A folder with the sample's photos of these names, and its cameras. */
export function makePhotoFolder(folder: string, names: readonly string[]): void {
  mkdirSync(join(folder, 'images'), { recursive: true });
  for (const name of names) cpSync(join(SAMPLE, 'images', name), join(folder, 'images', name));
  cpSync(join(SAMPLE, 'transforms.json'), join(folder, 'transforms.json'));
}

/** As many splats as asked for, in a row. */
export function rowOfSplats(count: number): Uint8Array {
  const splats = createSplats(count, 0);
  for (let i = 0; i < count; i++) splats.means[i * 3] = i / count - 0.5;
  splats.logScales.fill(Math.log(0.02));
  splats.rawOpacities.fill(2);
  return writeSplatPly(splats, { generator: 'a test' }).bytes;
}

export function dialog(page: Page, name: string): Locator {
  return page.getByRole('dialog', { name });
}

export async function waitForPhotos(page: Page, count: number): Promise<void> {
  await page.getByText(new RegExp(`^${count} photos? · `)).waitFor(patient);
}

/** By the key that everybody presses to save. */
export async function saveProjectAs(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+s');
  const saving = dialog(page, 'Save the project');
  await saving.getByLabel('Name').fill(name, patient);
  await photographStep(page, 'save-as');
  await saving.getByRole('button', { name: 'Save', exact: true }).click();
  await saving.waitFor({ state: 'detached', ...patient });
  await page.getByRole('heading', { name, exact: true }).waitFor(patient);
}

/** To the start page, from a project with something in it. */
export async function closeProject(page: Page): Promise<void> {
  await page.keyboard.press('Control+n');
  await dialog(page, 'Start a new project?').getByRole('button', { name: 'New project' }).click(patient);
  await page.getByRole('heading', { name: 'Recent projects' }).waitFor(patient);
}

export function recent(page: Page, name: string): Locator {
  return page.getByRole('button', { name: new RegExp(`^${name}`) });
}

/** Chooses for the photo of this name what its menu says. */
export async function choosePhotoAction(page: Page, photo: string, action: string): Promise<void> {
  await page.getByRole('row', { name: new RegExp(`^${photo}`) }).click({ button: 'right', ...patient });
  await page.getByRole('menuitem', { name: action }).click(patient);
  await page.getByRole('menu').waitFor({ state: 'detached', ...patient });
}

interface StoredProject {
  formatVersion: number;
  appVersion: string;
  savedAtMs: number;
  readonly content: {
    readonly settings: { readonly preset: string; readonly iterations: number | null };
    readonly photos: readonly {
      readonly name: string;
      readonly role: string;
      readonly file: { readonly absolutePath: string };
    }[];
  };
}

export function readProjectFile(folder: string): StoredProject {
  return JSON.parse(readFileSync(join(folder, 'project.json'), 'utf8')) as StoredProject;
}

/** Names of what the host has in its own folder for projects that were never saved. */
export function keptProjects(dataFolder: string): string[] {
  const folder = join(dataFolder, 'projects');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Everything that lies in the folders for uploads. */
export function uploadedFiles(dataFolder: string): string[] {
  return readdirSync(join(dataFolder, 'sessions'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /[/\\]uploads[/\\]/.test(path),
  );
}

export function childrenOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.flatMap((line) => {
    const [child = 0, parent] = line.trim().split(/\s+/).map(Number);
    return parent === pid ? [child] : [];
  });
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

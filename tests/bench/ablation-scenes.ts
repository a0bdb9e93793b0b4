/** The three scenes of the ablation, with the photos that are trained on and those that are only scored. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenedCapture } from '../../host/run/capture-input.js';
import { openCapture } from '../../host/run/capture-input.js';
import { readTestNames } from '../../cli/sample-capture.js';
import { chooseViews } from '../../host/run/view-choice.js';
import type { View } from '../../engine/scene/view.js';
import { BENCH_CASES } from './cases.js';

const SAMPLE = fileURLToPath(new URL('../../assets/sample', import.meta.url));
export const ABLATION_SCENES = ['fern', 'fox-3', 'sample'] as const;
export type AblationScene = (typeof ABLATION_SCENES)[number];

export interface LoadedScene {
  readonly train: readonly View[];
  readonly test: readonly View[];
}

async function load(
  capture: OpenedCapture,
  names: { readonly train: string; readonly test: string },
  widthPx: number,
): Promise<LoadedScene> {
  const loadList = async (list: string): Promise<readonly View[]> =>
    (await capture.load(chooseViews(capture.views, list), { width: widthPx })).views;
  return { train: await loadList(names.train), test: await loadList(names.test) };
}

async function loadSample(widthPx: number): Promise<LoadedScene> {
  const capture = await openCapture(SAMPLE);
  const testNames = await readTestNames(SAMPLE);
  const listOf = (isTest: boolean): string =>
    capture.views
      .map((view) => view.name)
      .filter((name) => testNames.has(name) === isTest)
      .join(',');
  return load(capture, { train: listOf(false), test: listOf(true) }, widthPx);
}

/** Null where the capture is absent. `widthPx` replaces the bench's own width. */
export async function loadAblationScene(
  scene: AblationScene,
  dataFolder: string,
  widthPx?: number,
): Promise<LoadedScene | null> {
  if (scene === 'sample') return existsSync(SAMPLE) ? loadSample(widthPx ?? 640) : null;
  const benchCase = BENCH_CASES.find(({ row }) => row === scene)!;
  const folder = join(dataFolder, benchCase.capture);
  if (!existsSync(folder)) return null;
  const names = { train: benchCase.trainViews.join(','), test: benchCase.testViews.join(',') };
  return load(await openCapture(folder), names, widthPx ?? benchCase.widthPx);
}

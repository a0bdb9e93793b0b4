/** The models that COLMAP left in a folder. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readColmapImagesBinary } from '../../engine/formats/read-colmap-binary.js';
import { CaptureFolder } from '../capture-folder.js';

/** COLMAP makes at most fifty. */
const MOST_MODELS = 1000;

export interface ColmapModelFolder {
  /** With cameras.bin, images.bin, points3D.bin. */
  readonly folder: string;
  /** Of the photos that it places, as COLMAP was given them. */
  readonly names: readonly string[];
}

/**
 * @param folder with a numbered folder for each model.
 * @returns the one with most photos first.
 * @throws ImportError when a model's images.bin is missing or cannot be read.
 */
export async function listColmapModels(folder: string): Promise<ColmapModelFolder[]> {
  const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).slice(0, MOST_MODELS);
  const models: ColmapModelFolder[] = [];
  for (const number of numbers.sort((a, b) => Number(a) - Number(b))) {
    const path = join(folder, number);
    if (!(await stat(path)).isDirectory()) continue;
    const bytes = await (await CaptureFolder.open(path)).read('images.bin');
    const images = readColmapImagesBinary(bytes, `sparse/${number}/images.bin`);
    models.push({ folder: path, names: images.map(({ name }) => name) });
  }
  return models.sort((a, b) => b.names.length - a.names.length);
}

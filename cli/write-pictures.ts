import { basename, extname, join } from 'node:path';
import type { RenderedView } from '../engine/splatting/contract.js';
import { writeFileAtomic } from '../host/atomic-write.js';
import { colorizeDepth, divideByAlpha, quantizeDepth } from '../host/depth-picture.js';
import { encodeGrey16Png, encodeRgbBytesPng, encodeRgbPng } from '../host/png-writer.js';

/** File names for views: without folders and extension, and made different where only the extension was. */
export function pictureNames(viewNames: readonly string[]): string[] {
  const stems = viewNames.map((name) => {
    // Either separator: a pose file from Windows names photos with backslashes.
    const file = basename(name.replaceAll('\\', '/'));
    return file.slice(0, file.length - extname(file).length) || file;
  });
  const taken = new Set<string>();
  return stems.map((stem) => {
    let name = stem;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${stem}-${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** Writes `<stem>.png` and returns its path. */
export async function writeColor(stem: string, rendered: RenderedView): Promise<string> {
  const path = `${stem}.png`;
  const { width, height, color } = rendered;
  await writeFileAtomic(path, await encodeRgbPng({ width, height, data: color }));
  return path;
}

/** Writes `<stem>-depth.png` (16 bits) and `<stem>-depth-color.png`. */
export async function writeDepth(
  stem: string,
  rendered: RenderedView,
): Promise<{ files: string[]; levelsPerUnit: number }> {
  const { width, height } = rendered;
  const depth = divideByAlpha(rendered.depth, rendered.alpha);
  const { levels, levelsPerUnit } = quantizeDepth(depth);
  const files = [`${stem}-depth.png`, `${stem}-depth-color.png`] as const;
  await writeFileAtomic(files[0], await encodeGrey16Png(levels, width, height));
  await writeFileAtomic(files[1], await encodeRgbBytesPng(colorizeDepth(depth), width, height));
  return { files: [...files], levelsPerUnit };
}

/** Writes `depth.json`: for each depth picture, how many levels make one world unit. */
export async function writeDepthScales(folder: string, levelsPerUnit: Record<string, number>): Promise<string> {
  const path = join(folder, 'depth.json');
  await writeFileAtomic(
    path,
    `${JSON.stringify({ meaning: 'depth = level / levelsPerUnit', levelsPerUnit }, null, 2)}\n`,
  );
  return path;
}

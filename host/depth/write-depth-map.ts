/** A depth map as files. */
import { writeNpy } from '../../engine/formats/write-npy.js';
import type { DepthMap } from '../../engine/scene/depth-map.js';
import { writeFileAtomic } from '../atomic-write.js';
import { colorizeDepth } from '../depth-picture.js';
import { encodeRgbBytesPng } from '../png-writer.js';

/** Writes `<stem>.npy` ([H, W] float32 z) and `<stem>-depth-color.png`, and returns their paths. */
export async function writeDepthMap(
  stem: string,
  { width, height, depth }: DepthMap,
): Promise<{ readonly npy: string; readonly picture: string }> {
  const [npy, picture] = [`${stem}.npy`, `${stem}-depth-color.png`];
  await writeFileAtomic(npy, writeNpy(depth, [height, width]));
  await writeFileAtomic(picture, await encodeRgbBytesPng(colorizeDepth(depth), width, height));
  return { npy, picture };
}

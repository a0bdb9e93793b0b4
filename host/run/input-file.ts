import type { OpenedSplats } from '../splat-formats/open-splats.js';
import { openSplats } from '../splat-formats/open-splats.js';

export { readInputFile } from '../read-input-file.js';

/** The splats that the user named, in any format that can be read. */
export async function openSplatFile(path: string): Promise<OpenedSplats> {
  return openSplats(path);
}

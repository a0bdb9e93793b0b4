import type { Splats } from '../../engine/scene/splats.js';
import type { ReadFormat } from './format-names.js';

export interface OpenSplatsOptions {
  readonly signal?: AbortSignal;
  /** 0..1, where the reader knows. */
  readonly onProgress?: (fraction: number) => void;
}

export interface OpenedSplats {
  readonly splats: Splats;
  readonly format: ReadFormat;
  /** Degree that the file has room for; at least `splats.shDegree`. */
  readonly storedShDegree: number;
  /** Records with NaN, infinity or a zero quaternion, left out. */
  readonly droppedCount: number;
  /** Of a PLY's header. */
  readonly comments: readonly string[];
  /** Sentences for the user. */
  readonly warnings: readonly string[];
}

/**
 * Opens a splat file of any format that we read, told by its first bytes and its name; a SOG's meta.json or the folder with it will do
 * too. All that is not our own PLY is read by another process, which may crash or hang without harm.
 *
 * @throws ImportError for everything that is wrong with the file; the signal's reason when stopped.
 */
export async function openSplats(path: string, options: OpenSplatsOptions = {}): Promise<OpenedSplats> {
  await Promise.resolve();
  throw new Error(`not written yet: ${path}, ${Object.keys(options).join()}`);
}

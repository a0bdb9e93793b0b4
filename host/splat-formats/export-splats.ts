import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { Splats } from '../../engine/scene/splats.js';
import type { WrittenFormat } from './format-names.js';

export type { WrittenFormat } from './format-names.js';
export { estimateExportBytes } from './estimate-export.js';

export interface ExportChoices {
  readonly format: WrittenFormat;
  /** Which axis the scene's `up` becomes; 'unchanged' leaves the capture's own frame. */
  readonly upAxis: 'unchanged' | 'y-up' | 'z-up';
  /** The scene's upward direction in its own frame; need not be unit. */
  readonly up: Readonly<Vec3>;
  /** Highest degree of spherical harmonics to keep, 0 to 3. */
  readonly shDegree: number;
  /** [N] 1: left out of the file; null keeps all. */
  readonly hidden: Uint8Array | null;
  /** PLY only: without normals and padding. */
  readonly compact?: boolean;
}

export interface ExportTarget {
  /** Written whole or not at all; an existing file is replaced. */
  readonly outputFile: string;
  /** 0..1. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

export interface ExportResult {
  readonly bytes: number;
  readonly count: number;
  /** Records with NaN, infinity or a zero quaternion, left out. */
  readonly droppedCount: number;
}

/** The export could not be made: words for the user. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  constructor(
    readonly problem: string,
    readonly hint: string,
    /** There was not enough memory. */
    readonly isOutOfMemory: boolean,
  ) {
    super(`${problem} ${hint}`);
  }
}

/**
 * Writes a scene in one of the formats. All but PLY are made in a process of their own, which may crash without harm.
 *
 * @throws ExportError when the format's writer fails; the system's own error when the disk does; the signal's reason when stopped.
 */
export async function exportSplats(
  splats: Splats,
  choices: ExportChoices,
  target: ExportTarget,
): Promise<ExportResult> {
  await Promise.resolve();
  throw new Error(`not written yet: ${splats.count}, ${choices.format}, ${target.outputFile}`);
}

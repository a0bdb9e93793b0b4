import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { writeSplat } from '../../engine/formats/write-splat.js';
import { writeSplatPly } from '../../engine/formats/write-splat-ply.js';
import { encodeSplats } from '../../engine/scene/encode-splats.js';
import type { Splats } from '../../engine/scene/splats.js';
import { produceFileAtomic } from '../atomic-write.js';
import { VANTAGE_VERSION } from '../machine.js';
import { ExportError } from './export-error.js';
import type { PrepareChoices, Viewpoint } from './prepare-export.js';
import { exportRotation, prepareSplats, startOfPage } from './prepare-export.js';
import { runSplatWorker, SplatWorkerError } from './run-splat-worker.js';

export { estimateExportBytes } from './estimate-export.js';
export { ExportError } from './export-error.js';
export type { WrittenFormat } from './format-names.js';
export type { Viewpoint } from './prepare-export.js';

export interface ExportChoices extends PrepareChoices {
  /** PLY only: without normals and padding. */
  readonly compact?: boolean | undefined;
  /** Page only: where it starts, such as at a photo's camera; from in front where it is not given. */
  readonly viewpoint?: Viewpoint | undefined;
  /** Page only: its title; the file's name where it is not given. */
  readonly title?: string | undefined;
}

export interface ExportTarget {
  /** Written whole or not at all; an existing file is replaced. */
  readonly outputFile: string;
  /** 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExportResult {
  readonly bytes: number;
  readonly count: number;
  /** Records with NaN, infinity or a zero quaternion, left out. */
  readonly droppedCount: number;
}

const GENERATOR = `Vantage ${VANTAGE_VERSION}`;
/** Many times what the slowest writer took on two old cores; only a hanging one gets there. */
const LIMIT_MS = 300_000;
const LIMIT_MS_PER_SPLAT = 4;

function exportErrorOf(error: unknown): unknown {
  if (!(error instanceof SplatWorkerError)) return error;
  if (error.kind === 'out-of-memory')
    return new ExportError(
      'There was not enough memory to write this format.',
      'Close other programs, hide parts of the scene, keep fewer spherical harmonics, or export a .ply.',
      true,
    );
  const reason = error.kind === 'failed' || error.kind === 'timed-out' ? ` (${error.message})` : '';
  const what = error.kind === 'timed-out' ? 'came to no end' : error.kind === 'crashed' ? 'broke down' : 'failed';
  return new ExportError(`The writer of this format ${what}${reason}.`, 'Export a .ply, which always works.', false);
}

async function writeInWorker(
  splats: Splats,
  temporary: string,
  choices: ExportChoices,
  target: ExportTarget,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vantage-export-'));
  try {
    const splatsFile = join(folder, 'splats');
    await writeFile(splatsFile, encodeSplats(splats));
    const { outputFile, signal, onProgress } = target;
    const view = startOfPage(splats, exportRotation(choices), choices.viewpoint ?? null);
    const title = choices.title ?? basename(outputFile, extname(outputFile));
    await runSplatWorker(
      { kind: 'write', splatsFile, format: choices.format, outputFile: temporary, generator: GENERATOR, title, view },
      { limitMs: LIMIT_MS + splats.count * LIMIT_MS_PER_SPLAT, signal, onProgress },
    );
  } catch (error) {
    throw exportErrorOf(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function verticalAxisOf({ upAxis }: ExportChoices): { verticalAxis?: 'y' | 'z' } {
  if (upAxis === 'unchanged') return {};
  return { verticalAxis: upAxis === 'y-up' ? 'y' : 'z' };
}

/** Ours are written here, the others where they may crash. */
async function produce(splats: Splats, temporary: string, choices: ExportChoices, target: ExportTarget): Promise<void> {
  if (choices.format === 'ply') {
    const options = { generator: GENERATOR, compact: choices.compact ?? false, ...verticalAxisOf(choices) };
    await writeFile(temporary, writeSplatPly(splats, options).bytes, { flag: 'wx' });
  } else if (choices.format === 'splat') await writeFile(temporary, writeSplat(splats).bytes, { flag: 'wx' });
  else await writeInWorker(splats, temporary, choices, target);
  target.signal?.throwIfAborted();
}

/**
 * Writes a scene in one of the formats. All but PLY and .splat are made in a process of their own, which may crash without harm.
 *
 * @throws ExportError when there is nothing to write or the format's writer fails; the system's own error when the disk does; the signal's
 * reason when stopped.
 */
export async function exportSplats(
  splats: Splats,
  choices: ExportChoices,
  target: ExportTarget,
): Promise<ExportResult> {
  target.signal?.throwIfAborted();
  const prepared = prepareSplats(splats, choices);
  if (prepared.splats.count === 0)
    throw new ExportError('There is nothing to export.', 'Show hidden parts of the scene first.', false);
  await produceFileAtomic(target.outputFile, (temporary) => produce(prepared.splats, temporary, choices, target));
  target.onProgress?.(1);
  const { size } = await stat(target.outputFile);
  return { bytes: size, count: prepared.splats.count, droppedCount: prepared.droppedCount };
}

import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { finishReadSplats } from '../../engine/formats/finish-splats.js';
import { readSplatGlb } from '../../engine/formats/read-splat-glb.js';
import { readSplatPly } from '../../engine/formats/read-splat-ply.js';
import { decodeSplats } from '../../engine/scene/encode-splats.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { Splats } from '../../engine/scene/splats.js';
import { readInputFile, unreadableFile } from '../read-input-file.js';
import { checkSplatFile, readSogMeta, sogFileNames } from './check-splat-file.js';
import type { ReadFormat } from './format-names.js';
import type { SplatFormat } from './registry.js';
import { explainStranger, HEAD_BYTES, recogniseFormat } from './registry.js';
import { runSplatWorker, SplatWorkerError } from './run-splat-worker.js';

export interface OpenSplatsOptions {
  readonly signal?: AbortSignal | undefined;
  /** 0..1, where the reader knows. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
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

const MAX_FILE_BYTES = 2 ** 31 - 1;
/** Twenty times what the slowest format took on two old cores; only a hanging reader gets there. */
const LIMIT_MS = 120_000;
const LIMIT_MS_PER_MIB = 4000;

/** The file itself, or what stands for it in a folder. */
async function locate(path: string): Promise<{ path: string; bytes: number }> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return { path, bytes: found.size };
    const meta = join(path, 'meta.json');
    const inside = await stat(meta).catch(() => null);
    if (inside?.isFile() === true) return { path: meta, bytes: inside.size };
  } catch (error) {
    throw unreadableFile(path, error);
  }
  throw new ImportError('unreadable', 'This is a folder, and no SOG is in it.', path, '', 'Give a file.');
}

async function readHead(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const head = new Uint8Array(HEAD_BYTES);
      const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

function importErrorOf(error: unknown, path: string, title: string): unknown {
  if (!(error instanceof SplatWorkerError)) return error;
  if (error.importError !== null) {
    const { code, problem, where, hint } = error.importError;
    return new ImportError(code, problem, path, where, hint);
  }
  const hint = 'Export the file again, or open it in the program that made it and save it as .ply.';
  if (error.kind === 'out-of-memory')
    return new ImportError('too-large', `There is not enough memory to read this ${title} file.`, path, '', hint);
  if (error.kind === 'timed-out')
    return new ImportError(
      'malformed',
      `Reading this ${title} file came to no end (${error.message}).`,
      path,
      '',
      hint,
    );
  const problem =
    error.kind === 'crashed'
      ? `The ${title} reader broke down over this file, which is probably damaged.`
      : `This is no ${title} file that can be read (${error.message}).`;
  return new ImportError('malformed', problem, path, '', hint);
}

/** What can be refused at once is: a process takes a second to start. */
async function checkClaims(path: string, format: ReadFormat): Promise<void> {
  const bytes = await readInputFile(path);
  if (basename(path).toLowerCase() === 'meta.json') sogFileNames(readSogMeta(bytes, path), path);
  else checkSplatFile(bytes, format, path);
}

async function readInWorker(path: string, bytes: number, format: SplatFormat, options: OpenSplatsOptions) {
  await checkClaims(path, format.reads as ReadFormat);
  const folder = await mkdtemp(join(tmpdir(), 'vantage-splats-'));
  try {
    const resultFile = join(folder, 'splats');
    const limitMs = LIMIT_MS + (bytes / 2 ** 20) * LIMIT_MS_PER_MIB;
    await runSplatWorker(
      { kind: 'read', path, format: format.reads as ReadFormat, resultFile },
      { limitMs, signal: options.signal, onProgress: options.onProgress },
    );
    return finishReadSplats(decodeSplats(new Uint8Array(await readFile(resultFile))));
  } catch (error) {
    throw importErrorOf(error, path, format.title);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function warningsOf(droppedCount: number): string[] {
  if (droppedCount === 0) return [];
  return [`${droppedCount.toLocaleString('en-US')} splats were not finite numbers and were left out.`];
}

/**
 * Opens a splat file of any format that we read, told by its first bytes and its name; a SOG's meta.json or the folder with it will do
 * too. All but PLY and glTF is read by another process, which may crash or hang without harm.
 *
 * @throws ImportError for everything that is wrong with the file; the signal's reason when stopped.
 */
export async function openSplats(asGiven: string, options: OpenSplatsOptions = {}): Promise<OpenedSplats> {
  options.signal?.throwIfAborted();
  const { path, bytes } = await locate(asGiven);
  if (bytes > MAX_FILE_BYTES)
    throw new ImportError(
      'too-large',
      `The file has ${(bytes / 2 ** 30).toFixed(1)} GiB.`,
      path,
      '',
      'At most 2 GiB can be read.',
    );
  if (bytes === 0) throw new ImportError('malformed', 'The file is empty.', path, '', 'Copy or export it again.');
  const head = await readHead(path);
  const format = recogniseFormat(basename(path), head);
  if (format === null)
    throw new ImportError('unsupported', 'This is no splat file that we know.', path, '', explainStranger(path));
  let comments: readonly string[] = [];
  let result;
  if (format.reads === 'ply') {
    const ply = readSplatPly(await readInputFile(path), path);
    comments = ply.comments;
    result = ply;
  } else if (format.reads === 'glb') result = readSplatGlb(await readInputFile(path), path);
  else result = await readInWorker(path, bytes, format, options);
  const { splats, storedShDegree, droppedCount } = result;
  if (splats.count === 0 && format.reads !== 'ply')
    throw new ImportError('malformed', 'No splat in it is usable.', path, '', 'Export the file again.');
  return {
    splats,
    storedShDegree,
    droppedCount,
    comments,
    format: format.reads as ReadFormat,
    warnings: warningsOf(droppedCount),
  };
}

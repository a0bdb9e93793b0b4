/** The far end of run-splat-worker.ts. */
import { writeSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { decodeSplats, encodeSplats } from '../../engine/scene/encode-splats.js';
import { ImportError } from '../../engine/scene/errors.js';
import { readSogMeta, sogFileNames } from './check-splat-file.js';
import { makePage } from './make-page.js';
import { makeSogBundle } from './sog-bundle.js';
import { splatsOfTable, tableOfSplats } from './splat-tables.js';
import type { SplatTransform } from './splat-transform.js';
import { repackSpz } from './repack-spz.js';
import type { MisbehaveJob, ReadJob, WorkerJob, WorkerMessage, WriteJob } from './worker-jobs.js';

type Report = (fraction: number) => void;

/** The name by which splat-transform tells each format. */
const NAME_OF_FORMAT: Readonly<Record<string, string>> = {
  'compressed-ply': 'scene.ply',
  spz: 'scene.spz',
  splat: 'scene.splat',
  ksplat: 'scene.ksplat',
  sog: 'scene.sog',
};

function listenToProgress(library: SplatTransform, report: Report): void {
  library.logger.setRenderer({
    handle: ({ kind, current, total }) => {
      if (kind === 'barTick' && current !== undefined && total !== undefined && total > 0) report(current / total);
    },
  });
}

async function read(library: SplatTransform, job: ReadJob, report: Report): Promise<void> {
  listenToProgress(library, report);
  const fileSystem = new library.MemoryReadFileSystem();
  const bytes = new Uint8Array(await readFile(job.path));
  let filename = NAME_OF_FORMAT[job.format] as string;
  if (basename(job.path).toLowerCase() === 'meta.json') {
    filename = 'meta.json';
    for (const name of sogFileNames(readSogMeta(bytes, job.path), job.path))
      fileSystem.set(name, new Uint8Array(await readFile(join(dirname(job.path), name))));
  }
  fileSystem.set(filename, job.format === 'spz' ? repackSpz(bytes) : bytes);
  const inputFormat = filename.replace(/^.*\./, '').replace('json', 'sog');
  const tables = await library.readFile({ filename, inputFormat, options: {}, params: [], fileSystem });
  const [table] = tables;
  if (table === undefined || table.numRows === 0)
    throw new ImportError('malformed', 'The file holds no splats.', job.path, '', 'Export the file again.');
  await writeFile(job.resultFile, encodeSplats(splatsOfTable(table, job.path)));
}

async function write(library: SplatTransform, job: WriteJob, report: Report): Promise<void> {
  const splats = decodeSplats(new Uint8Array(await readFile(job.splatsFile)));
  if (job.format === 'sog') {
    await writeFile(job.outputFile, await makeSogBundle(library, splats, job.generator, report));
    return;
  }
  if (job.format === 'html') {
    const sog = await makeSogBundle(library, splats, job.generator, report);
    await writeFile(job.outputFile, await makePage(library, sog, { title: job.title, view: job.view }));
    return;
  }
  listenToProgress(library, report);
  const fileSystem = new library.MemoryFileSystem();
  const dataTable = tableOfSplats(library, splats);
  // Version 3 is what every reader of SPZ takes; version 4 is younger than most of them.
  const options = { iterations: 10, spzVersion: 3 };
  const filename = 'scene';
  await library.writeFile({ filename, outputFormat: job.format, dataTable, options }, fileSystem);
  const bytes = fileSystem.results.get(filename);
  if (bytes === undefined) throw new Error('The writer made no file.');
  await writeFile(job.outputFile, bytes);
}

function misbehave({ how }: MisbehaveJob): void {
  if (how === 'throw') throw new Error('as asked');
  if (how === 'crash') {
    // What a fault in native or WebAssembly code comes to; a thread can only end.
    if (parentPort === null) process.kill(process.pid, 'SIGSEGV');
    process.exit(139);
  }
  if (how === 'fill-memory') throw new RangeError('Array buffer allocation failed');
  for (;;) Math.random();
}

async function work(library: SplatTransform, job: WorkerJob, report: Report): Promise<void> {
  if (job.kind === 'read') await read(library, job, report);
  else if (job.kind === 'write') await write(library, job, report);
  else misbehave(job);
}

function describeFailure(error: unknown): WorkerMessage {
  const message = error instanceof Error ? error.message : String(error);
  return {
    type: 'failed',
    message,
    isOutOfMemory: error instanceof RangeError && /alloc|memory|length/i.test(message),
    importError:
      error instanceof ImportError
        ? { code: error.code, problem: error.problem, where: error.where, hint: error.hint }
        : null,
  };
}

async function takeJob(): Promise<WorkerJob> {
  if (parentPort !== null) return workerData as WorkerJob;
  return new Promise((resolve) => process.once('message', (job) => resolve(job as WorkerJob)));
}

/** Waits for a job, does it, says how it went, and ends. */
export async function serveSplatJob(library: unknown): Promise<void> {
  // Nobody is left to answer to.
  process.once('disconnect', () => process.exit(1));
  const send = async (message: WorkerMessage): Promise<void> => {
    if (parentPort !== null) parentPort.postMessage(message);
    else await new Promise((resolve) => process.send?.(message, undefined, undefined, resolve));
  };
  let lastFraction = 0;
  const report = (fraction: number): void => {
    if (fraction - lastFraction < 0.01) return;
    lastFraction = fraction;
    void send({ type: 'progress', fraction });
  };
  try {
    await work(library as SplatTransform, await takeJob(), report);
    await send({ type: 'done' });
  } catch (error) {
    if (parentPort === null && error instanceof Error && error.stack !== undefined) writeSync(2, `${error.stack}\n`);
    await send(describeFailure(error));
  }
  if (parentPort === null) process.exit(0);
}

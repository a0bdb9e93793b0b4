/** COLMAP as another way to find cameras, where the user has it (https://colmap.github.io/cli.html). It is never needed. */
import { spawn } from 'node:child_process';
import { accessSync, constants, createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { readColmapImagesBinary } from '../../engine/formats/read-colmap-binary.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { StageContext } from '../../engine/scene/stage.js';

const STEP_TIMEOUT_MS = 2 * 60 * 60 * 1000;
/** Asked to end, then made to. */
const END_WITHIN_MS = 2000;
const WORDS_KEPT = 2000;

export interface ColmapRequest {
  /** Path of the program. */
  readonly program: string;
  readonly imagesFolder: string;
  /** Empty or new; the database, the models and the log stay in it. */
  readonly workFolder: string;
  /** All photos are of one camera with one setting of its lens. */
  readonly isOneCamera: boolean;
  readonly timeoutMs?: number;
}

export interface ColmapOutcome {
  /** Folder of the model with most photos: cameras.bin, images.bin, points3D.bin. */
  readonly modelFolder: string;
  readonly placed: number;
  /** How many models the photos fell apart into. */
  readonly models: number;
  readonly logFile: string;
}

/** The `colmap` of the PATH; null where there is none. */
export function findColmap(path = process.env['PATH'] ?? ''): string | null {
  const names = process.platform === 'win32' ? ['colmap.exe', 'colmap.bat'] : ['colmap'];
  for (const folder of path.split(delimiter).filter((entry) => entry !== ''))
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // The next folder may have it.
      }
    }
  return null;
}

/** One step; what it says goes to the log, the end of it into the error. */
async function runStep(
  program: string,
  parameters: readonly string[],
  logFile: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const log = createWriteStream(logFile, { flags: 'a' });
  log.write(`colmap ${parameters.join(' ')}\n`);
  let lastWords = '';
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // No window is opened, also where Qt would like to.
    env: { ...process.env, QT_QPA_PLATFORM: 'offscreen' },
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log.write(text);
      lastWords = (lastWords + text).slice(-WORDS_KEPT);
    });
  let isLate = false;
  const end = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS).unref();
  };
  const deadline = setTimeout(() => {
    isLate = true;
    end();
  }, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    signal?.throwIfAborted();
    if (code === 0) return;
    const step = parameters[0] ?? '';
    const problem = isLate
      ? `${step} had not finished after ${Math.round(timeoutMs / 60_000)} minutes.`
      : `${step} ended with code ${code ?? 'none'}: ${lastWords.trim().split('\n').at(-1) ?? ''}`;
    throw new ImportError(
      'unreadable',
      problem,
      'COLMAP',
      logFile,
      'Read the log, or let Vantage find the cameras itself.',
    );
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', end);
    await new Promise((resolve) => log.end(resolve));
  }
}

async function largestModel(modelsFolder: string): Promise<Omit<ColmapOutcome, 'logFile'> | null> {
  const folders = (await readdir(modelsFolder))
    .filter((name) => /^\d+$/.test(name))
    .map((name) => join(modelsFolder, name));
  let best: Omit<ColmapOutcome, 'logFile'> | null = null;
  for (const modelFolder of folders) {
    const file = join(modelFolder, 'images.bin');
    const placed = readColmapImagesBinary(await readFile(file), file).length;
    if (best === null || placed > best.placed) best = { modelFolder, placed, models: folders.length };
  }
  return best;
}

/**
 * Features, exhaustive matching and mapping on the CPU, each a process with a list of arguments (no shell sees a name).
 *
 * @throws ImportError when a step fails, takes too long or no photo is placed, with where the log is; the signal's reason when aborted.
 */
export async function runColmap(request: ColmapRequest, context: StageContext = {}): Promise<ColmapOutcome> {
  const { program, imagesFolder, workFolder, isOneCamera, timeoutMs = STEP_TIMEOUT_MS } = request;
  const [database, models] = [join(workFolder, 'database.db'), join(workFolder, 'sparse')];
  const logFile = join(workFolder, 'colmap.log');
  await mkdir(models, { recursive: true });
  const steps: readonly (readonly [words: string, parameters: readonly string[]])[] = [
    [
      'Features',
      [
        ...['feature_extractor', '--database_path', database, '--image_path', imagesFolder],
        ...['--ImageReader.camera_model', 'RADIAL', '--ImageReader.single_camera', isOneCamera ? '1' : '0'],
        ...['--SiftExtraction.use_gpu', '0'],
      ],
    ],
    ['Matches', ['exhaustive_matcher', '--database_path', database, '--SiftMatching.use_gpu', '0']],
    ['Cameras', ['mapper', '--database_path', database, '--image_path', imagesFolder, '--output_path', models]],
  ];
  for (const [index, [words, parameters]] of steps.entries()) {
    context.onProgress?.(index / steps.length, words);
    await runStep(program, parameters, logFile, timeoutMs, context.signal);
  }
  const best = await largestModel(models);
  if (best === null)
    throw new ImportError(
      'too-few-views',
      'COLMAP could not place any of the photos.',
      'COLMAP',
      logFile,
      'Take more photos that overlap, or let Vantage find the cameras itself.',
    );
  return { ...best, logFile };
}

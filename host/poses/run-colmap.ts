/** COLMAP as another way to find cameras, where the user has it (https://colmap.github.io/cli.html). It is never needed. */
import { accessSync, constants, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ImportError } from '../../engine/scene/errors.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { runProgram } from '../child-program.js';
import { DEFAULT_COLMAP_TIMEOUT_MINUTES } from './camera-finders.js';
import type { ColmapModelFolder } from './colmap-models.js';
import { listColmapModels } from './colmap-models.js';

const HELP_TIMEOUT_MS = 30_000;
const MOST_HELP_PIECES = 1000;
const WORDS_KEPT = 2000;
/** A program that talks for ever must not fill the disk. */
const MOST_LOG_CHARACTERS = 64 * 1024 * 1024;
/** Models of fewer photos than COLMAP's ten are wanted too: captures are small here. */
const LEAST_MODEL_PHOTOS = 2;
const ANOTHER_WAY = 'Let Vantage find the cameras itself, which needs no other program.';

export interface ColmapRequest {
  /** Path of the program. */
  readonly program: string;
  readonly imagesFolder: string;
  /** Empty or new; the database, the models and the log stay in it. */
  readonly workFolder: string;
  /** Which photos are of one camera with one setting of its lens. */
  readonly lenses: 'one' | 'one-a-folder' | 'one-a-photo';
  /** For all steps together. */
  readonly timeoutMs?: number;
  readonly threads?: number;
  readonly seed?: number;
}

export interface ColmapOutcome {
  /** The parts that the photos fell apart into, the one with most photos first; empty when none was placed. */
  readonly models: readonly ColmapModelFolder[];
  /** What the program says it is, such as "3.8"; null when it does not say. */
  readonly version: string | null;
}

/** Name of the log in the work folder. */
export const COLMAP_LOG = 'colmap.log';

/** The `colmap` of the PATH; null where there is none. */
export function findColmap(path = process.env['PATH'] ?? ''): string | null {
  // Windows's archive also has a batch file, which only a shell could start.
  const names = process.platform === 'win32' ? ['colmap.exe', join('bin', 'colmap.exe')] : ['colmap'];
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

/** {@link findColmap}. @throws ImportError 'not-found' with what to do about it. */
export function requireColmap(): string {
  const program = findColmap();
  if (program !== null) return program;
  throw new ImportError(
    'not-found',
    'There is no such program on the PATH.',
    'colmap',
    '',
    `Install COLMAP (https://colmap.github.io/install.html), or leave it: ${ANOTHER_WAY}`,
  );
}

interface Steps {
  readonly request: ColmapRequest;
  readonly deadlineMs: number;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

interface StepEnd {
  readonly code: number | null;
  readonly isLate: boolean;
  readonly lastWords: string;
}

/** No window is opened, also where Qt would like to; logs of its own end with the work folder. */
function environmentOf({ workFolder }: ColmapRequest): NodeJS.ProcessEnv {
  const temporary = { TMPDIR: workFolder, TMP: workFolder, TEMP: workFolder };
  return { ...process.env, ...temporary, QT_QPA_PLATFORM: 'offscreen' };
}

async function runParameters(
  { request, deadlineMs, write, signal }: Steps,
  parameters: readonly string[],
  onText: (text: string) => void = () => undefined,
): Promise<StepEnd> {
  write(`colmap ${parameters.join(' ')}\n`);
  let lastWords = '';
  try {
    const end = await runProgram({
      program: request.program,
      parameters,
      environment: environmentOf(request),
      timeoutMs: Math.max(0, deadlineMs - Date.now()),
      signal,
      onText: (text) => {
        write(text);
        onText(text);
        lastWords = (lastWords + text).slice(-WORDS_KEPT);
      },
    });
    return { ...end, lastWords };
  } catch (error) {
    signal?.throwIfAborted();
    const problem = `It cannot be started (${(error as NodeJS.ErrnoException).code ?? String(error)}).`;
    throw new ImportError('unreadable', problem, request.program, '', `Install COLMAP anew. ${ANOTHER_WAY}`);
  }
}

function describeFailure(step: string, { code, isLate, lastWords }: StepEnd, timeoutMs: number): ImportError {
  const last = lastWords.trim().split('\n').at(-1)?.trim() ?? '';
  const problem = isLate
    ? `It had not finished after ${Math.max(1, Math.round(timeoutMs / 60_000))} minutes, and was ended in ${step}.`
    : `${step} ended with code ${code ?? 'none'}${last === '' ? '.' : `: ${last}`}`;
  const more = isLate ? 'Give it more time or fewer photos. ' : '';
  return new ImportError('unreadable', problem, 'COLMAP', '', `${more}${ANOTHER_WAY}`);
}

/** "[3/10]" of a line such as "Processed file [3/10]" or "Matching block [1/2, 1/2]"; null without one. */
function fractionIn(text: string): number | null {
  const [, done, all] = [...text.matchAll(/\[(\d+)\/(\d+)[\],]/g)].at(-1) ?? [];
  return all === undefined || Number(all) === 0 ? null : Math.min(1, Number(done) / Number(all));
}

/** What it answers when it is asked for help; that is not for the log. */
async function askForHelp(steps: Steps, ...parameters: readonly string[]): Promise<string> {
  const said: string[] = [];
  const deadlineMs = Math.min(steps.deadlineMs, Date.now() + HELP_TIMEOUT_MS);
  await runParameters({ ...steps, deadlineMs, write: () => undefined }, [...parameters, '-h'], (text) => {
    if (said.length < MOST_HELP_PIECES) said.push(text);
  });
  return said.join('');
}

/** Since 3.13 what holds for every kind of feature is no longer called Sift. */
async function optionPrefix(steps: Steps, command: string, kind: 'Extraction' | 'Matching'): Promise<string> {
  return (await askForHelp(steps, command)).includes(`--Feature${kind}.use_gpu`) ? `--Feature${kind}` : `--Sift${kind}`;
}

async function listSteps(steps: Steps, database: string, models: string) {
  const { imagesFolder, lenses, threads, seed } = steps.request;
  const [extraction, matching] = [
    await optionPrefix(steps, 'feature_extractor', 'Extraction'),
    await optionPrefix(steps, 'exhaustive_matcher', 'Matching'),
  ];
  const onThreads = (prefix: string): string[] =>
    threads === undefined ? [] : [`${prefix}.num_threads`, String(threads)];
  const seeded = seed === undefined ? [] : ['--random_seed', String(seed)];
  const sharing = {
    one: ['--ImageReader.single_camera', '1'],
    'one-a-folder': ['--ImageReader.single_camera_per_folder', '1'],
    'one-a-photo': [],
  }[lenses];
  const paths = ['--database_path', database, '--image_path', imagesFolder];
  return [
    {
      words: 'features',
      until: 0.4,
      parameters: [
        ...['feature_extractor', ...paths, ...seeded, '--ImageReader.camera_model', 'RADIAL', ...sharing],
        ...[`${extraction}.use_gpu`, '0', ...onThreads(extraction)],
      ],
    },
    {
      words: 'matches',
      until: 0.7,
      parameters: [
        ...['exhaustive_matcher', '--database_path', database, ...seeded],
        ...[`${matching}.use_gpu`, '0', ...onThreads(matching)],
      ],
    },
    {
      words: 'cameras',
      until: 1,
      parameters: [
        ...['mapper', ...paths, '--output_path', models, ...seeded],
        ...['--Mapper.min_model_size', String(LEAST_MODEL_PHOTOS), ...onThreads('--Mapper')],
      ],
    },
  ];
}

/** All that was said, up to a limit. */
function openLog(file: string): { readonly write: (text: string) => void; readonly close: () => Promise<void> } {
  const stream = createWriteStream(file, { flags: 'a' });
  // A full disk ends the log, not the program; the step that needs the disk will say so.
  stream.on('error', () => undefined);
  let written = 0;
  return {
    write: (text) => {
      if (written < MOST_LOG_CHARACTERS) stream.write(text);
      written += text.length;
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

/**
 * Features, exhaustive matching and mapping on the CPU, each a process with a list of arguments (no shell sees a name). What was said is in
 * `colmap.log` of the work folder.
 *
 * @throws ImportError when a step fails or all take too long; what {@link listColmapModels} throws; the signal's reason when aborted.
 */
export async function runColmap(request: ColmapRequest, context: StageContext = {}): Promise<ColmapOutcome> {
  const { workFolder, timeoutMs = DEFAULT_COLMAP_TIMEOUT_MINUTES * 60_000 } = request;
  const [database, models] = [join(workFolder, 'database.db'), join(workFolder, 'sparse')];
  await mkdir(models, { recursive: true });
  const log = openLog(join(workFolder, COLMAP_LOG));
  const steps = { request, deadlineMs: Date.now() + timeoutMs, write: log.write, signal: context.signal };
  try {
    const version = /\bCOLMAP (\d[\w.-]*)/.exec(await askForHelp(steps))?.[1] ?? null;
    log.write(`COLMAP ${version ?? 'of an unknown version'}\n`);
    let from = 0;
    for (const { words, until, parameters } of await listSteps(steps, database, models)) {
      const start = from;
      const tell = (fraction: number, detail = ''): void =>
        context.onProgress?.(start + (until - start) * fraction, `COLMAP: ${words}${detail}`);
      tell(0);
      const end = await runParameters(steps, parameters, (text) => {
        const fraction = fractionIn(text);
        const [, photo] = /Registering image #\d+ \((\d+)\)/.exec(text) ?? [];
        if (fraction !== null) tell(fraction);
        else if (photo !== undefined) tell(0, `, photo ${photo}`);
      });
      // Its way to say that no two photos fit together.
      if (parameters[0] === 'mapper' && /failed to create sparse model/i.test(end.lastWords) && !end.isLate) break;
      if (end.code !== 0 || end.isLate) throw describeFailure(parameters[0] ?? '', end, timeoutMs);
      from = until;
    }
    return { models: await listColmapModels(models), version };
  } finally {
    await log.close();
  }
}

/** Another program, run to its end with a list of arguments (no shell sees a name), and ended with all that it started. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

/** Asked to end, then made to. */
const PATIENCE_MS = 1000;
/** What the program started may hold its output open after it has ended. */
const LAST_WORDS_MS = 500;
const IS_WINDOWS = process.platform === 'win32';

export interface ProgramRun {
  /** Path of the program. */
  readonly program: string;
  readonly parameters: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Hears both of its streams. */
  readonly onText: (text: string) => void;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly isLate: boolean;
}

/** To the program and, where systems have groups of processes, to what it started: a wrapper's end would leave the real program behind. */
function send(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (IS_WINDOWS) child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // It is gone already.
  }
}

/** Resolves when the program has ended and, soon after, whether or not somebody still holds its output open. */
function waitForEnd(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
    child.once('exit', (code) => {
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(code);
      }, LAST_WORDS_MS).unref();
    });
  });
}

/**
 * @returns also when it failed or took too long.
 * @throws the signal's reason when aborted, within 2 s, when the program is gone; the system's error when it cannot be started.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const { program, parameters, environment, onText, timeoutMs, signal } = run;
  signal?.throwIfAborted();
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
    detached: !IS_WINDOWS,
    windowsHide: true,
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', onText);
  let isEnding = false;
  let isLate = false;
  const kill = (): void => send(child, 'SIGKILL');
  const end = (): void => {
    isEnding = true;
    send(child, 'SIGTERM');
    setTimeout(kill, PATIENCE_MS).unref();
  };
  const deadline = setTimeout(() => {
    isLate = true;
    end();
  }, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  // A group of its own does not hear Ctrl-C: whoever quits at once takes it along.
  process.once('exit', kill);
  try {
    const code = await waitForEnd(child);
    signal?.throwIfAborted();
    return { code, isLate };
  } finally {
    // What the program started may not have listened.
    if (isEnding) kill();
    clearTimeout(deadline);
    signal?.removeEventListener('abort', end);
    process.off('exit', kill);
  }
}

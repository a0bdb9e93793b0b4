/** Runs the command line as a user would, in a process of its own, and watches its time and memory. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const VANTAGE = fileURLToPath(new URL('../../cli/vantage.mjs', import.meta.url));
const POLL_MS = 200;

export interface FinishedRun {
  readonly seconds: number;
  /** Largest resident set; null where the system does not tell (anything but Linux). */
  readonly peakBytes: number | null;
  /** The JSON objects that it printed, one a line. */
  readonly events: readonly Record<string, unknown>[];
}

/** The kernel's own high-water mark, so that polling misses nothing but the last moment. */
function readPeakBytes(pid: number): number | null {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}

function parseEvents(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Runs `node <script> <args>`; throws with its last words when it fails. */
export async function runNode(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<FinishedRun> {
  const start = performance.now();
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let peakBytes: number | null = null;
  const timer = setInterval(() => {
    if (child.pid !== undefined) peakBytes = readPeakBytes(child.pid) ?? peakBytes;
  }, POLL_MS);
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => {
    clearInterval(timer);
  });
  const seconds = (performance.now() - start) / 1000;
  if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}: ${complaints.slice(-800)}`);
  return { seconds, peakBytes, events: parseEvents(output) };
}

/** Runs `vantage <args>`. @param environment added to this process's. */
export function runVantage(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<FinishedRun> {
  return runNode(VANTAGE, args, environment);
}

/** The event that says how a run ended. */
export function resultOf(run: FinishedRun): Record<string, unknown> {
  const result = run.events.find((event) => event.type === 'result');
  if (result === undefined) throw new Error('the command printed no result');
  return result;
}

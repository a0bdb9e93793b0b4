/** A job process as Electron's utility process: what it does is none of this process's memory or crashes. */
import type { UtilityProcess } from 'electron';
import type { JobProcess } from '../service/app-service.js';
import type { ElectronApi } from './electron-api.js';

const MAX_LAST_WORDS = 4000;

type Processes = Pick<ElectronApi['utilityProcess'], 'fork'>;

export function spawnUtilityJob(processes: Processes, entry: string, name: string): JobProcess {
  const child = processes.fork(entry, [name], { serviceName: `Vantage ${name}`, stdio: ['ignore', 'ignore', 'pipe'] });
  let lastWords = '';
  const keep = (text: string): void => {
    lastWords = (lastWords + text).slice(-MAX_LAST_WORDS);
  };
  child.stderr?.on('data', (bytes: Buffer) => keep(bytes.toString('utf8')));
  // V8's last cry, out of memory for one: it ends the process without a word on the error output.
  child.on('error', (type, location) => keep(`${type}: ${location}\n`));
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  return {
    post: (message) => {
      if (!ended) child.postMessage(message);
    },
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => child.once('exit', (code) => listener({ ...readExit(code), lastWords })),
    kill: () => killNow(child),
  };
}

/** Electron gives one number: on POSIX a process that a signal ended reports it negative or beyond 128. */
function readExit(code: number): { readonly code: number | null; readonly signal: string | null } {
  if (process.platform === 'win32') return { code, signal: null };
  const number = code < 0 ? -code : code > 128 && code < 160 ? code - 128 : 0;
  const signal = SIGNALS[number];
  return signal === undefined ? { code, signal: null } : { code: null, signal };
}

const SIGNALS: Readonly<Record<number, string>> = { 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' };

/** `kill` asks politely (SIGTERM); a process that computes hears nothing. */
function killNow(child: UtilityProcess): void {
  if (process.platform === 'win32' || child.pid === undefined) {
    child.kill();
    return;
  }
  try {
    process.kill(child.pid, 'SIGKILL');
  } catch {
    child.kill();
  }
}

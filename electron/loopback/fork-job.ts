import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { JobExit, JobProcess } from '../service/app-service.js';

const JOB_ENTRY = fileURLToPath(new URL('../jobs/start-job.mjs', import.meta.url));
const MAX_LAST_WORDS = 4000;

/** A job process as a child of this one. What it writes goes nowhere, but the end of its error output is kept for when it dies. */
export function forkJob(name: string, entry = JOB_ENTRY): JobProcess {
  const child = fork(entry, [name], {
    serialization: 'advanced',
    // Nothing of how this process was started (an inspector's port, a test runner's loader) is handed on.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-MAX_LAST_WORDS);
  });
  const exitListeners: ((exit: JobExit) => void)[] = [];
  const tellExit = (exit: JobExit): void => exitListeners.forEach((listen) => listen(exit));
  child.on('exit', (code, signal) => tellExit({ code, signal, lastWords }));
  child.on('error', ({ message }) => {
    // A process that never was does not exit; other errors are of a channel that has closed, and 'exit' tells the rest.
    if (child.pid === undefined) tellExit({ code: null, signal: null, lastWords: message });
  });
  return {
    post: (message) => {
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => void exitListeners.push(listener),
    kill: () => child.kill('SIGKILL'),
  };
}

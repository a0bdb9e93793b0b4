import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobExit, JobProcess } from '../service/app-service.js';
import { takeSpilledBuffers } from './take-spilled-buffers.js';

const JOB_ENTRY = fileURLToPath(new URL('../jobs/start-job.mjs', import.meta.url));
const MAX_LAST_WORDS = 4000;

/** A job process as a child of this one. What it writes goes nowhere, but the end of its error output is kept for when it dies. */
export function forkJob(name: string, entry = JOB_ENTRY): JobProcess {
  const folder = mkdtempSync(join(tmpdir(), 'vantage-job-'));
  const clearAway = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clearAway);
  const child = fork(entry, [name], {
    env: { ...process.env, VANTAGE_JOB_FOLDER: folder },
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
  // Its last messages have been handed on by then.
  child.on('close', () => {
    process.off('exit', clearAway);
    clearAway();
  });
  return {
    post: (message) => {
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) =>
      child.on('message', (message) => {
        let whole: unknown;
        try {
          whole = takeSpilledBuffers(folder, message);
        } catch (error) {
          // Part of what it says is lost: nothing that it says later can be relied upon.
          lastWords = String(error);
          child.kill('SIGKILL');
          return;
        }
        listener(whole);
      }),
    onExit: (listener) => void exitListeners.push(listener),
    kill: () => child.kill('SIGKILL'),
  };
}

import { printNote } from './terminal.js';

/** Shows that work goes on, once it has taken a while. */
export interface LateProgress {
  readonly onProgress: (fraction: number, detail?: string) => void;
  /** Must be called before anything else is printed. */
  finish(): void;
}

const SILENT_MS = 1000;
/** On a terminal the line is written over; elsewhere a line now and then is enough. */
const TERMINAL_INTERVAL_MS = 200;
const PLAIN_INTERVAL_MS = 5000;

/** Progress on stderr for work that is mostly over before anyone would look: silent for its first second. */
export function showLateProgress(title: string): LateProgress {
  const isTerminal = process.stderr.isTTY;
  const intervalMs = isTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  let nextMs = performance.now() + SILENT_MS;
  let isShown = false;
  return {
    onProgress: (fraction, detail = '') => {
      const nowMs = performance.now();
      if (nowMs < nextMs) return;
      nextMs = nowMs + intervalMs;
      const share = fraction > 0 ? ` ${Math.min(99, Math.floor(fraction * 100))} %` : '';
      const line = `${title}${share} ${detail}`.trimEnd();
      if (isTerminal) process.stderr.write(`\r${line.padEnd(60)}`);
      else printNote(line);
      isShown = true;
    },
    finish: () => {
      if (isTerminal && isShown) process.stderr.write(`\r${''.padEnd(60)}\r`);
    },
  };
}

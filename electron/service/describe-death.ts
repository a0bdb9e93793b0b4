/** Why a job process ended that nobody had told to: in words, and whether memory was the reason. */
import type { JobExit } from './app-service.js';

export interface JobDeath {
  readonly message: string;
  readonly hint: string;
  readonly isOutOfMemory: boolean;
}

/** 134: V8 aborts when its heap is full; 137: a shell's name for SIGKILL, which is how Linux ends whoever takes too much. */
const MEMORY_CODES: ReadonlySet<number> = new Set([
  134,
  137,
  // Windows: STATUS_NO_MEMORY, and the exception that Chromium raises; both as signed and as unsigned numbers.
  0xc0000017,
  0xc0000017 - 2 ** 32,
  0xe0000008,
  0xe0000008 - 2 ** 32,
]);
const MEMORY_SIGNALS: ReadonlySet<string> = new Set(['SIGKILL', 'SIGABRT']);
const MEMORY_WORDS = /heap out of memory|out of memory|bad_alloc|allocation failed/i;

const SAFE = 'Your photos and your project are safe.';

export function describeDeath(exit: JobExit | 'hung'): JobDeath {
  if (exit === 'hung')
    return {
      message: `The engine stopped answering and was ended. ${SAFE}`,
      hint: 'Go on from the last checkpoint, or start again with smaller photos.',
      isOutOfMemory: false,
    };
  const { code, signal, lastWords = '' } = exit;
  const isOutOfMemory = MEMORY_CODES.has(code ?? 0) || MEMORY_SIGNALS.has(signal ?? '') || MEMORY_WORDS.test(lastWords);
  if (isOutOfMemory)
    return {
      message: `The engine ended, most likely because there was not enough memory. ${SAFE}`,
      hint: 'Go on at half the size, close other programs, or use fewer photos.',
      isOutOfMemory,
    };
  const how = signal === null ? `code ${code ?? 'unknown'}` : signal;
  return {
    message: `The engine ended unexpectedly (${how}). ${SAFE}`,
    hint: 'Go on from the last checkpoint, or start again.',
    isOutOfMemory,
  };
}

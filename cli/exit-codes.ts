import { CommanderError } from 'commander';
import { CheckpointMismatchError } from '../engine/pipeline/checkpoint.js';
import { ViewListError } from '../engine/pipeline/view-list.js';
import { ImportError } from '../engine/scene/errors.js';
import { ExportError } from '../host/splat-formats/export-error.js';
import { StoppedError, UsageError } from '../host/run/user-errors.js';

/** What `vantage` tells the shell. */
export const EXIT_DONE = 0;
export const EXIT_BAD_USAGE = 2;
export const EXIT_BAD_INPUT = 3;
export const EXIT_FAILED = 4;

export type ExitCode = typeof EXIT_DONE | typeof EXIT_BAD_USAGE | typeof EXIT_BAD_INPUT | typeof EXIT_FAILED;

export function exitCodeOf(error: unknown): ExitCode {
  // Commander reports --help and --version as errors with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_BAD_USAGE;
  if (error instanceof UsageError || error instanceof ViewListError || error instanceof CheckpointMismatchError)
    return EXIT_BAD_USAGE;
  if (error instanceof ImportError) return EXIT_BAD_INPUT;
  return EXIT_FAILED;
}

const SYSTEM_MESSAGES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full.',
  EACCES: 'Writing there is not allowed.',
  EPERM: 'Writing there is not allowed.',
  EROFS: 'That disk is read-only.',
  ENOTDIR: 'A file stands where a folder is needed.',
  EISDIR: 'A folder stands where a file is needed.',
  ENAMETOOLONG: 'The file name is too long.',
};

/** One message for people; a stack only for what is our own bug. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (
    error instanceof CommanderError ||
    error instanceof UsageError ||
    error instanceof ViewListError ||
    error instanceof CheckpointMismatchError ||
    error instanceof StoppedError
  )
    return error.message;
  if (error instanceof ImportError) {
    const place = error.where === '' ? '' : ` (${error.where})`;
    return `${error.file}${place}: ${error.problem}\n  ${error.hint}`;
  }
  if (error instanceof ExportError) return `${error.problem}\n  ${error.hint}`;
  const { code, path } = error as NodeJS.ErrnoException;
  const known = SYSTEM_MESSAGES[code ?? ''];
  if (known !== undefined) return `${path ?? 'output'}: ${known}`;
  if (error.name === 'MemoryLimitError') return error.message;
  return process.env['VANTAGE_DEBUG'] === undefined
    ? `${error.message}\n  (Set VANTAGE_DEBUG=1 to see where this happened.)`
    : (error.stack ?? error.message);
}

import type { TaskFailure } from '../ipc/job-contract.js';
import { CheckpointMismatchError } from '../../engine/pipeline/checkpoint.js';
import { ImportError } from '../../engine/scene/errors.js';
import { UsageError } from '../../host/run/user-errors.js';
import { ExportError } from '../../host/splat-formats/export-splats.js';

/** How V8, WebAssembly and libvips say that there is no more memory. */
const OUT_OF_MEMORY =
  /out of memory|allocation failed|could not allocate|cannot allocate|invalid (array|typed array) length|memory\.grow|ENOMEM/i;

const MAX_CHARACTERS = 2000;

/** System errors that a user can do something about. */
const DISK_PROBLEMS: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['The disk is full.', 'Make room and try again.'],
  EACCES: ['A file or folder may not be written or read.', 'Check its permissions.'],
  EPERM: ['A file or folder may not be written or read.', 'Check its permissions.'],
  EROFS: ['The disk can only be read.', 'Choose another place.'],
  EMFILE: ['Too many files are open.', 'Close other programs and try again.'],
};

function words(message: string, hint: string, more: Partial<TaskFailure> = {}): TaskFailure {
  return {
    message: message.slice(0, MAX_CHARACTERS),
    hint: hint.slice(0, 1000),
    file: null,
    isOutOfMemory: false,
    isCancelled: false,
    ...more,
  };
}

/** What went wrong in a task, in words for the user. */
export function describeFailure(error: unknown, wasCancelled: boolean): TaskFailure {
  if (wasCancelled) return words('It was cancelled.', '', { isCancelled: true });
  if (error instanceof ImportError) {
    const where = error.where === '' ? '' : ` (${error.where})`;
    return words(`${error.problem}${where}`, error.hint, { file: error.file.slice(0, 4096) });
  }
  if (error instanceof ExportError) return words(error.problem, error.hint, { isOutOfMemory: error.isOutOfMemory });
  if (error instanceof UsageError) return words(error.message, 'Change what is asked for, and try again.');
  if (error instanceof CheckpointMismatchError) return words(error.message, 'Start a new run.');
  const message = error instanceof Error ? error.message : String(error);
  if (OUT_OF_MEMORY.test(message))
    return words(
      'There was not enough memory.',
      'Close other programs, use fewer or smaller photos, or fewer splats.',
      {
        isOutOfMemory: true,
      },
    );
  const disk = DISK_PROBLEMS[(error as NodeJS.ErrnoException | null)?.code ?? ''];
  if (disk !== undefined) return words(disk[0], disk[1]);
  return words(`Something unforeseen happened: ${message}`, 'Try again; if it happens again, report it as an issue.');
}

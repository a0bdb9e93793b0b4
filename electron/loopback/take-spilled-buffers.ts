/** The host's end of electron/jobs/spill-buffers.ts: large buffers that a job process put into files, put back into its messages. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The only names that a job gives; nothing outside of the folder can be named. */
const NAME = /^\d{1,15}\.bin$/;

function take(folder: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('spilledFile' in value)) return value;
  const { spilledFile } = value;
  if (typeof spilledFile !== 'string' || !NAME.test(spilledFile)) return value;
  const file = join(folder, spilledFile);
  const bytes = new Uint8Array(readFileSync(file));
  rmSync(file, { force: true });
  return bytes.buffer;
}

/** @throws Error when a file that a message names is not there. */
export function takeSpilledBuffers(folder: string, message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message;
  return Object.fromEntries(
    Object.entries(message).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
        ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, take(folder, field)]))
        : value,
    ]),
  );
}

/**
 * Node's channel between processes sends a large message in pieces, one a turn of the event loop; a run that computes gives it few turns,
 * and everything behind the message waits for minutes, heartbeats included. So large buffers go through files, and only names through
 * the channel. The host's end: electron/loopback/take-spilled-buffers.ts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What fits into a pipe at once need not be put aside. */
const LARGEST_SENT_BYTES = 64 * 1024;

/** Copies of messages with every large ArrayBuffer one level down (`event.splats`, `result.splats`) in a file of `folder`. */
export function createSpiller(folder: string): (message: unknown) => unknown {
  let files = 0;
  const spill = (value: unknown): unknown => {
    if (!(value instanceof ArrayBuffer) || value.byteLength <= LARGEST_SENT_BYTES) return value;
    const spilledFile = `${++files}.bin`;
    writeFileSync(join(folder, spilledFile), new Uint8Array(value));
    return { spilledFile, byteLength: value.byteLength };
  };
  const spillFields = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
      ? Object.fromEntries(Object.entries(value).map(([key, field]) => [key, spill(field)]))
      : value;
  return (message) =>
    Object.fromEntries(Object.entries(message as object).map(([key, value]) => [key, spillFields(value)]));
}

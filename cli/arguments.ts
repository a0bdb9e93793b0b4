import { InvalidArgumentError } from 'commander';
import type { HoldOut } from '../host/run/view-choice.js';
import { UsageError } from '../host/run/user-errors.js';

/** Photos wider than this are nobody's; a typing error is likelier. */
const MAX_WIDTH = 16384;
const MAX_SEED = 2 ** 32 - 1;

function parseWhole(text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  if (!(value >= low && value <= high))
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  return value;
}

export const parseWidth = (text: string): number => parseWhole(text, 16, MAX_WIDTH);
export const parseIterations = (text: string): number => parseWhole(text, 0, 1_000_000);
export const parseThreads = (text: string): number => parseWhole(text, 1, 256);
export const parseSeed = (text: string): number => parseWhole(text, 0, MAX_SEED);
export const parseSeconds = (text: string): number => parseWhole(text, 1, 86_400);
export const parseMinutes = (text: string): number => parseWhole(text, 1, 10_080);
export const parseHoldOutStep = (text: string): number => (text.trim() === '0' ? 0 : parseWhole(text, 2, 1_000_000));
export const parseSplatCount = (text: string): number => parseWhole(text, 1, 100_000_000);

/** "2G", "1500M" or plain MiB. */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(k|m|g)?(?:i?b)?$/i.exec(text.trim());
  if (match === null) throw new InvalidArgumentError('Give an amount such as 1500M or 2G.');
  const unit = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[(match[2] ?? 'm').toLowerCase() as 'k' | 'm' | 'g'];
  const bytes = Number(match[1]) * unit;
  if (bytes < 64 * 2 ** 20) throw new InvalidArgumentError('At least 64M are needed.');
  return bytes;
}

/** "every:8" (0, 8, 16, …), "rest" (all that --train-views leaves), or a LIST. */
export function parseHoldOut(text: string): HoldOut {
  const every = /^every:(.*)$/.exec(text);
  if (every !== null) return { kind: 'every', step: parseWhole(every[1] as string, 2, 100_000) };
  if (text === 'rest') return { kind: 'rest' };
  if (text.trim() === '') throw new InvalidArgumentError('Give every:N, rest, or a LIST of views.');
  return { kind: 'list', list: text };
}

/** Refuses an output name that says another format than we write. */
export function checkSplatOutput(path: string): void {
  if (/\.ply$/i.test(path)) return;
  const extension = /\.[^./\\]*$/.exec(path)?.[0];
  throw new UsageError(
    extension === undefined
      ? `-o ${path}: give the file a name that ends in .ply, for example ${path.replace(/[/\\]+$/, '')}.ply`
      : `-o ${path}: only .ply is written here; "vantage convert" makes ${extension} from it.`,
  );
}

/** `npm run start:web -- [--no-open] [--port N] [--data FOLDER] [PATH...]` */
import { parseArgs } from 'node:util';

export interface WebArguments {
  readonly open: boolean;
  readonly port: number;
  /** null: the system's usual place. */
  readonly dataFolder: string | null;
  /** What the user picked by naming it. */
  readonly paths: readonly string[];
}

export const USAGE = 'Usage: npm run start:web -- [--no-open] [--port N] [--data FOLDER] [PHOTOS, FOLDERS OR FILES...]';

/** A sentence that says what is wrong. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

export function parseWebArguments(words: readonly string[]): WebArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { 'no-open': { type: 'boolean' }, port: { type: 'string' }, data: { type: 'string' } },
    });
    const port = Number(values.port ?? 0);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new ArgumentError('--port takes a number up to 65535.');
    return { open: values['no-open'] !== true, port, dataFolder: values.data ?? null, paths: positionals };
  } catch (error) {
    throw error instanceof ArgumentError ? error : new ArgumentError((error as Error).message);
  }
}

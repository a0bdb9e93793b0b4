/** The command line, as a user runs it beside the window. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VANTAGE = fileURLToPath(new URL('../../../cli/vantage.mjs', import.meta.url));
export const SAMPLE = fileURLToPath(new URL('../../../assets/sample', import.meta.url));

export interface FinishedVantage {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whatever comes of it. */
export function finishVantage(...args: readonly string[]): Promise<FinishedVantage> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [VANTAGE, ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

export async function runVantage(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [VANTAGE, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

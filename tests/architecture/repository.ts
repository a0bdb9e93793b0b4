/** The repository as the architecture tests see it: its root and its files. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Folders of source code; those that do not exist yet are left out. */
export const SOURCE_FOLDERS = [
  'engine',
  'native-models',
  'host',
  'cli',
  'electron',
  'renderer',
  'scripts',
  'tests',
].filter((folder) => existsSync(join(REPOSITORY_ROOT, folder)));

/** Paths from the root of every file under `folder` whose name `matches`, sorted. */
export function listFiles(folder: string, matches: (name: string) => boolean): string[] {
  return readdirSync(join(REPOSITORY_ROOT, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return listFiles(path, matches);
      return matches(entry.name) ? [path] : [];
    })
    .sort();
}

/** Text of a file named from the root. */
export function readText(path: string): string {
  return readFileSync(join(REPOSITORY_ROOT, path), 'utf8');
}

/** Files that git keeps; null outside a git checkout (a downloaded archive). */
export function listTrackedFiles(): string[] | null {
  try {
    const output = execFileSync('git', ['ls-files', '-z'], {
      cwd: REPOSITORY_ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.split('\0').filter((path) => path !== '' && existsSync(join(REPOSITORY_ROOT, path)));
  } catch {
    return null;
  }
}
